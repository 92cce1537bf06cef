#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/ledger/domain/books.h"
#include "services/ledger/domain/draft.h"

// Whose money a budget's is. Money has no marks, so nobody says of a single euro who gave it; but
// of every source it is known how much of what it gave is still here, and what leaves is
// apportioned.
namespace smederij::ledger {

// An amount of every source, by its name. Never negative.
using BySource = std::map<std::string, Money>;

// Whether the budget has room for `amount` more: what its sources promised and what came over of
// them is within the range of an amount, and so is every balance, and sums are far from overflow.
// Every account of kCarriedIn has to be among the book's. Refusal: BUDGET_FULL.
absl::Status HasRoomFor(const Book& book, Money amount);

// What is left of each source: what it promised and what came over of it, less what went over to
// next year and what it got back. Adds up to all that is held in the budget, paid or not. Every
// account of kSource, kCarriedIn and kCarriedOut has to be among the book's.
BySource LeftOf(const Book& book);

// `total`, which is at most what is left together, apportioned over it; and that taken off `left`:
// no source gives more than there is left of it.
BySource TakeFrom(BySource& left, Money total);

// What goes back to each source, out of what is available: first for what came over of it, then for
// what it gave this year. No more than is left of it.
std::vector<Move> ToSources(const Book& book, const BySource& parts);

// Accounts and sources side by side: every account's money is cut where one source's part ends and
// the next one's begins. So amounts of n accounts and m sources take n + m - 1 movements at most,
// where each with each would take n · m.
class Slices {
 public:
  explicit Slices(BySource parts) : parts_(std::move(parts)) {}

  // The next `amount`, by source: all of them together are what the parts add up to.
  std::vector<std::pair<std::string, Money>> Next(Money amount);

 private:
  BySource parts_;  // What is not cut off yet.
};

}  // namespace smederij::ledger
