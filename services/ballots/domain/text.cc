#include "services/ballots/domain/text.h"

#include <cstdint>
#include <optional>

namespace smederij::ballots {
namespace {

// Takes one code point from the front; nullopt for anything that is not well-formed UTF-8
// (overlong forms, surrogates and numbers above U+10FFFF included).
std::optional<uint32_t> TakeCodePoint(absl::string_view& text) {
  const auto first = static_cast<uint8_t>(text[0]);
  const size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : 4;
  if (length == 4 && first >> 3 != 30) return std::nullopt;
  if (text.size() < length) return std::nullopt;
  uint32_t point = length == 1 ? first : first & (0x7fu >> length);
  for (size_t i = 1; i < length; ++i) {
    const auto next = static_cast<uint8_t>(text[i]);
    if (next >> 6 != 2) return std::nullopt;
    point = point << 6 | (next & 0x3fu);
  }
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kSmallest[length] || point > 0x10ffff) return std::nullopt;
  if (point >= 0xd800 && point <= 0xdfff) return std::nullopt;
  text.remove_prefix(length);
  return point;
}

bool Deceives(uint32_t point) {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) ||  // controls
         (point >= 0x200b && point <= 0x200f) ||              // zero width, direction marks
         (point >= 0x2028 && point <= 0x202e) ||              // separators, direction overrides
         (point >= 0x2060 && point <= 0x206f) || point == 0xfeff || point == 0xad;
}

}  // namespace

bool IsPlainText(absl::string_view text, size_t bytes_max) {
  if (text.empty() || text.size() > bytes_max) return false;
  if (text.front() == ' ' || text.back() == ' ') return false;
  while (!text.empty()) {
    const std::optional<uint32_t> point = TakeCodePoint(text);
    if (!point || Deceives(*point)) return false;
  }
  return true;
}

}  // namespace smederij::ballots
