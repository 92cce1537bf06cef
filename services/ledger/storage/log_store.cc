#include "services/ledger/storage/log_store.h"

#include <tuple>
#include <utility>

#include "common/pg/bytes.h"

namespace smederij::ledger {
namespace {

using pg::Statement;

constexpr Statement<std::tuple<int64_t, Hash>()> kHead{"ledger.log_head",
                                                       "SELECT size, root FROM ledger.log_state"};

// One replica appends; the others look on.
constexpr Statement<std::tuple<int64_t, pg::Bytes>()> kLock{
    "ledger.lock_log", "SELECT size, frontier FROM ledger.log_state FOR UPDATE SKIP LOCKED"};

// From where each budget's log ends to where its entries do: a few look-ups for every budget.
#define LEDGER_LOG_TAILS                                      \
  " FROM ledger.budget_head AS h"                             \
  " LEFT JOIN LATERAL (SELECT seq, hash FROM ledger.log_leaf" \
  " WHERE budget_id = h.budget_id ORDER BY seq DESC LIMIT 1) AS l ON true "

constexpr Statement<LogEntry(int64_t)> kUnlogged{
    "ledger.unlogged_entries", "SELECT e.budget_id, e.seq, e.hash" LEDGER_LOG_TAILS R"sql(
    JOIN ledger.entry AS e ON e.budget_id = h.budget_id AND e.seq > COALESCE(l.seq, 0)
   WHERE h.seq > COALESCE(l.seq, 0) ORDER BY e.budget_id, e.seq LIMIT $1)sql"};

constexpr Statement<int64_t(absl::Time)> kUnloggedSeconds{
    "ledger.unlogged_seconds",
    "SELECT COALESCE(max(extract(epoch FROM $1 - e.recorded_at)), 0)::bigint" LEDGER_LOG_TAILS
    R"sql(
    JOIN ledger.entry AS e ON e.budget_id = h.budget_id AND e.seq = COALESCE(l.seq, 0) + 1
   WHERE h.seq > COALESCE(l.seq, 0))sql"};

constexpr Statement<void(std::vector<int64_t>, std::vector<BudgetId>, std::vector<int64_t>,
                         std::vector<Hash>)>
    kInsertLeaves{"ledger.insert_log_leaves", R"sql(
  INSERT INTO ledger.log_leaf (idx, budget_id, seq, hash) SELECT * FROM unnest($1, $2, $3, $4))sql"};

// Compare and swap besides the lock: a size that moved means that something is badly wrong.
constexpr Statement<int64_t(int64_t, int64_t, Hash, pg::Bytes)> kMove{"ledger.move_log", R"sql(
  UPDATE ledger.log_state SET size = $2, root = $3, frontier = $4 WHERE size = $1 RETURNING size)sql"};

constexpr Statement<void(absl::Time)> kCaughtUp{"ledger.log_caught_up",
                                                "UPDATE ledger.log_state SET caught_up_at = $1"};

constexpr Statement<std::tuple<int64_t, std::string>(std::string)> kCheckpoint{
    "ledger.get_checkpoint", R"sql(
  SELECT size, note FROM ledger.checkpoint WHERE verifier_key = $1 ORDER BY size DESC LIMIT 1)sql"};

constexpr Statement<void(int64_t, std::string, std::string)> kPutCheckpoint{"ledger.put_checkpoint",
                                                                            R"sql(
  INSERT INTO ledger.checkpoint (size, verifier_key, note) VALUES ($1, $2, $3)
      ON CONFLICT ON CONSTRAINT checkpoint_pkey DO NOTHING)sql"};

constexpr Statement<int64_t(BudgetId, int64_t)> kPlace{
    "ledger.place_in_log", "SELECT idx FROM ledger.log_leaf WHERE budget_id = $1 AND seq = $2"};

constexpr Statement<Hash(int64_t, int64_t)> kLeafHashes{"ledger.log_leaf_hashes", R"sql(
  SELECT sha256('\x00'::bytea || hash) FROM ledger.log_leaf
   WHERE idx >= $1 AND idx < $2 ORDER BY idx)sql"};

}  // namespace

LogEntry Decode(pg::Columns& row, pg::As<LogEntry>) {
  LogEntry entry;
  entry.budget = row.Next<BudgetId>();
  entry.seq = row.Next<int64_t>();
  entry.hash = row.Next<Hash>();
  return entry;
}

absl::StatusOr<LogHead> GetLogHead(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const auto row, tx.One(kHead));
  return LogHead{.size = static_cast<uint64_t>(std::get<0>(row)), .root = std::get<1>(row)};
}

pg::GuardRecord RecordOf(const LogHead& head) {
  const auto size = static_cast<int64_t>(head.size);
  return {.commit_no = size, .size = size, .root = head.root};
}

absl::StatusOr<std::optional<Log>> LockLog(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const auto row, tx.Maybe(kLock));
  if (!row) return std::optional<Log>();
  const auto size = static_cast<uint64_t>(std::get<0>(*row));
  std::optional<crypto::Frontier> frontier =
      crypto::Frontier::Decode(size, std::get<1>(*row).value);
  if (!frontier) return absl::InternalError("the log's stored frontier does not fit its size");
  return std::optional<Log>({.frontier = *std::move(frontier), .size_before = size});
}

absl::StatusOr<std::vector<LogEntry>> UnloggedEntries(pg::Tx& tx, int64_t limit) {
  return tx.All(kUnlogged, limit);
}

absl::Status AppendToLog(pg::Tx& tx, Log& log, const std::vector<LogEntry>& entries) {
  if (entries.empty()) return absl::OkStatus();
  std::vector<int64_t> indexes, seqs;
  std::vector<BudgetId> budgets;
  std::vector<Hash> hashes;
  for (const LogEntry& entry : entries) {
    indexes.push_back(static_cast<int64_t>(log.frontier.size()));
    budgets.push_back(entry.budget);
    seqs.push_back(entry.seq);
    hashes.push_back(entry.hash);
    log.frontier.Append(crypto::LeafHash(crypto::View(entry.hash)));
  }
  RETURN_IF_ERROR(tx.Exec(kInsertLeaves, indexes, budgets, seqs, hashes));
  const auto before = static_cast<int64_t>(log.size_before);
  ASSIGN_OR_RETURN(const auto moved,
                   tx.Maybe(kMove, before, static_cast<int64_t>(log.frontier.size()),
                            log.frontier.Root(), pg::Bytes(log.frontier.Encode())));
  if (!moved) return absl::InternalError("the log moved under its lock");
  log.size_before = log.frontier.size();
  return absl::OkStatus();
}

absl::Status MarkCaughtUp(pg::Tx& tx, absl::Time time) { return tx.Exec(kCaughtUp, time); }

absl::StatusOr<int64_t> UnloggedSeconds(pg::Tx& tx, absl::Time now) {
  return tx.One(kUnloggedSeconds, now);
}

absl::StatusOr<std::optional<LogCheckpoint>> GetCheckpoint(pg::Tx& tx,
                                                           const std::string& verifier_key) {
  ASSIGN_OR_RETURN(auto row, tx.Maybe(kCheckpoint, verifier_key));
  if (!row) return std::optional<LogCheckpoint>();
  return std::optional<LogCheckpoint>(
      {.size = static_cast<uint64_t>(std::get<0>(*row)), .note = std::move(std::get<1>(*row))});
}

absl::Status PutCheckpoint(pg::Tx& tx, const std::string& verifier_key,
                           const LogCheckpoint& checkpoint) {
  return tx.Exec(kPutCheckpoint, static_cast<int64_t>(checkpoint.size), verifier_key,
                 checkpoint.note);
}

absl::StatusOr<std::optional<int64_t>> PlaceInLog(pg::Tx& tx, BudgetId budget, int64_t seq) {
  return tx.Maybe(kPlace, budget, seq);
}

absl::StatusOr<std::vector<Hash>> GetLeafHashes(pg::Tx& tx, uint64_t from, uint64_t past) {
  return tx.All(kLeafHashes, static_cast<int64_t>(from), static_cast<int64_t>(past));
}

absl::Span<const pg::AnyStatement> LogStatements() {
  static const pg::AnyStatement statements[] = {
      kHead,     kLock,       kUnlogged,      kUnloggedSeconds, kInsertLeaves, kMove,
      kCaughtUp, kCheckpoint, kPutCheckpoint, kPlace,           kLeafHashes};
  return statements;
}

}  // namespace smederij::ledger
