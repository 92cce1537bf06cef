#include "services/registry/api/page.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "services/registry/domain/errors.h"

namespace smederij::registry {

absl::StatusOr<int64_t> PageSize(int32_t asked) {
  if (asked < 0) return BadPage("page_size", "must not be negative");
  return asked == 0 ? kPageDefault : std::min<int64_t>(asked, kPageMax);
}

std::string ToPageToken(absl::string_view key) { return absl::WebSafeBase64Escape(key); }

absl::StatusOr<std::optional<std::string>> FromPageToken(absl::string_view token) {
  if (token.empty()) return std::optional<std::string>();
  std::string key;
  if (!absl::WebSafeBase64Unescape(token, &key) || key.empty()) {
    return BadPage("page_token", "is not one of ours");
  }
  return std::optional<std::string>(std::move(key));
}

}  // namespace smederij::registry
