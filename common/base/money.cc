#include "common/base/money.h"

#include <limits>

#include "absl/strings/str_format.h"
#include "common/base/error.h"

namespace smederij {

Money& Money::operator+=(Money other) {
  if (__builtin_add_overflow(cents_, other.cents_, &cents_)) {
    cents_ = other.cents_ > 0 ? std::numeric_limits<int64_t>::max()
                              : std::numeric_limits<int64_t>::min();
  }
  return *this;
}

Money& Money::operator-=(Money other) {
  if (__builtin_sub_overflow(cents_, other.cents_, &cents_)) {
    cents_ = other.cents_ < 0 ? std::numeric_limits<int64_t>::max()
                              : std::numeric_limits<int64_t>::min();
  }
  return *this;
}

absl::StatusOr<Money> ParseAmount(int64_t cents, absl::string_view field) {
  if (cents < 1 || cents > Money::kCentsMax) {
    return Error(kInvalidArgument, "AMOUNT_OUT_OF_RANGE", "an amount is outside 1 … 10^15 cents")
        .With("amount_cents", cents)
        .At(field, "must be between 1 and 10^15 cents");
  }
  return Money::Cents(cents);
}

std::string ToString(Money money) {
  // Through unsigned: the smallest int64 has no positive counterpart.
  const uint64_t magnitude = money.cents() < 0 ? 0 - static_cast<uint64_t>(money.cents())
                                               : static_cast<uint64_t>(money.cents());
  return absl::StrFormat("%s%d.%02d", money.cents() < 0 ? "-" : "", magnitude / 100,
                         magnitude % 100);
}

}  // namespace smederij
