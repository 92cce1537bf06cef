#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ballots/domain/paper_batch.h"

namespace smederij::cli {

// A stack of paper ballots as somebody typed it, a line for each paper:
//
//   12;3,1,7              the plans on it; of a ranking the best first
//   12;3=3,1=2            with points
//   12;blank
//   12;invalid:unreadable (too-many-choices, too-few-choices, points, over-pot, unknown-plan,
//                         identifies, not-a-ballot)
//
// The first line may say "serial;choice", as a spreadsheet has it. No other line is passed over.
struct Stack {
  std::vector<ballots::PaperDraft> drafts{};
  std::vector<size_t> lines{};  // Of each draft, from 1.
};

// Reads a stack and judges it as the service will. Refusal: BAD_STACK with "line 3" and all that is
// wrong with it, for the first hundred lines at fault.
absl::StatusOr<Stack> ReadStack(absl::string_view text, uint32_t ballots,
                                const ballots::Manifest& manifest);

// A refusal of the service's, its fields ("ballots[0].serial") as lines of the stack.
absl::Status InLines(const absl::Status& refusal, const Stack& stack);

// A ballot as a line of a stack says it, without the serial: "3,1,7", "blank".
std::string ChoiceText(const ballots::PaperDraft& draft);

}  // namespace smederij::cli
