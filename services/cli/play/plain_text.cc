#include "services/cli/play/plain_text.h"

#include <algorithm>
#include <cstdint>

namespace smederij::cli {
namespace {

size_t LengthOf(char first) {
  const auto byte = static_cast<uint8_t>(first);
  return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

uint32_t CodePoint(absl::string_view character) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(character[i]); };
  uint32_t point = character.size() == 1 ? byte(0) : byte(0) & (0x7fu >> character.size());
  for (size_t i = 1; i < character.size(); ++i) point = point << 6 | (byte(i) & 0x3fu);
  return point;
}

bool IsBlank(uint32_t point) {
  return point <= 0x20 || point == 0x85 || point == 0xa0 || (point >= 0x2000 && point <= 0x200a) ||
         point == 0x2028 || point == 0x2029 || point == 0x202f || point == 0x205f ||
         point == 0x3000;
}

bool IsHidden(uint32_t point) {
  return (point >= 0x7f && point < 0xa0) || point == 0xad || (point >= 0x200b && point <= 0x200f) ||
         (point >= 0x202a && point <= 0x202e) || (point >= 0x2060 && point <= 0x206f) ||
         point == 0xfeff || (point >= 0xe0000 && point <= 0xe007f);
}

}  // namespace

std::string PlainLine(absl::string_view text, size_t characters_max, size_t bytes_max) {
  std::string line;
  size_t characters = 0;
  bool blank = false;
  while (!text.empty()) {
    const absl::string_view character = text.substr(0, std::min(LengthOf(text[0]), text.size()));
    text.remove_prefix(character.size());
    const uint32_t point = CodePoint(character);
    if (IsBlank(point)) {
      blank = !line.empty();
    } else if (!IsHidden(point)) {
      const size_t more = blank ? 1 : 0;
      if (characters + more >= characters_max) break;
      if (line.size() + more + character.size() > bytes_max) break;
      if (blank) line.push_back(' ');
      line.append(character.data(), character.size());
      characters += 1 + more;
      blank = false;
    }
  }
  return line;
}

}  // namespace smederij::cli
