#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/bytes.h"
#include "common/crypto/log_proof.h"
#include "common/crypto/merkle.h"

namespace smederij::crypto {

// The tree of a log in memory, for proofs: 64 bytes a leaf, read once and then only what was
// appended. Thread-safe.
class LogTree {
 public:
  // The hashes of all leaves from `from` on, below `past`.
  using Read = absl::FunctionRef<absl::StatusOr<std::vector<Hash>>(uint64_t from, uint64_t past)>;

  // That leaf `index` is in the log of `size` leaves that `checkpoint` signs; index < size. What
  // was read when `read` failed is kept for the next call. Refusals: those of `read`; INTERNAL when
  // it gives fewer.
  absl::StatusOr<LogProof> Prove(uint64_t index, uint64_t size, std::string checkpoint, Read read);

 private:
  absl::Mutex mutex_;
  MerkleTree tree_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::crypto
