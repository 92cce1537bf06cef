#pragma once

#include <cstdint>

#include "common/base/money.h"
#include "services/ledger/domain/objection_term.h"

namespace smederij::ledger {

inline constexpr int64_t kTwoApproversAboveCents = 5'000'00;

// What a deployment decides about money. Changed, it holds for what is asked from then on.
struct Rules {
  Money two_approvers_above = Money::Cents(kTwoApproversAboveCents);  // A payment of more.
  int objection_days = kObjectionDays;  // To a grant decision; 0 … kObjectionDaysMax.
};

}  // namespace smederij::ledger
