#include "services/ledger/api/spending_api.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/spending_convert.h"
#include "services/ledger/api/submit.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/storage/statement_store.h"

namespace smederij::ledger {
namespace {

constexpr absl::Duration kRead = absl::Milliseconds(500), kWrite = absl::Seconds(5);

// A commitment that was just opened holds all of its amount, one that was closed nothing.
std::string RenderCommitment(const Effect& effect) {
  const Commitment& commitment = effect.commitments.front();
  const Money remaining = commitment.closed ? Money() : commitment.amount;
  return ToProto(CommitmentState{.commitment = commitment, .remaining = remaining})
      .SerializeAsString();
}

// Whether the caller may read the budget's payments, as their list declares it.
bool MayReadPayments(const rpc::Call& call, const Place& place) {
  static const policy::v1::Access& access = v1::Commitment::descriptor()
                                                ->file()
                                                ->FindServiceByName("SpendingService")
                                                ->FindMethodByName("ListPayments")
                                                ->options()
                                                .GetExtension(policy::v1::access);
  const rpc::Call reading(call.caller, call.deadline, access);
  return reading.MayActIn(place.municipality, place.district).ok();
}

}  // namespace

void SpendingApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Grouped("OpenCommitment",  kWrite, &SpendingApi::OpenCommitment);
  table.Grouped("CloseCommitment", kWrite, &SpendingApi::CloseCommitment);
  table.Grouped("ReleaseAward",    kWrite, &SpendingApi::ReleaseAward);
  table.Unary  ("ListCommitments", kRead,  &SpendingApi::ListCommitments);
}  // clang-format on

absl::Status SpendingApi::MayDecide(const rpc::Call& call, BudgetId budget, Money amount) {
  ASSIGN_OR_RETURN(const Place place, places_.Of(budget, call.deadline));
  RETURN_IF_ERROR(call.MayActIn(place.municipality, place.district));
  const Money limit = call.LimitIn(place.municipality, place.district);
  if (amount > limit) return AmountOverLimit(amount, limit);
  return absl::OkStatus();
}

void SpendingApi::OpenCommitment(const rpc::Call& call, const v1::OpenCommitmentRequest& request,
                                 rpc::Reply<v1::Commitment> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  const auto& open = std::get<ledger::OpenCommitment>(command->what);
  const absl::Status allowed = MayDecide(call, open.budget, open.amount);
  if (!allowed.ok()) return reply(allowed);
  Submit(writer_, call, request, *std::move(command), RenderCommitment, std::move(reply));
}

void SpendingApi::CloseCommitment(const rpc::Call& call, const v1::CloseCommitmentRequest& request,
                                  rpc::Reply<v1::Commitment> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  const absl::Status allowed =
      MayDecide(call, std::get<ledger::CloseCommitment>(command->what).budget);
  if (!allowed.ok()) return reply(allowed);
  Submit(writer_, call, request, *std::move(command), RenderCommitment, std::move(reply));
}

void SpendingApi::ReleaseAward(const rpc::Call& call, const v1::ReleaseAwardRequest& request,
                               rpc::Reply<v1::Posted> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  const auto& release = std::get<ledger::ReleaseAward>(command->what);
  const absl::Status allowed = MayDecide(call, release.budget, release.amount);
  if (!allowed.ok()) return reply(allowed);
  Render render = RenderPosted(release.budget);
  Submit(writer_, call, request, *std::move(command), std::move(render), std::move(reply));
}

absl::StatusOr<v1::ListCommitmentsResponse> SpendingApi::ListCommitments(
    const rpc::Call& call, const v1::ListCommitmentsRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  std::optional<PlanId> plan;
  if (!request.plan_id().empty()) {
    ASSIGN_OR_RETURN(plan, ParseId<PlanId>(request.plan_id(), "plan_id"));
  }
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  const std::string of = absl::StrCat(budget.ToString(), request.plan_id());
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   ParsePageToken(request.page_token(), "commitments", of, 1));
  int64_t after = 0;
  if (!parts.empty() && !absl::SimpleAtoi(parts[0], &after)) return BadPageToken();
  ASSIGN_OR_RETURN(const Place place, places_.Of(budget, call.deadline));
  const auto read = [&](pg::Tx& tx) {
    return ledger::ListCommitments(tx, budget, plan, after, size + 1);
  };
  ASSIGN_OR_RETURN(std::vector<CommitmentState> states,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  v1::ListCommitmentsResponse response;
  if (states.size() > static_cast<size_t>(size)) {
    states.pop_back();
    response.set_next_page_token(
        PageToken("commitments", of, {absl::StrCat(states.back().commitment.seq)}));
  }
  const bool names_payees = MayReadPayments(call, place);
  for (const CommitmentState& state : states) {
    v1::Commitment& commitment = *response.add_commitments();
    commitment = ToProto(state);
    if (!names_payees) commitment.clear_payee_id();
  }
  return response;
}

}  // namespace smederij::ledger
