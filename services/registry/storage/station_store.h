#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/registry/domain/roll.h"
#include "services/registry/domain/station.h"

// Stations, and which voter votes at which. All inside the caller's transaction.
namespace smederij::registry {

// Stores the stations of a roll that was just inserted as one with stations.
absl::Status InsertStations(pg::Tx& tx, RoundId round, const std::vector<Station>& stations);
// By number; empty when nobody votes on paper.
absl::StatusOr<std::vector<Station>> StationsOf(pg::Tx& tx, RoundId round);

// Somebody who is of an age to vote in a round, to be given a station.
struct Eligible {
  SubjectId person = {};
  int32_t class_id = 0;
  int16_t age = 0;  // On the reference date.
  Hash person_key{};
  std::optional<pg::Bytes> particulars = {};  // Sealed; nullopt where none were imported.
};
// At most `limit` of them whose id lies above `after`, by id.
absl::StatusOr<std::vector<Eligible>> EligibleAfter(pg::Tx& tx, RoundId round, SubjectId after,
                                                    int64_t limit);

// Voters with their places, in columns, as they are sent to the database.
struct PlacedColumns {
  std::vector<SubjectId> people = {};
  std::vector<int32_t> class_ids = {};
  std::vector<int16_t> ages = {};
  std::vector<int32_t> stations = {};
  std::vector<int32_t> roll_numbers = {};
};
absl::Status InsertPlaced(pg::Tx& tx, RoundId round, const PlacedColumns& voters);

// Drops the particulars of voters of `round` who have moved away and stand on no other roll that is
// still to be printed. For a roll that is being closed.
absl::Status DropParticulars(pg::Tx& tx, RoundId round);

absl::Span<const pg::AnyStatement> StationStatements();

}  // namespace smederij::registry
