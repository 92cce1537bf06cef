#include "services/ballots/tally/exact.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"

namespace smederij::ballots::tally {
namespace {

constexpr size_t kDecimalLengthMax = 30;

Integer PowerOfTen(size_t exponent) {
  Integer power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, exponent);
  return power;
}

// How many decimals write `denominator` exactly; -1 when none do.
int DecimalsOf(Integer denominator) {
  const Integer two = 2, five = 5;
  const auto twos = mpz_remove(denominator.get_mpz_t(), denominator.get_mpz_t(), two.get_mpz_t());
  const auto fives = mpz_remove(denominator.get_mpz_t(), denominator.get_mpz_t(), five.get_mpz_t());
  return denominator == 1 ? static_cast<int>(std::max(twos, fives)) : -1;
}

// `scaled` / 10^decimals.
std::string WithPoint(const Integer& scaled, int decimals) {
  const Integer absolute = abs(scaled);
  std::string digits = absolute.get_str();
  const size_t places = static_cast<size_t>(decimals);
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, 1, '.');
  return scaled < 0 ? absl::StrCat("-", digits) : digits;
}

}  // namespace

absl::StatusOr<Rational> ParseDecimal(absl::string_view text) {
  const Error refusal = Error(kInvalidArgument, "NOT_A_DECIMAL", "not a plain decimal number")
                            .With("text", text.substr(0, kDecimalLengthMax));
  if (text.empty() || text.size() > kDecimalLengthMax) return refusal;
  std::string digits;
  size_t decimals = 0;
  bool point = false;
  for (const char c : text) {
    if (c == '.' && !point && !digits.empty()) {
      point = true;
    } else if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      digits.push_back(c);
      decimals += point ? 1 : 0;
    } else {
      return refusal;
    }
  }
  if (digits.empty() || (point && decimals == 0)) return refusal;
  Rational value(Integer(digits, 10), PowerOfTen(decimals));
  value.canonicalize();
  return value;
}

std::string ToText(const Rational& value) {
  const int decimals = DecimalsOf(value.get_den());
  if (decimals < 0) return value.get_str();
  const Rational scaled = value * PowerOfTen(static_cast<size_t>(decimals));
  return WithPoint(scaled.get_num(), decimals);
}

std::string ToRounded(const Rational& value, int digits) {
  const Rational scaled = value * PowerOfTen(static_cast<size_t>(digits)) + Rational(1, 2);
  Integer floor;
  mpz_fdiv_q(floor.get_mpz_t(), scaled.get_num_mpz_t(), scaled.get_den_mpz_t());
  return WithPoint(floor, digits);
}

Rational FromText(absl::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string body(text.substr(negative ? 1 : 0));
  Rational value;
  if (const size_t slash = body.find('/'); slash != std::string::npos) {
    CHECK(value.set_str(body, 10) == 0);
    value.canonicalize();
  } else {
    const size_t point = body.find('.');
    std::string digits = body;
    size_t decimals = 0;
    if (point != std::string::npos) {
      digits.erase(point, 1);
      decimals = body.size() - point - 1;
    }
    Integer numerator;
    CHECK(numerator.set_str(digits, 10) == 0);
    value = Rational(numerator, PowerOfTen(decimals));
    value.canonicalize();
  }
  return negative ? Rational(-value) : value;
}

Rational FromCents(int64_t cents) {
  Rational amount(static_cast<long>(cents), 100);
  amount.canonicalize();
  return amount;
}

int64_t ToCents(const Rational& amount) {
  const Rational cents = amount * 100;
  Integer floor;
  mpz_fdiv_q(floor.get_mpz_t(), cents.get_num_mpz_t(), cents.get_den_mpz_t());
  CHECK(floor.fits_slong_p());
  return floor.get_si();
}

}  // namespace smederij::ballots::tally
