// What payment_api.h gives to read of a payment's steps.
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/payment_api.h"
#include "services/ledger/domain/spending_errors.h"
#include "services/ledger/storage/step_store.h"

namespace smederij::ledger {
namespace {

v1::PaymentStep ToProto(const ListedStep& step) {
  v1::PaymentStep proto;
  proto.set_step_no(step.step_no);
  proto.set_from_state(static_cast<v1::Payment::State>(step.from_state));
  proto.set_to_state(static_cast<v1::Payment::State>(step.to_state));
  proto.set_taken_by(step.person.ToString());
  SetTime(step.stepped_at, proto.mutable_step_time());
  proto.set_seq(step.seq);
  if (step.effective) proto.set_effective_date(absl::FormatCivilTime(*step.effective));
  proto.set_note(step.note);
  proto.set_amount_cents(step.moved.cents());
  proto.set_receipt_ref(step.receipt_ref);
  if (step.document_hash) proto.set_document_hash(BytesOf(*step.document_hash));
  proto.set_return_ref(step.return_ref);
  proto.set_total_cents(step.total.cents());
  proto.set_vat_cents(step.vat.cents());
  proto.set_takes_back_step(step.takes_back);
  proto.set_taken_back_by_step(step.taken_back_by);
  return proto;
}

}  // namespace

absl::StatusOr<v1::ListPaymentStepsResponse> PaymentApi::ListPaymentSteps(
    const rpc::Call& call, const v1::ListPaymentStepsRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(const PaymentId payment, ParseId<PaymentId>(request.payment_id(), "payment_id"));
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  const std::string of = absl::StrCat(budget.ToString(), payment.ToString());
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   ParsePageToken(request.page_token(), "steps", of, 1));
  int32_t after = 0;
  if (!parts.empty() && (!absl::SimpleAtoi(parts[0], &after) || after < 1 || after > INT16_MAX)) {
    return BadPageToken();
  }
  ASSIGN_OR_RETURN(const Place place, places_.Of(budget, call.deadline));
  RETURN_IF_ERROR(call.MayActIn(place.municipality, place.district));
  const auto read = [&](pg::Tx& tx) {
    return ListSteps(tx, budget, payment, static_cast<int16_t>(after), size + 1);
  };
  ASSIGN_OR_RETURN(std::vector<ListedStep> steps,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  // Every payment has a first step.
  if (steps.empty() && after == 0) return PaymentNotFound(payment);
  v1::ListPaymentStepsResponse response;
  if (steps.size() > static_cast<size_t>(size)) {
    steps.pop_back();
    response.set_next_page_token(PageToken("steps", of, {absl::StrCat(steps.back().step_no)}));
  }
  for (const ListedStep& step : steps) *response.add_steps() = ToProto(step);
  return response;
}

}  // namespace smederij::ledger
