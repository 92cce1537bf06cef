#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/id.h"

// Pages of lists that follow a round's log: a page begins at a leaf.
namespace smederij::ballots {

// 50 when none is asked for, 500 at most. Refusal: BAD_PAGE (negative).
absl::StatusOr<int64_t> PageSize(int32_t asked);

// `list` and `round` keep a token from being used for another list.
std::string PageToken(absl::string_view list, RoundId round, int64_t first);
// Where a page begins; 0 for an empty token. Refusal: BAD_PAGE.
absl::StatusOr<int64_t> ParsePageToken(absl::string_view token, absl::string_view list,
                                       RoundId round);

}  // namespace smederij::ballots
