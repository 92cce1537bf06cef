#include "services/ledger/api/proof_tree.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/log_errors.h"

namespace smederij::ledger {
namespace {

constexpr uint64_t kReadAtOnce = 20'000;  // Leaves in one transaction.
constexpr size_t kAppendAtOnce = 1'000;   // Leaves under the lock, which proofs wait for.
constexpr absl::Duration kReadMax = absl::Seconds(30);

}  // namespace

absl::StatusOr<bool> ProofTree::Fill(pg::Pool& pool, const LogHead& head) {
  uint64_t have = 0;
  {
    const absl::MutexLock lock(&mutex_);
    have = tree_.size();
  }
  while (have < head.size) {
    const uint64_t past = std::min(head.size, have + kReadAtOnce);
    const auto read = [&](pg::Tx& tx) { return GetLeafHashes(tx, have, past); };
    const pg::TxOptions options{.deadline = absl::Now() + kReadMax, .read_only = true};
    ASSIGN_OR_RETURN(const std::vector<Hash> hashes, pg::Transact(pool, options, read));
    const absl::Span<const Hash> all = hashes;
    for (size_t from = 0; from < all.size(); from += kAppendAtOnce) {
      const absl::MutexLock lock(&mutex_);
      for (const Hash& hash : all.subspan(from, kAppendAtOnce)) tree_.Append(hash);
    }
    have += hashes.size();
    if (have < past) break;  // A hole: then it has not the root either.
  }
  const absl::MutexLock lock(&mutex_);
  if (have == head.size && tree_.Root() == head.root) return true;
  state_ = State::kDiffers;
  tree_ = crypto::MerkleTree();
  return false;
}

void ProofTree::Publish(LogCheckpoint checkpoint) {
  const absl::MutexLock lock(&mutex_);
  checkpoint_ = std::move(checkpoint);
  state_ = State::kReady;
}

void ProofTree::Distrust() {
  const absl::MutexLock lock(&mutex_);
  state_ = State::kDiffers;
}

absl::StatusOr<ProofTree::Proof> ProofTree::Prove(std::optional<int64_t> place,
                                                  const Hash& entry) const {
  const absl::MutexLock lock(&mutex_);
  if (state_ == State::kReading) return LogNotReady();
  if (state_ == State::kDiffers) return LogDiffers();
  if (!place || static_cast<uint64_t>(*place) >= checkpoint_.size) return NotYetLogged();
  const auto index = static_cast<uint64_t>(*place);
  Proof proof{.proof = {.index = index,
                        .hashes = tree_.InclusionProof(index, checkpoint_.size),
                        .checkpoint = checkpoint_.note},
              .size = checkpoint_.size};
  // What whoever gets it would find: the entry was changed after it was logged.
  if (!crypto::VerifyInclusion(index, checkpoint_.size, crypto::LeafHash(crypto::View(entry)),
                               proof.proof.hashes, tree_.Root(checkpoint_.size))) {
    return LogDiffers();
  }
  return proof;
}

}  // namespace smederij::ledger
