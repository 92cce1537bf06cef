#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace smederij::obs {

// Where a call stands in a trace that spans services: W3C Trace Context, version 00. Values.
struct Trace {
  std::array<uint8_t, 16> id{};   // The same in every service the request touches.
  std::array<uint8_t, 8> span{};  // This call.
  bool sampled = false;

  std::string IdText() const;       // 32 lower-case hex digits, as logged.
  std::string Traceparent() const;  // The header to send on.

  // A new trace, as when nobody sent one.
  static Trace Make();
  // The same trace, one call further.
  Trace Child() const;
  // The trace of a `traceparent` header. nullopt for anything malformed, an all-zero id or span, or
  // version ff; a later version is read by what version 00 knows of it, as the standard asks.
  static std::optional<Trace> Parse(absl::string_view traceparent);
};

}  // namespace smederij::obs
