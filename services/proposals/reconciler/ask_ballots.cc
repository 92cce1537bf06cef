#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/condition.h"
#include "services/proposals/reconciler/asking.h"
#include "services/proposals/reconciler/manifest.h"
#include "services/proposals/wire/instant.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/ledger/v1/ledger.pb.h"

namespace smederij::proposals {
namespace {

using Ballots = ballots::v1::BallotsService::Stub;
using ballots::v1::Election;
using ballots::v1::Tally;

absl::StatusOr<Election> GetElection(const Asking& asking) {
  ballots::v1::GetElectionRequest request;
  request.set_round_id(asking.round_id());
  return asking.Ask(asking.neighbours.ballots, &Ballots::GetElection, request);
}

absl::StatusOr<Tally> NewestTally(const Asking& asking) {
  ballots::v1::GetTallyRequest request;
  request.set_round_id(asking.round_id());
  return asking.Ask(asking.neighbours.ballots, &Ballots::GetTally, request);
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
                            .sentence = plan.sentence(),
                            .sentence_nl = plan.sentence_nl()});
  }
  return result;
}

}  // namespace

absl::StatusOr<Learned> ProposeManifest(const Asking& asking) {
  const Material& material = asking.material;
  ASSIGN_OR_RETURN(const auto charter, Parsed<registry::v1::Charter>(material.origin.charter));
  ASSIGN_OR_RETURN(const auto roll, Parsed<registry::v1::Roll>(material.roll));
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

absl::StatusOr<Learned> AwaitClose(const Asking& asking) {
  ASSIGN_OR_RETURN(const Election election, GetElection(asking));
  Learned learned = NotYet("");
  learned.closes_at = FromTimestamp(election.cast_until());
  return learned;
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
  if (ReasonOf(tally.status()) == "BATCHES_UNSEALED") {
    return NotYet(absl::StrCat("officials seal or discard batches of paper ballots: ",
                               FactOf(tally.status(), "batches")));
  }
  if (ReasonOf(tally.status()) == "STATIONS_OPEN") {
    return NotYet(
        absl::StrCat("two officials close stations: ", FactOf(tally.status(), "stations")));
  }
  if (!tally.ok()) return tally.status();
  return Settled(*tally);
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
  const std::vector<Pot>& pots = asking.round().pots;
  for (const Plan& plan : asking.material.plans) {
    frozen.push_back({plan.id, plan.number, AsksOf(plan, pots), plan.category});
  }
  RETURN_IF_ERROR(CheckResult(result, frozen, pots));
  AddOwnMoney(result, pots);
  Learned learned = Settled(message);
  learned.result = std::move(result);
  return learned;
}

}  // namespace smederij::proposals
