#include "absl/algorithm/container.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/proposals/reconciler/asking.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"

namespace smederij::proposals {
namespace {

using Ledger = ledger::v1::LedgerService::Stub;

// Refusals that are an answer: the awards stay as they are, and people decide otherwise. All others
// are for somebody to mend.
constexpr absl::string_view kAnswers[] = {
    "PLAN_HAS_SPENDING", "PLAN_CARRIED_OVER", "INSUFFICIENT_FUNDS", "CONDITION_UNMET",
    "BUDGET_CLOSED",     "PERIOD_CLOSED",     "OUT_OF_RANGE"};

template <class Request>
void AddLines(const std::vector<AwardLine>& lines, Request& request) {
  for (const AwardLine& line : lines) {
    auto& added = *request.add_lines();
    added.set_plan_id(line.plan.ToString());
    added.set_budget_id(line.budget.ToString());
    added.set_amount_cents(line.amount.cents());
    added.set_category(line.category);
  }
}

}  // namespace

absl::StatusOr<Learned> HoldPot(const Asking& asking) {
  ledger::v1::HoldPotRequest request;
  request.set_request_id(asking.request_id());
  request.set_budget_id(asking.pot().budget.ToString());
  request.set_round_id(asking.round_id());
  request.set_amount_cents(asking.pot().amount.cents());
  request.set_decision_ref(asking.round().pot_approval->decision_ref);
  Asking for_holder = asking;
  for_holder.outgoing.on_behalf_of = asking.round().pot_approval->by;
  ASSIGN_OR_RETURN(const auto posted,
                   for_holder.Ask(asking.neighbours.ledger, &Ledger::HoldPot, request));
  return Settled(posted);
}

absl::StatusOr<Learned> ReserveAwards(const Asking& asking) {
  ledger::v1::ReserveAwardsRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  request.set_award_version(asking.material.next.version);
  AddLines(asking.material.lines, request);
  ASSIGN_OR_RETURN(const auto reserved,
                   asking.Ask(asking.neighbours.ledger, &Ledger::ReserveAwards, request));
  return Settled(reserved);
}

absl::StatusOr<Learned> ReleasePot(const Asking& asking) {
  ledger::v1::ReleasePotRequest request;
  request.set_request_id(asking.request_id());
  request.set_budget_id(asking.pot().budget.ToString());
  request.set_round_id(asking.round_id());
  const auto posted = asking.Ask(asking.neighbours.ledger, &Ledger::ReleasePot, request);
  // A round that ended early may never have got its pot. Nor has it one when the budget was carried
  // over or closed meanwhile, which no budget is with money in a pot.
  const auto pot = static_cast<uint32_t>(PotOf(asking.round(), asking.material.next.version) + 1);
  const bool never_held = !asking.material.record.Has(Step::kHoldPot, pot);
  const std::string reason = ReasonOf(posted.status());
  if (never_held && (reason == "POT_NOT_FOUND" || reason == "BUDGET_CLOSED")) {
    return Settled(ledger::v1::Posted());
  }
  if (!posted.ok()) return posted.status();
  return Settled(*posted);
}

absl::StatusOr<Learned> AdjustAwards(const Asking& asking) {
  ledger::v1::AdjustAwardsRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  request.set_award_version(asking.material.record.NextAwardVersion());
  AddLines(asking.material.lines, request);
  const auto adjusted = asking.Ask(asking.neighbours.ledger, &Ledger::AdjustAwards, request);
  if (adjusted.ok()) return Settled(*adjusted);
  if (!absl::c_linear_search(kAnswers, ReasonOf(adjusted.status()))) return adjusted.status();
  Learned learned = Settled(ledger::v1::AdjustAwardsResponse());
  learned.turned_down = adjusted.status();
  return learned;
}

}  // namespace smederij::proposals
