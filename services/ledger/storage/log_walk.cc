#include "services/ledger/storage/log_walk.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/note.h"
#include "services/ledger/storage/log_store.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPage = 5'000;

// A leaf, and the hash of the entry that it says it is of.
using LeafRow = std::tuple<int64_t, BudgetId, int64_t, Hash, std::optional<Hash>>;
constexpr pg::Statement<LeafRow(int64_t, int64_t)> kLeaves{"ledger.walk_log", R"sql(
  SELECT l.idx, l.budget_id, l.seq, l.hash, e.hash
    FROM ledger.log_leaf AS l
    LEFT JOIN ledger.entry AS e ON e.budget_id = l.budget_id AND e.seq = l.seq
   WHERE l.idx >= $1 ORDER BY l.idx LIMIT $2)sql"};

using CheckpointRow = std::tuple<int64_t, std::string, std::string>;
constexpr pg::Statement<CheckpointRow(int64_t, int64_t)> kCheckpoints{"ledger.walk_checkpoints",
                                                                      R"sql(
  SELECT size, verifier_key, note FROM ledger.checkpoint
   WHERE size >= $1 AND size <= $2 ORDER BY size, verifier_key)sql"};

constexpr pg::Statement<int64_t(int64_t)> kBeyond{
    "ledger.walk_checkpoints_beyond",
    "SELECT COALESCE(max(size), 0) FROM ledger.checkpoint WHERE size > $1"};

// Budgets that end before what was logged of them, or with another entry.
constexpr pg::Statement<std::tuple<BudgetId, int64_t>()> kCut{"ledger.walk_log_cut", R"sql(
  SELECT h.budget_id, l.seq
    FROM ledger.budget_head AS h
   CROSS JOIN LATERAL (SELECT seq, hash FROM ledger.log_leaf
                        WHERE budget_id = h.budget_id ORDER BY seq DESC LIMIT 1) AS l
   WHERE h.seq < l.seq OR (h.seq = l.seq AND h.hash <> l.hash)
   ORDER BY h.budget_id)sql"};

// The first entry of every budget that is not in the log, how many there are from it on, and when a
// turn last ended with nothing left to log.
using LeftOutRow = std::tuple<BudgetId, int64_t, absl::Time, int64_t, std::optional<absl::Time>>;
constexpr pg::Statement<LeftOutRow()> kLeftOut{"ledger.walk_left_out", R"sql(
  SELECT h.budget_id, e.seq, e.recorded_at, GREATEST(h.seq - e.seq + 1, 1), s.caught_up_at
    FROM ledger.log_state AS s
   CROSS JOIN ledger.budget_head AS h
    LEFT JOIN LATERAL (SELECT seq FROM ledger.log_leaf
                        WHERE budget_id = h.budget_id ORDER BY seq DESC LIMIT 1) AS l ON true
    JOIN ledger.entry AS e ON e.budget_id = h.budget_id AND e.seq = COALESCE(l.seq, 0) + 1
   ORDER BY h.budget_id)sql"};

using LoggedRow = std::tuple<BudgetId, int64_t, absl::Time>;
constexpr pg::Statement<LoggedRow(int64_t)> kLogged{"ledger.walk_logged", R"sql(
  SELECT budget_id, seq, recorded_at FROM ledger.log_leaf JOIN ledger.entry USING (budget_id, seq)
   WHERE idx = $1)sql"};

bool Signs(const std::string& verifier_key, const std::string& note, uint64_t size,
           const Hash& root) {
  const auto verifier = crypto::NoteVerifier::Parse(verifier_key);
  if (!verifier.ok()) return false;
  const auto text = crypto::OpenNote(note, {*verifier});
  if (!text.ok()) return false;
  const auto checkpoint = crypto::ParseCheckpoint(*text);
  return checkpoint.ok() &&
         *checkpoint == crypto::Checkpoint{.origin = verifier->name(), .size = size, .root = root};
}

}  // namespace

Finding HeadDiffers(uint64_t size) {
  return {.budget = {},
          .seq = 0,
          .what = absl::StrCat("the log's head stands at ", size,
                               ", its entries end elsewhere, or with another root")};
}

bool LogTail::ShrinksSince(const LogTail& before) const {
  return unlogged + logged_unsigned < before.unlogged + before.logged_unsigned &&
         signed_size > before.signed_size && caught_up_at == before.caught_up_at;
}

void LogWalk::Find(BudgetId budget, int64_t seq, std::string what) {
  if (findings_.size() < kFindingsMax) findings_.push_back({budget, seq, std::move(what)});
}

absl::StatusOr<bool> LogWalk::Step(pg::Pool& pool, absl::Time deadline, int64_t leaves_max,
                                   const LogWitness& witness) {
  const pg::TxOptions snapshot{
      .deadline = deadline, .isolation = pg::Isolation::kRepeatableRead, .read_only = true};
  LogWalk next;  // A transaction may be run again: nothing of the first run stays.
  const auto read = [&](pg::Tx& tx) {
    next = *this;
    return next.Read(tx, leaves_max, witness);
  };
  ASSIGN_OR_RETURN(const bool done, pg::Transact(pool, snapshot, read));
  *this = std::move(next);
  return done;
}

absl::StatusOr<bool> LogWalk::Read(pg::Tx& tx, int64_t leaves_max, const LogWitness& witness) {
  for (int64_t left = leaves_max; left > 0 && !broken_;) {
    const int64_t limit = std::min(left, kPage);
    ASSIGN_OR_RETURN(const size_t read, ReadPage(tx, limit, witness));
    if (read < static_cast<size_t>(limit)) {
      RETURN_IF_ERROR(CompareEnd(tx, witness));
      return true;
    }
    left -= limit;
  }
  return broken_;
}

absl::StatusOr<size_t> LogWalk::ReadPage(pg::Tx& tx, int64_t limit, const LogWitness& witness) {
  const auto from = static_cast<int64_t>(frontier_.size());
  ASSIGN_OR_RETURN(const std::vector<LeafRow> leaves, tx.All(kLeaves, from, limit));
  ASSIGN_OR_RETURN(const std::vector<CheckpointRow> signed_heads,
                   tx.All(kCheckpoints, from, from + static_cast<int64_t>(leaves.size())));
  auto next = signed_heads.begin();
  // Also what was signed since this was the end.
  const auto compare_signed = [&] {
    const uint64_t size = frontier_.size();
    for (; next != signed_heads.end() && static_cast<uint64_t>(std::get<0>(*next)) == size;
         ++next) {
      CompareSigned(std::get<1>(*next), std::get<2>(*next));
    }
  };
  compare_signed();
  for (const auto& [idx, budget, seq, hash, entry] : leaves) {
    if (idx != static_cast<int64_t>(frontier_.size())) {
      Find({}, 0, absl::StrCat("place ", frontier_.size(), " of the log is empty"));
      broken_ = true;
      return leaves.size();
    }
    if (!entry) Find(budget, seq, "was logged, and is not there");
    if (entry && *entry != hash) Find(budget, seq, "is not the entry that was logged");
    int64_t& last = logged_[budget];
    if (seq != last + 1) Find(budget, seq, absl::StrCat("was logged after entry ", last));
    last = seq;
    frontier_.Append(crypto::LeafHash(crypto::View(hash)));
    const uint64_t size = frontier_.size();
    compared_.clear();
    compare_signed();
    if (witness.guard && static_cast<uint64_t>(witness.guard->size) == size &&
        witness.guard->root != frontier_.Root()) {
      Find({}, 0, absl::StrCat("the log of ", size, " entries is not the one the guard remembers"));
    }
  }
  return leaves.size();
}

// The head of what was read.
void LogWalk::CompareSigned(const std::string& verifier_key, const std::string& note) {
  if (!compared_.insert(verifier_key).second) return;
  const uint64_t size = frontier_.size();
  if (Signs(verifier_key, note, size, frontier_.Root())) {
    signed_[verifier_key] = size;
  } else {
    Find({}, 0, absl::StrCat("the checkpoint of ", size, " entries is not one of what was logged"));
  }
}

absl::Status LogWalk::CompareEnd(pg::Tx& tx, const LogWitness& witness) {
  ASSIGN_OR_RETURN(const LogHead head, GetLogHead(tx));
  if (head.size != frontier_.size() || head.root != frontier_.Root()) {
    const Finding differs = HeadDiffers(head.size);
    Find(differs.budget, differs.seq, differs.what);
  }
  ASSIGN_OR_RETURN(const int64_t beyond, tx.One(kBeyond, static_cast<int64_t>(frontier_.size())));
  if (beyond > 0) {
    Find({}, 0,
         absl::StrCat("a checkpoint signs ", beyond, " entries, the log has ", frontier_.size()));
  }
  if (witness.guard && static_cast<uint64_t>(witness.guard->size) > frontier_.size()) {
    Find({}, 0,
         absl::StrCat("the log has ", frontier_.size(), " entries, the guard remembers ",
                      witness.guard->size));
  }
  ASSIGN_OR_RETURN(const auto cut, tx.All(kCut));
  for (const auto& [budget, seq] : cut) {
    Find(budget, seq, "was logged, and the books do not end with it or after it");
  }
  if (!witness.now) return FindLeftOut(tx);
  FindOtherKeys(witness);
  return MeasureTail(tx, witness);
}

absl::Status LogWalk::FindLeftOut(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const std::vector<LeftOutRow> left_out, tx.All(kLeftOut));
  std::map<std::pair<BudgetId, int64_t>, Waiting> waiting;
  for (const auto& [budget, seq, recorded_at, entries, caught_up_at] : left_out) {
    if (!caught_up_at) continue;  // Nobody has logged anything yet.
    const auto before = waiting_.find({budget, seq});
    Waiting& entry = waiting[{budget, seq}];
    entry = before != waiting_.end() ? before->second : Waiting{.caught_up_at = *caught_up_at};
    if (entry.caught_up_at != *caught_up_at) {
      entry.caught_up_at = *caught_up_at;
      ++entry.turns;
    }
    // The first may have looked before the entry was there; the second began after that.
    if (entry.turns >= 2) Find(budget, seq, "is not in the log");
  }
  waiting_ = std::move(waiting);
  return absl::OkStatus();
}

void LogWalk::FindOtherKeys(const LogWitness& witness) {
  tail_.signed_size = 0;
  for (const auto& [key, size] : signed_) {
    if (witness.keys.empty() || absl::c_linear_search(witness.keys, key)) {
      tail_.signed_size = std::max(tail_.signed_size, size);
    } else {
      Find({}, 0,
           absl::StrCat("the checkpoint of ", size,
                        " entries is signed by a key that was not given, ", key));
    }
  }
}

absl::Status LogWalk::MeasureTail(pg::Tx& tx, const LogWitness& witness) {
  const absl::Time late = *witness.now - kUnloggedMax;
  tail_ = {.signed_size = tail_.signed_size};
  tail_.logged_unsigned = static_cast<int64_t>(frontier_.size() - tail_.signed_size);
  const auto add = [this](BudgetId budget, int64_t seq, std::string what) {
    if (tail_.late.size() < kFindingsMax) tail_.late.push_back({budget, seq, std::move(what)});
  };
  if (tail_.logged_unsigned > 0 && tail_.signed_size == 0) {
    add({}, 0,
        witness.keys.empty() ? "no checkpoint of the log is signed"
                             : "no checkpoint of the log is signed by a key that was given");
  } else if (tail_.logged_unsigned > 0) {
    ASSIGN_OR_RETURN(const std::optional<LoggedRow> first,
                     tx.Maybe(kLogged, static_cast<int64_t>(tail_.signed_size)));
    if (first && std::get<2>(*first) < late) {
      add(std::get<0>(*first), std::get<1>(*first),
          "is in the log, and no head after it is signed");
    }
  }
  ASSIGN_OR_RETURN(const std::vector<LeftOutRow> unlogged, tx.All(kLeftOut));
  for (const auto& [budget, seq, recorded_at, entries, caught_up_at] : unlogged) {
    tail_.unlogged += entries;
    tail_.caught_up_at = caught_up_at;
    if (recorded_at < late) add(budget, seq, "is not in the log");
  }
  return absl::OkStatus();
}

void LogWalk::Restart() {
  LogWalk next;
  next.waiting_ = std::move(waiting_);
  *this = std::move(next);
}

absl::Span<const pg::AnyStatement> LogWalkStatements() {
  static const pg::AnyStatement statements[] = {kLeaves, kCheckpoints, kBeyond,
                                                kCut,    kLeftOut,     kLogged};
  return statements;
}

}  // namespace smederij::ledger
