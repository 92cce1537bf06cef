// Any bytes as a choice: what can be read is written back to the same bytes, and judged.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "services/ballots/domain/choice.h"

namespace smederij::ballots {
namespace {

Manifest WithPlans(BallotKind kind) {
  Manifest manifest;
  for (uint32_t number = 1; number <= 4; ++number) {
    manifest.options.push_back(
        {.plan_id = {}, .number = number, .title = "", .cost = Money::Cents(50)});
  }
  manifest.pots.push_back({.budget_id = {}, .amount = Money::Cents(120)});
  manifest.ballot_rule.kind = kind;
  manifest.ballot_rule.points_total_max = 10;
  manifest.ballot_rule.points_ladder = {3, 2, 1};
  return manifest;
}

void Fuzz(absl::string_view bytes) {
  const absl::StatusOr<Choice> choice = ParseChoice(bytes);
  if (!choice.ok()) return;
  CHECK(Encode(*choice) == bytes);
  const absl::Status allowed = CheckChoice(*choice, WithPlans(choice->kind));
  CHECK(allowed.ok() || !choice->blank());
}

}  // namespace
}  // namespace smederij::ballots

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  smederij::ballots::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
