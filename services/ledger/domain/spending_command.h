#pragma once

#include <string>

#include "absl/time/civil_time.h"
#include "services/ledger/domain/commitment.h"

// What may be asked of an award's money; shapes are checked, as in command.h.
namespace smederij::ledger {

struct OpenCommitment {
  BudgetId budget;
  PlanId plan;
  PayeeId payee;
  Money amount;
  std::string quote_ref;
  std::string decision_ref;
  Hash document_hash{};
  absl::CivilDay payable_from;
};

struct CloseCommitment {
  BudgetId budget;
  CommitmentId commitment;
};

struct ReleaseAward {
  BudgetId budget;
  PlanId plan;
  Money amount;
  std::string decision_ref;
};

}  // namespace smederij::ledger
