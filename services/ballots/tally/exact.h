#pragma once

#include <gmpxx.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij::ballots::tally {

// Amounts, shares and prices of a count. Always canonical, never through binary floating point.
using Rational = mpq_class;
using Integer = mpz_class;

// "1331751.11" = 133175111/100, exactly. Digits, at most one point with digits on either side of
// it, no sign, no blanks, at most 30 characters. Refusal: NOT_A_DECIMAL.
absl::StatusOr<Rational> ParseDecimal(absl::string_view text);

// The shortest exact text: "12", "12.5", and "100/3" where no decimal ends.
std::string ToText(const Rational& value);

// With `digits` decimals, rounded half up, for people: 100/3 → "33.33".
std::string ToRounded(const Rational& value, int digits);

// Reads what ToText wrote. CHECKs that the text is one.
Rational FromText(absl::string_view text);

// Currency units from cents and back; the way back rounds down.
Rational FromCents(int64_t cents);
int64_t ToCents(const Rational& amount);

}  // namespace smederij::ballots::tally
