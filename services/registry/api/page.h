#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij::registry {

inline constexpr int64_t kPageDefault = 50;
inline constexpr int64_t kPageMax = 500;

// How many rows a page holds: 0 means 50, above 500 means 500. Refusal: BAD_PAGE (negative).
absl::StatusOr<int64_t> PageSize(int32_t asked);

// Page tokens are opaque to clients: a key, so that a page neither repeats nor skips a row when
// others come and go. An empty token is the first page (nullopt). Refusal: BAD_PAGE.
std::string ToPageToken(absl::string_view key);
absl::StatusOr<std::optional<std::string>> FromPageToken(absl::string_view token);

}  // namespace smederij::registry
