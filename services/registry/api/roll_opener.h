#pragma once

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/registry/api/issuer_keys.h"
#include "services/registry/api/particulars.h"
#include "services/registry/api/write.h"

namespace smederij::registry {

// Draws up rolls in the background: makes the issuer keys, then writes every voter in one
// transaction. What was asked for stands in the database, so a process that was killed, or another
// replica, goes on with it. Two replicas may both begin; the lock lets one finish. Thread-safe.
class RollOpener {
 public:
  // The references outlive it. Starts at once, with what an earlier process left.
  RollOpener(const Database& database, IssuerKeys& keys, const ParticularsSeal& seal);
  ~RollOpener();  // Ends after the roll at hand.
  RollOpener(const RollOpener&) = delete;
  RollOpener& operator=(const RollOpener&) = delete;

  // There may be a roll to draw up.
  void Wake();

 private:
  void Work();
  // True when there was one.
  absl::StatusOr<bool> DrawUpNext();
  // Writes everybody who may vote, each at the station of their postcode.
  absl::Status Place(pg::Tx& tx, RoundId round, const std::vector<Station>& stations) const;

  const Database& database_;
  IssuerKeys& keys_;
  const ParticularsSeal& seal_;
  absl::Mutex mutex_;
  bool woken_ ABSL_GUARDED_BY(mutex_) = true;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace smederij::registry
