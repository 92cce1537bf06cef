#include "services/ledger/storage/walk.h"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/now.h"
#include "common/pg/transact.h"
#include "services/ledger/storage/award_store.h"
#include "services/ledger/storage/closing_store.h"
#include "services/ledger/storage/handover_store.h"
#include "services/ledger/storage/indexing_store.h"
#include "services/ledger/storage/reversal_store.h"
#include "services/ledger/storage/statement_store.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPage = 5'000;

// Without the accounts' names, which a join would look up twice for every posting.
constexpr pg::Statement<PostingRow(BudgetId, int64_t, int64_t)> kWalkPostings{
    "ledger.walk_postings", R"sql(
  SELECT p.seq, p.type, p.from_no, p.from_kind, '', p.to_no, p.to_kind, '', p.amount,
         p.from_balance, p.to_balance
    FROM ledger.posting AS p
   WHERE p.budget_id = $1 AND p.seq > $2 AND p.seq <= $3 ORDER BY p.seq, p.line)sql"};

constexpr pg::Statement<EntryRow(BudgetId, int64_t, int64_t)> kWalkEntries{
    "ledger.walk_entries", "SELECT " LEDGER_ENTRY_COLUMNS R"sql(
    FROM ledger.entry AS e WHERE e.budget_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3)sql"};

// Entries that may stand in a period that did not take them, with the month of the year that they
// were recorded in: those of another month, and those of a period that was to be closed before.
// What is recorded outside the year belongs to its first month or its last.
constexpr pg::Statement<std::tuple<int64_t, int16_t, int16_t>(BudgetId, int64_t, int64_t)> kPlaced{
    "ledger.walk_placed", R"sql(
  SELECT e.seq, e.period_no, e.natural
    FROM (SELECT e.seq, e.period_no,
                 (CASE WHEN extract(year FROM l.local) < b.fiscal_year THEN 1
                       WHEN extract(year FROM l.local) > b.fiscal_year THEN 12
                       ELSE extract(month FROM l.local) END)::smallint AS natural
            FROM ledger.entry AS e
            JOIN ledger.budget AS b ON b.budget_id = e.budget_id
           CROSS JOIN LATERAL (SELECT e.recorded_at AT TIME ZONE 'Europe/Amsterdam' AS local) AS l
           WHERE e.budget_id = $1 AND e.seq > $2 AND e.seq <= $3) AS e
   WHERE e.natural <> e.period_no
      OR EXISTS (SELECT FROM ledger.closing AS c
                  WHERE c.budget_id = $1 AND c.period_no = e.period_no AND c.seq < e.seq)
   ORDER BY e.seq)sql"};

// What says that it happened after the day on which it was recorded.
constexpr pg::Statement<int64_t(BudgetId, int64_t, int64_t)> kAhead{"ledger.walk_ahead", R"sql(
  SELECT seq FROM ledger.entry
   WHERE budget_id = $1 AND seq > $2 AND seq <= $3
     AND effective_date > (recorded_at AT TIME ZONE 'Europe/Amsterdam')::date ORDER BY seq)sql"};

constexpr pg::Statement<Uuid(std::vector<Uuid>)> kUnequal{"ledger.walk_carried", R"sql(
  SELECT e.link_id
    FROM ledger.entry AS e
    JOIN ledger.posting AS p ON p.budget_id = e.budget_id AND p.seq = e.seq
   WHERE e.link_id = ANY ($1)
   GROUP BY e.link_id
  HAVING sum(CASE WHEN p.to_kind = 8 THEN p.amount WHEN p.from_kind = 9 THEN -p.amount ELSE 0 END) <> 0
   ORDER BY e.link_id)sql"};

constexpr pg::Statement<bool(BudgetId, int64_t)> kPostingsBeyond{"ledger.walk_beyond", R"sql(
  SELECT EXISTS (SELECT FROM ledger.posting WHERE budget_id = $1 AND seq > $2))sql"};

// What the rows themselves say is broken, rather than the way to them.
bool AboutTheBooks(const absl::Status& status) {
  if (status.code() != absl::StatusCode::kInternal) return ReasonOf(status) == "BUDGET_NOT_FOUND";
  const std::string state = pg::SqlStateOf(status);
  return state.empty() || absl::StartsWith(state, "XX");  // XX001: a page that is damaged.
}

}  // namespace

const std::vector<Finding>& Walk::findings() const {
  return unreadable_.empty() && audit_ ? audit_->findings() : unreadable_;
}

absl::StatusOr<bool> Walk::Step(pg::Pool& pool, absl::Time deadline, int64_t entries_max) {
  const pg::TxOptions snapshot{
      .deadline = deadline, .isolation = pg::Isolation::kRepeatableRead, .read_only = true};
  const auto read = [&](pg::Tx& tx) { return Read(tx, entries_max); };
  const absl::StatusOr<bool> done = pg::Transact(pool, snapshot, read);
  if (done.ok() || !AboutTheBooks(done.status())) return done;
  unreadable_ = audit_ ? audit_->findings() : std::vector<Finding>();
  unreadable_.push_back(
      {budget_, seq(),
       absl::StrCat("the books cannot be read on from here: ", done.status().message())});
  return true;
}

absl::StatusOr<bool> Walk::Read(pg::Tx& tx, int64_t entries_max) {
  if (!audit_) {
    ASSIGN_OR_RETURN(begun_at_, pg::Now(tx));
  }
  ASSIGN_OR_RETURN(const BudgetState state, GetBudget(tx, budget_));
  if (!audit_) audit_.emplace(state.row.budget, state.row.opening.value, state.row.opening_hash);
  ASSIGN_OR_RETURN(accounts_, AccountsNow(tx, budget_));
  RETURN_IF_ERROR(ReadClosings(tx));
  for (int64_t left = entries_max; left > 0;) {
    const int64_t limit = std::min(left, kPage);
    ASSIGN_OR_RETURN(const size_t read, ReadPage(tx, limit));
    if (read < static_cast<size_t>(limit)) {
      ASSIGN_OR_RETURN(const bool beyond, tx.One(kPostingsBeyond, budget_, seq()));
      if (beyond) audit_->Find(0, "a posting stands alone, after the last entry");
      ASSIGN_OR_RETURN(const std::vector<Finding> records,
                       VerifyRecords(tx, budget_, std::move(recorded_)));
      RETURN_IF_ERROR(ComparePeriods(tx, state.row.budget.state));
      RETURN_IF_ERROR(CompareCarried(tx));
      RETURN_IF_ERROR(CompareIndexed(tx));
      for (const Finding& finding : records) audit_->Find(finding.seq, finding.what);
      ASSIGN_OR_RETURN(const std::vector<int64_t> undecided, UndecidedReversals(tx, budget_));
      for (const int64_t seq : undecided) {
        audit_->Find(seq, "what it takes back is not what two people decided");
      }
      ASSIGN_OR_RETURN(const std::vector<int64_t> alone, UndecidedHandovers(tx, budget_));
      for (const int64_t seq : alone) {
        audit_->Find(seq, "what it hands over is not what two people decided");
      }
      ASSIGN_OR_RETURN(const std::vector<std::string> wrong, WrongAwards(tx, budget_, *audit_));
      for (const std::string& plan : wrong) {
        audit_->Find(0, absl::StrCat("the award of plan ", plan, " is not what its entries say"));
      }
      audit_->Close({.head_seq = state.head.seq,
                     .head_hash = state.head.hash,
                     .account_count = state.head.account_count,
                     .appropriated = state.head.appropriated,
                     .state = state.row.budget.state,
                     .accounts = std::move(accounts_)});
      return true;
    }
    left -= limit;
  }
  return false;
}

absl::StatusOr<size_t> Walk::ReadPage(pg::Tx& tx, int64_t limit) {
  const int64_t after = audit_->entries();
  ASSIGN_OR_RETURN(std::vector<EntryRow> rows, tx.All(kWalkEntries, budget_, after, limit));
  if (rows.empty()) return 0;
  const int64_t last = rows.back().entry.seq;
  ASSIGN_OR_RETURN(std::vector<PostingRow> postings, tx.All(kWalkPostings, budget_, after, last));
  const auto name = [&](int64_t no, AccountKey& key) {
    const auto found = std::lower_bound(
        accounts_.begin(), accounts_.end(), no,
        [](const Account& account, int64_t wanted) { return account.no < wanted; });
    if (found != accounts_.end() && found->no == no) key.reference = found->key.reference;
  };
  auto posting = postings.begin();
  std::vector<EntryType> types;
  std::vector<Entry> reversals;
  for (EntryRow& row : rows) {
    types.clear();
    for (; posting != postings.end() && posting->seq <= row.entry.seq; ++posting) {
      if (posting->seq != row.entry.seq) {
        audit_->Find(posting->seq, "a posting stands alone, without its entry");
        continue;
      }
      name(posting->posting.from_no, posting->posting.from);
      name(posting->posting.to_no, posting->posting.to);
      types.push_back(posting->type);
      row.entry.postings.push_back(std::move(posting->posting));
    }
    audit_->Read(row.entry, row.canonical.value, types);
    if (row.entry.record) {
      recorded_[row.entry.seq] = {.type = row.entry.type, .record = *row.entry.record};
    }
    if (row.entry.reverses_seq != 0) reversals.push_back(std::move(row.entry));
  }
  RETURN_IF_ERROR(ReadReversals(tx, reversals));
  ASSIGN_OR_RETURN(const auto placed, tx.All(kPlaced, budget_, after, last));
  for (const auto& [seq, period_no, natural] : placed) {
    if (Taking(closings_, natural, seq) != period_no && ClosedBy(closings_, seq) != period_no) {
      audit_->Find(seq, "stands in another period than the one that took it");
    }
  }
  ASSIGN_OR_RETURN(const std::vector<int64_t> ahead, tx.All(kAhead, budget_, after, last));
  for (const int64_t seq : ahead) audit_->Find(seq, "says that it happened after it was recorded");
  return rows.size();
}

// What was proposed since the last step is about entries that are read later, or the last one.
absl::Status Walk::ReadClosings(pg::Tx& tx) {
  ASSIGN_OR_RETURN(closings_, ClosingsOf(tx, budget_));
  for (const Closing& closing : closings_) {
    if (expected_.insert(closing.id).second) {
      audit_->ExpectTrialBalance(closing.seq, closing.trial_hash);
    }
  }
  return absl::OkStatus();
}

// Out of one budget and into the next, per link; one snapshot, so the other half is as new.
absl::Status Walk::CompareCarried(pg::Tx& tx) {
  if (audit_->carried().empty()) return absl::OkStatus();
  const std::vector<Uuid> links(audit_->carried().begin(), audit_->carried().end());
  ASSIGN_OR_RETURN(const std::vector<Uuid> unequal, tx.All(kUnequal, links));
  if (!unequal.empty()) {
    audit_->Find(audit_->carried_seq(), "what was carried out is not what was carried in");
  }
  return absl::OkStatus();
}

// The year before is read as it stood then: entries after it change nothing.
absl::Status Walk::CompareIndexed(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const std::optional<Indexing> indexing, IndexingOf(tx, budget_));
  if (!indexing) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string wrong, CheckIndexing(tx, *indexing));
  if (!wrong.empty()) audit_->Find(indexing->seq, wrong);
  return absl::OkStatus();
}

absl::Status Walk::ComparePeriods(pg::Tx& tx, Budget::State state) {
  std::array<PeriodState, 12> said = AllOpen();
  for (const Closing& closing : closings_) {
    if (closing.state == Closing::State::kRefused) continue;
    said[static_cast<size_t>(closing.period_no - 1)] =
        closing.state == Closing::State::kProposed ? PeriodState::kClosing : PeriodState::kClosed;
  }
  ASSIGN_OR_RETURN(const auto stored, PeriodsNow(tx, budget_));
  for (size_t i = 0; i < said.size(); ++i) {
    if (said[i] != stored[i]) {
      audit_->Find(0, absl::StrCat("period ", i + 1, " is not what its closings say"));
    }
    if (i == 11 && state == Budget::State::kOpen && stored[i] == PeriodState::kClosed) {
      audit_->Find(0, "its last period is closed, and it was not carried over");
    }
    if (state == Budget::State::kClosed && stored[i] != PeriodState::kClosed) {
      audit_->Find(0, absl::StrCat("it is closed, and its period ", i + 1, " is not"));
    }
  }
  return absl::OkStatus();
}

// Rare, so one look-up each.
absl::Status Walk::ReadReversals(pg::Tx& tx, const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    const int64_t seq = entry.reverses_seq;
    ASSIGN_OR_RETURN(const std::vector<PostingRow> rows,
                     tx.All(kWalkPostings, budget_, seq - 1, seq));
    std::vector<Posting> reversed;
    for (const PostingRow& row : rows) reversed.push_back(row.posting);
    audit_->ReadReversal(entry, rows.empty() ? EntryType::kReverse : rows.front().type, reversed);
  }
  return absl::OkStatus();
}

absl::Span<const pg::AnyStatement> WalkStatements() {
  static const pg::AnyStatement statements[] = {kWalkPostings, kWalkEntries, kPlaced,
                                                kAhead,        kUnequal,     kPostingsBeyond};
  return statements;
}

}  // namespace smederij::ledger
