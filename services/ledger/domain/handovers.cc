#include "services/ledger/domain/handovers.h"

#include <utility>

#include "common/base/status_macros.h"
#include "services/ledger/domain/carry.h"
#include "services/ledger/domain/conditions.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/domain/handover_errors.h"
#include "services/ledger/domain/payee_errors.h"

namespace smederij::ledger {
namespace {

// What handing `what` over does, as `command` says by whom.
absl::StatusOr<Effect> HandOver(const Books& books, const Command& command,
                                const HandedOver& what) {
  return std::visit([&](const auto& of) { return Decide(books, command, of); }, what);
}

HandoverAmounts AmountsOf(const Effect& effect, BudgetId budget) {
  HandoverAmounts amounts;
  for (const Entry& entry : effect.entries) {
    if (entry.budget != budget) continue;
    for (const Posting& posting : entry.postings) {
      const bool back = posting.to.kind == AccountKind::kSource;
      (back ? amounts.returned : amounts.carried) += posting.amount;
    }
  }
  return amounts;
}

const HandedOver* WhatOf(const Command& command) {
  if (const auto* propose = std::get_if<ProposeHandover>(&command.what)) return &propose->what;
  const auto* const decide = std::get_if<DecideHandover>(&command.what);
  return decide != nullptr && decide->what ? &*decide->what : nullptr;
}

}  // namespace

const CarryOver* CarryOf(const Command& command) {
  const HandedOver* const what = WhatOf(command);
  return what == nullptr ? nullptr : std::get_if<CarryOver>(what);
}

const ReturnFunds* ReturnOf(const Command& command) {
  const HandedOver* const what = WhatOf(command);
  return what == nullptr ? nullptr : std::get_if<ReturnFunds>(what);
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ProposeHandover& propose) {
  const BudgetId budget = LeftBy(propose.what);
  ASSIGN_OR_RETURN(const Effect dry, HandOver(books, command, propose.what));
  // A year that ends with nothing ends all the same.
  if (dry.entries.empty() && dry.commitments.empty() && dry.states.empty()) {
    return NothingToHandOver(budget);
  }
  for (const auto& [id, handover] : books.by_budget.at(budget).handovers) {
    if (handover.state == Handover::State::kProposed) return HandoverPending(handover);
  }
  Effect effect;
  effect.handovers = {Handover{.budget = budget,
                               .id = IdOfHandover(budget, command.request),
                               .what = propose.what,
                               .effective = command.effective,
                               .amounts = AmountsOf(dry, budget),
                               .proposed_by = command.person,
                               .proposed_at = books.now,
                               .decided_by = {}}};
  return effect;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const DecideHandover& decide) {
  ASSIGN_OR_RETURN(const Book* const book, StandingBook(books, decide.budget));
  const auto found = book->handovers.find(decide.handover);
  // One that was proposed after the caller asked was not there yet: its books were not read.
  if (found == book->handovers.end() || !decide.what) return HandoverNotFound(decide.handover);
  Handover handover = found->second;
  if (handover.state != Handover::State::kProposed) return HandoverDecided(handover);
  handover.decided_by = command.person;
  handover.state = Handover::State::kRefused;
  Effect effect;
  if (decide.accept) {
    // By person, as with payments: another role does not make one a second.
    if (handover.proposed_by == command.person) {
      return SelfApproval("handover_id", handover.id.ToString());
    }
    const Money total = handover.amounts.carried + handover.amounts.returned;
    if (total > decide.limit) return AmountOverLimit(total, decide.limit);
    Command both = command;
    both.actor = ActorOf(handover.proposed_by);
    both.approver = ActorOf(handover.decided_by);
    both.effective = handover.effective;
    ASSIGN_OR_RETURN(effect, HandOver(books, both, handover.what));
    const HandoverAmounts now = AmountsOf(effect, handover.budget);
    if (now != handover.amounts) return HandoverDiffers(handover, now);
    handover.state = Handover::State::kAccepted;
    for (const Entry& entry : effect.entries) {
      if (entry.budget != handover.budget) continue;
      if (handover.first_seq == 0) handover.first_seq = entry.seq;
      handover.last_seq = entry.seq;
    }
  }
  effect.handovers = {std::move(handover)};
  return effect;
}

void ApplyHandovers(const Effect& effect, Books& books) {
  for (const Handover& handover : effect.handovers) {
    books.by_budget.at(handover.budget).handovers.insert_or_assign(handover.id, handover);
  }
}

}  // namespace smederij::ledger
