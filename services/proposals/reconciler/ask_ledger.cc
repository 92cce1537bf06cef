#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/proposals/reconciler/asking.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"

namespace smederij::proposals {
namespace {

using Ledger = ledger::v1::LedgerService::Stub;

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
  for (const AwardLine& line : asking.material.lines) {
    auto& added = *request.add_lines();
    added.set_plan_id(line.plan.ToString());
    added.set_budget_id(line.budget.ToString());
    added.set_amount_cents(line.amount.cents());
  }
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
  // A round that ended early may never have got its pot.
  const bool never_held = !asking.material.record.Has(Step::kHoldPot, asking.material.next.version);
  if (never_held && ReasonOf(posted.status()) == "POT_NOT_FOUND") {
    return Settled(ledger::v1::Posted());
  }
  if (!posted.ok()) return posted.status();
  return Settled(*posted);
}

}  // namespace smederij::proposals
