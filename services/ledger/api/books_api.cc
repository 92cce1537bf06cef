#include "services/ledger/api/books_api.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/books_convert.h"
#include "services/ledger/storage/closing_store.h"
#include "services/ledger/storage/handover_store.h"
#include "services/ledger/storage/reversal_store.h"
#include "services/ledger/storage/statement_store.h"

namespace smederij::ledger {
namespace {

constexpr absl::Duration kRead = absl::Milliseconds(500), kWrite = absl::Seconds(5);
constexpr absl::Duration kProof = absl::Seconds(10);  // The first one reads the whole tree.

std::string RenderReversal(const Effect& effect) {
  return ToProto(effect.reversals.front()).SerializeAsString();
}

std::string RenderClosing(const Effect& effect) {
  return ToProto(effect.closings.front()).SerializeAsString();
}

std::string RenderHandover(const Effect& effect) {
  return ToProto(effect.handovers.front()).SerializeAsString();
}

std::string RenderHandedOver(const Effect& effect) {
  v1::DecideHandoverResponse response;
  *response.mutable_handover() = ToProto(effect.handovers.front());
  for (const Entry& entry : effect.entries) *response.add_entries() = PostedOf(entry);
  return response.SerializeAsString();
}

// The place in a list that is by time and then by id. None before the first.
struct ByTime {
  absl::Time at = absl::UnixEpoch();
  Uuid id;
};
absl::StatusOr<ByTime> ParseByTime(const std::vector<std::string>& parts) {
  if (parts.empty()) return ByTime();
  int64_t micros = 0;
  const std::optional<Uuid> id = Uuid::Parse(parts[1]);
  if (!absl::SimpleAtoi(parts[0], &micros) || !id) return BadPageToken();
  return ByTime{.at = absl::FromUnixMicros(micros), .id = *id};
}
std::vector<std::string> PartsOf(const ByTime& place) {
  return {absl::StrCat(absl::ToUnixMicros(place.at)), place.id.ToString()};
}

}  // namespace

void BooksApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Grouped("ProposeReversal", kWrite, &BooksApi::ProposeReversal);
  table.Grouped("DecideReversal",  kWrite, &BooksApi::DecideReversal);
  table.Unary  ("ListReversals",   kRead,  &BooksApi::ListReversals);
  table.Unary  ("GetCheckpoint",   kRead,  &BooksApi::GetCheckpoint);
  table.Unary  ("GetEntryProof",   kProof, &BooksApi::GetEntryProof);
  table.Grouped("ProposeClosing",  kWrite, &BooksApi::ProposeClosing);
  table.Grouped("DecideClosing",   kWrite, &BooksApi::DecideClosing);
  table.Grouped("ProposeHandover", kWrite, &BooksApi::ProposeHandover);
  table.Grouped("DecideHandover",  kWrite, &BooksApi::DecideHandover);
  table.Unary  ("ListHandovers",   kRead,  &BooksApi::ListHandovers);
  table.Grouped("CloseBudget",     kWrite, &BooksApi::CloseBudget);
  table.Grouped("IndexAppropriations", kWrite, &BooksApi::IndexAppropriations);
  table.Unary  ("ListPeriods",     kRead,  &BooksApi::ListPeriods);
  table.Unary  ("SetLedgerCodes",  kWrite, &BooksApi::SetLedgerCodes);
  table.Unary  ("GetLedgerCodes",  kRead,  &BooksApi::GetLedgerCodes);
}  // clang-format on

template <class What, class Request, class Response>
void BooksApi::Queue(const rpc::Call& call, const Request& request, Render render,
                     rpc::Reply<Response> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  auto& what = std::get<What>(command->what);
  const absl::StatusOr<Place> place = places_.Of(what.budget, call.deadline);
  if (!place.ok()) return reply(place.status());
  const absl::Status allowed = call.MayActIn(place->municipality, place->district);
  if (!allowed.ok()) return reply(allowed);
  // How much it is about, the books know.
  if constexpr (requires { what.limit; }) {
    what.limit = call.LimitIn(place->municipality, place->district);
  }
  Submit(writer_, call, request, *std::move(command), std::move(render), std::move(reply));
}

void BooksApi::ProposeReversal(const rpc::Call& call, const v1::ProposeReversalRequest& request,
                               rpc::Reply<v1::Reversal> reply) {
  Queue<ledger::ProposeReversal>(call, request, RenderReversal, std::move(reply));
}

void BooksApi::DecideReversal(const rpc::Call& call, const v1::DecideReversalRequest& request,
                              rpc::Reply<v1::Reversal> reply) {
  Queue<ledger::DecideReversal>(call, request, RenderReversal, std::move(reply));
}

void BooksApi::ProposeClosing(const rpc::Call& call, const v1::ProposeClosingRequest& request,
                              rpc::Reply<v1::Closing> reply) {
  Queue<ledger::ProposeClosing>(call, request, RenderClosing, std::move(reply));
}

void BooksApi::DecideClosing(const rpc::Call& call, const v1::DecideClosingRequest& request,
                             rpc::Reply<v1::Closing> reply) {
  Queue<ledger::DecideClosing>(call, request, RenderClosing, std::move(reply));
}

absl::StatusOr<Place> BooksApi::MayActIn(const rpc::Call& call, BudgetId budget) {
  ASSIGN_OR_RETURN(const Place place, places_.Of(budget, call.deadline));
  RETURN_IF_ERROR(call.MayActIn(place.municipality, place.district));
  return place;
}

void BooksApi::ProposeHandover(const rpc::Call& call, const v1::ProposeHandoverRequest& request,
                               rpc::Reply<v1::Handover> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  std::vector<BudgetId> budgets = {LeftBy(std::get<ledger::ProposeHandover>(command->what).what)};
  if (const CarryOver* carry = CarryOf(*command)) budgets.push_back(carry->to);
  for (const BudgetId budget : budgets) {
    const absl::StatusOr<Place> place = MayActIn(call, budget);
    if (!place.ok()) return reply(place.status());
  }
  Submit(writer_, call, request, *std::move(command), RenderHandover, std::move(reply));
}

void BooksApi::DecideHandover(const rpc::Call& call, const v1::DecideHandoverRequest& request,
                              rpc::Reply<v1::DecideHandoverResponse> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  auto& decide = std::get<ledger::DecideHandover>(command->what);
  const absl::StatusOr<Place> place = MayActIn(call, decide.budget);
  if (!place.ok()) return reply(place.status());
  decide.limit = call.LimitIn(place->municipality, place->district);
  // Which books it is about only the proposal knows. That never changes, so it is read unlocked;
  // whether it still waits is read again, under the locks.
  const auto read = [&](pg::Tx& tx) { return FindHandover(tx, decide.budget, decide.handover); };
  auto handover = pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read);
  if (!handover.ok()) return reply(std::move(handover).status());
  if (*handover) decide.what = (*handover)->what;
  Submit(writer_, call, request, *std::move(command), RenderHandedOver, std::move(reply));
}

void BooksApi::IndexAppropriations(const rpc::Call& call,
                                   const v1::IndexAppropriationsRequest& request,
                                   rpc::Reply<v1::Posted> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  auto& index = std::get<ledger::IndexAppropriations>(command->what);
  for (const BudgetId budget : {index.from, index.budget}) {
    const absl::StatusOr<Place> place = places_.Of(budget, call.deadline);
    if (!place.ok()) return reply(place.status());
    const absl::Status allowed = call.MayActIn(place->municipality, place->district);
    if (!allowed.ok()) return reply(allowed);
    // How much it is about, the books know.
    index.limit = call.LimitIn(place->municipality, place->district);
  }
  const BudgetId budget = index.budget;
  Submit(writer_, call, request, *std::move(command), RenderPosted(budget), std::move(reply));
}

void BooksApi::CloseBudget(const rpc::Call& call, const v1::CloseBudgetRequest& request,
                           rpc::Reply<v1::CloseBudgetResponse> reply) {
  const auto render = [](const Effect& effect) {
    v1::CloseBudgetResponse response;
    response.set_budget_id(effect.states.front().first.ToString());
    return response.SerializeAsString();
  };
  Queue<ledger::CloseBudget>(call, request, render, std::move(reply));
}

absl::StatusOr<v1::ListPeriodsResponse> BooksApi::ListPeriods(
    const rpc::Call& call, const v1::ListPeriodsRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId id, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  std::optional<BudgetState> budget;
  std::array<PeriodState, 12> states;
  std::vector<Closing> closings;
  const auto read = [&](pg::Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(budget, GetBudget(tx, id));
    ASSIGN_OR_RETURN(states, PeriodsNow(tx, id));
    ASSIGN_OR_RETURN(closings, ClosingsOf(tx, id));
    return absl::OkStatus();
  };
  const pg::TxOptions options{
      .deadline = call.deadline, .isolation = pg::Isolation::kRepeatableRead, .read_only = true};
  RETURN_IF_ERROR(pg::Transact(pool_, options, read));
  v1::ListPeriodsResponse response;
  for (const Period& period : PeriodsOf(budget->row.budget.fiscal_year)) {
    v1::Period& proto = *response.add_periods();
    proto.set_period_no(period.no);
    proto.set_first_day(absl::FormatCivilTime(period.first));
    proto.set_last_day(absl::FormatCivilTime(period.last));
    proto.set_state(static_cast<v1::Period::State>(states[static_cast<size_t>(period.no - 1)]));
    for (const Closing& closing : closings) {
      if (closing.period_no == period.no) *proto.add_closings() = ToProto(closing);
    }
  }
  return response;
}

absl::StatusOr<v1::ListReversalsResponse> BooksApi::ListReversals(
    const rpc::Call& call, const v1::ListReversalsRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   ParsePageToken(request.page_token(), "reversals", budget.ToString(), 2));
  ASSIGN_OR_RETURN(const ByTime from, ParseByTime(parts));
  const ReversalPlace after{.proposed_at = from.at, .id = ReversalId(from.id)};
  RETURN_IF_ERROR(MayActIn(call, budget).status());
  const auto read = [&](pg::Tx& tx) { return ledger::ListReversals(tx, budget, after, size + 1); };
  ASSIGN_OR_RETURN(std::vector<Reversal> reversals,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  v1::ListReversalsResponse response;
  if (reversals.size() > static_cast<size_t>(size)) {
    reversals.pop_back();
    const Reversal& last = reversals.back();
    response.set_next_page_token(
        PageToken("reversals", budget.ToString(), PartsOf({last.proposed_at, last.id.uuid()})));
  }
  for (const Reversal& reversal : reversals) *response.add_reversals() = ToProto(reversal);
  return response;
}

absl::StatusOr<v1::ListHandoversResponse> BooksApi::ListHandovers(
    const rpc::Call& call, const v1::ListHandoversRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   ParsePageToken(request.page_token(), "handovers", budget.ToString(), 2));
  ASSIGN_OR_RETURN(const ByTime from, ParseByTime(parts));
  const HandoverPlace after{.proposed_at = from.at, .id = HandoverId(from.id)};
  RETURN_IF_ERROR(MayActIn(call, budget).status());
  const auto read = [&](pg::Tx& tx) { return ledger::ListHandovers(tx, budget, after, size + 1); };
  ASSIGN_OR_RETURN(std::vector<Handover> handovers,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  v1::ListHandoversResponse response;
  if (handovers.size() > static_cast<size_t>(size)) {
    handovers.pop_back();
    const Handover& last = handovers.back();
    response.set_next_page_token(
        PageToken("handovers", budget.ToString(), PartsOf({last.proposed_at, last.id.uuid()})));
  }
  for (const Handover& handover : handovers) *response.add_handovers() = ToProto(handover);
  return response;
}

}  // namespace smederij::ledger
