#include "services/proposals/domain/next.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"

namespace smederij::proposals {
namespace {

// Longer than any call of ours can still be under way at a neighbour after its deadline.
constexpr absl::Duration kSettle = absl::Minutes(1);

Next Call(Step step, WaitsFor whom, absl::string_view sentence, uint32_t version = 1) {
  return {.step = step,
          .version = version,
          .act = Act::kCall,
          .waits_for = whom,
          .sentence = std::string(sentence)};
}

Next Poll(Step step, WaitsFor whom, absl::string_view sentence) {
  return {.step = step, .act = Act::kPoll, .waits_for = whom, .sentence = std::string(sentence)};
}

Next Local(Step step, absl::string_view sentence) {
  return {.step = step, .act = Act::kLocal, .sentence = std::string(sentence)};
}

Next Wait(Step step, WaitsFor whom, absl::Time until, absl::string_view sentence) {
  return {.step = step,
          .act = Act::kWait,
          .waits_for = whom,
          .until = until,
          .sentence = std::string(sentence)};
}

Next End(Step step, Outcome outcome, absl::string_view sentence) {
  Next next = Local(step, sentence);
  next.ends_as = outcome;
  return next;
}

std::string At(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

// The first pot for which `step` has not been done; nullopt when all have.
std::optional<uint32_t> PotWithout(const Record& record, Step step) {
  for (uint32_t pot = 1; pot <= record.round.pots.size(); ++pot) {
    if (!record.Has(step, pot)) return pot;
  }
  return std::nullopt;
}

// Up to the approved manifest. nullopt: there, go on.
std::optional<Next> BeforeVoting(const Record& record, absl::Time now) {
  const Round& round = record.round;
  // Without an approved manifest nobody could fetch a credential or cast, so once cast_until has
  // passed there is nothing to count. Approvals from then on change nothing.
  if (!round.approved_at && now >= round.instants.cast_until) {
    const absl::Time settled = round.instants.cast_until + kSettle;
    if (round.pot_approval && !record.Has(Step::kOpenRoll) && now < settled) {
      return Wait(Step::kAwaitApproval, WaitsFor::kClock, settled,
                  "calls of which the answer was lost settle before the pot is given back");
    }
    return End(Step::kAwaitApproval, Outcome::kVotingNeverOpened,
               "voting never opened: the manifest was not approved before cast_until");
  }
  if (!round.pot_approval) {
    return Wait(Step::kHoldPot, WaitsFor::kBudgetHolder, round.instants.cast_until,
                "the budget holder's decision on the pot");
  }
  if (const auto pot = PotWithout(record, Step::kHoldPot)) {
    return Call(Step::kHoldPot, WaitsFor::kLedger, "the ledger sets the pot aside", *pot);
  }
  if (now < round.instants.freeze_at) {
    return Wait(Step::kOpenRoll, WaitsFor::kClock, round.instants.freeze_at,
                absl::StrCat("the freeze at ", At(round.instants.freeze_at)));
  }
  if (!record.Has(Step::kOpenRoll)) {
    return Call(Step::kOpenRoll, WaitsFor::kRegistry, "the registry starts to draw up the roll");
  }
  if (!record.Has(Step::kAwaitRoll)) {
    return Poll(Step::kAwaitRoll, WaitsFor::kRegistry, "the registry draws up the roll");
  }
  if (!record.Has(Step::kFreezePlans)) {
    return Local(Step::kFreezePlans, "plans and their costs are frozen");
  }
  if (record.plans_admitted == 0) {
    return End(Step::kFreezePlans, Outcome::kNoPlanAdmitted,
               "no plan was admitted before the freeze: there is nothing to vote on");
  }
  if (!record.Has(Step::kProposeManifest)) {
    return Call(Step::kProposeManifest, WaitsFor::kBallots, "ballots encodes the manifest");
  }
  if (!record.Has(Step::kAwaitApproval)) {
    return Poll(Step::kAwaitApproval, WaitsFor::kOfficials, "two officials approve the manifest");
  }
  return std::nullopt;
}

// From the approved manifest to the marked plans. nullopt: there, go on.
std::optional<Next> VotingAndCount(const Record& record, absl::Time now) {
  const Round& round = record.round;
  if (!record.Has(Step::kConfirmManifest)) {
    return Call(Step::kConfirmManifest, WaitsFor::kRegistry,
                "the registry is told of the approved manifest");
  }
  const absl::Time closes_at = ClosesAt(round);
  if (!record.Has(Step::kAwaitClose) && now < closes_at) {
    const std::string sentence = absl::StrCat("voting until ", At(closes_at));
    // Only demonstrations can be closed early, and only ballots knows when that happens.
    Next next = round.demonstration
                    ? Poll(Step::kAwaitClose, WaitsFor::kClock, sentence)
                    : Wait(Step::kAwaitClose, WaitsFor::kClock, closes_at, sentence);
    next.until = closes_at;
    return next;
  }
  if (!record.Has(Step::kAwaitClose)) return Local(Step::kAwaitClose, "voting has ended");
  if (!record.Has(Step::kCloseRoll)) {
    return Call(Step::kCloseRoll, WaitsFor::kRegistry, "the registry ends issuing");
  }
  if (!record.Has(Step::kCloseElection)) {
    return Call(Step::kCloseElection, WaitsFor::kBallots, "ballots closes the log");
  }
  if (!record.Has(Step::kCount)) {
    return Call(Step::kCount, WaitsFor::kBallots, "ballots starts the count");
  }
  if (!record.Has(Step::kAwaitCount)) {
    return Poll(Step::kAwaitCount, WaitsFor::kBallots, "ballots counts");
  }
  if (!record.Has(Step::kAwaitCertification)) {
    return Poll(Step::kAwaitCertification, WaitsFor::kOfficials,
                "two officials certify the result");
  }
  if (!record.Has(Step::kMarkPlans)) {
    return Call(Step::kMarkPlans, WaitsFor::kBallots,
                "the certified result is fetched and checked");
  }
  return std::nullopt;
}

// From the marked plans, or a round that ended early, to the end.
Next Awarding(const Record& record, absl::Time now) {
  const Round& round = record.round;
  // A roll is closed on every way out, for its keys must not outlive the round. It may have been
  // opened by a call of which the answer was lost, from the moment every pot was held.
  const bool perhaps_opened = round.pot_approval && !PotWithout(record, Step::kHoldPot);
  if (perhaps_opened && !record.Has(Step::kCloseRoll)) {
    return Call(Step::kCloseRoll, WaitsFor::kRegistry, "the registry closes the roll");
  }
  for (uint32_t version = 1; version <= record.award_version; ++version) {
    if (!record.Has(Step::kReserveAwards, version)) {
      return Call(Step::kReserveAwards, WaitsFor::kLedger, "the ledger reserves the awards",
                  version);
    }
  }
  if (record.offers_open > 0) {
    const std::optional<absl::Time> answer_until = round.instants.answer_until;
    if (answer_until && now >= *answer_until) {
      return Local(Step::kAwaitAnswers, "offers that were not answered in time lapse");
    }
    return Wait(Step::kAwaitAnswers, WaitsFor::kInitiativeGroup,
                answer_until.value_or(absl::InfiniteFuture()),
                "an initiative group answers the offer made to its plan");
  }
  for (uint32_t pot = 1; pot <= round.pots.size(); ++pot) {
    // Also where holding it was never answered: then it is the ledger that knows.
    if (round.pot_approval && !record.Has(Step::kReleasePot, pot)) {
      return Call(Step::kReleasePot, WaitsFor::kLedger, "the ledger takes back what is left", pot);
    }
  }
  uint32_t ends = 1;
  for (const CorrectionNow& correction : record.corrections) {
    if (correction.state == CorrectionState::kAccepted) {
      return Call(Step::kAdjustAwards, WaitsFor::kLedger, "the ledger changes the awards",
                  correction.number);
    }
    for (uint32_t pot = 1; pot <= round.pots.size(); ++pot) {
      const uint32_t version = correction.number * static_cast<uint32_t>(round.pots.size()) + pot;
      if (correction.state == CorrectionState::kDone && !record.Has(Step::kReleasePot, version)) {
        return Call(Step::kReleasePot, WaitsFor::kLedger, "the ledger takes back what is left",
                    version);
      }
    }
    ends = correction.number + 1;
  }
  Next done = Local(Step::kDone, "the round is done");
  done.version = ends;
  return done;
}

}  // namespace

absl::string_view Name(Step step) {
  switch (step) {
    case Step::kHoldPot:
      return "hold_pot";
    case Step::kOpenRoll:
      return "open_roll";
    case Step::kAwaitRoll:
      return "await_roll";
    case Step::kFreezePlans:
      return "freeze_plans";
    case Step::kProposeManifest:
      return "propose_manifest";
    case Step::kAwaitApproval:
      return "await_approval";
    case Step::kConfirmManifest:
      return "confirm_manifest";
    case Step::kAwaitClose:
      return "await_close";
    case Step::kCloseRoll:
      return "close_roll";
    case Step::kCloseElection:
      return "close_election";
    case Step::kCount:
      return "count";
    case Step::kAwaitCount:
      return "await_count";
    case Step::kAwaitCertification:
      return "await_certification";
    case Step::kMarkPlans:
      return "mark_plans";
    case Step::kReserveAwards:
      return "reserve_awards";
    case Step::kAwaitAnswers:
      return "await_answers";
    case Step::kReleasePot:
      return "release_pot";
    case Step::kDone:
      return "done";
    case Step::kAdjustAwards:
      return "adjust_awards";
  }
  return "unknown";
}

bool Record::Has(Step step, uint32_t version) const {
  return std::any_of(steps.begin(), steps.end(), [&](const StepDone& done) {
    return done.step == step && done.version == version;
  });
}

uint32_t Record::NextAwardVersion() const {
  const auto done = std::count_if(
      corrections.begin(), corrections.end(),
      [](const CorrectionNow& correction) { return correction.state == CorrectionState::kDone; });
  return award_version + static_cast<uint32_t>(done) + 1;
}

size_t PotOf(const Round& round, uint32_t version) { return (version - 1) % round.pots.size(); }

Next NextStep(const Record& record, absl::Time now) {
  if (record.round.done_at) return {.sentence = "nothing: the round is done"};
  if (record.round.outcome == Outcome::kNone) {
    if (std::optional<Next> next = BeforeVoting(record, now)) return *std::move(next);
    if (std::optional<Next> next = VotingAndCount(record, now)) return *std::move(next);
  }
  return Awarding(record, now);
}

RequestId KeyOf(RoundId round, Step step, uint32_t version) {
  return RequestId::Derived(round, absl::StrCat(Name(step), "/", version));
}

}  // namespace smederij::proposals
