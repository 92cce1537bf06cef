#pragma once

#include <cmath>
#include <limits>

#include "services/ballots/tally/exact.h"

// How far doubles can be trusted in a count by shares.
namespace smederij::ballots::tally {

inline constexpr double kEpsilon = 0x1p-53;  // Half a unit in the last place of 1.
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kTiny = 1e-300;  // Stands for what may be nothing, or next to it.

// Relative error of Ratio, of a rounded price and of what is computed from one.
inline constexpr double kRoundedError = 16 * kEpsilon;

// numerator / (denominator * by), of any size.
inline double Ratio(const Integer& numerator, const Integer& denominator, int64_t by) {
  long exponent_over = 0, exponent_under = 0;
  const double over = mpz_get_d_2exp(&exponent_over, numerator.get_mpz_t());
  const double under = mpz_get_d_2exp(&exponent_under, denominator.get_mpz_t());
  return std::ldexp(over / under, static_cast<int>(exponent_over - exponent_under)) /
         static_cast<double>(by);
}

inline unsigned long Unsigned(int64_t value) { return static_cast<unsigned long>(value); }

}  // namespace smederij::ballots::tally
