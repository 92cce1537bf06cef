#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ledger/domain/draft.h"

// A new year's appropriations, taken over from the year before at a rate: the decisions of books.h
// that are about it.
namespace smederij::ledger {

// What all sources together come to when each of what it is `decided` to give is taken over at
// `rate`, rounded to the cent, half a cent up. Saturates.
Money TotalIndexed(const std::map<std::string, Money>& decided, int32_t rate);

// The movements from each source, by name; a source of which nothing is left is left out. None when
// the total is more than an amount can be.
std::optional<std::vector<Move>> Indexed(const std::map<std::string, Money>& decided, int32_t rate);

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const IndexAppropriations& index);

// The budget has been indexed, as the commands after this one see it.
void ApplyIndexings(const Effect& effect, Books& books);

}  // namespace smederij::ledger
