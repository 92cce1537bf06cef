#include "services/proposals/domain/text.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/proposals/domain/errors.h"

namespace smederij::proposals {
namespace {

// Takes the next code point off `text`; nullopt when its bytes are not UTF-8 (RFC 3629: nothing
// overlong, no surrogates, nothing above U+10FFFF).
std::optional<uint32_t> NextCodePoint(absl::string_view& text) {
  const auto byte = [&text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  size_t length = 1;
  uint32_t point = first;
  uint32_t least = 0;
  if (first >= 0x80) {
    if (first < 0xc2 || first > 0xf4) return std::nullopt;
    length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    point = first & (0xff >> (length + 1));
    least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
  }
  if (text.size() < length) return std::nullopt;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
    point = (point << 6) | (byte(i) & 0x3f);
  }
  if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return point;
}

bool IsControl(uint32_t point) { return point < 0x20 || (point >= 0x7f && point < 0xa0); }

// Overrides and isolates of writing direction, line separators, tag characters, the byte order
// mark. The zero width joiner stays: emoji families and several scripts need it.
bool IsDeceptive(uint32_t point) {
  return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
         point == 0x2028 || point == 0x2029 || point == 0xfeff ||
         (point >= 0xe0000 && point <= 0xe007f);
}

bool IsBlank(uint32_t point) {
  return point == ' ' || point == '\n' || point == '\r' || point == '\t' || point == 0xa0 ||
         (point >= 0x2000 && point <= 0x200d) || point == 0x202f || point == 0x205f ||
         point == 0x2060 || point == 0x3000;
}

}  // namespace

void TextCheck::Line(absl::string_view field, absl::string_view text, size_t characters_max) {
  Check(field, text, characters_max, /*prose=*/false);
}

void TextCheck::Prose(absl::string_view field, absl::string_view text, size_t characters_max) {
  Check(field, text, characters_max, /*prose=*/true);
}

void TextCheck::Check(absl::string_view field, absl::string_view text, size_t characters_max,
                      bool prose) {
  const auto wrong = [&](std::string what) { wrong_.emplace_back(field, std::move(what)); };
  size_t characters = 0;
  bool blank = true;
  while (!text.empty()) {
    const std::optional<uint32_t> point = NextCodePoint(text);
    if (!point) return wrong("must be UTF-8");
    const bool layout = *point == '\n' || *point == '\r' || *point == '\t';
    if (IsControl(*point) && !(prose && layout)) return wrong("must not hold control characters");
    if (IsDeceptive(*point)) return wrong("must not hold characters that reorder or hide text");
    blank = blank && IsBlank(*point);
    if (++characters > characters_max) {
      return wrong(absl::StrCat("must be at most ", characters_max, " characters"));
    }
  }
  if (blank) wrong("must not be empty");
}

std::string Readable(absl::string_view text, size_t bytes_max) {
  std::string readable;
  while (!text.empty()) {
    const absl::string_view rest = text;
    const std::optional<uint32_t> point = NextCodePoint(text);
    if (!point) text.remove_prefix(1);
    const size_t length = rest.size() - text.size();
    if (readable.size() + length > bytes_max) break;
    const bool fine = point && !IsControl(*point);
    readable.append(fine ? std::string(rest.substr(0, length)) : "?");
  }
  return readable;
}

absl::Status TextCheck::status() const {
  if (wrong_.empty()) return absl::OkStatus();
  Error error = BadText();
  for (const auto& [field, what] : wrong_) error = std::move(error).At(field, what);
  return error;
}

}  // namespace smederij::proposals
