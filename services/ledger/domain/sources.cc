#include "services/ledger/domain/sources.h"

#include <algorithm>

#include "common/base/check.h"
#include "services/ledger/domain/apportion.h"
#include "services/ledger/domain/errors.h"

namespace smederij::ledger {

absl::Status HasRoomFor(const Book& book, Money amount) {
  Money came_over;
  for (const auto& [key, account] : book.accounts) {
    if (key.kind == AccountKind::kCarriedIn) came_over -= account.balance();
  }
  if (book.appropriated + came_over + amount <= Money::Cents(Money::kCentsMax)) {
    return absl::OkStatus();
  }
  return BudgetFull(book.budget.id, book.appropriated, came_over);
}

BySource LeftOf(const Book& book) {
  BySource left;
  for (const auto& [key, account] : book.accounts) {
    if (key.kind == AccountKind::kSource || key.kind == AccountKind::kCarriedIn ||
        key.kind == AccountKind::kCarriedOut) {
      left[key.reference] -= account.balance();
    }
  }
  // What went over before that was told by source stands under the next budget's id, which gave
  // nothing: it was everybody's.
  Money everybodys;
  for (auto& [source, amount] : left) {
    if (amount >= Money()) continue;
    everybodys -= amount;
    amount = Money();
  }
  TakeFrom(left, everybodys);
  return left;
}

BySource TakeFrom(BySource& left, Money total) {
  BySource taken;
  if (total == Money()) return taken;
  std::vector<Money> weights;
  for (const auto& [source, amount] : left) weights.push_back(amount);
  const std::vector<Money> parts = Apportion(total, weights);
  size_t i = 0;
  for (auto& [source, amount] : left) {
    const Money part = parts[i++];
    if (part == Money()) continue;
    // Rounded up is only what was cut off: an amount in whole cents is never exceeded by it.
    CHECK(part <= amount);
    amount -= part;
    taken[source] = part;
  }
  return taken;
}

std::vector<Move> ToSources(const Book& book, const BySource& parts) {
  std::vector<Move> moves;
  const auto move = [&](const AccountKey& to, Money amount) {
    if (amount > Money()) moves.push_back({Available(), to, amount});
  };
  for (const auto& [source, part] : parts) {
    const Money came_over = std::min(part, -HeldBy(book, CarriedIn(source)));
    move(CarriedIn(source), came_over);
    move(Source(source), part - came_over);
  }
  return moves;
}

std::vector<std::pair<std::string, Money>> Slices::Next(Money amount) {
  std::vector<std::pair<std::string, Money>> slices;
  while (amount > Money()) {
    CHECK(!parts_.empty());
    const auto first = parts_.begin();
    const Money slice = std::min(amount, first->second);
    if (slice > Money()) slices.emplace_back(first->first, slice);
    amount -= slice;
    first->second -= slice;
    if (first->second == Money()) parts_.erase(first);
  }
  return slices;
}

}  // namespace smederij::ledger
