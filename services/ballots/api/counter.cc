#include "services/ballots/api/counter.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/crypto/hash.h"
#include "services/ballots/domain/recount.h"
#include "services/ballots/storage/log_store.h"
#include "services/ballots/storage/paper_store.h"
#include "services/ballots/storage/round_store.h"
#include "services/ballots/storage/tally_store.h"

namespace smederij::ballots {
namespace {

constexpr int32_t kLeavesPerPage = 5'000;

pg::TxOptions Soon() { return {.deadline = absl::Now() + absl::Seconds(60)}; }

// What a tally starts from.
struct Assignment {
  Round round;
  Tally tally;
  std::vector<uint32_t> lot;
  int64_t log_size = 0;
};

absl::StatusOr<std::optional<Assignment>> Fetch(pg::Pool& pool, RoundId id, int32_t version) {
  const auto fetch = [&](pg::Tx& tx) -> absl::StatusOr<std::optional<Assignment>> {
    ASSIGN_OR_RETURN(Round round, GetRound(tx, id, Lock::kNone));
    ASSIGN_OR_RETURN(std::optional<Tally> tally, FindTally(tx, id, version));
    if (!tally || tally->state != TallyState::kRunning) return std::optional<Assignment>();
    ASSIGN_OR_RETURN(std::vector<uint32_t> lot, GetLot(tx, id));
    ASSIGN_OR_RETURN(const std::optional<LogHead> head, GetHead(tx, id));
    if (!head) return absl::InternalError("a closed round has no log");
    return std::optional<Assignment>({.round = std::move(round),
                                      .tally = *std::move(tally),
                                      .lot = std::move(lot),
                                      .log_size = static_cast<int64_t>(head->size)});
  };
  return pg::Transact(pool, Soon(), fetch);
}

// The first `size` leaves: paper may be sealed while this counts, and then another count follows.
absl::Status FeedLeaves(pg::Pool& pool, RoundId id, int64_t size, Recount& recount) {
  for (int64_t next = 0; next < size;) {
    const auto page = [&](pg::Tx& tx) {
      const int64_t wanted = std::min<int64_t>(size - next, kLeavesPerPage);
      return GetLeaves(tx, id, next, static_cast<int32_t>(wanted));
    };
    ASSIGN_OR_RETURN(const std::vector<LogLeaf> leaves, pg::Transact(pool, Soon(), page));
    if (leaves.empty()) return absl::InternalError("a log is shorter than its head says");
    for (const LogLeaf& leaf : leaves) recount.AddLeaf(leaf.leaf_hash, leaf.leaf);
    next = leaves.back().idx + 1;
  }
  return absl::OkStatus();
}

absl::Status FeedPaper(pg::Pool& pool, RoundId id, int64_t size, Recount& recount) {
  const auto read = [&](pg::Tx& tx) { return GetSealed(tx, id); };
  ASSIGN_OR_RETURN(const std::vector<SealedContent> sealed, pg::Transact(pool, Soon(), read));
  for (const SealedContent& s : sealed) {
    if (s.idx < size) recount.AddPaperOpening(s.leaf_hash, s.content, s.nonce);
  }
  return absl::OkStatus();
}

absl::Status FeedOpenings(pg::Pool& pool, RoundId id, Recount& recount) {
  const auto read = [&](pg::Tx& tx) { return GetOpenings(tx, id); };
  ASSIGN_OR_RETURN(const std::vector<Opening> openings, pg::Transact(pool, Soon(), read));
  for (const Opening& o : openings) recount.AddOpening(o.leaf_hash, o.choice, o.nonce);
  return absl::OkStatus();
}

absl::Status Conclude(pg::Pool& pool, const Tally& tally) {
  const auto conclude = [&](pg::Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, tally.round_id, Lock::kUpdate));
    ASSIGN_OR_RETURN(const bool finished, FinishTally(tx, tally));
    if (!finished || tally.state != TallyState::kSucceeded) return absl::OkStatus();
    if (round.state != RoundState::kClosed) return absl::OkStatus();  // A recount.
    return SetState(tx, tally.round_id, RoundState::kTallied);
  };
  return pg::Transact(pool, Soon(), conclude);
}

}  // namespace

absl::Status Counter::CountOne(RoundId id, int32_t version) {
  ASSIGN_OR_RETURN(std::optional<Assignment> assignment, Fetch(pool_, id, version));
  if (!assignment) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(assignment->round.manifest));
  Recount recount(manifest, assignment->round.manifest_hash);
  const int64_t size = assignment->log_size;
  RETURN_IF_ERROR(FeedLeaves(pool_, id, size, recount));
  RETURN_IF_ERROR(FeedOpenings(pool_, id, recount));
  RETURN_IF_ERROR(FeedPaper(pool_, id, size, recount));
  Tally& tally = assignment->tally;
  tally.log_size = size;
  const absl::StatusOr<Count> count =
      recount.Finish(static_cast<uint32_t>(version), tally.issued, assignment->lot);
  if (count.ok()) {
    tally.state = TallyState::kSucceeded;
    tally.result = Encode(count->result);
    tally.result_hash = crypto::Sha256(tally.result);
    tally.imbalances = count->imbalances;
  } else {
    tally.state = TallyState::kFailed;
    tally.failure = std::string(count.status().message());
  }
  return Conclude(pool_, tally);
}

absl::Status Counter::RunOnce() {
  const auto list = [](pg::Tx& tx) { return GetRunningTallies(tx); };
  ASSIGN_OR_RETURN(const auto running, pg::Transact(pool_, Soon(), list));
  absl::Status first;  // One election's fault does not hold up the others.
  for (const auto& [id, version] : running) first.Update(CountOne(id, version));
  return first;
}

}  // namespace smederij::ballots
