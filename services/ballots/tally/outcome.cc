#include "services/ballots/tally/outcome.h"

#include <utility>

#include "common/base/check.h"

namespace smederij::ballots::tally {
namespace {

// The names stand in stored results: they never change.
constexpr std::pair<Reason, absl::string_view> kNames[] = {
    {Reason::kFunded, "FUNDED"},
    {Reason::kFundedNearlyFitted, "FUNDED_NEARLY_FITTED"},
    {Reason::kFundedFree, "FUNDED_FREE"},
    {Reason::kFundedByShares, "FUNDED_BY_SHARES"},
    {Reason::kFundedByCompletion, "FUNDED_BY_COMPLETION"},
    {Reason::kPartiallyFunded, "PARTIALLY_FUNDED"},
    {Reason::kNoMoneyLeft, "NO_MONEY_LEFT"},
    {Reason::kCountStopped, "COUNT_STOPPED"},
    {Reason::kTieLost, "TIE_LOST"},
    {Reason::kDearerThanPot, "DEARER_THAN_POT"},
    {Reason::kBelowThreshold, "BELOW_THRESHOLD"},
    {Reason::kExcludedByWinner, "EXCLUDED_BY_WINNER"},
    {Reason::kWithdrawn, "WITHDRAWN"},
    {Reason::kNoSupport, "NO_SUPPORT"},
    {Reason::kSharesFellShort, "SHARES_FELL_SHORT"},
};

}  // namespace

absl::string_view NameOf(Reason reason) {
  for (const auto& [known, name] : kNames) {
    if (known == reason) return name;
  }
  CHECK(false);
}

std::optional<Reason> ReasonNamed(absl::string_view name) {
  for (const auto& [reason, known] : kNames) {
    if (known == name) return reason;
  }
  return std::nullopt;
}

}  // namespace smederij::ballots::tally
