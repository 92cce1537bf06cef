#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij {

// An amount in cents of one currency. Sums saturate at the int64 edges, so a sum of prices can
// never wrap back into a budget; amounts from outside are range-checked where they enter.
class Money {
 public:
  // The largest single amount anything accepts: 10^13 euro.
  static constexpr int64_t kCentsMax = 1'000'000'000'000'000;

  constexpr Money() = default;
  static constexpr Money Cents(int64_t cents) { return Money(cents); }

  constexpr int64_t cents() const { return cents_; }
  constexpr auto operator<=>(const Money&) const = default;

  Money& operator+=(Money other);
  Money& operator-=(Money other);
  friend Money operator+(Money a, Money b) { return a += b; }
  friend Money operator-(Money a, Money b) { return a -= b; }
  friend Money operator-(Money a) { return Money() - a; }

 private:
  constexpr explicit Money(int64_t cents) : cents_(cents) {}
  int64_t cents_ = 0;
};

// An amount that came from outside: 1 … kCentsMax. Refusal: AMOUNT_OUT_OF_RANGE at `field`.
absl::StatusOr<Money> ParseAmount(int64_t cents, absl::string_view field);

// "1234.50", for people; a minus sign in front of negative amounts.
std::string ToString(Money money);

}  // namespace smederij
