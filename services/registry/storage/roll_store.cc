#include "services/registry/storage/roll_store.h"

#include <map>
#include <tuple>

#include "common/base/status_macros.h"
#include "common/pg/sqlstate.h"
#include "services/registry/domain/errors.h"
#include "services/registry/storage/polling_store.h"
#include "services/registry/storage/station_store.h"

namespace smederij::registry {
namespace {

using Texts = std::vector<std::string>;
using Ints = std::vector<int32_t>;
using Shorts = std::vector<int16_t>;
using Longs = std::vector<int64_t>;

constexpr pg::Statement<Roll(RoundId)> kGetRoll{"registry.get_roll", R"sql(
  SELECT round_id, municipality_id, district_id, state, reference_date, issue_from, issue_until,
         k_min, manifest_hash, failure
    FROM registry.roll WHERE round_id = $1)sql"};
constexpr pg::Statement<Roll(RoundId)> kLockRoll{"registry.lock_roll", R"sql(
  SELECT round_id, municipality_id, district_id, state, reference_date, issue_from, issue_until,
         k_min, manifest_hash, failure
    FROM registry.roll WHERE round_id = $1 FOR UPDATE)sql"};
constexpr pg::Statement<RollClass(RoundId)> kClassesOf{"registry.classes_of", R"sql(
  SELECT class_id, name, age_from, age_to, weight, size, issuer_spki, issuer_key_id, issued
    FROM registry.roll_class WHERE round_id = $1 ORDER BY class_id)sql"};

constexpr pg::Statement<Hash(RoundId)> kOpeningHash{"registry.opening_hash", R"sql(
  SELECT opening_hash FROM registry.roll WHERE round_id = $1)sql"};
constexpr pg::Statement<void(RoundId, MunicipalityId, DistrictId, absl::CivilDay, absl::Time,
                             absl::Time, int32_t, Hash, bool)>
    kInsertRoll{"registry.insert_roll", R"sql(
  INSERT INTO registry.roll (round_id, municipality_id, district_id, state, reference_date,
                             issue_from, issue_until, k_min, opening_hash, with_stations)
  VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9))sql"};
constexpr pg::Statement<void(RoundId, Ints, Texts, Shorts, Shorts, Ints)> kInsertClasses{
    "registry.insert_classes", R"sql(
  INSERT INTO registry.roll_class (round_id, class_id, name, age_from, age_to, weight)
  SELECT $1, * FROM unnest($2::int[], $3::text[], $4::smallint[], $5::smallint[], $6::int[]))sql"};

constexpr pg::Statement<RoundId()> kNextRunning{"registry.next_running", R"sql(
  SELECT round_id FROM registry.roll WHERE state = 1 ORDER BY asked_at LIMIT 1)sql"};
// Ages in whole years on the reference date. Plain timestamps: with time zones a change of the
// clocks would shift a day.
constexpr pg::Statement<void(RoundId)> kEntitle{"registry.entitle", R"sql(
  INSERT INTO registry.entitlement (round_id, person_id, class_id, age)
  SELECT r.round_id, p.person_id, c.class_id, a.years
    FROM registry.roll r
    JOIN registry.person p ON p.district_id = r.district_id AND p.birth_date <= r.reference_date
   CROSS JOIN LATERAL (SELECT date_part('year', age(r.reference_date::timestamp,
                                                    p.birth_date::timestamp))::smallint AS years) a
    JOIN registry.roll_class c
      ON c.round_id = r.round_id AND a.years BETWEEN c.age_from AND c.age_to
   WHERE r.round_id = $1 ORDER BY p.person_id)sql"};
constexpr pg::Statement<void(RoundId)> kCountClasses{"registry.count_classes", R"sql(
  UPDATE registry.roll_class c SET size = e.size
    FROM (SELECT class_id, count(*) AS size FROM registry.entitlement
           WHERE round_id = $1 GROUP BY class_id) e
   WHERE c.round_id = $1 AND c.class_id = e.class_id)sql"};
constexpr pg::Statement<int64_t(RoundId)> kVoters{"registry.voters", R"sql(
  SELECT coalesce(sum(size), 0)::bigint FROM registry.roll_class WHERE round_id = $1)sql"};
constexpr pg::Statement<void(RoundId, int32_t, pg::Bytes, Hash, pg::Bytes)> kStoreKey{
    "registry.store_key", R"sql(
  UPDATE registry.roll_class SET issuer_spki = $3, issuer_key_id = $4, sealed_key = $5
   WHERE round_id = $1 AND class_id = $2)sql"};
constexpr pg::Statement<void(RoundId, int16_t, std::string)> kSetState{"registry.set_state", R"sql(
  UPDATE registry.roll SET state = $2, failure = $3 WHERE round_id = $1)sql"};
constexpr pg::Statement<void(RoundId, Hash)> kStoreManifest{"registry.store_manifest", R"sql(
  UPDATE registry.roll SET manifest_hash = $2 WHERE round_id = $1)sql"};

constexpr pg::Statement<void(RoundId)> kFixIssued{"registry.fix_issued", R"sql(
  UPDATE registry.roll_class c SET sealed_key = NULL, issued =
         (SELECT count(*) FROM registry.credential k
            JOIN registry.entitlement e USING (round_id, person_id)
           WHERE k.round_id = $1 AND e.class_id = c.class_id AND k.blinded_message IS NOT NULL)
   WHERE c.round_id = $1)sql"};
constexpr pg::Statement<void(RoundId)> kMarkTookPart{"registry.mark_took_part", R"sql(
  UPDATE registry.person p SET took_part = true FROM registry.credential k
   WHERE k.round_id = $1 AND k.person_id = p.person_id AND NOT p.took_part
     AND (k.channel = 2 OR k.blinded_message IS NOT NULL))sql"};
using AgeCount = std::tuple<int32_t, int16_t, int64_t, int64_t, int64_t>;
// On paper or with a credential. First time: in no round that closed before this one closes.
constexpr pg::Statement<AgeCount(RoundId)> kCountAges{"registry.count_ages", R"sql(
  SELECT e.class_id, e.age, count(*), count(k.person_id),
         count(k.person_id) FILTER (WHERE NOT p.took_part)
    FROM registry.entitlement e JOIN registry.person p USING (person_id)
    LEFT JOIN registry.credential k
      ON k.round_id = e.round_id AND k.person_id = e.person_id
     AND (k.channel = 2 OR k.blinded_message IS NOT NULL)
   WHERE e.round_id = $1 GROUP BY e.class_id, e.age)sql"};
constexpr pg::Statement<void(RoundId, Ints, Shorts, Shorts, Longs, Longs, Longs)>
    kInsertParticipation{"registry.insert_participation", R"sql(
  INSERT INTO registry.participation
    (round_id, class_id, age_from, age_to, roll_size, took_part, first_time)
  SELECT $1, * FROM unnest($2::int[], $3::smallint[], $4::smallint[], $5::bigint[], $6::bigint[],
                           $7::bigint[]))sql"};
constexpr pg::Statement<int64_t(RoundId)> kShuffle{"registry.shuffle", R"sql(
  SELECT registry.shuffle_credentials($1))sql"};
constexpr pg::Statement<void(RoundId)> kClose{"registry.close_roll", R"sql(
  UPDATE registry.roll r SET state = 3, first_round = NOT EXISTS (
         SELECT FROM registry.roll o JOIN registry.roll_class c USING (round_id)
          WHERE o.municipality_id = r.municipality_id AND o.round_id <> r.round_id AND o.state = 3
            AND (c.issued > 0 OR EXISTS (SELECT FROM registry.station_count n
                                          WHERE n.round_id = o.round_id AND n.marked > 0)))
   WHERE round_id = $1)sql"};
// The service itself may not do this: the owner does.
constexpr pg::Statement<void(RoundId)> kForgetCredentials{"registry.forget_credentials", R"sql(
  DELETE FROM registry.credential WHERE round_id = $1)sql"};
constexpr pg::Statement<void(RoundId)> kForgetReturns{"registry.forget_returns", R"sql(
  DELETE FROM registry.paper_return WHERE round_id = $1)sql"};
constexpr pg::Statement<void(RoundId)> kForgetTickets{"registry.forget_tickets", R"sql(
  DELETE FROM registry.kiosk_ticket WHERE round_id = $1)sql"};
constexpr pg::Statement<int64_t(RoundId)> kForgetEntitlements{"registry.forget_entitlements", R"sql(
  WITH gone AS (DELETE FROM registry.entitlement WHERE round_id = $1 RETURNING 1)
  SELECT count(*) FROM gone)sql"};
constexpr pg::Statement<Band(RoundId)> kBands{"registry.bands", R"sql(
  SELECT class_id, age_from, age_to, roll_size, took_part, first_time
    FROM registry.participation WHERE round_id = $1 ORDER BY age_from, class_id)sql"};
constexpr pg::Statement<bool(RoundId)> kFirstRound{"registry.first_round", R"sql(
  SELECT first_round FROM registry.roll WHERE round_id = $1)sql"};

absl::Status InsertBands(pg::Tx& tx, RoundId round, const std::vector<Band>& bands) {
  Ints class_ids;
  Shorts from, to;
  Longs sizes, took_part, first_time;
  for (const Band& band : bands) {
    class_ids.push_back(static_cast<int32_t>(band.class_id));
    from.push_back(static_cast<int16_t>(band.age_from));
    to.push_back(static_cast<int16_t>(band.age_to));
    sizes.push_back(band.roll_size);
    took_part.push_back(band.took_part);
    first_time.push_back(band.first_time);
  }
  return tx.Exec(kInsertParticipation, round, class_ids, from, to, sizes, took_part, first_time);
}

}  // namespace

// Beside their types, where argument-dependent lookup finds them.
Roll Decode(pg::Columns& row, pg::As<Roll>) {
  return {.round = row.Next<RoundId>(),
          .municipality = row.Next<MunicipalityId>(),
          .district = row.Next<DistrictId>(),
          .state = static_cast<RollState>(row.Next<int16_t>()),
          .reference_date = row.Next<absl::CivilDay>(),
          .issue_from = row.Next<absl::Time>(),
          .issue_until = row.Next<absl::Time>(),
          .k_min = static_cast<uint32_t>(row.Next<int32_t>()),
          .manifest_hash = row.Next<std::optional<Hash>>(),
          .failure = row.Next<std::string>()};
}

static RollClass Decode(pg::Columns& row, pg::As<RollClass>) {
  RollClass out;
  out.rule.class_id = static_cast<uint32_t>(row.Next<int32_t>());
  out.rule.name = row.Next<std::string>();
  out.rule.age_from = static_cast<uint32_t>(row.Next<int16_t>());
  out.rule.age_to = static_cast<uint32_t>(row.Next<int16_t>());
  out.rule.weight = static_cast<uint32_t>(row.Next<int32_t>());
  out.size = row.Next<int64_t>();
  out.issuer_spki = row.Next<std::optional<pg::Bytes>>();
  out.issuer_key_id = row.Next<std::optional<Hash>>();
  out.issued = row.Next<std::optional<int64_t>>();
  return out;
}

static Band Decode(pg::Columns& row, pg::As<Band>) {
  return {.class_id = static_cast<uint32_t>(row.Next<int32_t>()),
          .age_from = static_cast<uint32_t>(row.Next<int16_t>()),
          .age_to = static_cast<uint32_t>(row.Next<int16_t>()),
          .roll_size = row.Next<int64_t>(),
          .took_part = row.Next<int64_t>(),
          .first_time = row.Next<int64_t>()};
}

absl::StatusOr<Roll> GetRoll(pg::Tx& tx, RoundId round) {
  ASSIGN_OR_RETURN(std::optional<Roll> found, tx.Maybe(kGetRoll, round));
  if (!found) return RollNotFound();
  return *std::move(found);
}

absl::StatusOr<Roll> LockRoll(pg::Tx& tx, RoundId round) {
  ASSIGN_OR_RETURN(std::optional<Roll> found, tx.Maybe(kLockRoll, round));
  if (!found) return RollNotFound();
  return *std::move(found);
}

absl::StatusOr<std::vector<RollClass>> ClassesOf(pg::Tx& tx, RoundId round) {
  return tx.All(kClassesOf, round);
}

absl::Status InsertRoll(pg::Tx& tx, const RollOpening& opening, MunicipalityId municipality,
                        const Hash& opening_hash) {
  ASSIGN_OR_RETURN(const std::optional<Hash> earlier, tx.Maybe(kOpeningHash, opening.round));
  if (earlier) return *earlier == opening_hash ? absl::OkStatus() : absl::Status(RollExists());
  const absl::Status status =
      tx.Exec(kInsertRoll, opening.round, municipality, opening.district, opening.reference_date,
              opening.issue_from, opening.issue_until, static_cast<int32_t>(opening.k_min),
              opening_hash, !opening.stations.empty());
  if (pg::Violates(status, "roll_pkey")) return pg::Rerun("roll_raced");
  RETURN_IF_ERROR(status);
  Ints class_ids, weights;
  Texts names;
  Shorts from, to;
  for (const VotingClass& one : opening.classes) {
    class_ids.push_back(static_cast<int32_t>(one.class_id));
    names.push_back(one.name);
    from.push_back(static_cast<int16_t>(one.age_from));
    to.push_back(static_cast<int16_t>(one.age_to));
    weights.push_back(static_cast<int32_t>(one.weight));
  }
  RETURN_IF_ERROR(tx.Exec(kInsertClasses, opening.round, class_ids, names, from, to, weights));
  return InsertStations(tx, opening.round, opening.stations);
}

absl::StatusOr<std::optional<RoundId>> NextRunning(pg::Tx& tx) { return tx.Maybe(kNextRunning); }

absl::Status Entitle(pg::Tx& tx, RoundId round) { return tx.Exec(kEntitle, round); }

absl::StatusOr<int64_t> Open(pg::Tx& tx, RoundId round, const std::vector<IssuerKeyRow>& keys) {
  RETURN_IF_ERROR(tx.Exec(kCountClasses, round));
  for (const IssuerKeyRow& key : keys) {
    RETURN_IF_ERROR(tx.Exec(kStoreKey, round, static_cast<int32_t>(key.class_id), key.spki,
                            key.key_id, key.sealed));
  }
  RETURN_IF_ERROR(tx.Exec(kSetState, round, static_cast<int16_t>(RollState::kOpen), ""));
  return tx.One(kVoters, round);
}

absl::Status FailRoll(pg::Tx& tx, RoundId round, absl::string_view failure) {
  return tx.Exec(kSetState, round, static_cast<int16_t>(RollState::kFailed), std::string(failure));
}

absl::Status StoreManifest(pg::Tx& tx, RoundId round, const Hash& manifest_hash) {
  return tx.Exec(kStoreManifest, round, manifest_hash);
}

absl::Status CloseRoll(pg::Tx& tx, const Roll& roll, const std::vector<RollClass>& classes) {
  RETURN_IF_ERROR(tx.Exec(kFixIssued, roll.round));
  ASSIGN_OR_RETURN(const std::vector<AgeCount> ages, tx.All(kCountAges, roll.round));
  std::vector<VotingClass> rules;
  for (const RollClass& one : classes) rules.push_back(one.rule);
  std::vector<Band> bands = BandsOf(rules);
  for (const auto& [class_id, age, size, took_part, first_time] : ages) {
    for (Band& band : bands) {
      const auto years = static_cast<uint32_t>(age);
      if (years < band.age_from || years > band.age_to) continue;
      band.roll_size += size;
      band.took_part += took_part;
      band.first_time += first_time;
    }
  }
  RETURN_IF_ERROR(InsertBands(tx, roll.round, bands));
  RETURN_IF_ERROR(tx.Exec(kMarkTookPart, roll.round));
  RETURN_IF_ERROR(tx.One(kShuffle, roll.round).status());
  RETURN_IF_ERROR(BluntTickets(tx, roll.round));
  RETURN_IF_ERROR(DropParticulars(tx, roll.round));
  return tx.Exec(kClose, roll.round);
}

absl::StatusOr<ParticipationRow> GetParticipation(pg::Tx& tx, RoundId round) {
  ParticipationRow row;
  ASSIGN_OR_RETURN(row.bands, tx.All(kBands, round));
  ASSIGN_OR_RETURN(row.first_round, tx.One(kFirstRound, round));
  return row;
}

absl::StatusOr<int64_t> ForgetVoters(pg::Tx& tx, RoundId round) {
  RETURN_IF_ERROR(tx.Exec(kForgetCredentials, round));
  RETURN_IF_ERROR(tx.Exec(kForgetReturns, round));
  RETURN_IF_ERROR(tx.Exec(kForgetTickets, round));
  return tx.One(kForgetEntitlements, round);
}

absl::Span<const pg::AnyStatement> RollStatements() {
  static const pg::AnyStatement kAll[] = {kGetRoll,
                                          kLockRoll,
                                          kClassesOf,
                                          kOpeningHash,
                                          kInsertRoll,
                                          kInsertClasses,
                                          kNextRunning,
                                          kEntitle,
                                          kCountClasses,
                                          kVoters,
                                          kStoreKey,
                                          kSetState,
                                          kStoreManifest,
                                          kFixIssued,
                                          kCountAges,
                                          kMarkTookPart,
                                          kInsertParticipation,
                                          kShuffle,
                                          kClose,
                                          kBands,
                                          kFirstRound};
  return kAll;
}

}  // namespace smederij::registry
