#include "services/ballots/api/page.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"

namespace smederij::ballots {
namespace {

constexpr int64_t kPageDefault = 50, kPageMax = 500;
constexpr size_t kTokenBytesMax = 256;

Error BadPage(absl::string_view field, absl::string_view wrong) {
  return Error(kInvalidArgument, "BAD_PAGE", "this page cannot be asked for").At(field, wrong);
}

std::string Prefix(absl::string_view list, RoundId round) {
  return absl::StrCat(list, " ", round.ToString(), " ");
}

}  // namespace

absl::StatusOr<int64_t> PageSize(int32_t asked) {
  if (asked < 0) return BadPage("page_size", "must not be negative");
  return asked == 0 ? kPageDefault : std::min<int64_t>(asked, kPageMax);
}

std::string PageToken(absl::string_view list, RoundId round, int64_t first) {
  return absl::WebSafeBase64Escape(absl::StrCat(Prefix(list, round), first));
}

absl::StatusOr<int64_t> ParsePageToken(absl::string_view token, absl::string_view list,
                                       RoundId round) {
  if (token.empty()) return 0;
  std::string text;
  int64_t first = 0;
  if (token.size() > kTokenBytesMax || !absl::WebSafeBase64Unescape(token, &text)) {
    return BadPage("page_token", "is none of ours");
  }
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, Prefix(list, round)) || !absl::SimpleAtoi(rest, &first) ||
      first < 0) {
    return BadPage("page_token", "belongs to another list");
  }
  return first;
}

}  // namespace smederij::ballots
