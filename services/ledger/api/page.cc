// Pages of convert.h.
#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "services/ledger/api/convert.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPageDefault = 50, kPageMax = 500;
constexpr size_t kTokenBytesMax = 512;

Error BadPage(absl::string_view field, absl::string_view wrong) {
  return Error(kInvalidArgument, "BAD_PAGE", "this page cannot be asked for").At(field, wrong);
}

}  // namespace

absl::Status BadPageToken() { return BadPage("page_token", "is none of ours"); }

absl::StatusOr<int64_t> PageSize(int32_t asked) {
  if (asked < 0) return BadPage("page_size", "must not be negative");
  if (asked == 0) return kPageDefault;
  return std::min<int64_t>(asked, kPageMax);
}

std::string PageToken(absl::string_view kind, absl::string_view of,
                      const std::vector<std::string>& place) {
  return absl::WebSafeBase64Escape(absl::StrCat(kind, "|", of, "|", absl::StrJoin(place, "|")));
}

absl::StatusOr<std::vector<std::string>> ParsePageToken(absl::string_view token,
                                                        absl::string_view kind,
                                                        absl::string_view of, size_t parts) {
  if (token.empty()) return std::vector<std::string>();
  std::string text;
  if (token.size() > kTokenBytesMax || !absl::WebSafeBase64Unescape(token, &text)) {
    return BadPageToken();
  }
  std::vector<std::string> all = absl::StrSplit(text, '|');
  if (all.size() != parts + 2 || absl::string_view(all[0]) != kind ||
      absl::string_view(all[1]) != of) {
    return BadPage("page_token", "belongs to another list");
  }
  all.erase(all.begin(), all.begin() + 2);
  return all;
}

}  // namespace smederij::ledger
