#pragma once

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/registry/domain/ids.h"
#include "services/registry/domain/roll.h"

// People and what they may do. All inside the caller's transaction.
namespace smederij::registry {

struct Person {
  SubjectId id = {};
  MunicipalityId municipality = {};
  std::optional<DistrictId>
      district;  // Where they live; absent for an official who is no resident.
};

struct RoleGrant {
  GrantId id = {};
  SubjectId person = {};
  int16_t role = 0;  // policy.v1.Role
  std::optional<DistrictId> district = {};
  int64_t limit_cents = 0;
  absl::Time granted_at = {};
  std::optional<absl::Time> revoked_at = {};
};

absl::StatusOr<std::optional<Person>> FindPerson(pg::Tx& tx, const Hash& person_key);
// The person with this key, made when there is none. Refusal: SUBJECT_ELSEWHERE.
absl::StatusOr<Person> EnsurePerson(pg::Tx& tx, const Hash& person_key,
                                    MunicipalityId municipality);

// What the person holds now.
absl::StatusOr<std::vector<RoleGrant>> GrantsOf(pg::Tx& tx, SubjectId person);
// Refusal: ALREADY_GRANTED. `granted_by` is nullopt for the first administrator.
absl::StatusOr<RoleGrant> InsertGrant(pg::Tx& tx, MunicipalityId municipality, SubjectId person,
                                      int16_t role, std::optional<DistrictId> district,
                                      int64_t limit_cents, std::optional<SubjectId> granted_by);
// Refusals, first that applies: GRANT_NOT_FOUND, LAST_ADMINISTRATOR.
absl::StatusOr<RoleGrant> RevokeGrant(pg::Tx& tx, MunicipalityId municipality, GrantId grant,
                                      SubjectId revoked_by);
// At most `limit` grants held now, newest first, older than (`before`, `before_id`).
absl::StatusOr<std::vector<RoleGrant>> ListGrants(pg::Tx& tx, MunicipalityId municipality,
                                                  absl::Time before, GrantId before_id,
                                                  int64_t limit);

// Residents in columns, as they are sent to the database.
struct ResidentColumns {
  std::vector<SubjectId> ids = {};  // For those not known yet.
  std::vector<Hash> person_keys = {};
  std::vector<absl::CivilDay> birth_dates = {};
  std::vector<DistrictId> districts = {};
  std::vector<pg::Bytes> particulars = {};  // Sealed.
  std::vector<Hash> fingerprints = {};      // Of the particulars; keyed.
};
struct Upserted {
  int64_t created = 0;
  std::vector<Hash> elsewhere = {};  // Known in another municipality; nothing was done to them.
};
absl::StatusOr<Upserted> UpsertResidents(pg::Tx& tx, MunicipalityId municipality,
                                         const ResidentColumns& residents);
// Ends the residence of everybody in the municipality whose key lies above `above` and not above
// `up_to` (nullopt: without end) and is none of `staying`. Who stands on a roll that
// is still to be printed keeps their particulars until it is closed. Gives how many.
absl::StatusOr<int64_t> EndResidence(pg::Tx& tx, MunicipalityId municipality,
                                     const pg::Bytes& above, const std::optional<pg::Bytes>& up_to,
                                     const std::vector<Hash>& staying);
// Puts a key that nobody has in the place of the person's, ends their residence, and drops their
// particulars.
absl::Status ErasePerson(pg::Tx& tx, SubjectId person, const Hash& nobodys_key);

absl::Span<const pg::AnyStatement> PersonStatements();

}  // namespace smederij::registry
