#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/merkle.h"
#include "common/pg/guard.h"
#include "common/pg/transact.h"
#include "services/ballots/domain/election.h"

// The logs, one per round, and how far the database has come over all of them.
namespace smederij::ballots {

struct LogHead {
  uint64_t size = 0;
  Hash root{};
};

// The newest head with a signature.
struct SignedHead {
  uint64_t size = 0;
  std::string note;
};

struct LogLeaf {
  int64_t idx = 0;
  Hash leaf_hash{};
  std::string leaf;
};

// A log being appended to: its head is locked until the transaction ends, so it has one writer.
struct Log {
  RoundId round_id;
  crypto::Frontier frontier;
  uint64_t size_before = 0;  // When it was locked.
};

// A log's first leaf.
absl::StatusOr<Log> StartLog(pg::Tx& tx, RoundId id, const std::string& leaf);

// Locks an existing log. nullopt when the round has none (or, with `skip_locked`, when somebody
// else is at it).
absl::StatusOr<std::optional<Log>> LockLog(pg::Tx& tx, RoundId id, bool skip_locked);

// Appends leaves in the order given and stores the new head.
absl::Status Append(pg::Tx& tx, Log& log, const std::vector<std::string>& leaves);

absl::StatusOr<std::optional<LogHead>> GetHead(pg::Tx& tx, RoundId id);
// Leaves with idx ≥ from, at most `limit`.
absl::StatusOr<std::vector<LogLeaf>> GetLeaves(pg::Tx& tx, RoundId id, int64_t from, int32_t limit);

// Ballots in a round's log.
absl::StatusOr<int64_t> CountBallots(pg::Tx& tx, RoundId id);

// Rounds with ballots that wait to be put in their log.
absl::StatusOr<std::vector<RoundId>> GetRoundsPending(pg::Tx& tx);

// Takes waiting ballots out of the queue, shuffled: those of every class that has at least
// `keys_min` voting keys waiting; all of them when keys_min is 0.
absl::StatusOr<std::vector<std::string>> TakePending(pg::Tx& tx, RoundId id, int32_t keys_min);

// The last statement of every transaction that acknowledges something: counts the commit, and folds
// in the growth of `log` if there was any. The row is the narrow gate all replicas pass one after
// the other. With `guard`, refuses DATABASE_BEHIND_GUARD when the database no longer knows a commit
// that this process has answered, as after a failover to a standby that lagged.
absl::StatusOr<pg::GuardRecord> AdvanceProgress(pg::Tx& tx, const pg::Guard* guard,
                                                const Log* log = nullptr);
absl::StatusOr<pg::GuardRecord> GetProgress(pg::Tx& tx);

// Checkpoints. Rounds whose committed head has no signed note yet, and the newest note.
absl::StatusOr<std::vector<RoundId>> GetUnsigned(pg::Tx& tx);
absl::Status PutCheckpoint(pg::Tx& tx, RoundId id, uint64_t size, const std::string& note);
absl::StatusOr<std::string> GetCheckpoint(pg::Tx& tx, RoundId id);  // Empty when none.
absl::StatusOr<std::optional<SignedHead>> GetSignedHead(pg::Tx& tx, RoundId id);

// Hashes of the leaves from `from` on, below `past`.
absl::StatusOr<std::vector<Hash>> GetLeafHashes(pg::Tx& tx, RoundId id, int64_t from, int64_t past);

// Where a ballot stands among the leaves; in the log when it has an index.
struct FoundLeaf {
  std::optional<int64_t> idx;
  Hash leaf_hash{};
  std::string leaf;
};
// By its hash, in the log or waiting.
absl::StatusOr<std::optional<FoundLeaf>> FindLeaf(pg::Tx& tx, RoundId id, const Hash& leaf_hash);
// A key's leaves in the log below `past`, in the log's order.
absl::StatusOr<std::vector<FoundLeaf>> FindLeavesOfKey(pg::Tx& tx, RoundId id,
                                                       const std::array<uint8_t, 32>& voting_key,
                                                       int64_t past);

std::vector<pg::AnyStatement> LogStatements();

}  // namespace smederij::ballots
