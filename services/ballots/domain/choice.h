#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ballots/domain/manifest.h"

namespace smederij::ballots {

// What a voter chose, big-endian:
//
//   u8 version 1 · u8 kind · u16 lines × (u32 plan number [· u32 points, for points])
//
// No lines is a blank ballot. Except in a ranking, numbers ascend, so equal choices have equal
// bytes.
struct Choice {
  struct Line {
    uint32_t number = 0;
    uint32_t points = 0;  // For points, from 1; otherwise 0.

    bool operator==(const Line&) const = default;
  };

  BallotKind kind = BallotKind::kApproval;
  std::vector<Line> lines;  // A ranking's best first.

  bool blank() const { return lines.empty(); }
  bool operator==(const Choice&) const = default;
};

std::string Encode(const Choice& choice);

// Form only. Refusal: INVALID_CHOICE, fact `wrong` one of VERSION, KIND, LENGTH, ORDER,
// DUPLICATE, POINTS_ZERO.
absl::StatusOr<Choice> ParseChoice(absl::string_view bytes);

// What the manifest's ballot rule says; a blank choice always holds. Refusal: INVALID_CHOICE, fact
// `wrong`, first that applies: KIND, UNKNOWN_PLAN, TOO_FEW, TOO_MANY, OVER_POT, POINTS_TOTAL,
// POINTS_PER_PLAN, POINTS_LADDER.
absl::Status CheckChoice(const Choice& choice, const Manifest& manifest);

}  // namespace smederij::ballots
