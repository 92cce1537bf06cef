#include "services/proposals/domain/correction.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "services/proposals/domain/condition.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/domain/mistakes.h"

namespace smederij::proposals {
namespace {

constexpr std::pair<CorrectionState, CorrectionState> kSteps[] = {
    {CorrectionState::kProposed, CorrectionState::kAccepted},
    {CorrectionState::kProposed, CorrectionState::kRefused},
    {CorrectionState::kProposed, CorrectionState::kWithdrawn},
    {CorrectionState::kAccepted, CorrectionState::kDone},
    {CorrectionState::kAccepted, CorrectionState::kTurnedDown},
};

bool WasOnTheBallot(PlanState state) {
  return state != PlanState::kForged && state != PlanState::kLeftOut;
}

// What the plan has now. An offer that was declined shows what was offered.
Money AwardedTo(const Plan& plan) {
  return plan.state == PlanState::kSelected || plan.state == PlanState::kFunded ? plan.award
                                                                                : Money();
}

const Plan* Find(absl::Span<const Plan> plans, PlanId id) {
  const auto found =
      std::find_if(plans.begin(), plans.end(), [id](const Plan& plan) { return plan.id == id; });
  return found == plans.end() ? nullptr : &*found;
}

const Pot* PotIn(const Round& round, BudgetId budget) {
  const auto found = std::find_if(round.pots.begin(), round.pots.end(),
                                  [budget](const Pot& pot) { return pot.budget == budget; });
  return found == round.pots.end() ? nullptr : &*found;
}

// The first of those that pay for as many plans as the last of them.
const Pot& Broadest(const std::vector<Pot>& pots, const std::vector<size_t>& paying) {
  const Pot& last = pots[paying.back()];
  for (const size_t i : paying) {
    if (pots[i].plan == last.plan && pots[i].category == last.category) return pots[i];
  }
  return last;
}

// The sum of what `of` is true for.
template <class Of>
Money Sum(const std::vector<AwardLine>& lines, Of of) {
  Money sum;
  for (const AwardLine& line : lines) {
    if (of(line)) sum += line.amount;
  }
  return sum;
}

void Give(std::vector<AwardLine>& lines, const AwardLine& more) {
  for (AwardLine& line : lines) {
    if (line.plan != more.plan || line.budget != more.budget) continue;
    line.amount += more.amount;
    return;
  }
  lines.push_back(more);
}

}  // namespace

absl::string_view Name(CorrectionState state) {
  switch (state) {
    case CorrectionState::kProposed:
      return "PROPOSED";
    case CorrectionState::kAccepted:
      return "ACCEPTED";
    case CorrectionState::kRefused:
      return "REFUSED";
    case CorrectionState::kDone:
      return "DONE";
    case CorrectionState::kTurnedDown:
      return "TURNED_DOWN";
    case CorrectionState::kWithdrawn:
      return "WITHDRAWN";
  }
  return "UNKNOWN";
}

bool MayFollow(CorrectionState from, CorrectionState to) {
  return std::find(std::begin(kSteps), std::end(kSteps), std::pair(from, to)) != std::end(kSteps);
}

absl::Status CheckCorrection(absl::Span<const CorrectionLine> lines) {
  Mistakes mistakes;
  mistakes.Unless(!lines.empty(), "lines", "are missing");
  mistakes.Unless(lines.size() <= kPlansMax, "lines", absl::StrCat("must be at most ", kPlansMax));
  absl::flat_hash_set<PlanId> named;
  for (size_t i = 0; i < lines.size() && i < kPlansMax; ++i) {
    mistakes.Unless(named.insert(lines[i].plan).second, absl::StrCat("lines[", i, "].plan_id"),
                    "names a plan again");
  }
  return mistakes.Refuse(BadCorrection());
}

absl::Status MayPropose(const Round& round, uint32_t offers_open,
                        absl::Span<const Correction> earlier, absl::Span<const Plan> plans,
                        absl::Span<const CorrectionLine> lines, absl::Time now) {
  if (round.outcome != Outcome::kVoted) return WrongPhase(Name(PhaseOf(round, now)));
  if (offers_open > 0) return OffersOpen(offers_open);
  for (const Correction& correction : earlier) {
    if (correction.open()) return CorrectionPending(correction.id);
  }
  if (earlier.size() >= kCorrectionsMax) return TooManyCorrections(kCorrectionsMax);
  for (const CorrectionLine& line : lines) {
    if (Find(plans, line.plan) == nullptr) return PlanNotFound(line.plan);
  }
  for (const CorrectionLine& line : lines) {
    if (line.pot != BudgetId() && PotIn(round, line.pot) == nullptr) return PotNotFound(line.pot);
  }
  for (const CorrectionLine& line : lines) {
    const Plan& plan = *Find(plans, line.plan);
    if (!WasOnTheBallot(plan.state)) return NotOnTheBallot(plan.number);
  }
  for (const CorrectionLine& line : lines) {
    const Plan& plan = *Find(plans, line.plan);
    if (line.amount > plan.cost) return OverCost(plan.number, line.amount, plan.cost);
  }
  // Else a plan would be told that a decision changed what it gets.
  for (const CorrectionLine& line : lines) {
    const Plan& plan = *Find(plans, line.plan);
    if (AwardedTo(plan) == line.amount) return NothingCorrected(plan.number);
  }
  // What a plan loses goes back to where it came from.
  for (const CorrectionLine& line : lines) {
    const Plan& plan = *Find(plans, line.plan);
    if (line.pot != BudgetId() && line.amount < AwardedTo(plan)) return PotNotNeeded(plan.number);
  }
  for (const CorrectionLine& line : lines) {
    const Plan& plan = *Find(plans, line.plan);
    if (line.pot != BudgetId() && !MayPay(*PotIn(round, line.pot), plan.id, plan.category)) {
      return PotForOtherPlans(line.pot, plan.number);
    }
  }
  return absl::OkStatus();
}

absl::Status MayDecide(const Correction& correction, bool accept, SubjectId subject, Money more,
                       Money limit) {
  const auto to = accept ? CorrectionState::kAccepted : CorrectionState::kRefused;
  if (!MayFollow(correction.state, to)) {
    return CorrectionDecided(correction.id, Name(correction.state));
  }
  if (!accept) return absl::OkStatus();
  if (subject == correction.proposed_by) return SelfApproval();
  if (more > limit) return CorrectionOverLimit(more, limit);
  return absl::OkStatus();
}

absl::Status MayWithdraw(const Correction& correction, SubjectId subject) {
  if (!MayFollow(correction.state, CorrectionState::kWithdrawn)) {
    return CorrectionDecided(correction.id, Name(correction.state));
  }
  if (subject != correction.proposed_by) return NotProposer(correction.id);
  return absl::OkStatus();
}

Money MoreBy(absl::Span<const CorrectionLine> lines, absl::Span<const Plan> plans) {
  Money more;
  for (const CorrectionLine& line : lines) {
    const Plan* const plan = Find(plans, line.plan);
    if (plan != nullptr && line.amount > AwardedTo(*plan)) more += line.amount - AwardedTo(*plan);
  }
  return more;
}

std::vector<AwardLine> Corrected(std::vector<AwardLine> now, absl::Span<const CorrectionLine> lines,
                                 absl::Span<const Plan> plans, const std::vector<Pot>& pots,
                                 uint32_t version) {
  CHECK(!pots.empty());
  const auto category = [&](PlanId id) {
    const Plan* const plan = Find(plans, id);
    return plan == nullptr ? std::string() : plan->category;
  };
  for (AwardLine& line : now) line.version = version;
  absl::flat_hash_map<PlanId, Money> due;
  for (const CorrectionLine& wanted : lines) {
    const Money has = Sum(now, [&](const AwardLine& line) { return line.plan == wanted.plan; });
    Money excess = has > wanted.amount ? has - wanted.amount : Money();
    for (auto line = now.rbegin(); line != now.rend() && excess > Money(); ++line) {
      if (line->plan != wanted.plan) continue;
      const Money part = std::min(excess, line->amount);
      line->amount -= part;
      excess -= part;
    }
    if (wanted.amount > has) due[wanted.plan] = wanted.amount - has;
  }
  // Those whose pot is named first: the others take what these leave.
  for (const CorrectionLine& wanted : lines) {
    const auto found = due.find(wanted.plan);
    if (found == due.end() || wanted.pot == BudgetId()) continue;
    Give(now, {version, wanted.plan, wanted.pot, found->second, category(wanted.plan)});
    due.erase(found);
  }
  for (const CorrectionLine& wanted : lines) {
    const auto found = due.find(wanted.plan);
    if (found == due.end()) continue;
    Money left = found->second;
    const std::vector<size_t> paying = PotsFor(pots, wanted.plan, category(wanted.plan));
    CHECK(!paying.empty());
    for (const size_t i : paying) {
      const Pot& pot = pots[i];
      const Money taken =
          Sum(now, [&](const AwardLine& line) { return line.budget == pot.budget; });
      if (taken >= pot.amount || left == Money()) continue;
      const Money part = std::min(left, pot.amount - taken);
      Give(now, {version, wanted.plan, pot.budget, part, category(wanted.plan)});
      left -= part;
    }
    if (left == Money()) continue;
    const BudgetId beyond = Broadest(pots, paying).budget;
    Give(now, {version, wanted.plan, beyond, left, category(wanted.plan)});
  }
  return now;
}

}  // namespace smederij::proposals
