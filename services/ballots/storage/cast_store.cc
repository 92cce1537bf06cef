#include "services/ballots/storage/cast_store.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "common/base/crash_point.h"
#include "common/pg/now.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/storage/log_store.h"
#include "services/ballots/storage/round_store.h"

namespace smederij::ballots {
namespace {

using pg::Bytes;
using pg::Statement;
using Key = std::array<uint8_t, 32>;
using Keys = std::vector<Key>;
using Rounds = std::vector<RoundId>;

struct StoredHead {
  RoundId round_id;
  Key voting_key{};
  CastHead head;
};

StoredHead Decode(pg::Columns& row, pg::As<StoredHead>) {
  StoredHead stored;
  stored.round_id = row.Next<RoundId>();
  stored.voting_key = row.Next<Key>();
  stored.head.last_seq = static_cast<uint32_t>(row.Next<int64_t>());
  stored.head.last_leaf = row.Next<Hash>();
  stored.head.casts = row.Next<int16_t>();
  return stored;
}

// Sorted, so that two replicas with the same keys queue up instead of deadlocking.
constexpr Statement<StoredHead(Rounds, Keys)> kLockHeads{"ballots.lock_heads", R"sql(
  SELECT h.round_id, h.voting_key, h.last_seq, h.last_leaf, h.casts
    FROM unnest($1, $2) AS k (round_id, voting_key)
    JOIN ballots.cast_head h USING (round_id, voting_key)
   ORDER BY h.round_id, h.voting_key FOR UPDATE OF h)sql"};

// Which of these leaves were cast before, in the log already or not yet.
constexpr Statement<std::tuple<RoundId, Hash>(Rounds, std::vector<Hash>)> kKnownLeaves{
    "ballots.known_leaves", R"sql(
  SELECT k.round_id, k.leaf_hash FROM unnest($1, $2) AS k (round_id, leaf_hash)
   WHERE EXISTS (SELECT FROM ballots.pending p
                  WHERE p.round_id = k.round_id AND p.leaf_hash = k.leaf_hash)
      OR EXISTS (SELECT FROM ballots.log_leaf l
                  WHERE l.round_id = k.round_id AND l.leaf_hash = k.leaf_hash))sql"};

constexpr Statement<void(Rounds, Keys, std::vector<int32_t>, std::vector<int64_t>,
                         std::vector<Hash>, std::vector<Bytes>, std::vector<Bytes>)>
    kInsertHeads{"ballots.insert_heads", R"sql(
  INSERT INTO ballots.cast_head (round_id, voting_key, class_id, last_seq, last_leaf, casts,
                                 choice, nonce)
  SELECT r, k, c, s, l, 1, o, n FROM unnest($1, $2, $3, $4, $5, $6, $7)
                                  AS t (r, k, c, s, l, o, n))sql"};

constexpr Statement<void(Rounds, Keys, std::vector<int64_t>, std::vector<Hash>, std::vector<Bytes>,
                         std::vector<Bytes>)>
    kMoveHeads{"ballots.move_heads", R"sql(
  UPDATE ballots.cast_head h
     SET last_seq = t.s, last_leaf = t.l, casts = h.casts + 1, choice = t.o, nonce = t.n
    FROM unnest($1, $2, $3, $4, $5, $6) AS t (r, k, s, l, o, n)
   WHERE h.round_id = t.r AND h.voting_key = t.k)sql"};

constexpr Statement<void(Rounds, std::vector<Hash>, std::vector<Bytes>)> kInsertPending{
    "ballots.insert_pending", R"sql(
  INSERT INTO ballots.pending (round_id, leaf_hash, leaf) SELECT * FROM unnest($1, $2, $3))sql"};

constexpr Statement<int64_t(RoundId, Key)> kGetLastSeq{"ballots.get_last_seq", R"sql(
  SELECT last_seq FROM ballots.cast_head WHERE round_id = $1 AND voting_key = $2)sql"};

// The columns of many ballots, as arrays.
struct Table {
  Rounds rounds;
  Keys keys;
  std::vector<int32_t> classes;
  std::vector<int64_t> seqs;
  std::vector<Hash> leaf_hashes;
  std::vector<Bytes> choices, nonces, leaves;

  void Add(const Cast& cast) {
    rounds.push_back(cast.round_id);
    keys.push_back(cast.voting_key);
    classes.push_back(cast.class_id);
    seqs.push_back(cast.seq);
    leaf_hashes.push_back(cast.leaf_hash);
    choices.emplace_back(cast.choice);
    nonces.emplace_back(cast.nonce);
    leaves.emplace_back(cast.leaf);
  }
};

using HeadMap = absl::flat_hash_map<std::pair<RoundId, Key>, CastHead>;
using LeafSet = absl::flat_hash_set<std::pair<RoundId, Hash>>;
using Casts = std::vector<const Cast*>;

absl::StatusOr<HeadMap> LockHeads(pg::Tx& tx, const Casts& casts) {
  Rounds rounds;
  Keys keys;
  for (const Cast* cast : casts) {
    rounds.push_back(cast->round_id);
    keys.push_back(cast->voting_key);
  }
  ASSIGN_OR_RETURN(const std::vector<StoredHead> stored, tx.All(kLockHeads, rounds, keys));
  HeadMap heads;
  for (const StoredHead& s : stored) heads[{s.round_id, s.voting_key}] = s.head;
  return heads;
}

// A leaf can only have been cast before by a key that has cast, with a seq not above its last.
absl::StatusOr<LeafSet> KnownLeaves(pg::Tx& tx, const Casts& casts, const HeadMap& heads) {
  LeafSet known;
  Rounds rounds;
  std::vector<Hash> leaf_hashes;
  for (const Cast* cast : casts) {
    const auto head = heads.find({cast->round_id, cast->voting_key});
    if (head == heads.end() || cast->seq > head->second.last_seq) continue;
    if (cast->leaf_hash == head->second.last_leaf) {
      known.insert({cast->round_id, cast->leaf_hash});
    } else {
      rounds.push_back(cast->round_id);
      leaf_hashes.push_back(cast->leaf_hash);
    }
  }
  if (rounds.empty()) return known;
  ASSIGN_OR_RETURN(const auto rows, tx.All(kKnownLeaves, rounds, leaf_hashes));
  for (const auto& [round, leaf_hash] : rows) known.insert({round, leaf_hash});
  return known;
}

absl::Status Store(pg::Tx& tx, const Table& fresh, const Table& moved, const Table& all) {
  if (!fresh.keys.empty()) {
    const absl::Status status = tx.Exec(kInsertHeads, fresh.rounds, fresh.keys, fresh.classes,
                                        fresh.seqs, fresh.leaf_hashes, fresh.choices, fresh.nonces);
    // Another replica took the key's first ballot meanwhile; the rerun finds its head.
    if (pg::Violates(status, "cast_head_pkey")) return pg::Rerun("racing casts");
    RETURN_IF_ERROR(status);
  }
  if (!moved.keys.empty()) {
    RETURN_IF_ERROR(tx.Exec(kMoveHeads, moved.rounds, moved.keys, moved.seqs, moved.leaf_hashes,
                            moved.choices, moved.nonces));
  }
  return tx.Exec(kInsertPending, all.rounds, all.leaf_hashes, all.leaves);
}

// Indexes of the casts in the order of their keys. What is stored in that order does not tell the
// order of arrival within the batch.
std::vector<size_t> ByKey(absl::Span<const Cast* const> casts) {
  std::vector<size_t> order(casts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::tie(casts[a]->round_id, casts[a]->voting_key) <
           std::tie(casts[b]->round_id, casts[b]->voting_key);
  });
  return order;
}

absl::StatusOr<absl::flat_hash_map<RoundId, Round>> ShareRoundsOf(pg::Tx& tx, const Casts& casts) {
  Rounds ids;
  for (const Cast* cast : casts) {
    if (ids.empty() || ids.back() != cast->round_id) ids.push_back(cast->round_id);
  }
  ASSIGN_OR_RETURN(std::vector<Round> shared, ShareRounds(tx, ids));
  absl::flat_hash_map<RoundId, Round> rounds;
  for (Round& round : shared) rounds.emplace(round.round_id, std::move(round));
  return rounds;
}

}  // namespace

absl::StatusOr<CastCommitter::Batch> CommitCasts(pg::Tx& tx, absl::Span<const Cast* const> casts,
                                                 const pg::Guard* guard) {
  const std::vector<size_t> order = ByKey(casts);
  Casts sorted;
  for (const size_t i : order) sorted.push_back(casts[i]);
  ASSIGN_OR_RETURN(const auto rounds, ShareRoundsOf(tx, sorted));
  // After the lock: a close that was waited for is seen, and none can come before the commit.
  ASSIGN_OR_RETURN(const absl::Time now, pg::Now(tx));
  ASSIGN_OR_RETURN(const HeadMap heads, LockHeads(tx, sorted));
  ASSIGN_OR_RETURN(const LeafSet known, KnownLeaves(tx, sorted, heads));

  CastCommitter::Batch batch;
  batch.answers.resize(casts.size(), absl::InternalError("undecided"));
  Table fresh, moved, all;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const Cast& cast = *sorted[i];
    absl::StatusOr<CastAnswer>& answer = batch.answers[order[i]];
    const auto round = rounds.find(cast.round_id);
    if (round == rounds.end()) {
      answer = ElectionNotFound(cast.round_id);
      continue;
    }
    const auto at = heads.find({cast.round_id, cast.voting_key});
    const std::optional<CastHead> head =
        at == heads.end() ? std::nullopt : std::optional(at->second);
    const absl::StatusOr<CastOutcome> outcome =
        Decide(cast, round->second, head, known.contains({cast.round_id, cast.leaf_hash}), now);
    if (!outcome.ok()) {
      answer = outcome.status();
      continue;
    }
    answer = CastAnswer{.receipt = cast.receipt, .replayed = *outcome == CastOutcome::kRepeated};
    if (*outcome == CastOutcome::kRepeated) continue;
    (*outcome == CastOutcome::kFirst ? fresh : moved).Add(cast);
    all.Add(cast);
  }
  if (all.keys.empty()) {
    // A repeated ballot's first answer may have been lost before the guard knew of it.
    if (!known.empty()) {
      ASSIGN_OR_RETURN(batch.record, GetProgress(tx));
    }
    return batch;
  }
  RETURN_IF_ERROR(Store(tx, fresh, moved, all));
  CrashPoint("cast.stored");
  ASSIGN_OR_RETURN(batch.record, AdvanceProgress(tx, guard));
  return batch;
}

absl::StatusOr<uint32_t> GetLastSeq(pg::Tx& tx, RoundId id, const Key& voting_key) {
  ASSIGN_OR_RETURN(const std::optional<int64_t> seq, tx.Maybe(kGetLastSeq, id, voting_key));
  return static_cast<uint32_t>(seq.value_or(0));
}

std::vector<pg::AnyStatement> CastStatements() {
  return {kLockHeads, kKnownLeaves, kInsertHeads, kMoveHeads, kInsertPending, kGetLastSeq};
}

}  // namespace smederij::ballots
