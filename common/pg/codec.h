#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "common/pg/bytes.h"

namespace smederij::pg {

// How a C++ type travels in PostgreSQL's binary format. A type without a codec does not compile.
//   kType, kArrayType          the type's oid and that of its array, as in pg_type.dat
//   Encode(value, &out)        appends the binary form
//   Decode(bytes, &value)      false when the bytes are not a value of the type
template <class T>
struct Codec;

namespace internal {

template <class UInt>
void AppendBigEndian(UInt value, std::string& out) {
  for (int shift = 8 * (static_cast<int>(sizeof(UInt)) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xff));
  }
}

template <class UInt>
bool ReadBigEndian(absl::string_view bytes, UInt& value) {
  if (bytes.size() != sizeof(UInt)) return false;
  value = 0;
  for (const char c : bytes) value = static_cast<UInt>((value << 8) | static_cast<uint8_t>(c));
  return true;
}

template <class Int, uint32_t type, uint32_t array_type>
struct IntCodec {
  static constexpr uint32_t kType = type, kArrayType = array_type;
  using UInt = std::make_unsigned_t<Int>;
  static void Encode(Int value, std::string& out) {
    AppendBigEndian(static_cast<UInt>(value), out);
  }
  static bool Decode(absl::string_view bytes, Int& value) {
    UInt raw;
    if (!ReadBigEndian(bytes, raw)) return false;
    value = static_cast<Int>(raw);
    return true;
  }
};

}  // namespace internal

template <>
struct Codec<int16_t> : internal::IntCodec<int16_t, 21, 1005> {};
template <>
struct Codec<int32_t> : internal::IntCodec<int32_t, 23, 1007> {};
template <>
struct Codec<int64_t> : internal::IntCodec<int64_t, 20, 1016> {};

template <>
struct Codec<bool> {
  static constexpr uint32_t kType = 16, kArrayType = 1000;
  static void Encode(bool value, std::string& out) { out.push_back(value ? 1 : 0); }
  static bool Decode(absl::string_view bytes, bool& value) {
    if (bytes.size() != 1) return false;
    value = bytes[0] != 0;
    return true;
  }
};

template <>
struct Codec<std::string> {  // text
  static constexpr uint32_t kType = 25, kArrayType = 1009;
  static void Encode(const std::string& value, std::string& out) { out += value; }
  static bool Decode(absl::string_view bytes, std::string& value) {
    value.assign(bytes.data(), bytes.size());
    return true;
  }
};

template <>
struct Codec<Bytes> {  // bytea
  static constexpr uint32_t kType = 17, kArrayType = 1001;
  static void Encode(const Bytes& value, std::string& out) { out += value.value; }
  static bool Decode(absl::string_view bytes, Bytes& value) {
    value.value.assign(bytes.data(), bytes.size());
    return true;
  }
};

template <size_t N>
struct Codec<std::array<uint8_t, N>> {  // bytea of exactly N bytes
  static constexpr uint32_t kType = 17, kArrayType = 1001;
  static void Encode(const std::array<uint8_t, N>& value, std::string& out) {
    out.append(reinterpret_cast<const char*>(value.data()), N);
  }
  static bool Decode(absl::string_view bytes, std::array<uint8_t, N>& value) {
    if (bytes.size() != N) return false;
    std::memcpy(value.data(), bytes.data(), N);
    return true;
  }
};

template <>
struct Codec<Uuid> {
  static constexpr uint32_t kType = 2950, kArrayType = 2951;
  static void Encode(const Uuid& value, std::string& out) {
    out.append(reinterpret_cast<const char*>(value.bytes().data()), value.bytes().size());
  }
  static bool Decode(absl::string_view bytes, Uuid& value) {
    Uuid::Bytes raw;
    if (bytes.size() != raw.size()) return false;
    std::memcpy(raw.data(), bytes.data(), raw.size());
    value = Uuid(raw);
    return true;
  }
};

template <class Tag>
struct Codec<Id<Tag>> {
  static constexpr uint32_t kType = 2950, kArrayType = 2951;
  static void Encode(const Id<Tag>& value, std::string& out) {
    Codec<Uuid>::Encode(value.uuid(), out);
  }
  static bool Decode(absl::string_view bytes, Id<Tag>& value) {
    Uuid uuid;
    if (!Codec<Uuid>::Decode(bytes, uuid)) return false;
    value = Id<Tag>(uuid);
    return true;
  }
};

template <>
struct Codec<Money> {  // bigint, cents
  static constexpr uint32_t kType = 20, kArrayType = 1016;
  static void Encode(Money value, std::string& out) { Codec<int64_t>::Encode(value.cents(), out); }
  static bool Decode(absl::string_view bytes, Money& value) {
    int64_t cents = 0;
    if (!Codec<int64_t>::Decode(bytes, cents)) return false;
    value = Money::Cents(cents);
    return true;
  }
};

template <>
struct Codec<absl::Time> {  // timestamptz: microseconds since 2000-01-01, rounded down
  static constexpr uint32_t kType = 1184, kArrayType = 1185;
  static void Encode(absl::Time value, std::string& out);
  static bool Decode(absl::string_view bytes, absl::Time& value);
};

template <>
struct Codec<absl::CivilDay> {  // date: days since 2000-01-01
  static constexpr uint32_t kType = 1082, kArrayType = 1182;
  static void Encode(absl::CivilDay value, std::string& out);
  static bool Decode(absl::string_view bytes, absl::CivilDay& value);
};

// Null is std::nullopt; every other type refuses NULL.
template <class T>
struct Codec<std::optional<T>> {
  static constexpr uint32_t kType = Codec<T>::kType, kArrayType = Codec<T>::kArrayType;
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

// Appends the value; false when it is NULL, and nothing was appended.
template <class T>
bool EncodeNullable(const T& value, std::string& out) {
  if constexpr (IsOptional<T>::value) {
    if (!value) return false;
    Codec<typename T::value_type>::Encode(*value, out);
  } else {
    Codec<T>::Encode(value, out);
  }
  return true;
}

template <class T>
bool DecodeNullable(std::optional<absl::string_view> bytes, T& value) {
  if constexpr (IsOptional<T>::value) {
    if (!bytes) {
      value = std::nullopt;
      return true;
    }
    return Codec<typename T::value_type>::Decode(*bytes, value.emplace());
  } else {
    return bytes.has_value() && Codec<T>::Decode(*bytes, value);
  }
}

// A one-dimensional array. Elements may be std::optional.
template <class T>
struct Codec<std::vector<T>> {
  static constexpr uint32_t kType = Codec<T>::kArrayType;

  static void Encode(const std::vector<T>& values, std::string& out) {
    internal::AppendBigEndian<uint32_t>(values.empty() ? 0 : 1, out);        // dimensions
    internal::AppendBigEndian<uint32_t>(IsOptional<T>::value ? 1 : 0, out);  // may hold NULL
    internal::AppendBigEndian<uint32_t>(Codec<T>::kType, out);
    if (values.empty()) return;
    internal::AppendBigEndian(static_cast<uint32_t>(values.size()), out);
    internal::AppendBigEndian<uint32_t>(1, out);  // lower bound
    for (const T& value : values) {
      const size_t at = out.size();
      out.append(4, '\xff');  // The length, -1 for NULL.
      if (!EncodeNullable(value, out)) continue;
      const size_t size = out.size() - at - 4;
      for (int i = 0; i < 4; ++i)
        out[at + static_cast<size_t>(i)] = static_cast<char>(size >> (24 - 8 * i));
    }
  }

  static bool Decode(absl::string_view bytes, std::vector<T>& values) {
    values.clear();
    uint32_t dimensions, nulls, type, size, lower;
    const auto take = [&bytes](uint32_t& word) {
      if (bytes.size() < 4 || !internal::ReadBigEndian(bytes.substr(0, 4), word)) return false;
      bytes.remove_prefix(4);
      return true;
    };
    if (!take(dimensions) || !take(nulls) || !take(type) || type != Codec<T>::kType) return false;
    if (dimensions == 0) return bytes.empty();
    if (dimensions != 1 || !take(size) || !take(lower)) return false;
    values.reserve(size);
    for (uint32_t i = 0; i < size; ++i) {
      uint32_t length;
      if (!take(length)) return false;
      std::optional<absl::string_view> element;
      if (length != UINT32_MAX) {
        if (bytes.size() < length) return false;
        element = bytes.substr(0, length);
        bytes.remove_prefix(length);
      }
      T value{};
      if (!DecodeNullable(element, value)) return false;
      values.push_back(std::move(value));
    }
    return bytes.empty();
  }
};

template <class T>
concept HasCodec = requires {
  Codec<T>::kType;
};

}  // namespace smederij::pg
