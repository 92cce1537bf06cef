#include "common/base/id.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"

namespace smederij {
namespace {

Uuid Stamped(Uuid::Bytes bytes, uint8_t version) {
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  return Uuid(bytes);
}

bool HyphenAt(size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

Uuid Uuid::Random() {
  Bytes bytes;
  CHECK(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  return Stamped(bytes, 4);
}

Uuid Uuid::Derived(Uuid space, absl::string_view name) {
  std::string input(reinterpret_cast<const char*>(space.bytes().data()), space.bytes().size());
  input.append(name.data(), name.size());
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(EVP_Digest(input.data(), input.size(), digest, &size, EVP_sha1(), nullptr) == 1);
  Bytes bytes;
  std::memcpy(bytes.data(), digest, bytes.size());
  return Stamped(bytes, 5);
}

std::optional<Uuid> Uuid::Parse(absl::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex;
  for (size_t i = 0; i < text.size(); ++i) {
    if (HyphenAt(i)) {
      if (text[i] != '-') return std::nullopt;
    } else if (absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) {
      hex.push_back(text[i]);
    } else {
      return std::nullopt;
    }
  }
  const std::string raw = absl::HexStringToBytes(hex);
  Bytes bytes;
  std::memcpy(bytes.data(), raw.data(), bytes.size());
  const Uuid id(bytes);
  if (id.nil()) return std::nullopt;
  return id;
}

std::string Uuid::ToString() const {
  const std::string hex = absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes_.data()), bytes_.size()));
  const absl::string_view h = hex;
  return absl::StrCat(h.substr(0, 8), "-", h.substr(8, 4), "-", h.substr(12, 4), "-",
                      h.substr(16, 4), "-", h.substr(20));
}

absl::Status BadId(absl::string_view field) {
  return Error(kInvalidArgument, "BAD_ID", "an id is not a UUID in canonical text")
      .At(field, "must be a UUID in canonical text, not nil");
}

}  // namespace smederij
