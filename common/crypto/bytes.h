#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace smederij::crypto {

// Byte strings travel as std::string and absl::string_view; values of one fixed length are arrays.
using Hash = std::array<uint8_t, 32>;

template <size_t N>
absl::string_view View(const std::array<uint8_t, N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

template <size_t N>
std::string ToBytes(const std::array<uint8_t, N>& bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.data()), N);
}

inline const uint8_t* Data(absl::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(bytes.data());
}

// The array these bytes are, or nullopt when the length is another one.
template <size_t N>
std::optional<std::array<uint8_t, N>> ToArray(absl::string_view bytes) {
  if (bytes.size() != N) return std::nullopt;
  std::array<uint8_t, N> array;
  std::copy_n(Data(bytes), N, array.begin());
  return array;
}

// Writes a hashed format: big-endian numbers and raw bytes, nothing in between.
class ByteWriter {
 public:
  ByteWriter& U8(uint8_t value) { return Number(value, 1); }
  ByteWriter& U16(uint16_t value) { return Number(value, 2); }
  ByteWriter& U32(uint32_t value) { return Number(value, 4); }
  ByteWriter& U64(uint64_t value) { return Number(value, 8); }
  ByteWriter& Raw(absl::string_view bytes) {
    bytes_.append(bytes.data(), bytes.size());
    return *this;
  }
  template <size_t N>
  ByteWriter& Raw(const std::array<uint8_t, N>& bytes) {
    return Raw(View(bytes));
  }

  const std::string& bytes() const& { return bytes_; }
  std::string bytes() && { return std::move(bytes_); }

 private:
  ByteWriter& Number(uint64_t value, int width) {
    for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
      bytes_.push_back(static_cast<char>(static_cast<uint8_t>(value >> shift)));
    }
    return *this;
  }

  std::string bytes_;
};

// Reads a hashed format strictly. After a read past the end every value is zero and ok() is
// false, so a parser reads everything first and asks once.
class ByteReader {
 public:
  explicit ByteReader(absl::string_view bytes) : rest_(bytes) {}

  uint8_t U8() { return static_cast<uint8_t>(Number(1)); }
  uint16_t U16() { return static_cast<uint16_t>(Number(2)); }
  uint32_t U32() { return static_cast<uint32_t>(Number(4)); }
  uint64_t U64() { return Number(8); }
  absl::string_view Raw(size_t length) {
    if (length > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const absl::string_view bytes = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return bytes;
  }
  template <size_t N>
  std::array<uint8_t, N> Array() {
    return ToArray<N>(Raw(N)).value_or(std::array<uint8_t, N>{});
  }

  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && rest_.empty(); }  // Everything was there, nothing trails.
  size_t left() const { return rest_.size(); }

 private:
  uint64_t Number(size_t width) {
    uint64_t value = 0;
    for (const char byte : Raw(width)) value = value << 8 | static_cast<uint8_t>(byte);
    return value;
  }

  absl::string_view rest_;
  bool ok_ = true;
};

}  // namespace smederij::crypto
