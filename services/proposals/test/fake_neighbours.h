#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "services/proposals/test/fake_service.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

// The three services a round is driven through, as far as their contracts go: in memory, with the
// refusals that proposals must live with.
namespace smederij::proposals::fake {

class Registry final : public registry::v1::RegistryService::Service {
 public:
  explicit Registry(Nature& nature) : nature_(nature) {}

  std::map<std::string, registry::v1::District> districts;  // Set before the first call.
  std::map<std::string, registry::v1::Charter> charters;
  int polls_until_open = 1;
  bool fails = false;         // The roll cannot be drawn up.
  std::string stations_open;  // Those whose counts are missing; changed under nature's mutex.

  registry::v1::Roll RollOf(const std::string& round) const;

  grpc::Status GetDistrict(grpc::ServerContext*, const registry::v1::GetDistrictRequest*,
                           registry::v1::District*) override;
  grpc::Status GetCharter(grpc::ServerContext*, const registry::v1::GetCharterRequest*,
                          registry::v1::Charter*) override;
  grpc::Status OpenRoll(grpc::ServerContext*, const registry::v1::OpenRollRequest*,
                        registry::v1::Roll*) override;
  grpc::Status GetRoll(grpc::ServerContext*, const registry::v1::GetRollRequest*,
                       registry::v1::Roll*) override;
  grpc::Status ConfirmManifest(grpc::ServerContext*, const registry::v1::ConfirmManifestRequest*,
                               registry::v1::Roll*) override;
  grpc::Status CloseRoll(grpc::ServerContext*, const registry::v1::CloseRollRequest*,
                         registry::v1::Roll*) override;

 private:
  Nature& nature_;
  std::map<std::string, registry::v1::Roll> rolls_;
  std::map<std::string, int> polls_;
};

class Ballots final : public ballots::v1::BallotsService::Service {
 public:
  explicit Ballots(Nature& nature) : nature_(nature) {}

  // What the count says per plan number, set before the count: award in cents, less than the cost
  // is an offer, nothing is a loss. Plans not named lose.
  std::map<uint32_t, int64_t> awards;
  bool wants_lot = false;
  std::string wants_paper;  // Why paper keeps it from counting: a reason; empty when none does.
  std::string imbalance;
  bool forges_result = false;  // The published result is another than the certified one.

  // What officials do at ballots.
  void Approve(const std::string& round);
  void BringForwardClose(const std::string& round);
  void EnterLot();
  void Certify(const std::string& round);
  // State, or STATE_UNSPECIFIED while there is no election.
  ballots::v1::Election::State StateOf(const std::string& round) const;
  ballots::v1::Manifest ManifestOf(const std::string& round) const;

  grpc::Status ProposeManifest(grpc::ServerContext*, const ballots::v1::ProposeManifestRequest*,
                               ballots::v1::Election*) override;
  grpc::Status GetElection(grpc::ServerContext*, const ballots::v1::GetElectionRequest*,
                           ballots::v1::Election*) override;
  grpc::Status CloseElection(grpc::ServerContext*, const ballots::v1::CloseElectionRequest*,
                             ballots::v1::Election*) override;
  grpc::Status CountElection(grpc::ServerContext*, const ballots::v1::CountElectionRequest*,
                             ballots::v1::Tally*) override;
  grpc::Status GetTally(grpc::ServerContext*, const ballots::v1::GetTallyRequest*,
                        ballots::v1::Tally*) override;
  grpc::Status GetResult(grpc::ServerContext*, const ballots::v1::GetResultRequest*,
                         ballots::v1::Result*) override;

 private:
  ballots::v1::Result Counted(const ballots::v1::Election& election) const;

  Nature& nature_;
  std::map<std::string, ballots::v1::Election> elections_;
  std::map<std::string, ballots::v1::Tally> tallies_;
};

class Ledger final : public ledger::v1::LedgerService::Service {
 public:
  explicit Ledger(Nature& nature) : nature_(nature) {}

  std::map<std::string, ledger::v1::Budget> budgets;  // Set before the first call.

  void Close(const std::string& budget);  // It was carried over, and takes nothing any more.
  int64_t Available(const std::string& budget) const;
  int64_t InPot(const std::string& budget) const;  // Of all rounds.
  int64_t Reserved(const std::string& budget) const;
  void Appropriate(const std::string& budget, int64_t cents);

  grpc::Status GetBudget(grpc::ServerContext*, const ledger::v1::GetBudgetRequest*,
                         ledger::v1::Budget*) override;
  grpc::Status HoldPot(grpc::ServerContext*, const ledger::v1::HoldPotRequest*,
                       ledger::v1::Posted*) override;
  grpc::Status ReserveAwards(grpc::ServerContext*, const ledger::v1::ReserveAwardsRequest*,
                             ledger::v1::ReserveAwardsResponse*) override;
  grpc::Status ReleasePot(grpc::ServerContext*, const ledger::v1::ReleasePotRequest*,
                          ledger::v1::Posted*) override;
  grpc::Status AdjustAwards(grpc::ServerContext*, const ledger::v1::AdjustAwardsRequest*,
                            ledger::v1::AdjustAwardsResponse*) override;

 private:
  Nature& nature_;
  std::map<std::pair<std::string, std::string>, int64_t> pots_;    // (budget, round) → cents
  std::map<std::string, int64_t> reserved_;                        // budget → cents
  std::map<std::pair<std::string, std::string>, int64_t> awards_;  // (budget, plan) → cents
  std::set<std::pair<std::string, uint32_t>> versions_;            // (round, award version)
  int64_t entries_ = 0;
};

}  // namespace smederij::proposals::fake
