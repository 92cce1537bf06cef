#include "services/ledger/domain/draft.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "services/ledger/domain/errors.h"

namespace smederij::ledger {

std::string ActorOf(SubjectId person) { return absl::StrCat("person:", person.ToString()); }

absl::StatusOr<const Book*> StandingBook(const Books& books, BudgetId budget) {
  const auto found = books.by_budget.find(budget);
  if (found == books.by_budget.end()) return BudgetNotFound(budget);
  const Book& book = found->second;
  if (book.frozen) return BudgetFrozen(budget);
  if (book.budget.state == Budget::State::kClosed) return BudgetClosed(book.budget);
  return &book;
}

absl::StatusOr<const Book*> OpenBook(const Books& books, BudgetId budget) {
  ASSIGN_OR_RETURN(const Book* const book, StandingBook(books, budget));
  if (book->budget.state != Budget::State::kOpen) return BudgetClosed(book->budget);
  if (book->period_closed) return PeriodClosed(budget, book->period_no);
  return book;
}

absl::StatusOr<const Book*> OpenBook(const Books& books, BudgetId budget, const Command& command) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, budget));
  if (!command.effective) return book;
  if (*command.effective > books.today) return EffectiveDateAhead(*command.effective, books.today);
  const absl::CivilDay earliest = EarliestDay(book->budget.fiscal_year);
  if (*command.effective < earliest) {
    return EffectiveDateTooEarly(budget, *command.effective, earliest);
  }
  return book;
}

const Account* FindAccount(const Book& book, const AccountKey& key) {
  const auto found = book.accounts.find(key);
  return found == book.accounts.end() ? nullptr : &found->second;
}

Money HeldBy(const Book& book, const AccountKey& key) {
  const Account* const account = FindAccount(book, key);
  return account == nullptr ? Money() : account->balance();
}

Entry DraftEntry(const Book& book, const Command& command, absl::Time now, Draft draft) {
  Entry entry{.budget = book.budget.id,
              .seq = book.head_seq + 1,
              .type = draft.type,
              .period_no = draft.period_no != 0 ? draft.period_no : book.period_no,
              .recorded_at = now,
              .request = command.request,
              .actor = draft.actor.empty() ? command.actor : std::move(draft.actor),
              .approver = draft.approver.empty() ? command.approver : std::move(draft.approver),
              .decision_ref = std::move(draft.decision_ref),
              .link = draft.link,
              .reverses_seq = draft.reverses_seq,
              .record = draft.record,
              .effective = command.effective,
              .postings = {},
              .prev_hash = book.head_hash,
              .hash = {}};
  std::map<AccountKey, Account> touched;
  int64_t count = book.account_count;
  const auto take = [&](const AccountKey& key) -> Account& {
    const auto [at, added] = touched.try_emplace(key);
    if (added) {
      const Account* const known = FindAccount(book, key);
      at->second = known != nullptr ? *known : Account{.no = ++count, .key = key};
    }
    return at->second;
  };
  for (const Move& move : draft.moves) {
    Account& from = take(move.from);
    Account& to = take(move.to);
    from.debits += move.amount;
    to.credits += move.amount;
    entry.postings.push_back({.from_no = from.no,
                              .from = move.from,
                              .to_no = to.no,
                              .to = move.to,
                              .amount = move.amount,
                              .from_balance = from.balance(),
                              .to_balance = to.balance()});
  }
  entry.hash = ChainHash(entry.prev_hash, Canonical(entry));
  return entry;
}

Entry DraftEntry(const Book& book, const Command& command, absl::Time now, EntryType type,
                 absl::string_view decision_ref, std::vector<Move> moves, Uuid link,
                 std::optional<Hash> record) {
  return DraftEntry(book, command, now,
                    Draft{.type = type,
                          .decision_ref = std::string(decision_ref),
                          .moves = std::move(moves),
                          .link = link,
                          .record = record});
}

namespace {

// Whether a council decides so what a source gives: by appropriating, or taking that back.
bool Decides(EntryType type) {
  return type == EntryType::kAppropriate || type == EntryType::kIndexAppropriations ||
         type == EntryType::kReverse;
}

void Post(const Posting& posting, Book& book) {
  const auto take = [&](int64_t no, const AccountKey& key) -> Account& {
    const auto [at, added] = book.accounts.try_emplace(key, Account{.no = no, .key = key});
    if (added) book.account_count = std::max(book.account_count, no);
    CHECK(at->second.no == no);
    return at->second;
  };
  Account& from = take(posting.from_no, posting.from);
  Account& to = take(posting.to_no, posting.to);
  from.debits += posting.amount;
  to.credits += posting.amount;
  CHECK(MayOverdraw(posting.from.kind) || from.balance() >= Money());
  book.bank_told |=
      posting.from.kind == AccountKind::kClearing || posting.to.kind == AccountKind::kClearing;
  if (posting.from.kind == AccountKind::kSource) book.appropriated += posting.amount;
  if (posting.to.kind == AccountKind::kSource) book.appropriated -= posting.amount;
}

}  // namespace

void PostEntry(const Entry& entry, Book& book) {
  CHECK(entry.seq == book.head_seq + 1 && entry.prev_hash == book.head_hash);
  for (const Posting& posting : entry.postings) {
    Post(posting, book);
    if (entry.type == EntryType::kAdjustAwards) {
      for (const AccountKey& key : {posting.from, posting.to}) book.adjusted[key] = entry.seq;
    }
    if (Decides(entry.type)) {
      if (posting.from.kind == AccountKind::kSource) {
        book.decided[posting.from.reference] += posting.amount;
      } else if (posting.to.kind == AccountKind::kSource) {
        book.decided[posting.to.reference] -= posting.amount;
      }
    }
  }
  book.head_seq = entry.seq;
  book.head_hash = entry.hash;
}

}  // namespace smederij::ledger
