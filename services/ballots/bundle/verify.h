#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "services/ballots/bundle/bundle.h"
#include "services/ballots/bundle/finding.h"
#include "services/ballots/domain/manifest.h"
#include "services/ballots/domain/result.h"

namespace smederij::ballots::bundle {

struct Options {
  // The log's key as people know it from elsewhere, a C2SP verifier key; empty believes the
  // manifest's.
  std::string log_key{};
  int threads = 0;  // For signatures; 0 takes every core.
};

enum class Outcome { kVerified, kRefused, kPartial };

// What became of every check, and what the bundle says of itself as far as it could be read.
struct Report {
  std::array<StepReport, kSteps> steps{};
  std::optional<Manifest> manifest{};
  std::optional<Result> result{};
  Hash manifest_hash{};
  Hash result_hash{};
  uint64_t leaves = 0;
  int64_t ballots = 0;   // That count: one per voting key, and the valid ones on paper.
  int64_t paper = 0;     // Of them on paper.
  int64_t opened = 0;    // Of them.
  int64_t withheld = 0;  // Of them, in units too small to be opened.

  StepReport& at(Step step) { return steps[static_cast<size_t>(step)]; }
  const StepReport& at(Step step) const { return steps[static_cast<size_t>(step)]; }
  Outcome outcome() const;
};

// Checks a bundle from its bytes alone, believing nothing. Never fails otherwise than by a finding,
// whatever the bytes are. What depends on something that does not hold is not reached. Blocks:
// about 0.1 ms a ballot and core.
Report Verify(const Files& files, const Options& options = {});

}  // namespace smederij::ballots::bundle
