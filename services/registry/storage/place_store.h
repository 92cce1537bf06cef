#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/registry/domain/place.h"

// Municipalities and districts. All inside the caller's transaction.
namespace smederij::registry {

struct Municipality {
  MunicipalityId id = {};
  std::string name = {};
};

absl::StatusOr<Municipality> GetMunicipality(pg::Tx& tx,
                                             MunicipalityId id);  // MUNICIPALITY_NOT_FOUND
absl::Status InsertMunicipality(pg::Tx& tx, const Municipality& municipality);
// Whether there is none at all; holds off other bootstraps until the transaction ends.
absl::StatusOr<bool> LockIfEmpty(pg::Tx& tx);

// Refusals, first that applies: SLUG_TAKEN, POSTCODE_TAKEN.
absl::Status InsertDistrict(pg::Tx& tx, const District& district);
absl::StatusOr<District> GetDistrict(pg::Tx& tx, DistrictId id);  // DISTRICT_NOT_FOUND
// At most `limit` districts with a slug after `after`, by slug.
absl::StatusOr<std::vector<District>> ListDistricts(pg::Tx& tx, MunicipalityId municipality,
                                                    absl::string_view after, int64_t limit);
absl::StatusOr<Area> LoadArea(pg::Tx& tx, MunicipalityId municipality);

absl::Span<const pg::AnyStatement> PlaceStatements();

}  // namespace smederij::registry
