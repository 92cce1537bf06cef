#include "services/ledger/domain/books.h"

#include <algorithm>

#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "services/ledger/domain/advances.h"
#include "services/ledger/domain/awards.h"
#include "services/ledger/domain/carry.h"
#include "services/ledger/domain/closings.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/domain/handovers.h"
#include "services/ledger/domain/indexings.h"
#include "services/ledger/domain/payments.h"
#include "services/ledger/domain/repayments.h"
#include "services/ledger/domain/reversals.h"
#include "services/ledger/domain/sources.h"
#include "services/ledger/domain/spending.h"

namespace smederij::ledger {
namespace {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command, const OpenBudget& open) {
  if (!books.currencies.contains(open.currency)) return UnknownCurrency(open.currency);
  const auto district = books.districts.find(open.district);
  if (district != books.districts.end() && district->second != open.municipality) {
    return DistrictElsewhere(open.district);
  }
  const BudgetId id = IdOfBudget(open.district, open.fund, open.fiscal_year, open.currency);
  if (books.by_budget.contains(id)) return BudgetExists(id);
  return Effect{.opened = {Budget{.id = id,
                                  .municipality = open.municipality,
                                  .district = open.district,
                                  .fund = open.fund,
                                  .fiscal_year = open.fiscal_year,
                                  .currency = open.currency,
                                  .opened_at = books.now,
                                  .request = command.request,
                                  .actor = command.actor,
                                  .condition = open.condition}},
                .entries = {}};
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const Appropriate& appropriate) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, appropriate.budget, command));
  RETURN_IF_ERROR(HasRoomFor(*book, appropriate.amount));
  return Effect{.opened = {},
                .entries = {DraftEntry(
                    *book, command, books.now, EntryType::kAppropriate, appropriate.decision_ref,
                    {{Source(appropriate.source), Available(), appropriate.amount}})}};
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command, const HoldPot& hold) {
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, hold.budget));
  if (FindAccount(*book, Pot(hold.round)) != nullptr) return PotExists(hold.budget, hold.round);
  const Account* const available = FindAccount(*book, Available());
  const Money held = available == nullptr ? Money() : available->balance();
  if (held < hold.amount) return InsufficientFunds(hold.budget, hold.amount, held);
  return Effect{
      .opened = {},
      .entries = {DraftEntry(*book, command, books.now, EntryType::kHoldPot, hold.decision_ref,
                             {{Available(), Pot(hold.round), hold.amount}})}};
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReleasePot& release) {
  // An empty pot asks nothing of its books, which may be closed since.
  const auto found = books.by_budget.find(release.budget);
  if (found != books.by_budget.end()) {
    const Account* const empty = FindAccount(found->second, Pot(release.round));
    if (empty != nullptr && empty->balance() == Money()) return Effect{};
  }
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, release.budget));
  const Account* const pot = FindAccount(*book, Pot(release.round));
  if (pot == nullptr) return PotNotFound(release.budget, release.round);
  return Effect{.opened = {},
                .entries = {DraftEntry(*book, command, books.now, EntryType::kReleasePot, "",
                                       {{Pot(release.round), Available(), pot->balance()}})}};
}

void Open(const Budget& budget, Books& books) {
  Book book;
  book.budget = budget;
  PlaceInPeriod(books.today, book);
  book.head_hash = OpeningHash(CanonicalOpening(budget));
  // Available is account 1 of every budget, from its first day.
  book.account_count = 1;
  book.accounts[Available()] = Account{.no = 1, .key = Available()};
  books.districts.emplace(budget.district, budget.municipality);
  CHECK(books.by_budget.emplace(budget.id, std::move(book)).second);
}

}  // namespace

std::vector<BudgetId> BudgetsOf(const Command& command) {
  std::vector<BudgetId> budgets;
  if (const auto* open = std::get_if<OpenBudget>(&command.what)) {
    budgets = {IdOfBudget(open->district, open->fund, open->fiscal_year, open->currency)};
  } else if (const auto* appropriate = std::get_if<Appropriate>(&command.what)) {
    budgets = {appropriate->budget};
  } else if (const auto* hold = std::get_if<HoldPot>(&command.what)) {
    budgets = {hold->budget};
  } else if (const auto* release = std::get_if<ReleasePot>(&command.what)) {
    budgets = {release->budget};
  } else if (const auto* awards = std::get_if<ReserveAwards>(&command.what)) {
    for (const AwardLine& line : awards->lines) budgets.push_back(line.budget);
  } else if (const auto* adjust = std::get_if<AdjustAwards>(&command.what)) {
    for (const AwardLine& line : adjust->lines) budgets.push_back(line.budget);
  } else if (const CarryOver* carry = CarryOf(command)) {
    budgets = {carry->from, carry->to};
  } else if (const ReturnFunds* give_back = ReturnOf(command)) {
    budgets = {give_back->budget};
  } else if (const auto* index = std::get_if<IndexAppropriations>(&command.what)) {
    budgets = {index->from, index->budget};
  } else {
    budgets = {SpendingBudgetOf(command)};
  }
  std::sort(budgets.begin(), budgets.end());
  budgets.erase(std::unique(budgets.begin(), budgets.end()), budgets.end());
  CHECK(!budgets.empty());
  return budgets;
}

std::vector<std::pair<BudgetId, AccountKey>> AccountsOf(const Command& command) {
  if (const auto* appropriate = std::get_if<Appropriate>(&command.what)) {
    return {{appropriate->budget, Source(appropriate->source)}, {appropriate->budget, Available()}};
  }
  if (const auto* hold = std::get_if<HoldPot>(&command.what)) {
    return {{hold->budget, Available()}, {hold->budget, Pot(hold->round)}};
  }
  if (const auto* release = std::get_if<ReleasePot>(&command.what)) {
    return {{release->budget, Available()}, {release->budget, Pot(release->round)}};
  }
  std::vector<std::pair<BudgetId, AccountKey>> accounts = SpendingAccountsOf(command);
  for (auto& account : AwardAccountsOf(command)) accounts.push_back(std::move(account));
  return accounts;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command) {
  return std::visit([&](const auto& what) { return Decide(books, command, what); }, command.what);
}

void Apply(const Command& command, const Effect& effect, Books& books) {
  for (const Budget& budget : effect.opened) Open(budget, books);
  for (const Entry& entry : effect.entries) {
    PostEntry(entry, books.by_budget.at(entry.budget));
  }
  ApplyAwards(command, effect, books);
  ApplySpending(effect, books);
  ApplyReversals(effect, books);
  ApplyClosings(effect, books);
  ApplyIndexings(effect, books);
  ApplyHandovers(effect, books);
  for (const auto& [budget, state] : effect.states) {
    books.by_budget.at(budget).budget.state = state;
  }
}

}  // namespace smederij::ledger
