#include "services/proposals/reconciler/ask.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/proposals/reconciler/manifest.h"
#include "services/proposals/wire/instant.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::proposals {
namespace {

using Registry = registry::v1::RegistryService::Stub;
using Ballots = ballots::v1::BallotsService::Stub;
using Ledger = ledger::v1::LedgerService::Stub;
using ballots::v1::Election;
using ballots::v1::Tally;
using registry::v1::Roll;

// One step of one round, about to be asked of somebody.
struct Asking {
  const Neighbours& neighbours;
  const Material& material;
  rpc::Outgoing outgoing;

  const Round& round() const { return material.record.round; }
  std::string round_id() const { return round().id.ToString(); }
  std::string request_id() const {
    return KeyOf(round().id, material.next.step, material.next.version).ToString();
  }
  const Pot& pot() const { return round().pots[material.next.version - 1]; }

  // Repeating is the reconciler's own business: its loop is the retry.
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> Ask(const rpc::Peer& peer,
                          grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                          const Req& request) const {
    return peer.Ask(method, request, outgoing, rpc::Retry::kNever);
  }
};

template <class Message>
Learned Settled(const Message& message) {
  return {.settled = true, .answer = message.SerializeAsString()};
}

Learned NotYet(std::string sentence) { return {.settled = false, .sentence = std::move(sentence)}; }

Learned Working() { return {.settled = false, .soon = true}; }

template <class Message>
absl::StatusOr<Message> Parsed(const std::string& bytes) {
  Message message;
  if (!message.ParseFromString(bytes)) {
    return absl::InternalError(absl::StrCat("a stored ", message.GetTypeName(), " does not parse"));
  }
  return message;
}

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

absl::StatusOr<Learned> OpenRoll(const Asking& asking) {
  ASSIGN_OR_RETURN(const auto charter,
                   Parsed<registry::v1::Charter>(asking.material.origin.charter));
  const Round& round = asking.round();
  registry::v1::OpenRollRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  request.set_district_id(round.district.ToString());
  request.set_reference_date(absl::FormatCivilTime(round.instants.reference_date));
  *request.mutable_classes() = charter.classes();
  *request.mutable_issue_from() = ToTimestamp(round.instants.issue_from);
  *request.mutable_issue_until() = ToTimestamp(round.instants.issue_until);
  request.set_k_min(charter.k_min());
  ASSIGN_OR_RETURN(const Roll roll,
                   asking.Ask(asking.neighbours.registry, &Registry::OpenRoll, request));
  return Settled(roll);
}

absl::StatusOr<Learned> AwaitRoll(const Asking& asking) {
  registry::v1::GetRollRequest request;
  request.set_round_id(asking.round_id());
  ASSIGN_OR_RETURN(const Roll roll,
                   asking.Ask(asking.neighbours.registry, &Registry::GetRoll, request));
  switch (roll.state()) {
    case Roll::STATE_OPEN:
      return Settled(roll);
    case Roll::STATE_FAILED:
      return Error(kFailedPrecondition, "ROLL_FAILED",
                   absl::StrCat("the roll could not be drawn up: ", roll.failure()));
    case Roll::STATE_CLOSED:
      return Error(kFailedPrecondition, "ROLL_CLOSED", "the roll was closed before voting opened");
    default:
      return Working();
  }
}

absl::StatusOr<Learned> ProposeManifest(const Asking& asking) {
  const Material& material = asking.material;
  ASSIGN_OR_RETURN(const auto charter, Parsed<registry::v1::Charter>(material.origin.charter));
  ASSIGN_OR_RETURN(const auto roll, Parsed<Roll>(material.roll));
  std::vector<std::string> entries;
  for (const std::string& hold : material.holds) {
    ASSIGN_OR_RETURN(const auto posted, Parsed<ledger::v1::Posted>(hold));
    entries.push_back(posted.entry_hash());
  }
  ballots::v1::ProposeManifestRequest request;
  request.set_request_id(asking.request_id());
  ASSIGN_OR_RETURN(*request.mutable_manifest(),
                   MakeManifest(asking.round(), material.origin.currency, charter, roll, entries,
                                material.plans));
  ASSIGN_OR_RETURN(const Election election,
                   asking.Ask(asking.neighbours.ballots, &Ballots::ProposeManifest, request));
  Learned learned = Settled(election);
  learned.manifest_hash = election.manifest_hash();
  return learned;
}

absl::StatusOr<Election> GetElection(const Asking& asking) {
  ballots::v1::GetElectionRequest request;
  request.set_round_id(asking.round_id());
  return asking.Ask(asking.neighbours.ballots, &Ballots::GetElection, request);
}

absl::StatusOr<Learned> AwaitApproval(const Asking& asking) {
  ASSIGN_OR_RETURN(const Election election, GetElection(asking));
  if (election.manifest_hash() != asking.round().manifest_hash) {
    return Error(kFailedPrecondition, "MANIFEST_DIFFERS",
                 "ballots has another manifest than the one that was proposed");
  }
  if (election.state() == Election::STATE_PROPOSED) {
    return NotYet(
        absl::StrCat("two officials approve the manifest; so far ", election.approvals()));
  }
  Learned learned = Settled(election);
  learned.closes_at = FromTimestamp(election.cast_until());
  return learned;
}

absl::StatusOr<Learned> ConfirmManifest(const Asking& asking) {
  registry::v1::ConfirmManifestRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  request.set_manifest_hash(asking.round().manifest_hash);
  ASSIGN_OR_RETURN(const Roll roll,
                   asking.Ask(asking.neighbours.registry, &Registry::ConfirmManifest, request));
  return Settled(roll);
}

absl::StatusOr<Learned> AwaitClose(const Asking& asking) {
  ASSIGN_OR_RETURN(const Election election, GetElection(asking));
  Learned learned = NotYet("");
  learned.closes_at = FromTimestamp(election.cast_until());
  return learned;
}

absl::StatusOr<Learned> CloseRoll(const Asking& asking) {
  registry::v1::CloseRollRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  const auto roll = asking.Ask(asking.neighbours.registry, &Registry::CloseRoll, request);
  // A round that ended early may never have got as far as a roll.
  const bool never_opened = !asking.material.record.Has(Step::kOpenRoll);
  if (never_opened && ReasonOf(roll.status()) == "ROLL_NOT_FOUND") return Settled(Roll());
  if (!roll.ok()) return roll.status();
  return Settled(*roll);
}

absl::StatusOr<Learned> CloseElection(const Asking& asking) {
  ballots::v1::CloseElectionRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  const auto election = asking.Ask(asking.neighbours.ballots, &Ballots::CloseElection, request);
  // Its database's clock decides, and may be a little behind ours.
  if (ReasonOf(election.status()) == "STILL_OPEN") return Working();
  if (!election.ok()) return election.status();
  return Settled(*election);
}

absl::StatusOr<Learned> Count(const Asking& asking) {
  ballots::v1::CountElectionRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  const auto tally = asking.Ask(asking.neighbours.ballots, &Ballots::CountElection, request);
  if (ReasonOf(tally.status()) == "LOT_MISSING") {
    return NotYet("two officials enter the lot that breaks ties");
  }
  if (!tally.ok()) return tally.status();
  return Settled(*tally);
}

absl::StatusOr<Tally> NewestTally(const Asking& asking) {
  ballots::v1::GetTallyRequest request;
  request.set_round_id(asking.round_id());
  return asking.Ask(asking.neighbours.ballots, &Ballots::GetTally, request);
}

absl::StatusOr<Learned> AwaitCount(const Asking& asking) {
  ASSIGN_OR_RETURN(const Tally tally, NewestTally(asking));
  switch (tally.state()) {
    case Tally::STATE_SUCCEEDED:
    case Tally::STATE_CERTIFIED:
      return Settled(tally);
    case Tally::STATE_FAILED:
      return Error(kFailedPrecondition, "TALLY_FAILED",
                   absl::StrCat("the ballots could not be counted: ", tally.failure()));
    default:
      return Working();
  }
}

absl::StatusOr<Learned> AwaitCertification(const Asking& asking) {
  ASSIGN_OR_RETURN(const Tally tally, NewestTally(asking));
  if (tally.state() == Tally::STATE_CERTIFIED) return Settled(tally);
  if (!tally.imbalances().empty()) {
    return Error(kFailedPrecondition, "COUNT_DOES_NOT_BALANCE",
                 absl::StrJoin(tally.imbalances(), "; "));
  }
  return NotYet(absl::StrCat("two officials certify the result; so far ", tally.certifications()));
}

absl::StatusOr<Result> ParseResult(const ballots::v1::Result& message) {
  Result result{.hash = message.result_hash(),
                .version = message.version(),
                .awarded = Money::Cents(message.awarded_cents()),
                .pots = Money::Cents(message.pot_cents())};
  for (const ballots::v1::PlanResult& plan : message.plans()) {
    const std::optional<Uuid> id = Uuid::Parse(plan.plan_id());
    const bool known = plan.decision() == ballots::v1::PlanResult::DECISION_AWARDED ||
                       plan.decision() == ballots::v1::PlanResult::DECISION_PARTIAL ||
                       plan.decision() == ballots::v1::PlanResult::DECISION_NOT_AWARDED;
    if (!id || !known) {
      return Error(kFailedPrecondition, "RESULT_NOT_CREDIBLE", "the result cannot be read");
    }
    result.plans.push_back({.plan = PlanId(*id),
                            .number = plan.number(),
                            .decision = static_cast<Decision>(plan.decision()),
                            .award = Money::Cents(plan.award_cents()),
                            .support = plan.support(),
                            .reason = plan.reason(),
                            .sentence = plan.sentence()});
  }
  return result;
}

absl::StatusOr<Learned> MarkPlans(const Asking& asking) {
  ASSIGN_OR_RETURN(const auto certified, Parsed<Tally>(asking.material.certified));
  ballots::v1::GetResultRequest request;
  request.set_round_id(asking.round_id());
  ASSIGN_OR_RETURN(const auto message,
                   asking.Ask(asking.neighbours.ballots, &Ballots::GetResult, request));
  if (message.result_hash() != certified.result_hash() || message.result_hash().size() != 32) {
    return Error(kFailedPrecondition, "RESULT_DIFFERS",
                 "the published result is not the one that was certified");
  }
  ASSIGN_OR_RETURN(Result result, ParseResult(message));
  std::vector<FrozenPlan> frozen;
  for (const Plan& plan : asking.material.plans)
    frozen.push_back({plan.id, plan.number, plan.cost});
  RETURN_IF_ERROR(CheckResult(result, frozen, PotTotal(asking.round())));
  Learned learned = Settled(message);
  learned.result = std::move(result);
  return learned;
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

}  // namespace

absl::StatusOr<Learned> Ask(const Neighbours& neighbours, const Material& material,
                            absl::Time deadline) {
  Asking asking{.neighbours = neighbours, .material = material, .outgoing = {}};
  asking.outgoing.deadline = deadline;
  switch (material.next.step) {
    case Step::kHoldPot:
      return HoldPot(asking);
    case Step::kOpenRoll:
      return OpenRoll(asking);
    case Step::kAwaitRoll:
      return AwaitRoll(asking);
    case Step::kProposeManifest:
      return ProposeManifest(asking);
    case Step::kAwaitApproval:
      return AwaitApproval(asking);
    case Step::kConfirmManifest:
      return ConfirmManifest(asking);
    case Step::kAwaitClose:
      return AwaitClose(asking);
    case Step::kCloseRoll:
      return CloseRoll(asking);
    case Step::kCloseElection:
      return CloseElection(asking);
    case Step::kCount:
      return Count(asking);
    case Step::kAwaitCount:
      return AwaitCount(asking);
    case Step::kAwaitCertification:
      return AwaitCertification(asking);
    case Step::kMarkPlans:
      return MarkPlans(asking);
    case Step::kReserveAwards:
      return ReserveAwards(asking);
    case Step::kReleasePot:
      return ReleasePot(asking);
    case Step::kFreezePlans:
    case Step::kAwaitAnswers:
    case Step::kDone:
      break;
  }
  return absl::InternalError(absl::StrCat("nobody is asked for ", Name(material.next.step)));
}

}  // namespace smederij::proposals
