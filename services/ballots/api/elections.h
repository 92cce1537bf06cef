#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/crypto/blind_rsa.h"
#include "common/pg/pool.h"
#include "services/ballots/domain/election.h"
#include "services/ballots/domain/manifest.h"

namespace smederij::ballots {

// A frozen election, ready to verify ballots with.
struct Election {
  Manifest manifest;
  Hash manifest_hash{};
  absl::flat_hash_map<uint16_t, crypto::BlindPublicKey> issuers;  // By class.
};

// INTERNAL when stored bytes are no manifest.
absl::StatusOr<std::shared_ptr<const Election>> MakeElection(const Round& round);

// Elections by round. What has been approved never changes, so it is read and parsed once.
// Thread-safe.
class Elections {
 public:
  explicit Elections(pg::Pool& pool) : pool_(pool) {}

  // Refusal: ELECTION_NOT_FOUND.
  absl::StatusOr<std::shared_ptr<const Election>> Get(RoundId id, absl::Time deadline);

 private:
  pg::Pool& pool_;
  absl::Mutex mutex_;
  absl::flat_hash_map<RoundId, std::shared_ptr<const Election>> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::ballots
