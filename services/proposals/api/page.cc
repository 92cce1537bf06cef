#include "services/proposals/api/page.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/proposals/domain/errors.h"

namespace smederij::proposals {
namespace {

constexpr int64_t kRowsDefault = 50, kRowsMax = 500;

}  // namespace

absl::StatusOr<Page> ParsePage(int32_t page_size, absl::string_view page_token) {
  if (page_size < 0) return BadPage().At("page_size", "must not be negative");
  Page page{.size = page_size == 0 ? kRowsDefault : std::min<int64_t>(page_size, kRowsMax),
            .after = std::nullopt};
  if (page_token.empty()) return page;
  std::string key;
  const std::vector<std::string> parts = absl::WebSafeBase64Unescape(page_token, &key)
                                             ? absl::StrSplit(key, '/')
                                             : std::vector<std::string>();
  int64_t microseconds = 0;
  const std::optional<Uuid> id = parts.size() == 2 ? Uuid::Parse(parts[1]) : std::nullopt;
  if (!id || !absl::SimpleAtoi(parts[0], &microseconds)) {
    return BadPage().At("page_token", "must be the next_page_token of an answer");
  }
  page.after = After{absl::FromUnixMicros(microseconds), *id};
  return page;
}

std::string PageToken(const After& last) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(absl::ToUnixMicros(last.at), "/", last.id.ToString()));
}

}  // namespace smederij::proposals
