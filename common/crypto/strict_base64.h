#pragma once

#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"

namespace smederij::crypto {

// Base64 with padding and nothing else: absl alone forgives white space and stray bits.
inline std::optional<std::string> StrictBase64(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes) || absl::Base64Escape(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace smederij::crypto
