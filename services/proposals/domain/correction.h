#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "services/proposals/domain/award.h"
#include "services/proposals/domain/ids.h"
#include "services/proposals/domain/plan.h"
#include "services/proposals/domain/round.h"

// Awards that change after the result: an objection was upheld, or a recount by hand decided
// otherwise. The certified result stays what it is; what plans get is what was decided last.
namespace smederij::proposals {

// Of one round, refused and withdrawn ones too: each is kept for good with its number and its
// lines, and every proposal reads them all. The schema holds numbers to the same.
inline constexpr uint32_t kCorrectionsMax = 1'000;

enum class CorrectionState {
  kProposed = 1,    // Waits for a second person.
  kAccepted = 2,    // The ledger is asked.
  kRefused = 3,     // By a person.
  kDone = 4,        // Plans get what it says.
  kTurnedDown = 5,  // By the ledger, which said why; nothing has changed.
  kWithdrawn = 6,   // By the person who proposed it.
};
absl::string_view Name(CorrectionState state);  // "PROPOSED", …

// The steps there are; the table correction_transition holds the same.
bool MayFollow(CorrectionState from, CorrectionState to);

// What a plan gets after all; zero: nothing.
struct CorrectionLine {
  PlanId plan = {};
  Money amount = {};
  BudgetId pot = {};  // Pays all that it gets more; nil: as the round's pots come.

  bool operator==(const CorrectionLine&) const = default;
};

struct Correction {
  CorrectionId id = {};
  RoundId round = {};
  uint32_t number = 0;                     // 1, 2, 3 … in the round.
  std::vector<CorrectionLine> lines = {};  // Of the plans that change; the others stay.
  std::string decision_ref = {};
  CorrectionState state = CorrectionState::kProposed;
  SubjectId proposed_by = {};
  SubjectId decided_by = {};         // Nil while it waits.
  std::string ledger_reason = {};    // Turned down.
  std::string ledger_sentence = {};  // Turned down.
  absl::Time proposed_at = {};

  bool open() const {
    return state == CorrectionState::kProposed || state == CorrectionState::kAccepted;
  }
};

// 1 … kPlansMax lines, no plan twice. Refusal: BAD_CORRECTION, all mistakes.
absl::Status CheckCorrection(absl::Span<const CorrectionLine> lines);

// May this be proposed? `offers_open` counts offers without an answer, `earlier` are the round's
// corrections, `plans` all its plans.
// Refusals, in order: WRONG_PHASE, OFFERS_OPEN, CORRECTION_PENDING, TOO_MANY_CORRECTIONS,
// PLAN_NOT_FOUND, POT_NOT_FOUND, NOT_ON_THE_BALLOT, OVER_COST, NOTHING_CORRECTED, POT_NOT_NEEDED,
// POT_FOR_OTHER_PLANS.
absl::Status MayPropose(const Round& round, uint32_t offers_open,
                        absl::Span<const Correction> earlier, absl::Span<const Plan> plans,
                        absl::Span<const CorrectionLine> lines, absl::Time now);

// May `subject`, who may decide on `limit` alone, accept or refuse it? Whoever proposed it never
// accepts it. `more` is what plans get more by it, all together.
// Refusals, in order: CORRECTION_DECIDED; to accept it SELF_APPROVAL, OVER_LIMIT.
absl::Status MayDecide(const Correction& correction, bool accept, SubjectId subject, Money more,
                       Money limit);

// May `subject` take it back? Only whoever proposed it; others refuse it.
// Refusals, in order: CORRECTION_DECIDED, NOT_PROPOSER.
absl::Status MayWithdraw(const Correction& correction, SubjectId subject);

// What plans get more than they have, all together; what others get less does not count against it.
Money MoreBy(absl::Span<const CorrectionLine> lines, absl::Span<const Plan> plans);

// All awards of a round as they are to be, from those there are (in the order of their pots) and a
// correction of `plans`, which are all of the round; those that end are named, with zero. What a
// plan loses goes back to the last pots it came from. What it gets more comes from the pot that the
// correction names; where it names none, from the first of those that may pay for it (PotsFor) that
// awards leave anything of, and beyond them from the budget of the first that pays for most plans.
// Whether a budget still has it, only the ledger knows.
std::vector<AwardLine> Corrected(std::vector<AwardLine> now, absl::Span<const CorrectionLine> lines,
                                 absl::Span<const Plan> plans, const std::vector<Pot>& pots,
                                 uint32_t version);

}  // namespace smederij::proposals
