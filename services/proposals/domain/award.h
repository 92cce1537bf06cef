#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "services/proposals/domain/plan.h"
#include "services/proposals/domain/round.h"

// From a certified result to money: pure functions of the result and the answers to offers, so that
// asking the ledger again asks for exactly the same.
namespace smederij::proposals {

enum class Decision { kAwarded = 1, kPartial = 2, kNotAwarded = 3 };

// What the count says of one plan.
struct PlanResult {
  PlanId plan = {};
  uint32_t number = 0;
  Decision decision = Decision::kNotAwarded;
  Money award = {};
  int64_t support = 0;
  std::string reason = {};
  std::string sentence = {};
  std::string sentence_nl = {};
};

// A certified result, as ballots published it.
struct Result {
  std::string hash = {};  // 32 bytes.
  uint32_t version = 0;
  Money awarded = {};
  Money pots = {};
  std::vector<PlanResult> plans = {};  // In the order of the outcome: winners first.
};

// A plan as it was frozen into the manifest.
struct FrozenPlan {
  PlanId id = {};
  uint32_t number = 0;
  Money cost = {};  // What it asks the vote for.
  std::string category = {};
};

// Is `result` a possible outcome of what was frozen? It names every frozen plan once and nothing
// else; an award is the frozen cost, a partial one less than that; together they are what the
// result says, and those of each contest fit its pots. Refusal: RESULT_NOT_CREDIBLE with the first
// contradiction.
absl::Status CheckResult(const Result& result, absl::Span<const FrozenPlan> frozen,
                         const std::vector<Pot>& pots);

// Adds to the plans that win what pots hold for them alone.
void AddOwnMoney(Result& result, const std::vector<Pot>& pots);

// The state a plan takes when the result is known.
PlanState StateAfter(Decision decision);

// Something that is to be paid: an award that needs no answer (version 1), or an offer that was
// accepted (a version of its own, in order of acceptance).
struct Award {
  uint32_t version = 0;
  uint32_t rank = 0;  // Place in the outcome.
  PlanId plan = {};
  Money amount = {};
  std::string category = {};  // The plan's.
};

// One line of a reservation.
struct AwardLine {
  uint32_t version = 0;
  PlanId plan = {};
  BudgetId budget = {};
  Money amount = {};
  std::string category = {};  // The plan's, which a budget may ask for.

  bool operator==(const AwardLine&) const = default;
};

// Which pot pays what: awards by version, then rank; each takes from the first of the pots that may
// pay for it (PotsFor) that have anything left. Versions only grow, so the lines of a version never
// change once it exists. The awards fit the pots: CheckResult said so.
std::vector<AwardLine> AwardLines(std::vector<Award> awards, const std::vector<Pot>& pots);

// The same, of one version.
std::vector<AwardLine> AwardLines(std::vector<Award> awards, const std::vector<Pot>& pots,
                                  uint32_t version);

// May awards of these lines be made `today`? Where conditions name a day it has not passed.
// Refusal: DEADLINE_PASSED, of the first line.
absl::Status CheckDay(absl::Span<const AwardLine> lines, const std::vector<Pot>& pots,
                      absl::CivilDay today);

}  // namespace smederij::proposals
