#include "services/ledger/domain/reversals.h"

#include <algorithm>
#include <map>

#include "common/base/status_macros.h"
#include "services/ledger/domain/advances.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/domain/payee_errors.h"
#include "services/ledger/domain/reversal_errors.h"
#include "services/ledger/domain/sources.h"
#include "services/ledger/domain/spending.h"

namespace smederij::ledger {
namespace {

// What may be taken out of this account: of a commitment's, not what payments have asked for.
Money Free(const Book& book, const AccountKey& key) {
  for (const auto& [id, commitment] : book.commitments) {
    if (key == Committed(id)) return UnclaimedOf(book, id);
  }
  return HeldBy(book, key);
}

// The entry that takes back what `reversal` names. Refusals, first that applies: AMOUNT_OVER_LIMIT,
// AWARD_CHANGED_SINCE, INSUFFICIENT_FUNDS.
absl::StatusOr<Entry> TakingBack(const Books& books, const Book& book, const Command& command,
                                 const Reversal& reversal, Money limit) {
  const Entry& entry = book.entries.at(reversal.seq);
  Draft draft{.type = EntryType::kReverse,
              .decision_ref = reversal.reason,
              .moves = {},
              .actor = ActorOf(reversal.proposed_by),
              .approver = ActorOf(reversal.decided_by),
              .reverses_seq = reversal.seq};
  Money total;
  std::map<AccountKey, Money> taken;
  for (const Posting& posting : entry.postings) {
    draft.moves.push_back({posting.to, posting.from, posting.amount});
    taken[posting.to] += posting.amount;
    total += posting.amount;
  }
  if (total > limit) return AmountOverLimit(total, limit);
  for (const Posting& posting : entry.postings) {
    const auto changed = book.adjusted.find(posting.from);
    if (entry.type == EntryType::kReleaseAward && changed != book.adjusted.end() &&
        changed->second > entry.seq) {
      return AwardChangedSince(book.budget.id, entry.seq, changed->second);
    }
    // No source gets more than is left of what it gave: it may have had its part of what was left
    // already, or that went over to next year and is given back there.
    if (posting.from.kind != AccountKind::kSource) continue;
    const Money given = std::min(-HeldBy(book, posting.from), LeftOf(book)[posting.from.reference]);
    if (given < posting.amount) return InsufficientFunds(book.budget.id, posting.amount, given);
  }
  for (const auto& [key, amount] : taken) {
    const Money held = Free(book, key);
    if (held < amount) return InsufficientFunds(book.budget.id, amount, held);
  }
  return DraftEntry(book, command, books.now, std::move(draft));
}

}  // namespace

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ProposeReversal& propose) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, propose.budget));
  const auto entry = book->entries.find(propose.seq);
  if (entry == book->entries.end()) return EntryNotFound(propose.budget, propose.seq);
  if (!Reversible(entry->second.type)) return NotReversible(entry->second);
  for (const auto& [id, reversal] : book->reversals) {
    if (reversal.seq != propose.seq || reversal.state == Reversal::State::kRefused) continue;
    if (reversal.state == Reversal::State::kProposed) return ReversalPending(reversal);
    return AlreadyReversed(propose.budget, propose.seq);
  }
  Effect effect;
  effect.reversals = {Reversal{.budget = propose.budget,
                               .id = IdOfReversal(propose.budget, command.request),
                               .seq = propose.seq,
                               .reason = propose.reason,
                               .proposed_by = command.person,
                               .proposed_at = books.now,
                               .decided_by = {}}};
  return effect;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const DecideReversal& decide) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, decide.budget));
  const auto found = book->reversals.find(decide.reversal);
  if (found == book->reversals.end()) return ReversalNotFound(decide.reversal);
  Reversal reversal = found->second;
  if (reversal.state != Reversal::State::kProposed) return ReversalDecided(reversal);
  reversal.decided_by = command.person;
  reversal.state = Reversal::State::kRefused;
  Effect effect;
  if (decide.accept) {
    // By person, as with payments: another role does not make one a second.
    if (reversal.proposed_by == command.person) {
      return SelfApproval("reversal_id", reversal.id.ToString());
    }
    const auto part = book->parts.find(reversal.seq);
    if (part != book->parts.end()) {
      RETURN_IF_ERROR(MayTakeBack(*book, command, part->second));
    }
    reversal.state = Reversal::State::kAccepted;
    ASSIGN_OR_RETURN(Entry entry, TakingBack(books, *book, command, reversal, decide.limit));
    if (part != book->parts.end()) RETURN_IF_ERROR(FitsWithout(books, *book, part->second));
    reversal.reversal_seq = entry.seq;
    if (part != book->parts.end()) {
      effect.steps = {TakingBack(*book, command, part->second, entry.seq)};
    }
    effect.entries = {std::move(entry)};
  }
  effect.reversals = {std::move(reversal)};
  return effect;
}

void ApplyReversals(const Effect& effect, Books& books) {
  for (const Reversal& reversal : effect.reversals) {
    books.by_budget.at(reversal.budget).reversals.insert_or_assign(reversal.id, reversal);
  }
}

}  // namespace smederij::ledger
