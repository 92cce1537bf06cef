#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/proposals/domain/next.h"

namespace smederij::proposals {

enum class StepState { kDone = 1, kNext = 2, kLater = 3, kSkipped = 4 };

struct StepExplanation {
  Step step = Step::kHoldPot;
  StepState state = StepState::kLater;
  std::string sentence = {};
  std::optional<absl::Time> done_at = {};
};

// Every step of the way in order: what was done, what is waited for and whom, what comes later and
// what does not apply. The stored reason of a blocked round stands with the step it blocks.
std::vector<StepExplanation> Explain(const Record& record, absl::Time now);

}  // namespace smederij::proposals
