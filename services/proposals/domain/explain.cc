#include "services/proposals/domain/explain.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace smederij::proposals {
namespace {

struct Words {
  Step step;
  absl::string_view done;
  absl::string_view later;
};

constexpr Words kWords[] = {
    {Step::kHoldPot, "the pot is set aside in the ledger", "the ledger sets the pot aside"},
    {Step::kOpenRoll, "the registry was asked for the roll", "the registry is asked for the roll"},
    {Step::kAwaitRoll, "it is fixed who may vote", "the registry fixes who may vote"},
    {Step::kFreezePlans, "plans and their costs are frozen", "plans and their costs are frozen"},
    {Step::kProposeManifest, "the manifest is encoded and hashed", "ballots encodes the manifest"},
    {Step::kAwaitApproval, "two officials approved the manifest",
     "two officials approve the manifest"},
    {Step::kConfirmManifest, "the registry knows the approved manifest",
     "the registry is told of the approved manifest"},
    {Step::kAwaitClose, "voting has ended", "voting ends"},
    {Step::kCloseRoll, "issuing has ended for good", "the registry ends issuing"},
    {Step::kCloseElection, "the log of ballots is closed", "ballots closes the log"},
    {Step::kCount, "the count was started", "the count is started"},
    {Step::kAwaitCount, "the ballots are counted", "ballots counts"},
    {Step::kAwaitCertification, "two officials certified the result",
     "two officials certify the result"},
    {Step::kMarkPlans, "every plan has its outcome", "every plan gets its outcome"},
    {Step::kReserveAwards, "the awards are reserved in the ledger",
     "the ledger reserves the awards"},
    {Step::kAwaitAnswers, "every offer is answered", "offers are answered"},
    {Step::kReleasePot, "what was left of the pot is given back",
     "the ledger takes back what is left of the pot"},
    {Step::kAdjustAwards, "the awards are corrected in the ledger",
     "the ledger changes the awards"},
    {Step::kDone, "the round is done", "the round is done"},
};

// Where a step stands on the way, which is not its number: corrections were added later.
size_t PlaceOf(Step step) {
  const auto* const found = std::find_if(std::begin(kWords), std::end(kWords),
                                         [step](const Words& words) { return words.step == step; });
  return static_cast<size_t>(found - std::begin(kWords));
}

constexpr absl::string_view kTurnedDown =
    "the ledger turned the last correction down, as the list of corrections tells";

std::optional<absl::Time> LastDone(const Record& record, Step step) {
  if (step == Step::kDone) return record.round.done_at;  // A correction takes it back.
  std::optional<absl::Time> last;
  for (const StepDone& done : record.steps) {
    if (done.step == step) last = std::max(last.value_or(done.at), done.at);
  }
  return last;
}

bool EndedEarly(const Round& round) {
  return round.outcome == Outcome::kNoPlanAdmitted || round.outcome == Outcome::kVotingNeverOpened;
}

// Whether a step that has not come yet still will.
StepState StateOfLater(const Round& round, Step step) {
  const bool part_of_vote = step < Step::kReleasePot && step != Step::kCloseRoll;
  return EndedEarly(round) && part_of_vote ? StepState::kSkipped : StepState::kLater;
}

}  // namespace

std::vector<StepExplanation> Explain(const Record& record, absl::Time now) {
  const Next next = NextStep(record, now);
  const bool finished = next.act == Act::kFinished;
  std::vector<StepExplanation> steps;
  for (const Words& words : kWords) {
    if (words.step == Step::kAdjustAwards && record.corrections.empty()) continue;
    StepExplanation step{.step = words.step};
    if (!finished && words.step == next.step) {
      step.state = StepState::kNext;
      step.sentence = next.sentence;
      if (record.round.blocked()) {
        absl::StrAppend(&step.sentence, "; blocked, ", record.round.blocked_reason, ": ",
                        record.round.waits_for);
      }
    } else if (const auto done_at = LastDone(record, words.step)) {
      step.state = StepState::kDone;
      const bool turned_down = words.step == Step::kAdjustAwards &&
                               record.corrections.back().state == CorrectionState::kTurnedDown;
      step.sentence = std::string(turned_down ? kTurnedDown : words.done);
      step.done_at = done_at;
    } else if (finished || PlaceOf(words.step) < PlaceOf(next.step)) {
      step.state = StepState::kSkipped;
      step.sentence = "does not apply to this round";
    } else {
      step.state = StateOfLater(record.round, words.step);
      step.sentence = step.state == StepState::kLater ? std::string(words.later)
                                                      : "does not apply to this round";
    }
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace smederij::proposals
