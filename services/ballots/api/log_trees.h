#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/crypto/log_tree.h"
#include "common/pg/pool.h"
#include "services/ballots/storage/log_store.h"

namespace smederij::ballots {

// The trees of the logs that are asked about, in memory. Thread-safe.
class LogTrees {
 public:
  explicit LogTrees(pg::Pool& pool) : pool_(pool) {}

  // That leaf `index` is in the log under `head`; index < head.size. What was read when the
  // deadline came is kept for the next call.
  absl::StatusOr<crypto::LogProof> Prove(RoundId id, uint64_t index, const SignedHead& head,
                                         absl::Time deadline);

 private:
  std::shared_ptr<crypto::LogTree> Find(RoundId id);

  pg::Pool& pool_;
  absl::Mutex mutex_;
  absl::flat_hash_map<RoundId, std::shared_ptr<crypto::LogTree>> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::ballots
