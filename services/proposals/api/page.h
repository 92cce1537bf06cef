#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/proposals/storage/round_store.h"

namespace smederij::proposals {

// One page of a list: how many rows, and after which. Tokens are opaque to clients: the key of the
// last row shown, so a page neither repeats nor skips a row when others come and go.
struct Page {
  int64_t size = 0;
  std::optional<After> after;  // None: the first page.
};

// 0 means 50, above 500 means 500. Refusal: BAD_PAGE, for a negative size and for a token that no
// answer offered.
absl::StatusOr<Page> ParsePage(int32_t page_size, absl::string_view page_token);

std::string PageToken(const After& last);

// Numbers stand in for instants in the key of a page of what has a number in its round.
inline After AfterNumber(uint32_t number, Uuid id) { return {absl::FromUnixMicros(number), id}; }
inline uint32_t NumberOf(const After& after) {
  return static_cast<uint32_t>(absl::ToUnixMicros(after.at));
}

}  // namespace smederij::proposals
