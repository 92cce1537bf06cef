#include "services/registry/storage/person_store.h"

#include "common/base/status_macros.h"
#include "common/pg/sqlstate.h"
#include "services/registry/domain/errors.h"
#include "smederij/policy/v1/access.pb.h"

namespace smederij::registry {
namespace {

using OptionalDistrict = std::optional<DistrictId>;

constexpr pg::Statement<Person(Hash)> kFindPerson{"registry.find_person", R"sql(
  SELECT person_id, municipality_id, district_id FROM registry.person WHERE person_key = $1)sql"};
constexpr pg::Statement<void(SubjectId, Hash, MunicipalityId)> kInsertPerson{
    "registry.insert_person", R"sql(
  INSERT INTO registry.person (person_id, person_key, municipality_id) VALUES ($1, $2, $3)
  ON CONFLICT (person_key) DO NOTHING)sql"};

constexpr pg::Statement<RoleGrant(SubjectId)> kGrantsOf{"registry.grants_of", R"sql(
  SELECT grant_id, person_id, role, district_id, limit_cents, granted_at, revoked_at
    FROM registry.role_grant WHERE person_id = $1 AND revoked_at IS NULL
   ORDER BY granted_at, grant_id)sql"};
constexpr pg::Statement<RoleGrant(MunicipalityId, GrantId, SubjectId, int16_t, OptionalDistrict,
                                  int64_t, std::optional<SubjectId>)>
    kInsertGrant{"registry.insert_grant", R"sql(
  INSERT INTO registry.role_grant
    (municipality_id, grant_id, person_id, role, district_id, limit_cents, granted_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  RETURNING grant_id, person_id, role, district_id, limit_cents, granted_at, revoked_at)sql"};
constexpr pg::Statement<RoleGrant(MunicipalityId, GrantId)> kGetGrant{"registry.get_grant", R"sql(
  SELECT grant_id, person_id, role, district_id, limit_cents, granted_at, revoked_at
    FROM registry.role_grant WHERE municipality_id = $1 AND grant_id = $2)sql"};
// In one order, so that two who revoke each other wait instead of deadlocking; the second one then
// counts what the first one left.
constexpr pg::Statement<GrantId(MunicipalityId, int16_t)> kLockAdministrators{
    "registry.lock_administrators", R"sql(
  SELECT grant_id FROM registry.role_grant
   WHERE municipality_id = $1 AND role = $2 AND district_id IS NULL AND revoked_at IS NULL
   ORDER BY grant_id FOR UPDATE)sql"};
constexpr pg::Statement<RoleGrant(MunicipalityId, GrantId, SubjectId)> kRevokeGrant{
    "registry.revoke_grant", R"sql(
  UPDATE registry.role_grant SET revoked_at = clock_timestamp(), revoked_by = $3
   WHERE municipality_id = $1 AND grant_id = $2 AND revoked_at IS NULL
  RETURNING grant_id, person_id, role, district_id, limit_cents, granted_at, revoked_at)sql"};
constexpr pg::Statement<RoleGrant(MunicipalityId, absl::Time, GrantId, int64_t)> kListGrants{
    "registry.list_grants", R"sql(
  SELECT grant_id, person_id, role, district_id, limit_cents, granted_at, revoked_at
    FROM registry.role_grant
   WHERE municipality_id = $1 AND revoked_at IS NULL AND (granted_at, grant_id) < ($2, $3)
   ORDER BY granted_at DESC, grant_id DESC LIMIT $4)sql"};

constexpr pg::Statement<Hash(MunicipalityId, std::vector<Hash>)> kKnownElsewhere{
    "registry.known_elsewhere", R"sql(
  SELECT person_key FROM registry.person
   WHERE person_key = ANY ($2) AND municipality_id <> $1)sql"};
// A resident who is as imported is not written again: most lines of a nightly import are such.
constexpr pg::Statement<int64_t(MunicipalityId, std::vector<SubjectId>, std::vector<Hash>,
                                std::vector<absl::CivilDay>, std::vector<DistrictId>,
                                std::vector<pg::Bytes>, std::vector<Hash>)>
    kUpsertResidents{"registry.upsert_residents", R"sql(
  WITH done AS (
    INSERT INTO registry.person AS known
      (person_id, person_key, municipality_id, birth_date, district_id, particulars_sealed,
       particulars_fingerprint)
    SELECT person_id, person_key, $1, birth_date, district_id, sealed, fingerprint
      FROM unnest($2::uuid[], $3::bytea[], $4::date[], $5::uuid[], $6::bytea[], $7::bytea[])
        AS line (person_id, person_key, birth_date, district_id, sealed, fingerprint)
    ON CONFLICT (person_key) DO UPDATE
      SET birth_date = excluded.birth_date, district_id = excluded.district_id,
          particulars_sealed = excluded.particulars_sealed,
          particulars_fingerprint = excluded.particulars_fingerprint
      WHERE known.municipality_id = excluded.municipality_id
        AND (known.birth_date, known.district_id, known.particulars_fingerprint)
            IS DISTINCT FROM
            (excluded.birth_date, excluded.district_id, excluded.particulars_fingerprint)
    RETURNING known.xmax = 0 AS created)
  SELECT count(*) FILTER (WHERE created) FROM done)sql"};

bool IsAdministrator(const RoleGrant& grant) {
  return grant.role == policy::v1::ROLE_ADMINISTRATOR && !grant.district;
}
constexpr pg::Statement<int64_t(MunicipalityId, pg::Bytes, std::optional<pg::Bytes>,
                                std::vector<Hash>)>
    kEndResidence{"registry.end_residence", R"sql(
  WITH gone AS (
    UPDATE registry.person p
       SET birth_date = NULL, district_id = NULL,
           particulars_sealed = CASE WHEN k.keeps THEN p.particulars_sealed END,
           particulars_fingerprint = CASE WHEN k.keeps THEN p.particulars_fingerprint END
      FROM registry.person leaver
     CROSS JOIN LATERAL (SELECT EXISTS (
             SELECT FROM registry.roll r
               JOIN registry.entitlement e
                 ON e.round_id = r.round_id AND e.person_id = leaver.person_id
              WHERE r.municipality_id = $1 AND r.with_stations AND r.state = 2) AS keeps) k
     WHERE leaver.person_id = p.person_id AND p.municipality_id = $1
       AND p.district_id IS NOT NULL AND p.person_key > $2
       AND (p.person_key <= $3 OR $3 IS NULL) AND p.person_key <> ALL ($4)
    RETURNING 1)
  SELECT count(*) FROM gone)sql"};
constexpr pg::Statement<void(SubjectId, Hash)> kErase{"registry.erase_person", R"sql(
  UPDATE registry.person
     SET person_key = $2, birth_date = NULL, district_id = NULL, particulars_sealed = NULL,
         particulars_fingerprint = NULL
   WHERE person_id = $1)sql"};

}  // namespace

// Beside their types, where argument-dependent lookup finds them.
static Person Decode(pg::Columns& row, pg::As<Person>) {
  return {.id = row.Next<SubjectId>(),
          .municipality = row.Next<MunicipalityId>(),
          .district = row.Next<OptionalDistrict>()};
}

static RoleGrant Decode(pg::Columns& row, pg::As<RoleGrant>) {
  return {.id = row.Next<GrantId>(),
          .person = row.Next<SubjectId>(),
          .role = row.Next<int16_t>(),
          .district = row.Next<OptionalDistrict>(),
          .limit_cents = row.Next<int64_t>(),
          .granted_at = row.Next<absl::Time>(),
          .revoked_at = row.Next<std::optional<absl::Time>>()};
}

absl::StatusOr<std::optional<Person>> FindPerson(pg::Tx& tx, const Hash& person_key) {
  return tx.Maybe(kFindPerson, person_key);
}

absl::StatusOr<Person> EnsurePerson(pg::Tx& tx, const Hash& person_key,
                                    MunicipalityId municipality) {
  RETURN_IF_ERROR(tx.Exec(kInsertPerson, SubjectId::Random(), person_key, municipality));
  ASSIGN_OR_RETURN(Person person, tx.One(kFindPerson, person_key));
  if (person.municipality != municipality) return SubjectElsewhere();
  return person;
}

absl::StatusOr<std::vector<RoleGrant>> GrantsOf(pg::Tx& tx, SubjectId person) {
  return tx.All(kGrantsOf, person);
}

absl::StatusOr<RoleGrant> InsertGrant(pg::Tx& tx, MunicipalityId municipality, SubjectId person,
                                      int16_t role, std::optional<DistrictId> district,
                                      int64_t limit_cents, std::optional<SubjectId> granted_by) {
  absl::StatusOr<RoleGrant> grant = tx.One(kInsertGrant, municipality, GrantId::Random(), person,
                                           role, district, limit_cents, granted_by);
  if (pg::Violates(grant.status(), "grant_held_once")) return AlreadyGranted();
  return grant;
}

absl::StatusOr<RoleGrant> RevokeGrant(pg::Tx& tx, MunicipalityId municipality, GrantId id,
                                      SubjectId revoked_by) {
  ASSIGN_OR_RETURN(std::optional<RoleGrant> grant, tx.Maybe(kGetGrant, municipality, id));
  if (!grant) return GrantNotFound();
  if (IsAdministrator(*grant)) {
    ASSIGN_OR_RETURN(const std::vector<GrantId> held,
                     tx.All(kLockAdministrators, municipality, grant->role));
    if (held.size() == 1 && held.front() == id) return LastAdministrator();
  }
  ASSIGN_OR_RETURN(std::optional<RoleGrant> revoked,
                   tx.Maybe(kRevokeGrant, municipality, id, revoked_by));
  if (revoked) return *std::move(revoked);
  return tx.One(kGetGrant, municipality, id);  // It was taken back before, by whoever it was.
}

absl::StatusOr<std::vector<RoleGrant>> ListGrants(pg::Tx& tx, MunicipalityId municipality,
                                                  absl::Time before, GrantId before_id,
                                                  int64_t limit) {
  return tx.All(kListGrants, municipality, before, before_id, limit);
}

absl::StatusOr<Upserted> UpsertResidents(pg::Tx& tx, MunicipalityId municipality,
                                         const ResidentColumns& residents) {
  Upserted upserted;
  ASSIGN_OR_RETURN(upserted.elsewhere,
                   tx.All(kKnownElsewhere, municipality, residents.person_keys));
  ASSIGN_OR_RETURN(upserted.created,
                   tx.One(kUpsertResidents, municipality, residents.ids, residents.person_keys,
                          residents.birth_dates, residents.districts, residents.particulars,
                          residents.fingerprints));
  return upserted;
}

absl::StatusOr<int64_t> EndResidence(pg::Tx& tx, MunicipalityId municipality,
                                     const pg::Bytes& above, const std::optional<pg::Bytes>& up_to,
                                     const std::vector<Hash>& staying) {
  return tx.One(kEndResidence, municipality, above, up_to, staying);
}

absl::Status ErasePerson(pg::Tx& tx, SubjectId person, const Hash& nobodys_key) {
  return tx.Exec(kErase, person, nobodys_key);
}

absl::Span<const pg::AnyStatement> PersonStatements() {
  static const pg::AnyStatement kAll[] = {kFindPerson,      kInsertPerson, kGrantsOf,
                                          kInsertGrant,     kGetGrant,     kLockAdministrators,
                                          kRevokeGrant,     kListGrants,   kKnownElsewhere,
                                          kUpsertResidents, kEndResidence, kErase};
  return kAll;
}

}  // namespace smederij::registry
