#include "services/proposals/domain/round.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/domain/mistakes.h"

namespace smederij::proposals {
namespace {

constexpr absl::Duration kTick = absl::Microseconds(1);  // The least that PostgreSQL tells apart.

// The mistakes of one request, told together.
// Times that PostgreSQL and a calendar of people both can hold.
bool IsReasonable(absl::Time time) {
  static const absl::Time kEarliest = absl::FromCivil(absl::CivilDay(2000), absl::UTCTimeZone());
  static const absl::Time kLatest = absl::FromCivil(absl::CivilDay(3000), absl::UTCTimeZone());
  return time >= kEarliest && time < kLatest;
}

}  // namespace

absl::string_view Name(Phase phase) {
  switch (phase) {
    case Phase::kForging:
      return "FORGING";
    case Phase::kFrozen:
      return "FROZEN";
    case Phase::kVoting:
      return "VOTING";
    case Phase::kCounting:
      return "COUNTING";
    case Phase::kAwarding:
      return "AWARDING";
    case Phase::kDone:
      return "DONE";
  }
  return "UNKNOWN";
}

absl::string_view Name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kNone:
      return "NONE";
    case Outcome::kVoted:
      return "VOTED";
    case Outcome::kNoPlanAdmitted:
      return "NO_PLAN_ADMITTED";
    case Outcome::kVotingNeverOpened:
      return "VOTING_NEVER_OPENED";
  }
  return "UNKNOWN";
}

absl::Time ClosesAt(const Round& round) {
  return round.closes_at.value_or(round.instants.cast_until);
}

Phase PhaseOf(const Round& round, absl::Time now) {
  if (round.done_at) return Phase::kDone;
  if (round.outcome != Outcome::kNone) return Phase::kAwarding;
  if (now < round.instants.freeze_at) return Phase::kForging;
  if (!round.approved_at || now < round.instants.issue_from) return Phase::kFrozen;
  return now < ClosesAt(round) ? Phase::kVoting : Phase::kCounting;
}

Money PotTotal(const Round& round) {
  Money total;
  for (const Pot& pot : round.pots) total += pot.amount;
  return total;
}

absl::Status CheckInstants(const Instants& t, absl::Time now) {
  Mistakes mistakes;
  mistakes.Unless(IsReasonable(t.freeze_at), "instants.freeze_at", "must be given");
  mistakes.Unless(IsReasonable(t.issue_from), "instants.issue_from", "must be given");
  mistakes.Unless(IsReasonable(t.issue_until), "instants.issue_until", "must be given");
  mistakes.Unless(IsReasonable(t.cast_from), "instants.cast_from", "must be given");
  mistakes.Unless(IsReasonable(t.cast_until), "instants.cast_until", "must be given");
  RETURN_IF_ERROR(mistakes.Refuse(BadInstants()));  // Comparing nonsense explains nothing.

  mistakes.Unless(t.freeze_at < t.issue_from, "instants.issue_from", "must be after freeze_at");
  mistakes.Unless(t.issue_from <= t.issue_until, "instants.issue_until",
                  "must not be before issue_from");
  mistakes.Unless(t.issue_until <= t.cast_until, "instants.issue_until",
                  "must not be after cast_until");
  mistakes.Unless(t.issue_from <= t.cast_from, "instants.cast_from",
                  "must not be before issue_from");
  mistakes.Unless(t.cast_from < t.cast_until, "instants.cast_until", "must be after cast_from");
  mistakes.Unless(now <= t.freeze_at, "instants.freeze_at", "must lie ahead");
  if (t.answer_until) {
    mistakes.Unless(t.cast_until <= *t.answer_until, "instants.answer_until",
                    "must not be before cast_until");
  }
  mistakes.Unless(t.answer_until.value_or(t.cast_until) - t.freeze_at <= kSpanMax,
                  t.answer_until ? "instants.answer_until" : "instants.cast_until",
                  "must be within a year of freeze_at");
  mistakes.Unless(
      t.reference_date >= absl::CivilDay(2000) && t.reference_date < absl::CivilDay(3000),
      "instants.reference_date", "must be a day, as 2026-01-31");
  return mistakes.Refuse(BadInstants());
}

absl::Status CheckPots(const std::vector<Pot>& pots) {
  Mistakes mistakes;
  mistakes.Unless(!pots.empty(), "pots", "must name at least one budget");
  mistakes.Unless(pots.size() <= kPotsMax, "pots", "must name at most 16 budgets");
  absl::flat_hash_set<BudgetId> seen;
  Money total;
  for (size_t i = 0; i < pots.size(); ++i) {
    mistakes.Unless(seen.insert(pots[i].budget).second, absl::StrCat("pots[", i, "].budget_id"),
                    "must not name a budget twice");
    total += pots[i].amount;
  }
  mistakes.Unless(total.cents() <= Money::kCentsMax, "pots",
                  "must be at most 10^15 cents together");
  return mistakes.Refuse(BadPots());
}

absl::StatusOr<Instants> Rescheduled(const Round& round, Instants wanted, absl::Time now) {
  RETURN_IF_ERROR(CheckInstants(wanted, absl::InfinitePast()));  // Raising hides no mistake.
  wanted.freeze_at = std::max(wanted.freeze_at, now);
  wanted.issue_from = std::max(wanted.issue_from, wanted.freeze_at + kTick);
  wanted.cast_from = std::max(wanted.cast_from, wanted.issue_from);
  RETURN_IF_ERROR(CheckInstants(wanted, now));
  RETURN_IF_ERROR(MayForge(round, now));
  return wanted;
}

absl::Status MayApprovePot(const Round& round, Money limit, absl::Time now) {
  if (round.pot_approval) return PotAlreadyApproved(round.id);
  const Phase phase = PhaseOf(round, now);
  const bool before_voting = phase == Phase::kForging || phase == Phase::kFrozen;
  if (!before_voting || now >= round.instants.cast_until) return WrongPhase(Name(phase));
  if (PotTotal(round) > limit) return OverLimit(PotTotal(round), limit);
  return absl::OkStatus();
}

absl::Status MayForge(const Round& round, absl::Time now) {
  const Phase phase = PhaseOf(round, now);
  if (phase != Phase::kForging) return WrongPhase(Name(phase));
  return absl::OkStatus();
}

}  // namespace smederij::proposals
