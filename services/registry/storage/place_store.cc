#include "services/registry/storage/place_store.h"

#include <tuple>

#include "common/base/status_macros.h"
#include "common/pg/sqlstate.h"
#include "services/registry/domain/errors.h"

namespace smederij::registry {
namespace {

using Postcodes = std::vector<std::string>;

constexpr pg::Statement<Municipality(MunicipalityId)> kGetMunicipality{"registry.get_municipality",
                                                                       R"sql(
  SELECT municipality_id, name FROM registry.municipality WHERE municipality_id = $1)sql"};
constexpr pg::Statement<void(MunicipalityId, std::string)> kInsertMunicipality{
    "registry.insert_municipality", R"sql(
  INSERT INTO registry.municipality (municipality_id, name) VALUES ($1, $2))sql"};
constexpr pg::Statement<void()> kLockBootstrap{"registry.lock_bootstrap", R"sql(
  SELECT pg_advisory_xact_lock(hashtext('registry.bootstrap')))sql"};
constexpr pg::Statement<bool()> kIsEmpty{"registry.is_empty", R"sql(
  SELECT NOT EXISTS (SELECT FROM registry.municipality))sql"};

constexpr pg::Statement<std::string(MunicipalityId, Postcodes)> kTakenPostcode{
    "registry.taken_postcode", R"sql(
  SELECT min(postcode) FROM registry.postcode
   WHERE municipality_id = $1 AND postcode = ANY ($2) HAVING count(*) > 0)sql"};
constexpr pg::Statement<void(DistrictId, MunicipalityId, std::string, std::string)> kInsertDistrict{
    "registry.insert_district", R"sql(
  INSERT INTO registry.district (district_id, municipality_id, slug, name)
  VALUES ($1, $2, $3, $4))sql"};
constexpr pg::Statement<void(DistrictId, MunicipalityId, Postcodes)> kInsertPostcodes{
    "registry.insert_postcodes", R"sql(
  INSERT INTO registry.postcode (district_id, municipality_id, postcode)
  SELECT $1, $2, unnest($3))sql"};
constexpr pg::Statement<District(DistrictId)> kGetDistrict{"registry.get_district", R"sql(
  SELECT district_id, municipality_id, slug, name,
         ARRAY(SELECT postcode FROM registry.postcode p WHERE p.district_id = d.district_id
               ORDER BY postcode)
    FROM registry.district d WHERE district_id = $1)sql"};
constexpr pg::Statement<District(MunicipalityId, std::string, int64_t)> kListDistricts{
    "registry.list_districts", R"sql(
  SELECT district_id, municipality_id, slug, name,
         ARRAY(SELECT postcode FROM registry.postcode p WHERE p.district_id = d.district_id
               ORDER BY postcode)
    FROM registry.district d WHERE municipality_id = $1 AND slug > $2 ORDER BY slug LIMIT $3)sql"};
constexpr pg::Statement<std::tuple<std::string, DistrictId>(MunicipalityId)> kLoadArea{
    "registry.load_area", R"sql(
  SELECT postcode, district_id FROM registry.postcode WHERE municipality_id = $1)sql"};

}  // namespace

// Beside their types, where argument-dependent lookup finds them.
static Municipality Decode(pg::Columns& row, pg::As<Municipality>) {
  return {.id = row.Next<MunicipalityId>(), .name = row.Next<std::string>()};
}

static District Decode(pg::Columns& row, pg::As<District>) {
  return {.id = row.Next<DistrictId>(),
          .municipality = row.Next<MunicipalityId>(),
          .slug = row.Next<std::string>(),
          .name = row.Next<std::string>(),
          .postcodes = row.Next<Postcodes>()};
}

absl::StatusOr<Municipality> GetMunicipality(pg::Tx& tx, MunicipalityId id) {
  ASSIGN_OR_RETURN(std::optional<Municipality> found, tx.Maybe(kGetMunicipality, id));
  if (!found) return MunicipalityNotFound();
  return *std::move(found);
}

absl::Status InsertMunicipality(pg::Tx& tx, const Municipality& municipality) {
  return tx.Exec(kInsertMunicipality, municipality.id, municipality.name);
}

absl::StatusOr<bool> LockIfEmpty(pg::Tx& tx) {
  RETURN_IF_ERROR(tx.Exec(kLockBootstrap));
  return tx.One(kIsEmpty);
}

absl::Status InsertDistrict(pg::Tx& tx, const District& district) {
  // Asked for before the insert: a violated constraint would not say which postcode.
  ASSIGN_OR_RETURN(const std::optional<std::string> taken,
                   tx.Maybe(kTakenPostcode, district.municipality, district.postcodes));
  absl::Status status =
      tx.Exec(kInsertDistrict, district.id, district.municipality, district.slug, district.name);
  if (pg::Violates(status, "district_slug_once")) return SlugTaken(district.slug);
  if (pg::Violates(status, "district_of_municipality")) return MunicipalityNotFound();
  RETURN_IF_ERROR(status);
  if (taken) return PostcodeTaken(*taken);
  status = tx.Exec(kInsertPostcodes, district.id, district.municipality, district.postcodes);
  // Somebody else took it a moment ago; the rerun finds out which.
  if (pg::Violates(status, "postcode_in_one_district")) return pg::Rerun("postcode_raced");
  return status;
}

absl::StatusOr<District> GetDistrict(pg::Tx& tx, DistrictId id) {
  ASSIGN_OR_RETURN(std::optional<District> found, tx.Maybe(kGetDistrict, id));
  if (!found) return DistrictNotFound();
  return *std::move(found);
}

absl::StatusOr<std::vector<District>> ListDistricts(pg::Tx& tx, MunicipalityId municipality,
                                                    absl::string_view after, int64_t limit) {
  return tx.All(kListDistricts, municipality, std::string(after), limit);
}

absl::StatusOr<Area> LoadArea(pg::Tx& tx, MunicipalityId municipality) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kLoadArea, municipality));
  Area area;
  for (const auto& [postcode, district] : rows) area.Add(postcode, district);
  return area;
}

absl::Span<const pg::AnyStatement> PlaceStatements() {
  static const pg::AnyStatement kAll[] = {
      kGetMunicipality, kInsertMunicipality, kLockBootstrap, kIsEmpty,       kTakenPostcode,
      kInsertDistrict,  kInsertPostcodes,    kGetDistrict,   kListDistricts, kLoadArea};
  return kAll;
}

}  // namespace smederij::registry
