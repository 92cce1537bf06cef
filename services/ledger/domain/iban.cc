#include "services/ledger/domain/iban.h"

#include "absl/strings/ascii.h"
#include "services/ledger/domain/payee_errors.h"

namespace smederij::ledger {
namespace {

// Country, two check digits, and one to thirty characters of the country's own.
constexpr size_t kIbanMin = 5, kIbanMax = 34;

// The number modulo 97, with its first four characters moved to the end and letters as 10 … 35.
int Modulo97(absl::string_view iban) {
  int rest = 0;
  for (size_t i = 0; i < iban.size(); ++i) {
    const char c = iban[(i + 4) % iban.size()];
    rest = absl::ascii_isdigit(static_cast<unsigned char>(c)) ? (rest * 10 + (c - '0')) % 97
                                                              : (rest * 100 + (c - 'A' + 10)) % 97;
  }
  return rest;
}

}  // namespace

absl::StatusOr<std::string> ParseIban(absl::string_view text, absl::string_view field) {
  std::string iban;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (c == ' ') continue;
    const bool letter = absl::ascii_isupper(u), digit = absl::ascii_isdigit(u);
    const bool fits = iban.size() < 2 ? letter : iban.size() < 4 ? digit : letter || digit;
    if (!fits || iban.size() == kIbanMax) return BadIban(field);
    iban.push_back(c);
  }
  // 00, 01 and 99 pass the sum as well, but nobody's bank gives them out.
  if (iban.size() < kIbanMin || Modulo97(iban) != 1) return BadIban(field);
  const absl::string_view check = absl::string_view(iban).substr(2, 2);
  if (check == "00" || check == "01" || check == "99") return BadIban(field);
  return iban;
}

}  // namespace smederij::ledger
