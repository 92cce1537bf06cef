#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/proposals/domain/plan.h"
#include "services/proposals/domain/round.h"
#include "smederij/ballots/v1/ballots.pb.h"
#include "smederij/registry/v1/registry.pb.h"

namespace smederij::proposals {

// What ballots is asked to freeze: a pure function of what is stored, so that asking again asks for
// the same bytes. `pot_entries` are the hashes of the ledger entries that hold the pots, in order;
// `plans` the admitted ones, by number. INTERNAL when the roll lacks a class of the charter.
absl::StatusOr<ballots::v1::Manifest> MakeManifest(const Round& round, const std::string& currency,
                                                   const registry::v1::Charter& charter,
                                                   const registry::v1::Roll& roll,
                                                   const std::vector<std::string>& pot_entries,
                                                   const std::vector<Plan>& plans);

}  // namespace smederij::proposals
