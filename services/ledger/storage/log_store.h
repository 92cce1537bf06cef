#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/crypto/merkle.h"
#include "common/pg/guard.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/entry.h"

// The log of all entries: one tree over their hashes, signed.
namespace smederij::ledger {

// The log's committed head.
struct LogHead {
  uint64_t size = 0;
  Hash root{};
};
absl::StatusOr<LogHead> GetLogHead(pg::Tx& tx);
// As the guard remembers it.
pg::GuardRecord RecordOf(const LogHead& head);

// The log, locked to append to.
struct Log {
  crypto::Frontier frontier;
  uint64_t size_before = 0;
};
// None while another replica has it.
absl::StatusOr<std::optional<Log>> LockLog(pg::Tx& tx);

// An entry that is committed.
struct LogEntry {
  BudgetId budget;
  int64_t seq = 0;
  Hash hash{};
};
// At most `limit` of those that are not in the log, of every budget in sequence. With the log
// locked.
absl::StatusOr<std::vector<LogEntry>> UnloggedEntries(pg::Tx& tx, int64_t limit);
// Appends them, in this order.
absl::Status AppendToLog(pg::Tx& tx, Log& log, const std::vector<LogEntry>& entries);
// There was nothing left at `time`.
absl::Status MarkCaughtUp(pg::Tx& tx, absl::Time time);

// How long the entry that waits longest has, seconds until `now`; 0 when none does.
absl::StatusOr<int64_t> UnloggedSeconds(pg::Tx& tx, absl::Time now);

// A signed head.
struct LogCheckpoint {
  uint64_t size = 0;
  std::string note;
};
// The newest that this key signed; none yet, when it signed none.
absl::StatusOr<std::optional<LogCheckpoint>> GetCheckpoint(pg::Tx& tx,
                                                           const std::string& verifier_key);
// Nothing when the key has signed this size before: it signed the same.
absl::Status PutCheckpoint(pg::Tx& tx, const std::string& verifier_key,
                           const LogCheckpoint& checkpoint);

// Where an entry stands in the log; nowhere yet.
absl::StatusOr<std::optional<int64_t>> PlaceInLog(pg::Tx& tx, BudgetId budget, int64_t seq);
// The tree's hashes of the leaves from `from` on, below `past`.
absl::StatusOr<std::vector<Hash>> GetLeafHashes(pg::Tx& tx, uint64_t from, uint64_t past);

absl::Span<const pg::AnyStatement> LogStatements();

}  // namespace smederij::ledger
