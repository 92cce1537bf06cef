#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "tests/fault/village.h"

namespace smederij::e2e {

// Books kept at a real ledger: money comes in as the treasurer, and is set aside as proposals.
// Thread-safe but for its making.
class Treasury {
 public:
  explicit Treasury(Village& village) : village_(village), ledger_(village.PeerOf("ledger")) {}

  // An empty budget of a fund of its own. Dies when refused.
  std::string OpenBudget(const std::string& fund) const;

  absl::StatusOr<ledger::v1::Posted> Appropriate(const std::string& budget, int64_t cents,
                                                 const std::string& request_id = NewId()) const;
  // For a round of its own.
  absl::StatusOr<ledger::v1::Posted> Hold(const std::string& budget, int64_t cents,
                                          const std::string& request_id = NewId()) const;

  // All of them, in order. Dies when refused.
  std::vector<ledger::v1::Entry> Entries(const std::string& budget) const;
  ledger::v1::TrialBalance Trial(const std::string& budget) const;

 private:
  Village& village_;
  const rpc::Peer ledger_;
};

}  // namespace smederij::e2e
