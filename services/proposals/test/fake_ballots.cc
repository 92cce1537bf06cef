#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/proposals/test/fake_neighbours.h"
#include "services/proposals/wire/instant.h"

namespace smederij::proposals::fake {
namespace {

using ballots::v1::Election;
using ballots::v1::PlanResult;
using ballots::v1::Result;
using ballots::v1::Tally;

Error NoElection() { return Error(kNotFound, "ELECTION_NOT_FOUND", "there is no election"); }
Error Wrong() { return Error(kFailedPrecondition, "WRONG_STATE", "not in this state"); }

}  // namespace

void Ballots::Approve(const std::string& round) {
  const absl::MutexLock lock(&nature_.mutex);
  CHECK(elections_.at(round).state() == Election::STATE_PROPOSED);
  elections_.at(round).set_state(Election::STATE_PUBLISHED);
  elections_.at(round).set_approvals(2);
}

void Ballots::BringForwardClose(const std::string& round) {
  const absl::MutexLock lock(&nature_.mutex);
  CHECK(elections_.at(round).manifest().demonstration());
  *elections_.at(round).mutable_cast_until() = ToTimestamp(absl::Now());
}

void Ballots::EnterLot() {
  const absl::MutexLock lock(&nature_.mutex);
  wants_lot = false;
}

void Ballots::Certify(const std::string& round) {
  const absl::MutexLock lock(&nature_.mutex);
  CHECK(tallies_.at(round).state() == Tally::STATE_SUCCEEDED);
  tallies_.at(round).set_state(Tally::STATE_CERTIFIED);
  elections_.at(round).set_state(Election::STATE_CERTIFIED);
}

Election::State Ballots::StateOf(const std::string& round) const {
  const absl::MutexLock lock(&nature_.mutex);
  const auto found = elections_.find(round);
  return found == elections_.end() ? Election::STATE_UNSPECIFIED : found->second.state();
}

ballots::v1::Manifest Ballots::ManifestOf(const std::string& round) const {
  const absl::MutexLock lock(&nature_.mutex);
  return elections_.at(round).manifest();
}

grpc::Status Ballots::ProposeManifest(grpc::ServerContext*,
                                      const ballots::v1::ProposeManifestRequest* request,
                                      Election* response) {
  const auto propose = [&]() -> absl::StatusOr<Election> {
    const std::string& round = request->manifest().round_id();
    if (elections_.contains(round)) {
      return Error(kAlreadyExists, "MANIFEST_EXISTS", "there is another manifest");
    }
    Election& election = elections_[round];
    election.set_round_id(round);
    election.set_state(Election::STATE_PROPOSED);
    *election.mutable_manifest() = request->manifest();
    election.set_manifest_hash(std::string(32, 'm'));
    *election.mutable_cast_until() = request->manifest().cast_until();
    nature_.effects.push_back("ProposeManifest");
    return election;
  };
  const auto effect = [&] { return nature_.Once(*request, propose); };
  return nature_.Serve("ProposeManifest", response, effect);
}

grpc::Status Ballots::GetElection(grpc::ServerContext*,
                                  const ballots::v1::GetElectionRequest* request,
                                  Election* response) {
  const auto effect = [&]() -> absl::StatusOr<Election> {
    const auto found = elections_.find(request->round_id());
    if (found == elections_.end()) return NoElection();
    return found->second;
  };
  return nature_.Serve("GetElection", response, effect);
}

grpc::Status Ballots::CloseElection(grpc::ServerContext*,
                                    const ballots::v1::CloseElectionRequest* request,
                                    Election* response) {
  const auto close = [&]() -> absl::StatusOr<Election> {
    const auto found = elections_.find(request->round_id());
    if (found == elections_.end()) return NoElection();
    if (found->second.state() != Election::STATE_PUBLISHED) return Wrong();
    if (absl::Now() < FromTimestamp(found->second.cast_until())) {
      return Error(kFailedPrecondition, "STILL_OPEN", "cast_until has not come");
    }
    found->second.set_state(Election::STATE_CLOSED);
    nature_.effects.push_back("CloseElection");
    return found->second;
  };
  const auto effect = [&] { return nature_.Once(*request, close); };
  return nature_.Serve("CloseElection", response, effect);
}

grpc::Status Ballots::CountElection(grpc::ServerContext*,
                                    const ballots::v1::CountElectionRequest* request,
                                    Tally* response) {
  const auto count = [&]() -> absl::StatusOr<Tally> {
    const auto found = elections_.find(request->round_id());
    if (found == elections_.end()) return NoElection();
    if (found->second.state() != Election::STATE_CLOSED) return Wrong();
    if (wants_lot) return Error(kFailedPrecondition, "LOT_MISSING", "no lot was entered");
    if (!wants_paper.empty()) {
      return Error(kFailedPrecondition, wants_paper, "paper has yet to be counted")
          .With("batches", "3")
          .With("stations", "1, 2");
    }
    Tally& tally = tallies_[request->round_id()];
    tally.set_round_id(request->round_id());
    tally.set_version(tally.version() + 1);
    tally.set_state(Tally::STATE_RUNNING);
    nature_.effects.push_back("CountElection");
    return tally;
  };
  const auto effect = [&] { return nature_.Once(*request, count); };
  return nature_.Serve("CountElection", response, effect);
}

grpc::Status Ballots::GetTally(grpc::ServerContext*, const ballots::v1::GetTallyRequest* request,
                               Tally* response) {
  const auto effect = [&]() -> absl::StatusOr<Tally> {
    const auto found = tallies_.find(request->round_id());
    if (found == tallies_.end()) return Error(kNotFound, "TALLY_NOT_FOUND", "no tally");
    Tally& tally = found->second;
    if (tally.state() == Tally::STATE_RUNNING) {
      tally.set_state(Tally::STATE_SUCCEEDED);
      tally.set_result_hash(std::string(32, 'r'));
      elections_.at(request->round_id()).set_state(Election::STATE_TALLIED);
    }
    tally.clear_imbalances();
    if (!imbalance.empty()) tally.add_imbalances(imbalance);
    return tally;
  };
  return nature_.Serve("GetTally", response, effect);
}

Result Ballots::Counted(const Election& election) const {
  Result result;
  result.set_round_id(election.round_id());
  result.set_version(1);
  result.set_result_hash(std::string(32, forges_result ? 'f' : 'r'));
  int64_t awarded = 0, pots = 0;
  for (const ballots::v1::PotLine& pot : election.manifest().pots()) pots += pot.amount_cents();
  for (const ballots::v1::Option& option : election.manifest().options()) {
    const auto found = awards.find(option.number());
    const int64_t award = found == awards.end() ? 0 : found->second;
    PlanResult& plan = *result.add_plans();
    plan.set_plan_id(option.plan_id());
    plan.set_number(option.number());
    plan.set_decision(award == 0                     ? PlanResult::DECISION_NOT_AWARDED
                      : award == option.cost_cents() ? PlanResult::DECISION_AWARDED
                                                     : PlanResult::DECISION_PARTIAL);
    plan.set_award_cents(award);
    plan.set_support(100 - option.number());
    plan.set_reason("BECAUSE");
    plan.set_sentence(absl::StrCat("plan ", option.number(), " got ", award));
    plan.set_sentence_nl(absl::StrCat("plan ", option.number(), " kreeg ", award));
    awarded += award;
  }
  result.set_awarded_cents(awarded);
  result.set_pot_cents(pots);
  return result;
}

grpc::Status Ballots::GetResult(grpc::ServerContext*, const ballots::v1::GetResultRequest* request,
                                Result* response) {
  const auto effect = [&]() -> absl::StatusOr<Result> {
    const auto found = elections_.find(request->round_id());
    if (found == elections_.end()) return NoElection();
    if (found->second.state() != Election::STATE_CERTIFIED) {
      return Error(kFailedPrecondition, "NOT_CERTIFIED", "not certified");
    }
    return Counted(found->second);
  };
  return nature_.Serve("GetResult", response, effect);
}

}  // namespace smederij::proposals::fake
