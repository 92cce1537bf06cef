#include "services/ballots/api/log_trees.h"

#include <vector>

namespace smederij::ballots {
namespace {

constexpr size_t kTreesMax = 16;  // Rounds that vote at one time; others are read again.

}  // namespace

std::shared_ptr<crypto::LogTree> LogTrees::Find(RoundId id) {
  const absl::MutexLock lock(&mutex_);
  const auto at = known_.find(id);
  if (at != known_.end()) return at->second;
  if (known_.size() >= kTreesMax) known_.erase(known_.begin());
  return known_.emplace(id, std::make_shared<crypto::LogTree>()).first->second;
}

absl::StatusOr<crypto::LogProof> LogTrees::Prove(RoundId id, uint64_t index, const SignedHead& head,
                                                 absl::Time deadline) {
  const auto read = [&](uint64_t from, uint64_t past) {
    const auto get = [&](pg::Tx& tx) {
      return GetLeafHashes(tx, id, static_cast<int64_t>(from), static_cast<int64_t>(past));
    };
    return pg::Transact(pool_, {.deadline = deadline, .read_only = true}, get);
  };
  return Find(id)->Prove(index, head.size, head.note, read);
}

}  // namespace smederij::ballots
