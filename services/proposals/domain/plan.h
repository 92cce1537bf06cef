#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "services/proposals/domain/ids.h"
#include "services/proposals/domain/round.h"

namespace smederij::proposals {

inline constexpr int64_t kMembersMax = 1'000;
inline constexpr int64_t kAdviceMax = 100;
inline constexpr size_t kIdeasMax = 50;  // Of one plan.

// What a resident hands in.
struct Idea {
  IdeaId id = {};
  RoundId round = {};
  SubjectId author = {};
  std::string title = {};
  std::string text = {};
  absl::Time submitted_at = {};
};

// Residents who carry plans. Anyone of the district may join.
struct Group {
  GroupId id = {};
  RoundId round = {};
  std::string name = {};
  absl::Time formed_at = {};
  std::vector<SubjectId> members = {};  // In order of joining.

  bool Has(SubjectId subject) const;
};

enum class Horizon { kShortStrike = 1, kLongStrike = 2 };

enum class PlanState {
  kForged = 1,       // Being forged and checked.
  kAdmitted = 2,     // Goes to the vote.
  kLeftOut = 3,      // Was not admitted before the freeze.
  kSelected = 4,     // Won, or its offer was accepted; the money follows.
  kOffered = 5,      // Is offered less than it asked.
  kNotSelected = 6,  // Did not win.
  kDeclined = 7,     // The group declined the offer, or let it lapse.
  kFunded = 8,       // Its money is reserved in the ledger.
};
absl::string_view Name(PlanState state);  // "FORGED", …

// The initiative group's own verdict on one criterion.
struct Check {
  std::string criterion = {};
  bool met = false;
  std::string reason = {};
};

// The neighbourhood team's opinion; never a veto.
struct Advice {
  SubjectId author = {};
  std::string text = {};
  absl::Time at = {};
};

// What an initiative group forges out of one or more ideas.
struct Plan {
  PlanId id = {};
  RoundId round = {};
  GroupId group = {};
  uint32_t number = 0;  // What people say in the hall.
  std::string title = {};
  std::string text = {};
  Money cost = {};
  Horizon horizon = Horizon::kShortStrike;
  std::string exclusive_group = {};  // Plans of the same one exclude each other; empty for none.
  std::string category = {};         // Which conditional money it may get; empty for none.
  std::vector<IdeaId> ideas = {};
  PlanState state = PlanState::kForged;
  std::vector<Check> checks = {};   // The newest of each criterion, by criterion.
  std::vector<Advice> advice = {};  // Oldest first.
  std::string text_hash = {};       // 32 bytes, once frozen.
  int64_t support = 0;              // From here on: after certification.
  Money award = {};
  std::string reason = {};
  std::string sentence = {};
  std::string sentence_nl = {};  // Empty where a round ended without a vote.
};

// At least one idea, none twice, a horizon, a group name that fits a manifest, and a category in
// the ledger's form or none. Refusal: BAD_PLAN, all mistakes.
absl::Status CheckForged(const std::vector<IdeaId>& ideas, std::optional<Horizon> horizon,
                         absl::string_view exclusive_group, absl::string_view category);

// May a member check the plan against `criterion` now?
// Refusals, in order: WRONG_PHASE, WRONG_STATE, CRITERION_NOT_FOUND.
absl::Status MayCheck(const Round& round, const Plan& plan, absl::string_view criterion,
                      absl::Time now);

// May the area director admit the plan now? Advice is not asked: it is never a veto.
// Refusals, in order: WRONG_PHASE, WRONG_STATE, CRITERIA_UNCHECKED, CRITERIA_NOT_MET, OVER_CAP,
// NO_POT_FOR_PLAN.
absl::Status MayAdmit(const Round& round, const Plan& plan, absl::Time now);

// May `subject` of `group` answer the plan's offer? Refusals, in order: NOT_A_MEMBER,
// NO_OFFER_OPEN. An offer is open until the round's answer_until, if it has one.
absl::Status MayAnswer(const Round& round, const Group& group, const Plan& plan, SubjectId subject,
                       absl::Time now);

}  // namespace smederij::proposals
