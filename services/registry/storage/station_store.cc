#include "services/registry/storage/station_store.h"

#include <string>
#include <tuple>

#include "common/base/status_macros.h"

namespace smederij::registry {

Eligible Decode(pg::Columns& row, pg::As<Eligible>);

namespace {

using Texts = std::vector<std::string>;
using Ints = std::vector<int32_t>;

constexpr pg::Statement<void(RoundId, Ints, Texts)> kInsertStations{"registry.insert_stations",
                                                                    R"sql(
  INSERT INTO registry.station (round_id, number, name)
  SELECT $1, * FROM unnest($2::int[], $3::text[]))sql"};
constexpr pg::Statement<void(RoundId, Texts, Ints)> kInsertPostcodes{
    "registry.insert_station_postcodes", R"sql(
  INSERT INTO registry.station_postcode (round_id, postcode, number)
  SELECT $1, * FROM unnest($2::text[], $3::int[]))sql"};
constexpr pg::Statement<std::tuple<int32_t, std::string, Texts>(RoundId)> kStationsOf{
    "registry.stations_of", R"sql(
  SELECT s.number, s.name,
         array(SELECT p.postcode FROM registry.station_postcode p
                WHERE p.round_id = s.round_id AND p.number = s.number ORDER BY p.postcode COLLATE "C")
    FROM registry.station s WHERE s.round_id = $1 ORDER BY s.number)sql"};

// Ages as where a roll without stations is drawn up.
constexpr pg::Statement<Eligible(RoundId, SubjectId, int64_t)> kEligible{"registry.eligible", R"sql(
  SELECT p.person_id, c.class_id, a.years, p.person_key, p.particulars_sealed
    FROM registry.roll r
    JOIN registry.person p ON p.district_id = r.district_id AND p.birth_date <= r.reference_date
   CROSS JOIN LATERAL (SELECT date_part('year', age(r.reference_date::timestamp,
                                                    p.birth_date::timestamp))::smallint AS years) a
    JOIN registry.roll_class c
      ON c.round_id = r.round_id AND a.years BETWEEN c.age_from AND c.age_to
   WHERE r.round_id = $1 AND p.person_id > $2 ORDER BY p.person_id LIMIT $3)sql"};
constexpr pg::Statement<void(RoundId, std::vector<SubjectId>, Ints, std::vector<int16_t>, Ints,
                             Ints)>
    kInsertPlaced{"registry.insert_placed", R"sql(
  INSERT INTO registry.entitlement (round_id, person_id, class_id, age, station, roll_number)
  SELECT $1, * FROM unnest($2::uuid[], $3::int[], $4::smallint[], $5::int[], $6::int[]))sql"};

constexpr pg::Statement<void(RoundId)> kDropParticulars{"registry.drop_particulars", R"sql(
  UPDATE registry.person p SET particulars_sealed = NULL, particulars_fingerprint = NULL
    FROM registry.entitlement e
   WHERE e.round_id = $1 AND e.placed AND e.person_id = p.person_id AND p.district_id IS NULL
     AND p.particulars_sealed IS NOT NULL
     AND NOT EXISTS (SELECT FROM registry.roll o
                       JOIN registry.entitlement other
                         ON other.round_id = o.round_id AND other.person_id = p.person_id
                      WHERE o.municipality_id = p.municipality_id AND o.round_id <> $1
                        AND o.with_stations AND o.state = 2))sql"};

}  // namespace

// Beside its type, where argument-dependent lookup finds it.
Eligible Decode(pg::Columns& row, pg::As<Eligible>) {
  return {.person = row.Next<SubjectId>(),
          .class_id = row.Next<int32_t>(),
          .age = row.Next<int16_t>(),
          .person_key = row.Next<Hash>(),
          .particulars = row.Next<std::optional<pg::Bytes>>()};
}

absl::Status InsertStations(pg::Tx& tx, RoundId round, const std::vector<Station>& stations) {
  if (stations.empty()) return absl::OkStatus();
  Ints numbers, at;
  Texts names, postcodes;
  for (const Station& station : stations) {
    numbers.push_back(static_cast<int32_t>(station.number));
    names.push_back(station.name);
    for (const std::string& postcode : station.postcodes) {
      postcodes.push_back(postcode);
      at.push_back(static_cast<int32_t>(station.number));
    }
  }
  RETURN_IF_ERROR(tx.Exec(kInsertStations, round, numbers, names));
  return tx.Exec(kInsertPostcodes, round, postcodes, at);
}

absl::StatusOr<std::vector<Station>> StationsOf(pg::Tx& tx, RoundId round) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kStationsOf, round));
  std::vector<Station> stations;
  for (const auto& [number, name, postcodes] : rows) {
    stations.push_back(
        {.number = static_cast<uint32_t>(number), .name = name, .postcodes = postcodes});
  }
  return stations;
}

absl::StatusOr<std::vector<Eligible>> EligibleAfter(pg::Tx& tx, RoundId round, SubjectId after,
                                                    int64_t limit) {
  return tx.All(kEligible, round, after, limit);
}

absl::Status InsertPlaced(pg::Tx& tx, RoundId round, const PlacedColumns& voters) {
  return tx.Exec(kInsertPlaced, round, voters.people, voters.class_ids, voters.ages,
                 voters.stations, voters.roll_numbers);
}

absl::Status DropParticulars(pg::Tx& tx, RoundId round) { return tx.Exec(kDropParticulars, round); }

absl::Span<const pg::AnyStatement> StationStatements() {
  static const pg::AnyStatement kAll[] = {kInsertStations, kInsertPostcodes, kStationsOf,
                                          kEligible,       kInsertPlaced,    kDropParticulars};
  return kAll;
}

}  // namespace smederij::registry
