#include "common/crypto/key_file.h"

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/crypto/bytes.h"
#include "common/crypto/random.h"

namespace smederij::crypto {
namespace {

bool AllHex(absl::string_view text) {
  for (const char c : text) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(c))) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::array<uint8_t, 32>> ReadKeyFile(absl::string_view path) {
  std::ifstream file{std::string(path), std::ios::binary};
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    return Error(kFailedPrecondition, "KEY_FILE_UNREADABLE", "a key file cannot be read")
        .With("path", path);
  }
  std::optional<std::array<uint8_t, 32>> key = ToArray<32>(content);
  const absl::string_view line = absl::StripSuffix(content, "\n");
  if (!key && line.size() == 64 && AllHex(line)) key = ToArray<32>(absl::HexStringToBytes(line));
  Wipe(content);
  if (!key) {
    return Error(kFailedPrecondition, "KEY_FILE_MALFORMED",
                 "a key file holds 32 bytes or 64 hexadecimal digits")
        .With("path", path);
  }
  return *key;
}

}  // namespace smederij::crypto
