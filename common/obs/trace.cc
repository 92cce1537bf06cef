#include "common/obs/trace.h"

#include <openssl/rand.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace smederij::obs {
namespace {

constexpr size_t kVersion00Size = 55;  // 2 + 1 + 32 + 1 + 16 + 1 + 2

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

template <size_t n>
bool ReadHex(absl::string_view hex, std::array<uint8_t, n>* bytes) {
  if (!IsLowerHex(hex)) return false;
  const std::string raw = absl::HexStringToBytes(hex);
  std::copy(raw.begin(), raw.end(), bytes->begin());
  return *bytes != std::array<uint8_t, n>{};
}

template <size_t n>
std::string Hex(const std::array<uint8_t, n>& bytes) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

template <size_t n>
void Randomize(std::array<uint8_t, n>* bytes) {
  CHECK(RAND_bytes(bytes->data(), static_cast<int>(bytes->size())) == 1);
}

}  // namespace

std::string Trace::IdText() const { return Hex(id); }

std::string Trace::Traceparent() const {
  return absl::StrCat("00-", Hex(id), "-", Hex(span), sampled ? "-01" : "-00");
}

Trace Trace::Make() {
  Trace trace;
  Randomize(&trace.id);
  Randomize(&trace.span);
  return trace;
}

Trace Trace::Child() const {
  Trace child = *this;
  Randomize(&child.span);
  return child;
}

std::optional<Trace> Trace::Parse(absl::string_view text) {
  if (text.size() < kVersion00Size) return std::nullopt;
  const absl::string_view version = text.substr(0, 2);
  if (!IsLowerHex(version) || version == "ff") return std::nullopt;
  if (version == "00" && text.size() != kVersion00Size) return std::nullopt;
  if (text.size() > kVersion00Size && text[kVersion00Size] != '-') return std::nullopt;
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const absl::string_view flags = text.substr(53, 2);
  if (!IsLowerHex(flags)) return std::nullopt;
  Trace trace;
  if (!ReadHex(text.substr(3, 32), &trace.id)) return std::nullopt;
  if (!ReadHex(text.substr(36, 16), &trace.span)) return std::nullopt;
  trace.sampled = (absl::HexStringToBytes(flags)[0] & 1) != 0;
  return trace;
}

}  // namespace smederij::obs
