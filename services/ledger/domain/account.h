#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/base/id.h"
#include "common/base/money.h"

namespace smederij::ledger {

using CommitmentId = Id<struct CommitmentTag>;

// What an account is for. The numbers stand in the canonical bytes of entries, in the tables and in
// the API, and never change.
enum class AccountKind : int16_t {
  kSource = 1,      // Where money comes from. Goes below zero: the amount it promised.
  kAvailable = 2,   // Free to decide on. One per budget.
  kPot = 3,         // Set aside for one round.
  kReserved = 4,    // Awarded to one plan.
  kCommitted = 5,   // Promised to a supplier, by one commitment.
  kClearing = 6,    // Given to the bank for one plan, not yet settled.
  kPaid = 7,        // Paid for one plan.
  kCarriedOut = 8,  // Of one source: gone over to the next year's budget.
  kCarriedIn = 9,   // Of one source: come over from the last year's. Goes below zero by as much.
  kAdvanced = 10,   // Paid for one plan in advance; receipts for it are still due.
};

// Which account of a budget: what it is for, and whom it belongs to (a source's name, a round's,
// plan's or commitment's id, nothing for kAvailable). Money that was carried over before that was
// told by source stands under the other budget's id, which counts as one more source.
struct AccountKey {
  AccountKind kind = AccountKind::kAvailable;
  std::string reference;

  auto operator<=>(const AccountKey&) const = default;
};

inline AccountKey Source(absl::string_view name) {
  return {AccountKind::kSource, std::string(name)};
}
inline AccountKey Available() { return {AccountKind::kAvailable, ""}; }
inline AccountKey Pot(RoundId round) { return {AccountKind::kPot, round.ToString()}; }
inline AccountKey Reserved(PlanId plan) { return {AccountKind::kReserved, plan.ToString()}; }
inline AccountKey Committed(CommitmentId commitment) {
  return {AccountKind::kCommitted, commitment.ToString()};
}
inline AccountKey Clearing(PlanId plan) { return {AccountKind::kClearing, plan.ToString()}; }
inline AccountKey Paid(PlanId plan) { return {AccountKind::kPaid, plan.ToString()}; }
inline AccountKey Advanced(PlanId plan) { return {AccountKind::kAdvanced, plan.ToString()}; }

inline AccountKey CarriedOut(absl::string_view source) {
  return {AccountKind::kCarriedOut, std::string(source)};
}
inline AccountKey CarriedIn(absl::string_view source) {
  return {AccountKind::kCarriedIn, std::string(source)};
}

// Where money comes from: sources promise what they do not hold, and the year before gave it.
inline bool MayOverdraw(AccountKind kind) {
  return kind == AccountKind::kSource || kind == AccountKind::kCarriedIn;
}

// An account with everything that ever left it (debits) and came to it (credits).
struct Account {
  int64_t no = 0;
  AccountKey key;
  Money debits = {}, credits = {};

  Money balance() const { return credits - debits; }
  bool operator==(const Account&) const = default;
};

}  // namespace smederij::ledger
