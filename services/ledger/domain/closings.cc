#include "services/ledger/domain/closings.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/ledger/domain/carry_errors.h"
#include "services/ledger/domain/closing_errors.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/domain/payee_errors.h"

namespace smederij::ledger {
namespace {

PeriodState& StateOf(Book& book, int16_t period_no) {
  return book.periods[static_cast<size_t>(period_no - 1)];
}

std::vector<Account> ByNumber(const Book& book) {
  std::vector<Account> accounts;
  for (const auto& [key, account] : book.accounts) accounts.push_back(account);
  std::sort(accounts.begin(), accounts.end(),
            [](const Account& a, const Account& b) { return a.no < b.no; });
  return accounts;
}

// In the chain, so that nobody can open the period again without breaking it: it moves nothing, and
// stands in the period that it is the last word of.
Entry ClosingEntry(const Book& book, const Command& command, absl::Time now,
                   const Closing& closing) {
  Draft draft{.type = EntryType::kClosePeriod,
              .decision_ref = absl::StrCat("closing ", closing.id.ToString()),
              .moves = {},
              .record = RecordOf(closing),
              .actor = ActorOf(closing.proposed_by),
              .approver = ActorOf(closing.decided_by),
              .period_no = closing.period_no};
  return DraftEntry(book, command, now, std::move(draft));
}

}  // namespace

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ProposeClosing& propose) {
  ASSIGN_OR_RETURN(const Book* const book, StandingBook(books, propose.budget));
  const auto state = book->periods[static_cast<size_t>(propose.period_no - 1)];
  if (state == PeriodState::kClosed) return PeriodClosed(propose.budget, propose.period_no);
  if (state == PeriodState::kClosing) return ClosingPending(propose.budget, propose.period_no);
  for (int16_t no = 1; no < propose.period_no; ++no) {
    if (book->periods[static_cast<size_t>(no - 1)] != PeriodState::kClosed) {
      return EarlierPeriodOpen(propose.budget, no);
    }
  }
  const Budget& budget = book->budget;
  const Period period = PeriodsOf(budget.fiscal_year)[static_cast<size_t>(propose.period_no - 1)];
  if (books.today < period.last) return PeriodNotOver(propose.budget, period, books.today);
  // What comes after December has nowhere to go, and nobody opens it again.
  if (propose.period_no == 12 && budget.state == Budget::State::kOpen) {
    return BudgetNotCarried(propose.budget);
  }
  if (propose.expected_seq != book->head_seq) {
    return SeqDiffers(propose.budget, propose.expected_seq, book->head_seq);
  }
  const std::vector<Account> accounts = ByNumber(*book);
  for (const Account& account : accounts) {
    if (account.key.kind == AccountKind::kClearing && account.balance() > Money()) {
      return OpenClearing(propose.budget, account);
    }
  }
  if (TrialHash(propose.budget, book->head_seq, accounts) != propose.trial_hash) {
    return HashMismatch(propose.budget, book->head_seq);
  }
  Effect effect;
  effect.closings = {Closing{.budget = propose.budget,
                             .id = IdOfClosing(propose.budget, command.request),
                             .period_no = propose.period_no,
                             .seq = book->head_seq,
                             .trial_hash = propose.trial_hash,
                             .proposed_by = command.person,
                             .proposed_at = books.now,
                             .decided_by = {}}};
  return effect;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const DecideClosing& decide) {
  ASSIGN_OR_RETURN(const Book* const book, StandingBook(books, decide.budget));
  const auto found = book->closings.find(decide.closing);
  if (found == book->closings.end()) return ClosingNotFound(decide.closing);
  Closing closing = found->second;
  if (closing.state != Closing::State::kProposed) return ClosingDecided(closing.id);
  closing.state = Closing::State::kRefused;
  closing.decided_by = command.person;
  closing.decided_seq = book->head_seq;
  Effect effect;
  if (decide.accept) {
    if (closing.proposed_by == command.person) {
      return SelfApproval("closing_id", closing.id.ToString());
    }
    if (closing.trial_hash != decide.trial_hash) return HashMismatch(decide.budget, closing.seq);
    closing.state = Closing::State::kAccepted;
    Entry entry = ClosingEntry(*book, command, books.now, closing);
    closing.entry_seq = entry.seq;
    effect.entries = {std::move(entry)};
  }
  effect.closings = {std::move(closing)};
  return effect;
}

void ApplyClosings(const Effect& effect, Books& books) {
  for (const Closing& closing : effect.closings) {
    Book& book = books.by_budget.at(closing.budget);
    book.closings.insert_or_assign(closing.id, closing);
    StateOf(book, closing.period_no) =
        closing.state == Closing::State::kProposed   ? PeriodState::kClosing
        : closing.state == Closing::State::kAccepted ? PeriodState::kClosed
                                                     : PeriodState::kOpen;
    PlaceInPeriod(books.today, book);
  }
}

void PlaceInPeriod(absl::CivilDay today, Book& book) {
  const int16_t natural = PeriodFor(book.budget.fiscal_year, today);
  const auto open =
      std::find(book.periods.begin() + (natural - 1), book.periods.end(), PeriodState::kOpen);
  book.period_closed = open == book.periods.end();
  book.period_no =
      book.period_closed ? natural : static_cast<int16_t>(open - book.periods.begin() + 1);
}

}  // namespace smederij::ledger
