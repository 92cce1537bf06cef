#include "services/ballots/storage/log_store.h"

#include <tuple>
#include <utility>

#include "common/base/check.h"
#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"

namespace smederij::ballots {
namespace {

using crypto::Frontier;
using pg::Bytes;
using pg::Statement;

constexpr Statement<void(RoundId, int64_t, Hash, Bytes)> kStart{"ballots.start_log", R"sql(
  INSERT INTO ballots.log_state (round_id, size, root, frontier) VALUES ($1, $2, $3, $4))sql"};

constexpr Statement<std::tuple<int64_t, Bytes>(RoundId)> kLock{
    "ballots.lock_log",
    "SELECT size, frontier FROM ballots.log_state WHERE round_id = $1 FOR UPDATE"};
constexpr Statement<std::tuple<int64_t, Bytes>(RoundId)> kLockIfFree{
    "ballots.lock_log_if_free",
    "SELECT size, frontier FROM ballots.log_state WHERE round_id = $1 FOR UPDATE SKIP LOCKED"};

// Compare and swap besides the lock: a size that moved means that something is badly wrong.
constexpr Statement<int64_t(RoundId, int64_t, int64_t, Hash, Bytes)> kMove{"ballots.move_log",
                                                                           R"sql(
  UPDATE ballots.log_state SET size = $3, root = $4, frontier = $5
   WHERE round_id = $1 AND size = $2 RETURNING size)sql"};

constexpr Statement<void(RoundId, std::vector<int64_t>, std::vector<Hash>, std::vector<Bytes>)>
    kInsertLeaves{"ballots.insert_leaves", R"sql(
  INSERT INTO ballots.log_leaf (round_id, idx, leaf_hash, leaf)
  SELECT $1, * FROM unnest($2, $3, $4))sql"};

constexpr Statement<std::tuple<int64_t, Hash>(RoundId)> kGetHead{
    "ballots.get_head", "SELECT size, root FROM ballots.log_state WHERE round_id = $1"};
constexpr Statement<LogLeaf(RoundId, int64_t, int32_t)> kGetLeaves{"ballots.get_leaves", R"sql(
  SELECT idx, leaf_hash, leaf FROM ballots.log_leaf
   WHERE round_id = $1 AND idx >= $2 ORDER BY idx LIMIT $3)sql"};

constexpr Statement<int64_t(RoundId)> kCountBallots{"ballots.count_ballots", R"sql(
  SELECT count(*) FROM ballots.log_leaf WHERE round_id = $1 AND get_byte(leaf, 0) = 2)sql"};

constexpr Statement<RoundId()> kRoundsPending{
    "ballots.rounds_pending", "SELECT DISTINCT round_id FROM ballots.pending ORDER BY round_id"};

// A ballot leaf has its class at byte 18 (2 bytes) and its voting key at byte 20 (32), counted
// from 1. Nothing about either is stored beside the leaf.
constexpr Statement<Bytes(RoundId, int32_t)> kTake{"ballots.take_pending", R"sql(
  DELETE FROM ballots.pending p
   WHERE p.round_id = $1 AND substring(p.leaf FROM 18 FOR 2) IN (
     SELECT substring(q.leaf FROM 18 FOR 2) FROM ballots.pending q WHERE q.round_id = $1
      GROUP BY 1 HAVING count(DISTINCT substring(q.leaf FROM 20 FOR 32)) >= $2)
  RETURNING p.leaf)sql"};

constexpr Statement<std::tuple<int64_t, int64_t, Hash>()> kCountCommit{
    "ballots.count_commit",
    "UPDATE ballots.progress SET commit_no = commit_no + 1 RETURNING commit_no, leaves, digest"};
constexpr Statement<void(int64_t, Hash)> kCountLeaves{
    "ballots.count_leaves", "UPDATE ballots.progress SET leaves = $1, digest = $2"};
constexpr Statement<std::tuple<int64_t, int64_t, Hash>()> kGetProgress{
    "ballots.get_progress", "SELECT commit_no, leaves, digest FROM ballots.progress"};

constexpr Statement<RoundId()> kGetUnsigned{"ballots.get_unsigned", R"sql(
  SELECT s.round_id FROM ballots.log_state s
   WHERE NOT EXISTS (SELECT FROM ballots.checkpoint c
                      WHERE c.round_id = s.round_id AND c.size = s.size)
   ORDER BY s.round_id)sql"};
constexpr Statement<void(RoundId, int64_t, std::string)> kPutCheckpoint{"ballots.put_checkpoint",
                                                                        R"sql(
  INSERT INTO ballots.checkpoint (round_id, size, note) VALUES ($1, $2, $3)
  ON CONFLICT DO NOTHING)sql"};
constexpr Statement<std::tuple<int64_t, std::string>(RoundId)> kGetCheckpoint{
    "ballots.get_checkpoint", R"sql(
  SELECT size, note FROM ballots.checkpoint WHERE round_id = $1 ORDER BY size DESC LIMIT 1)sql"};

constexpr Statement<Hash(RoundId, int64_t, int64_t)> kGetLeafHashes{"ballots.get_leaf_hashes",
                                                                    R"sql(
  SELECT leaf_hash FROM ballots.log_leaf WHERE round_id = $1 AND idx >= $2 AND idx < $3
   ORDER BY idx)sql"};
constexpr Statement<FoundLeaf(RoundId, Hash)> kFindLeaf{"ballots.find_leaf", R"sql(
  SELECT idx, leaf_hash, leaf FROM ballots.log_leaf WHERE round_id = $1 AND leaf_hash = $2
   UNION ALL
  SELECT NULL, leaf_hash, leaf FROM ballots.pending WHERE round_id = $1 AND leaf_hash = $2
   LIMIT 1)sql"};
// The condition on the type is that of the index.
constexpr Statement<FoundLeaf(RoundId, std::array<uint8_t, 32>, int64_t)> kFindLeavesOfKey{
    "ballots.find_leaves_of_key", R"sql(
  SELECT idx, leaf_hash, leaf FROM ballots.log_leaf
   WHERE round_id = $1 AND substring(leaf FROM 20 FOR 32) = $2 AND get_byte(leaf, 0) = 2
     AND idx < $3 ORDER BY idx)sql"};

pg::GuardRecord Record(const std::tuple<int64_t, int64_t, Hash>& row) {
  return {.commit_no = std::get<0>(row), .size = std::get<1>(row), .root = std::get<2>(row)};
}

Bytes Encoded(const Frontier& frontier) { return Bytes(frontier.Encode()); }

absl::Status InsertLeaves(pg::Tx& tx, RoundId id, uint64_t first,
                          const std::vector<std::string>& leaves,
                          const std::vector<Hash>& leaf_hashes) {
  std::vector<int64_t> indexes;
  std::vector<Bytes> bytes;
  for (size_t i = 0; i < leaves.size(); ++i) {
    indexes.push_back(static_cast<int64_t>(first + i));
    bytes.emplace_back(leaves[i]);
  }
  return tx.Exec(kInsertLeaves, id, indexes, leaf_hashes, bytes);
}

// Fisher and Yates with the system's CSPRNG: the order of the log says nothing about the order of
// casting.
void Shuffle(std::vector<std::string>& leaves) {
  for (size_t i = leaves.size(); i > 1; --i) {
    std::swap(leaves[i - 1], leaves[crypto::RandomBelow(static_cast<uint32_t>(i))]);
  }
}

}  // namespace

LogLeaf Decode(pg::Columns& row, pg::As<LogLeaf>) {
  LogLeaf leaf;
  leaf.idx = row.Next<int64_t>();
  leaf.leaf_hash = row.Next<Hash>();
  leaf.leaf = row.Next<Bytes>().value;
  return leaf;
}

FoundLeaf Decode(pg::Columns& row, pg::As<FoundLeaf>) {
  FoundLeaf found;
  found.idx = row.Next<std::optional<int64_t>>();
  found.leaf_hash = row.Next<Hash>();
  found.leaf = row.Next<Bytes>().value;
  return found;
}

absl::StatusOr<Log> StartLog(pg::Tx& tx, RoundId id, const std::string& leaf) {
  Log log{.round_id = id, .frontier = {}, .size_before = 0};
  log.frontier.Append(crypto::LeafHash(leaf));
  RETURN_IF_ERROR(tx.Exec(kStart, id, 1, log.frontier.Root(), Encoded(log.frontier)));
  RETURN_IF_ERROR(InsertLeaves(tx, id, 0, {leaf}, {crypto::LeafHash(leaf)}));
  return log;
}

absl::StatusOr<std::optional<Log>> LockLog(pg::Tx& tx, RoundId id, bool skip_locked) {
  ASSIGN_OR_RETURN(const auto row, tx.Maybe(skip_locked ? kLockIfFree : kLock, id));
  if (!row) return std::optional<Log>();
  const auto& [size, bytes] = *row;
  std::optional<Frontier> frontier = Frontier::Decode(static_cast<uint64_t>(size), bytes.value);
  if (!frontier) return absl::InternalError("a log's stored frontier does not fit its size");
  return std::optional<Log>({.round_id = id,
                             .frontier = *std::move(frontier),
                             .size_before = static_cast<uint64_t>(size)});
}

absl::Status Append(pg::Tx& tx, Log& log, const std::vector<std::string>& leaves) {
  if (leaves.empty()) return absl::OkStatus();
  const uint64_t before = log.frontier.size();
  std::vector<Hash> leaf_hashes;
  for (const std::string& leaf : leaves) {
    leaf_hashes.push_back(crypto::LeafHash(leaf));
    log.frontier.Append(leaf_hashes.back());
  }
  RETURN_IF_ERROR(InsertLeaves(tx, log.round_id, before, leaves, leaf_hashes));
  ASSIGN_OR_RETURN(const std::optional<int64_t> moved,
                   tx.Maybe(kMove, log.round_id, static_cast<int64_t>(before),
                            static_cast<int64_t>(log.frontier.size()), log.frontier.Root(),
                            Encoded(log.frontier)));
  if (!moved) return absl::InternalError("a locked log moved");
  return absl::OkStatus();
}

absl::StatusOr<std::optional<LogHead>> GetHead(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(const auto row, tx.Maybe(kGetHead, id));
  if (!row) return std::optional<LogHead>();
  return std::optional<LogHead>(
      {.size = static_cast<uint64_t>(std::get<0>(*row)), .root = std::get<1>(*row)});
}

absl::StatusOr<std::vector<LogLeaf>> GetLeaves(pg::Tx& tx, RoundId id, int64_t from,
                                               int32_t limit) {
  return tx.All(kGetLeaves, id, from, limit);
}

absl::StatusOr<int64_t> CountBallots(pg::Tx& tx, RoundId id) { return tx.One(kCountBallots, id); }

absl::StatusOr<std::vector<RoundId>> GetRoundsPending(pg::Tx& tx) { return tx.All(kRoundsPending); }

absl::StatusOr<std::vector<std::string>> TakePending(pg::Tx& tx, RoundId id, int32_t keys_min) {
  ASSIGN_OR_RETURN(std::vector<Bytes> rows, tx.All(kTake, id, keys_min));
  std::vector<std::string> leaves;
  for (Bytes& row : rows) leaves.push_back(std::move(row.value));
  Shuffle(leaves);
  return leaves;
}

absl::StatusOr<pg::GuardRecord> AdvanceProgress(pg::Tx& tx, const pg::Guard* guard,
                                                const Log* log) {
  ASSIGN_OR_RETURN(const auto row, tx.One(kCountCommit));
  pg::GuardRecord record = Record(row);
  if (guard != nullptr && record.commit_no <= guard->last().commit_no) {
    return Error(kUnavailable, "DATABASE_BEHIND_GUARD",
                 "the database has forgotten commits that were answered")
        .With("commit_no", record.commit_no)
        .With("guard_commit_no", guard->last().commit_no);
  }
  if (log == nullptr) return record;
  record.size += static_cast<int64_t>(log->frontier.size() - log->size_before);
  record.root = crypto::Sha256(crypto::ByteWriter()
                                   .Raw(record.root)
                                   .Raw(log->round_id.uuid().bytes())
                                   .U64(log->frontier.size())
                                   .Raw(log->frontier.Root())
                                   .bytes());
  RETURN_IF_ERROR(tx.Exec(kCountLeaves, record.size, record.root));
  return record;
}

absl::StatusOr<pg::GuardRecord> GetProgress(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const auto row, tx.One(kGetProgress));
  return Record(row);
}

absl::StatusOr<std::vector<RoundId>> GetUnsigned(pg::Tx& tx) { return tx.All(kGetUnsigned); }

absl::Status PutCheckpoint(pg::Tx& tx, RoundId id, uint64_t size, const std::string& note) {
  return tx.Exec(kPutCheckpoint, id, static_cast<int64_t>(size), note);
}

absl::StatusOr<std::string> GetCheckpoint(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(std::optional<SignedHead> head, GetSignedHead(tx, id));
  return head ? std::move(head->note) : std::string();
}

absl::StatusOr<std::optional<SignedHead>> GetSignedHead(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(auto row, tx.Maybe(kGetCheckpoint, id));
  if (!row) return std::optional<SignedHead>();
  return std::optional<SignedHead>(
      {.size = static_cast<uint64_t>(std::get<0>(*row)), .note = std::move(std::get<1>(*row))});
}

absl::StatusOr<std::vector<Hash>> GetLeafHashes(pg::Tx& tx, RoundId id, int64_t from,
                                                int64_t past) {
  return tx.All(kGetLeafHashes, id, from, past);
}

absl::StatusOr<std::optional<FoundLeaf>> FindLeaf(pg::Tx& tx, RoundId id, const Hash& leaf_hash) {
  return tx.Maybe(kFindLeaf, id, leaf_hash);
}

absl::StatusOr<std::vector<FoundLeaf>> FindLeavesOfKey(pg::Tx& tx, RoundId id,
                                                       const std::array<uint8_t, 32>& voting_key,
                                                       int64_t past) {
  return tx.All(kFindLeavesOfKey, id, voting_key, past);
}

std::vector<pg::AnyStatement> LogStatements() {
  return {kStart,         kLock,          kLockIfFree,   kMove,           kInsertLeaves,
          kGetHead,       kGetLeaves,     kCountBallots, kRoundsPending,  kTake,
          kCountCommit,   kCountLeaves,   kGetProgress,  kGetUnsigned,    kPutCheckpoint,
          kGetCheckpoint, kGetLeafHashes, kFindLeaf,     kFindLeavesOfKey};
}

}  // namespace smederij::ballots
