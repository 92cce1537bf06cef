#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/id.h"
#include "common/base/money.h"
#include "services/ledger/domain/books_command.h"
#include "services/ledger/domain/budget.h"
#include "services/ledger/domain/spending_command.h"

namespace smederij::ledger {

// What may be asked of the books, checked for shape (amounts in range, texts well-formed, no empty
// lists) but not for what the books allow.

struct OpenBudget {
  MunicipalityId municipality;
  DistrictId district;
  std::string fund;
  int32_t fiscal_year = 0;
  std::string currency;
  std::optional<Condition> condition = {};
};

struct Appropriate {
  BudgetId budget;
  std::string source;
  Money amount;
  std::string decision_ref;
};

struct HoldPot {
  BudgetId budget;
  RoundId round;
  Money amount;
  std::string decision_ref;
};

struct AwardLine {
  PlanId plan;
  BudgetId budget;
  Money amount;
  std::string category = {};  // The plan's, as the caller knows it; may be empty.
};

struct ReserveAwards {
  RoundId round;
  int32_t version = 0;
  std::vector<AwardLine> lines;
};

// All awards of the round as they shall be, also those that end with nothing.
struct AdjustAwards {
  RoundId round;
  int32_t version = 0;
  std::vector<AwardLine> lines;
};

struct ReleasePot {
  BudgetId budget;
  RoundId round;
};

struct Command {
  RequestId request;
  std::string actor;          // As in Entry.
  SubjectId person = {};      // The person behind it, whatever role they act in; nil for a service.
  std::string approver = {};  // The second person, of what was proposed by the actor; as in Entry.
  // The day it happened outside, where the person says so.
  std::optional<absl::CivilDay> effective = {};
  std::variant<OpenBudget, Appropriate, HoldPot, ReserveAwards, ReleasePot, OpenCommitment,
               CloseCommitment, ReleaseAward, RequestPayment, ApprovePayment, RejectPayment,
               InstructPayment, SettlePayment, FailPayment, ProposeReversal, DecideReversal,
               AdjustAwards, ProposeClosing, DecideClosing, ProposeHandover, DecideHandover,
               CloseBudget, AccountForAdvance, ReturnAdvance, ReturnPayment, IndexAppropriations>
      what;
};

// The budgets a command touches, ascending, each once. Its request_id counts within the first.
std::vector<BudgetId> BudgetsOf(const Command& command);

// What a command proposes to hand over, or decides about; null when it is about something else.
const CarryOver* CarryOf(const Command& command);
const ReturnFunds* ReturnOf(const Command& command);

}  // namespace smederij::ledger
