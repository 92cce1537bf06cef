#include "services/ledger/api/payment_api.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/spending_convert.h"
#include "services/ledger/api/submit.h"
#include "services/ledger/api/text.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/storage/payment_store.h"

namespace smederij::ledger {
namespace {

constexpr absl::Duration kRead = absl::Milliseconds(500), kWrite = absl::Seconds(5);

std::string RenderPayment(const Effect& effect) {
  const PaymentStep& step = effect.steps.front();
  return ToProto(step.after, step.seq).SerializeAsString();
}

}  // namespace

void PaymentApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Grouped("RequestPayment",  kWrite, &PaymentApi::RequestPayment);
  table.Grouped("ApprovePayment",  kWrite, &PaymentApi::ApprovePayment);
  table.Grouped("RejectPayment",   kWrite, &PaymentApi::RejectPayment);
  table.Grouped("InstructPayment", kWrite, &PaymentApi::InstructPayment);
  table.Grouped("SettlePayment",   kWrite, &PaymentApi::SettlePayment);
  table.Grouped("FailPayment",     kWrite, &PaymentApi::FailPayment);
  table.Grouped("AccountForAdvance", kWrite, &PaymentApi::AccountForAdvance);
  table.Grouped("ReturnAdvance",   kWrite, &PaymentApi::ReturnAdvance);
  table.Grouped("ReturnPayment",   kWrite, &PaymentApi::ReturnPayment);
  table.Unary  ("ListPayments",    kRead,  &PaymentApi::ListPayments);
  table.Unary  ("ListPaymentSteps", kRead, &PaymentApi::ListPaymentSteps);
}  // clang-format on

template <class What, class Request>
void PaymentApi::Step(const rpc::Call& call, const Request& request, Answer reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  auto& what = std::get<What>(command->what);
  const absl::StatusOr<Place> place = places_.Of(what.budget, call.deadline);
  if (!place.ok()) return reply(place.status());
  const absl::Status allowed = call.MayActIn(place->municipality, place->district);
  if (!allowed.ok()) return reply(allowed);
  if constexpr (requires { what.limit; }) {
    what.limit = call.LimitIn(place->municipality, place->district);
    // How much it comes to, the books know; but a part alone may be too much already.
    if constexpr (requires { what.amount; }) {
      if (what.amount > what.limit) return reply(AmountOverLimit(what.amount, what.limit));
    }
  }
  Submit(writer_, call, request, *std::move(command), RenderPayment, std::move(reply));
}

void PaymentApi::RequestPayment(const rpc::Call& call, const v1::RequestPaymentRequest& request,
                                Answer reply) {
  Step<ledger::RequestPayment>(call, request, std::move(reply));
}

void PaymentApi::ApprovePayment(const rpc::Call& call, const v1::ApprovePaymentRequest& request,
                                Answer reply) {
  Step<ledger::ApprovePayment>(call, request, std::move(reply));
}

void PaymentApi::RejectPayment(const rpc::Call& call, const v1::RejectPaymentRequest& request,
                               Answer reply) {
  Step<ledger::RejectPayment>(call, request, std::move(reply));
}

void PaymentApi::InstructPayment(const rpc::Call& call, const v1::InstructPaymentRequest& request,
                                 Answer reply) {
  Step<ledger::InstructPayment>(call, request, std::move(reply));
}

void PaymentApi::SettlePayment(const rpc::Call& call, const v1::SettlePaymentRequest& request,
                               Answer reply) {
  Step<ledger::SettlePayment>(call, request, std::move(reply));
}

void PaymentApi::FailPayment(const rpc::Call& call, const v1::FailPaymentRequest& request,
                             Answer reply) {
  Step<ledger::FailPayment>(call, request, std::move(reply));
}

void PaymentApi::AccountForAdvance(const rpc::Call& call,
                                   const v1::AccountForAdvanceRequest& request, Answer reply) {
  Step<ledger::AccountForAdvance>(call, request, std::move(reply));
}

void PaymentApi::ReturnAdvance(const rpc::Call& call, const v1::ReturnAdvanceRequest& request,
                               Answer reply) {
  Step<ledger::ReturnAdvance>(call, request, std::move(reply));
}

void PaymentApi::ReturnPayment(const rpc::Call& call, const v1::ReturnPaymentRequest& request,
                               Answer reply) {
  Step<ledger::ReturnPayment>(call, request, std::move(reply));
}

absl::StatusOr<v1::ListPaymentsResponse> PaymentApi::ListPayments(
    const rpc::Call& call, const v1::ListPaymentsRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  if (request.state() < 0 || request.state() > v1::Payment::STATE_ADVANCED) {
    return OutOfRange("state", "is none there is");
  }
  v1::Payment::State state = request.state();
  std::optional<absl::CivilDay> overdue_on;
  if (!request.overdue_on().empty()) {
    ASSIGN_OR_RETURN(overdue_on, ParseDay(request.overdue_on(), "overdue_on"));
    if (state == v1::Payment::STATE_UNSPECIFIED) state = v1::Payment::STATE_ADVANCED;
    if (state != v1::Payment::STATE_ADVANCED) {
      return OutOfRange("state", "goes not with overdue_on");
    }
  }
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  const std::string of = absl::StrCat(budget.ToString(), state, request.overdue_on());
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   ParsePageToken(request.page_token(), "payments", of, 2));
  PaymentPlace after;
  if (!parts.empty()) {
    int64_t micros = 0;
    const std::optional<Uuid> id = Uuid::Parse(parts[1]);
    if (!absl::SimpleAtoi(parts[0], &micros) || !id) return BadPageToken();
    after = {.requested_at = absl::FromUnixMicros(micros), .id = PaymentId(*id)};
  }
  ASSIGN_OR_RETURN(const Place place, places_.Of(budget, call.deadline));
  RETURN_IF_ERROR(call.MayActIn(place.municipality, place.district));
  const auto read = [&](pg::Tx& tx) {
    return ledger::ListPayments(tx, budget, static_cast<int16_t>(state), overdue_on, after,
                                size + 1);
  };
  ASSIGN_OR_RETURN(std::vector<ListedPayment> listed,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  v1::ListPaymentsResponse response;
  if (listed.size() > static_cast<size_t>(size)) {
    listed.pop_back();
    const PaymentPlace& last = listed.back().place;
    response.set_next_page_token(PageToken(
        "payments", of, {absl::StrCat(absl::ToUnixMicros(last.requested_at)), last.id.ToString()}));
  }
  for (const ListedPayment& payment : listed) {
    *response.add_payments() = ToProto(payment.payment, 0);
  }
  return response;
}

}  // namespace smederij::ledger
