#include "services/ledger/api/text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/ledger/domain/ledger_code.h"

namespace smederij::ledger {

Error BadText(absl::string_view field, absl::string_view wrong) {
  return Error(kInvalidArgument, "BAD_TEXT", "a text is not of the form asked for")
      .At(field, wrong);
}

absl::Status OutOfRange(absl::string_view field, absl::string_view wrong) {
  return Error(kInvalidArgument, "OUT_OF_RANGE", "a number is out of range").At(field, wrong);
}

absl::StatusOr<std::string> ParseLine(const std::string& text, absl::string_view field,
                                      size_t bytes_max) {
  bool fits = !text.empty() && text.size() <= bytes_max;
  for (const char c : text) fits &= !absl::ascii_iscntrl(static_cast<unsigned char>(c));
  if (!fits || absl::ascii_isspace(static_cast<unsigned char>(text.front())) ||
      absl::ascii_isspace(static_cast<unsigned char>(text.back()))) {
    return BadText(field, absl::StrCat("must be 1 to ", bytes_max,
                                       " bytes on one line, without space around it"));
  }
  return text;
}

absl::StatusOr<Hash> ParseHash(const std::string& bytes, absl::string_view field) {
  Hash hash;
  if (bytes.size() != hash.size()) {
    return Error(kInvalidArgument, "BAD_HASH", "a hash is not of the form asked for")
        .At(field, "must be 32 bytes");
  }
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

absl::StatusOr<Money> ParseVat(int64_t cents, Money amount) {
  if (cents < 0 || cents > amount.cents()) {
    return Error(kInvalidArgument, "AMOUNT_OUT_OF_RANGE", "an amount is out of range")
        .At("vat_cents", "must be 0 to the amount it is part of; an advance has none");
  }
  return Money::Cents(cents);
}

absl::StatusOr<Money> ParseTotal(int64_t cents, Money amount) {
  if (cents == 0) return amount;
  if (cents < amount.cents() || cents > Money::kCentsMax) {
    return Error(kInvalidArgument, "AMOUNT_OUT_OF_RANGE", "an amount is out of range")
        .At("total_cents",
            absl::StrCat("must be 0, or the amount that is part of it to ", Money::kCentsMax));
  }
  return Money::Cents(cents);
}

absl::StatusOr<std::string> ParseTaakveld(const std::string& text, absl::string_view field) {
  if (!text.empty() && !IsTaakveld(text)) {
    return BadText(field, "must be an Iv3 task field, as 5.7 or 6.71a, or empty");
  }
  return text;
}

absl::StatusOr<std::string> ParseCategory(const std::string& text, absl::string_view field) {
  if (!text.empty() && !IsCategory(text)) {
    return BadText(field, "must be an Iv3 category, as 3.8 or 4.3.1, or empty");
  }
  return text;
}

absl::StatusOr<absl::CivilDay> ParseDay(const std::string& text, absl::string_view field) {
  absl::CivilDay day;
  // What is taken is what would be written: neither spaces nor single digits, nor 30 February.
  if (!absl::ParseCivilTime(text, &day) || absl::FormatCivilTime(day) != text ||
      day.year() < 2000 || day.year() > 2999) {
    return Error(kInvalidArgument, "BAD_DATE", "a day is not of the form asked for")
        .At(field, "must be YYYY-MM-DD, 2000 to 2999");
  }
  return day;
}

absl::StatusOr<std::optional<absl::CivilDay>> ParseEffectiveDate(const std::string& text) {
  if (text.empty()) return std::optional<absl::CivilDay>();
  ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDay(text, "effective_date"));
  return std::optional(day);
}

}  // namespace smederij::ledger
