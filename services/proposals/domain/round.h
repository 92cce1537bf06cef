#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "services/proposals/domain/ids.h"

namespace smederij::proposals {

inline constexpr size_t kPotsMax = 16;
inline constexpr uint32_t kPlansMax = 900;  // A round's awards fit one reservation of 1,000 lines.
inline constexpr absl::Duration kSpanMax = absl::Hours(24 * 366);

// When what happens: freeze_at < issue_from ≤ issue_until ≤ cast_until, issue_from ≤ cast_from <
// cast_until ≤ answer_until.
struct Instants {
  absl::Time freeze_at = {};                    // Plans, costs, rules and pot are frozen.
  absl::Time issue_from = {};                   // Credentials are issued from here …
  absl::Time issue_until;                       // … until here (exclusive).
  absl::Time cast_from = {};                    // Ballots are taken from here …
  absl::Time cast_until;                        // … until here (exclusive).
  absl::CivilDay reference_date = {};           // Ages are taken on this day.
  std::optional<absl::Time> answer_until = {};  // Offers not answered by then count as declined.

  bool operator==(const Instants&) const = default;
};

// A part of a year budget set aside for a round.
struct Pot {
  BudgetId budget = {};
  Money amount = {};

  // What the ledger says the money is for. With neither it is for whatever the district decides.
  std::string category = {};  // For plans of this category alone; as Plan::category.
  PlanId plan = {};           // For this plan alone, which asks the vote for so much less; or nil.
  std::optional<absl::CivilDay> deadline = {};  // The last day to award it, where it has either.
};

inline constexpr size_t kStationsMax = 200;
inline constexpr size_t kStationPostcodesMax = 2000;

// Where people vote on paper on the polling evening.
struct Station {
  uint32_t number = 0;
  std::string name = {};
  std::vector<std::string> postcodes = {};  // "7901AB" or "7901"; sorted.

  bool operator==(const Station&) const = default;
};

// What a round keeps of its charter to judge plans by. The rules of voting and counting travel
// with the round as the bytes registry gave: only the manifest needs them.
struct Charter {
  CharterId id = {};
  std::vector<std::string> criteria = {};
  Money plan_cost_max = {};  // Zero: no cap.
};

struct PotApproval {
  SubjectId by = {};
  std::string decision_ref = {};
  absl::Time at = {};
};

// What a round came to.
enum class Outcome { kNone = 0, kVoted = 1, kNoPlanAdmitted = 2, kVotingNeverOpened = 3 };

// One district, one year, one budget, one election.
struct Round {
  RoundId id = {};
  MunicipalityId municipality = {};
  DistrictId district = {};
  std::string title = {};
  int32_t year = 0;
  Charter charter = {};
  Instants instants = {};
  std::vector<Pot> pots = {};          // In the order in which they pay.
  std::vector<Station> stations = {};  // By number; none when nobody votes on paper.
  bool demonstration = false;
  absl::Time created_at = {};
  std::optional<PotApproval> pot_approval = {};

  // What became known on the way.
  std::string manifest_hash = {};              // 32 bytes, once proposed.
  std::optional<absl::Time> approved_at = {};  // Two officials approved the manifest.
  std::optional<absl::Time> closes_at = {};    // cast_until as ballots has it, once approved.
  std::string result_hash = {};                // 32 bytes, once certified.
  Outcome outcome = Outcome::kNone;
  std::optional<absl::Time> done_at = {};

  // What it waits for, and whether somebody must mend something first.
  std::string waits_for = {};
  std::string blocked_reason = {};
  bool blocked() const { return !blocked_reason.empty(); }
};

// What may be done now.
enum class Phase {
  kForging = 1,   // Ideas, groups and plans.
  kFrozen = 2,    // The manifest is made and approved.
  kVoting = 3,    // Credentials are issued or ballots are taken.
  kCounting = 4,  // Ballots are counted and the result is certified.
  kAwarding = 5,  // Money is being reserved, offers wait for answers.
  kDone = 6,
};
absl::string_view Name(Phase phase);      // "FORGING", …
absl::string_view Name(Outcome outcome);  // "VOTED", …

// A function of the stored instants, the stored approvals and the database's clock; nothing ever
// sets a phase. Voting follows the manifest's approval: late approval means voting opens late.
Phase PhaseOf(const Round& round, absl::Time now);

// When the election stops taking ballots: as ballots has it, or as planned while it has nothing.
absl::Time ClosesAt(const Round& round);

// All pots together.
Money PotTotal(const Round& round);

// Instants of a round that is planned at `now`, or at any time with InfinitePast. Refusal:
// BAD_INSTANTS, all mistakes.
absl::Status CheckInstants(const Instants& instants, absl::Time now);

// 1 … kPotsMax pots, no budget twice, and a total an amount can hold. Refusal: BAD_POTS, all
// mistakes. Amounts are in range already.
absl::Status CheckPots(const std::vector<Pot>& pots);

// Checks stations as registry will when the roll is opened, so that no round gets stuck there, and
// puts them and their postcodes in order. Refusal: BAD_STATIONS, all mistakes.
absl::StatusOr<std::vector<Station>> InOrder(std::vector<Station> stations);

// The instants `round` gets when it is moved at `now`. Freezing and opening that have passed become
// `now`: nothing is frozen in retrospect. Refusals, in order: BAD_INSTANTS, WRONG_PHASE.
absl::StatusOr<Instants> Rescheduled(const Round& round, Instants wanted, absl::Time now);

// May the budget holder decide on the pot now? Refusals, in order: POT_ALREADY_APPROVED,
// WRONG_PHASE, OVER_LIMIT.
absl::Status MayApprovePot(const Round& round, Money limit, absl::Time now);

// Ideas, groups, plans, checks, advice and admissions end at the freeze. Refusal: WRONG_PHASE.
absl::Status MayForge(const Round& round, absl::Time now);

}  // namespace smederij::proposals
