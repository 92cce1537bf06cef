#include "services/ballots/api/log_trees.h"

#include <algorithm>
#include <vector>

#include "common/base/status_macros.h"

namespace smederij::ballots {
namespace {

constexpr size_t kTreesMax = 16;  // Rounds that vote at one time; others are read again.
constexpr uint64_t kReadAtOnce = 20'000;

}  // namespace

std::shared_ptr<LogTrees::Grown> LogTrees::Find(RoundId id) {
  const absl::MutexLock lock(&mutex_);
  const auto at = known_.find(id);
  if (at != known_.end()) return at->second;
  if (known_.size() >= kTreesMax) known_.erase(known_.begin());
  return known_.emplace(id, std::make_shared<Grown>()).first->second;
}

absl::StatusOr<crypto::LogProof> LogTrees::Prove(RoundId id, uint64_t index, const SignedHead& head,
                                                 absl::Time deadline) {
  const std::shared_ptr<Grown> grown = Find(id);
  const absl::MutexLock lock(&grown->mutex);
  crypto::MerkleTree& tree = grown->tree;
  while (tree.size() < head.size) {
    const uint64_t from = tree.size();
    const uint64_t past = std::min(head.size, from + kReadAtOnce);
    const auto read = [&](pg::Tx& tx) {
      return GetLeafHashes(tx, id, static_cast<int64_t>(from), static_cast<int64_t>(past));
    };
    ASSIGN_OR_RETURN(const std::vector<Hash> hashes,
                     pg::Transact(pool_, {.deadline = deadline}, read));
    if (hashes.size() != past - from) return absl::InternalError("a log has a hole");
    for (const Hash& hash : hashes) tree.Append(hash);
  }
  return crypto::LogProof{
      .index = index, .hashes = tree.InclusionProof(index, head.size), .checkpoint = head.note};
}

}  // namespace smederij::ballots
