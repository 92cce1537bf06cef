#include "services/ledger/domain/awards.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "common/base/status_macros.h"
#include "services/ledger/domain/award_errors.h"
#include "services/ledger/domain/conditions.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"

namespace smederij::ledger {
namespace {

// What every command about awards has to pass.
absl::Status PotsOf(const Books& books, const Command& command, RoundId round,
                    const std::vector<AwardLine>& lines) {
  std::set<std::pair<BudgetId, PlanId>> seen;
  for (const AwardLine& line : lines) {
    if (!seen.insert({line.budget, line.plan}).second) return PlanTwice(line.plan, line.budget);
  }
  const std::vector<BudgetId> budgets = BudgetsOf(command);
  for (const BudgetId budget : budgets) {
    if (!books.by_budget.contains(budget)) return BudgetNotFound(budget);
  }
  for (const BudgetId budget : budgets) RETURN_IF_ERROR(OpenBook(books, budget).status());
  for (const BudgetId budget : budgets) {
    if (FindAccount(books.by_budget.at(budget), Pot(round)) == nullptr) {
      return PotNotFound(budget, round);
    }
  }
  return absl::OkStatus();
}

int32_t LatestVersion(const Books& books, RoundId round) {
  const auto after =
      books.reserved_versions.upper_bound({round, std::numeric_limits<int32_t>::max()});
  if (after == books.reserved_versions.begin()) return 0;
  const auto& [of, version] = *std::prev(after);
  return of == round ? version : 0;
}

// Of the plan's money in this budget: promised to suppliers, at the bank, paid.
Money SpentBy(const Book& book, PlanId plan) {
  Money spent =
      HeldBy(book, Clearing(plan)) + HeldBy(book, Advanced(plan)) + HeldBy(book, Paid(plan));
  for (const auto& [id, commitment] : book.commitments) {
    if (commitment.plan == plan) spent += HeldBy(book, Committed(id));
  }
  return spent;
}

// What is taken when an award of `before` becomes one of `after`, which it has not spent.
Money Taken(const Book& book, PlanId plan, Money before, Money after) {
  const Money spent = SpentBy(book, plan);
  const Money reserved = HeldBy(book, Reserved(plan));
  // What it gave back of its own accord is not taken once more.
  const Money too_much = std::max(Money(), reserved + spent - after);
  return std::min({before - after, reserved, too_much});
}

// What the pot takes back, then what it needs besides, then what it gives.
absl::StatusOr<std::vector<Move>> MovesOf(const Book& book, RoundId round,
                                          const std::vector<std::pair<PlanId, Money>>& targets,
                                          const std::map<std::pair<BudgetId, PlanId>, Money>& now) {
  std::vector<Move> taken, given;
  Money pot = HeldBy(book, Pot(round)), needed;
  for (const auto& [plan, after] : targets) {
    const auto award = now.find({book.budget.id, plan});
    const Money before = award == now.end() ? Money() : award->second;
    if (after > before) {
      given.push_back({Pot(round), Reserved(plan), after - before});
      needed += after - before;
    } else if (after < before) {
      const Money amount = Taken(book, plan, before, after);
      if (amount > Money()) taken.push_back({Reserved(plan), Pot(round), amount});
      pot += amount;
    }
  }
  if (needed > pot) {
    // The pot has given its rest back since; the awards of its round come first.
    const Money held = HeldBy(book, Available());
    if (held < needed - pot) return InsufficientFunds(book.budget.id, needed, pot + held);
    taken.push_back({Available(), Pot(round), needed - pot});
  }
  taken.insert(taken.end(), given.begin(), given.end());
  return taken;
}

// What plans take to next year with this entry.
void NoteCarriedOut(const Entry& entry, Books& books) {
  const Book& book = books.by_budget.at(entry.budget);
  for (const Posting& posting : entry.postings) {
    std::optional<PlanId> plan;
    if (posting.to.kind != AccountKind::kCarriedOut) continue;
    if (posting.from.kind == AccountKind::kReserved) {
      plan = PlanId(*Uuid::Parse(posting.from.reference));
    } else if (posting.from.kind == AccountKind::kCommitted) {
      const auto of = book.commitments.find(CommitmentId(*Uuid::Parse(posting.from.reference)));
      if (of != book.commitments.end()) plan = of->second.plan;
    }
    if (plan) books.carried_out[{entry.budget, *plan}] += posting.amount;
  }
}

}  // namespace

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReserveAwards& awards) {
  RETURN_IF_ERROR(PotsOf(books, command, awards.round, awards.lines));
  if (books.reserved_versions.contains({awards.round, awards.version})) {
    return AwardsAlreadyReserved(awards.round, awards.version);
  }
  for (const AwardLine& line : awards.lines) RETURN_IF_ERROR(MeetsCondition(books, line));
  std::map<BudgetId, std::vector<Move>> moves;
  std::map<BudgetId, Money> totals;
  for (const AwardLine& line : awards.lines) {
    moves[line.budget].push_back({Pot(awards.round), Reserved(line.plan), line.amount});
    totals[line.budget] += line.amount;
  }
  const std::vector<BudgetId> budgets = BudgetsOf(command);
  const Uuid link = budgets.size() > 1 ? command.request.uuid() : Uuid();
  Effect effect;
  for (const AwardLine& line : awards.lines) {
    effect.awards.push_back({line.budget, awards.round, line.plan, line.amount});
  }
  for (const BudgetId budget : budgets) {
    const Book& book = books.by_budget.at(budget);
    const Money held = FindAccount(book, Pot(awards.round))->balance();
    if (held < totals[budget]) return InsufficientFunds(budget, totals[budget], held);
    effect.entries.push_back(
        DraftEntry(book, command, books.now, EntryType::kReserveAwards, "", moves[budget], link));
  }
  return effect;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const AdjustAwards& adjust) {
  RETURN_IF_ERROR(PotsOf(books, command, adjust.round, adjust.lines));
  const int32_t latest = LatestVersion(books, adjust.round);
  if (adjust.version != latest + 1) {
    return StaleVersion(adjust.round, adjust.version, latest);
  }
  static const std::map<std::pair<BudgetId, PlanId>, Money> none;
  const auto found = books.awards.find(adjust.round);
  const auto& now = found == books.awards.end() ? none : found->second;
  std::map<BudgetId, std::vector<std::pair<PlanId, Money>>> targets;
  std::set<std::pair<BudgetId, PlanId>> named;
  Effect effect;
  for (const AwardLine& line : adjust.lines) {
    named.insert({line.budget, line.plan});
    targets[line.budget].emplace_back(line.plan, line.amount);
    const auto award = now.find({line.budget, line.plan});
    const Money before = award == now.end() ? Money() : award->second;
    if (line.amount == before) continue;
    effect.awards.push_back({line.budget, adjust.round, line.plan, line.amount - before});
  }
  for (const auto& [key, amount] : now) {
    if (amount > Money() && !named.contains(key)) {
      return AwardsIncomplete(adjust.round, key.first, key.second);
    }
  }
  for (const AwardLine& line : adjust.lines) {
    const auto award = now.find({line.budget, line.plan});
    const Money before = award == now.end() ? Money() : award->second;
    if (line.amount > before) RETURN_IF_ERROR(MeetsCondition(books, line));
  }
  for (const AwardLine& line : adjust.lines) {
    const auto award = now.find({line.budget, line.plan});
    if (award == now.end() || line.amount >= award->second) continue;
    const Money spent = SpentBy(books.by_budget.at(line.budget), line.plan);
    if (spent > line.amount) return PlanHasSpending(line.budget, line.plan, spent, line.amount);
  }
  for (const AwardLine& line : adjust.lines) {
    const auto award = now.find({line.budget, line.plan});
    const auto carried = books.carried_out.find({line.budget, line.plan});
    if (award == now.end() || carried == books.carried_out.end()) continue;
    const Book& book = books.by_budget.at(line.budget);
    if (line.amount < award->second &&
        Taken(book, line.plan, award->second, line.amount) < award->second - line.amount) {
      return PlanCarriedOver(line.budget, line.plan, carried->second);
    }
  }
  const Uuid link = targets.size() > 1 ? command.request.uuid() : Uuid();
  for (const auto& [budget, of] : targets) {
    const Book& book = books.by_budget.at(budget);
    ASSIGN_OR_RETURN(std::vector<Move> moves, MovesOf(book, adjust.round, of, now));
    if (moves.empty()) continue;
    effect.entries.push_back(
        DraftEntry(book, command, books.now, EntryType::kAdjustAwards, "", std::move(moves), link));
  }
  return effect;
}

std::vector<std::pair<BudgetId, AccountKey>> AwardAccountsOf(const Command& command) {
  std::vector<std::pair<BudgetId, AccountKey>> accounts;
  if (const auto* awards = std::get_if<ReserveAwards>(&command.what)) {
    for (const AwardLine& line : awards->lines) {
      accounts.push_back({line.budget, Pot(awards->round)});
      accounts.push_back({line.budget, Reserved(line.plan)});
    }
  } else if (const auto* adjust = std::get_if<AdjustAwards>(&command.what)) {
    for (const AwardLine& line : adjust->lines) {
      for (const AccountKey& key : {Available(), Pot(adjust->round), Reserved(line.plan),
                                    Clearing(line.plan), Advanced(line.plan), Paid(line.plan)}) {
        accounts.push_back({line.budget, key});
      }
    }
  }
  return accounts;
}

void ApplyAwards(const Command& command, const Effect& effect, Books& books) {
  for (const Entry& entry : effect.entries) {
    if (entry.type == EntryType::kCarryOut) NoteCarriedOut(entry, books);
  }
  for (const AwardChange& change : effect.awards) {
    books.awards[change.round][{change.budget, change.plan}] += change.amount;
  }
  if (const auto* awards = std::get_if<ReserveAwards>(&command.what)) {
    books.reserved_versions.insert({awards->round, awards->version});
  } else if (const auto* adjust = std::get_if<AdjustAwards>(&command.what)) {
    books.reserved_versions.insert({adjust->round, adjust->version});
  }
}

}  // namespace smederij::ledger
