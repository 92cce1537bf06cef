#include "common/crypto/log_tree.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"

namespace smederij::crypto {
namespace {

constexpr uint64_t kReadAtOnce = 20'000;

}  // namespace

absl::StatusOr<LogProof> LogTree::Prove(uint64_t index, uint64_t size, std::string checkpoint,
                                        Read read) {
  const absl::MutexLock lock(&mutex_);
  while (tree_.size() < size) {
    const uint64_t from = tree_.size();
    const uint64_t past = std::min(size, from + kReadAtOnce);
    ASSIGN_OR_RETURN(const std::vector<Hash> hashes, read(from, past));
    if (hashes.size() != past - from) return absl::InternalError("a log has a hole");
    for (const Hash& hash : hashes) tree_.Append(hash);
  }
  return LogProof{.index = index,
                  .hashes = tree_.InclusionProof(index, size),
                  .checkpoint = std::move(checkpoint)};
}

}  // namespace smederij::crypto
