#pragma once

#include <compare>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace smederij::pg {

// A bytea of any length. Its own type, so that text and bytes cannot be mixed up: std::string is
// text. Hashes and keys of fixed length are std::array<uint8_t, N>, which have a codec as well.
struct Bytes {
  std::string value;

  Bytes() = default;
  explicit Bytes(std::string bytes) : value(std::move(bytes)) {}
  explicit Bytes(absl::string_view bytes) : value(bytes) {}

  auto operator<=>(const Bytes&) const = default;
};

}  // namespace smederij::pg
