#include "services/ballots/bundle/verify.h"

#include "services/ballots/bundle/checks.h"

namespace smederij::ballots::bundle {
namespace {

using Check = bool (*)(Reading&, Report&);

// Openings and balance are told beside each other; all else stands on what came before.
void Run(Reading& reading, Report& report) {
  for (const Check check :
       {&CheckFiles, &CheckCheckpoint, &CheckLog, &CheckManifest, &CheckBallots}) {
    if (!check(reading, report)) return;
  }
  const bool opened = CheckOpenings(reading, report);
  const bool balanced = CheckBalance(reading, report);
  if (opened && balanced) CheckCount(reading, report);
}

}  // namespace

Outcome Report::outcome() const {
  bool partial = false;
  for (const StepReport& step : steps) {
    if (step.verdict == Verdict::kFails || step.verdict == Verdict::kNotReached) {
      return Outcome::kRefused;
    }
    partial = partial || step.verdict == Verdict::kPartial;
  }
  return partial ? Outcome::kPartial : Outcome::kVerified;
}

Report Verify(const Files& files, const Options& options) {
  Report report;
  for (int i = 0; i < kSteps; ++i) {
    report.steps[static_cast<size_t>(i)].step = static_cast<Step>(i);
  }
  Reading reading{.files = files, .options = options};
  Run(reading, report);
  return report;
}

}  // namespace smederij::ballots::bundle
