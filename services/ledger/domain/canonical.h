#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/id.h"

namespace smederij::ledger {

// Writes the parts of a canonical layout: integers big-endian, texts after their length.
class CanonicalWriter {
 public:
  explicit CanonicalWriter(absl::string_view version) : bytes_(version) {}

  template <class UInt>
  void Number(UInt value) {
    for (int shift = 8 * (static_cast<int>(sizeof(UInt)) - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>((value >> shift) & 0xff));
    }
  }
  void Id(const Uuid& id) {
    bytes_.append(reinterpret_cast<const char*>(id.bytes().data()), id.bytes().size());
  }
  void Bytes(const std::array<uint8_t, 32>& hash) {
    bytes_.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  }
  void Time(absl::Time time) { Number(static_cast<uint64_t>(absl::ToUnixMicros(time))); }
  void Text(absl::string_view text) {
    CHECK(text.size() <= UINT16_MAX);
    Number(static_cast<uint16_t>(text.size()));
    bytes_.append(text.data(), text.size());
  }

  std::string Finish() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace smederij::ledger
