#include "services/registry/domain/text.h"

#include <cstdint>

#include "absl/strings/ascii.h"

namespace smederij::registry {
namespace {

// One code point off the front of `text`; false when it is not well-formed UTF-8.
bool TakeCodePoint(absl::string_view& text, uint32_t& code) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  const size_t length = first < 0x80   ? 1
                        : first < 0xc2 ? 0
                        : first < 0xe0 ? 2
                        : first < 0xf0 ? 3
                        : first < 0xf5 ? 4
                                       : 0;
  if (length == 0 || length > text.size()) return false;
  code = length == 1 ? first : first & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return false;
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  text.remove_prefix(length);
  return !overlong && !surrogate && code <= 0x10ffff;
}

bool IsDeceptive(uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
  const bool zero_width = (code >= 0x200b && code <= 0x200f) || code == 0x2060 || code == 0xfeff;
  const bool direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
  const bool separator = code == 0x2028 || code == 0x2029;
  return control || zero_width || direction || separator;
}

}  // namespace

bool IsSlug(absl::string_view text) {
  if (text.empty() || text.size() > 63) return false;
  if (text.front() == '-' || text.back() == '-') return false;
  char before = 0;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    if (!fits || (c == '-' && before == '-')) return false;
    before = c;
  }
  return true;
}

bool IsPlainText(absl::string_view text, size_t bytes_max) {
  if (text.empty() || text.size() > bytes_max) return false;
  if (absl::StripAsciiWhitespace(text).empty()) return false;
  while (!text.empty()) {
    uint32_t code = 0;
    if (!TakeCodePoint(text, code) || IsDeceptive(code)) return false;
  }
  return true;
}

}  // namespace smederij::registry
