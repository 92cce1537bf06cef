#include "services/registry/storage/polling_store.h"

#include <map>
#include <tuple>

#include "common/base/status_macros.h"
#include "common/pg/sqlstate.h"
#include "services/registry/domain/polling_errors.h"

namespace smederij::registry {

StationRow Decode(pg::Columns& row, pg::As<StationRow>);
RollLine Decode(pg::Columns& row, pg::As<RollLine>);
PrintedLine Decode(pg::Columns& row, pg::As<PrintedLine>);

namespace {

using Ints = std::vector<int32_t>;
using Longs = std::vector<int64_t>;
using People = std::vector<SubjectId>;

constexpr pg::Statement<StationRow(RoundId, int32_t)> kFindStation{"registry.find_station", R"sql(
  SELECT reported_by, closed_at IS NOT NULL FROM registry.station
   WHERE round_id = $1 AND number = $2)sql"};
constexpr pg::Statement<StationRow(RoundId, int32_t)> kLockStation{"registry.lock_station", R"sql(
  SELECT reported_by, closed_at IS NOT NULL FROM registry.station
   WHERE round_id = $1 AND number = $2 FOR UPDATE)sql"};
constexpr pg::Statement<int32_t(RoundId)> kOpenStations{"registry.open_stations", R"sql(
  SELECT number FROM registry.station
   WHERE round_id = $1 AND closed_at IS NULL ORDER BY number)sql"};

constexpr pg::Statement<void(RoundId, int32_t, SubjectId, SubjectId)> kInsertOfficer{
    "registry.insert_officer", R"sql(
  INSERT INTO registry.station_officer (round_id, station, person_id, assigned_by)
  VALUES ($1, $2, $3, $4) ON CONFLICT ON CONSTRAINT station_officer_pkey DO NOTHING)sql"};
constexpr pg::Statement<bool(RoundId, int32_t, SubjectId)> kIsOfficer{"registry.is_officer", R"sql(
  SELECT EXISTS (SELECT FROM registry.station_officer
                  WHERE round_id = $1 AND station = $2 AND person_id = $3))sql"};

constexpr pg::Statement<RollLine(RoundId, int32_t, Ints)> kFindLines{"registry.find_lines", R"sql(
  SELECT e.person_id, e.roll_number, e.class_id, k.channel, k.blinded_message IS NOT NULL,
         (SELECT max(t.expires_at) FROM registry.kiosk_ticket t
           WHERE t.round_id = e.round_id AND t.person_id = e.person_id)
    FROM registry.entitlement e LEFT JOIN registry.credential k USING (round_id, person_id)
   WHERE e.round_id = $1 AND e.station = $2 AND e.roll_number = ANY ($3))sql"};
constexpr pg::Statement<PrintedLine(RoundId, int32_t, int32_t, int64_t)> kLinesAfter{
    "registry.lines_after", R"sql(
  SELECT e.person_id, e.roll_number, e.class_id, k.channel, k.blinded_message IS NOT NULL,
         NULL::timestamptz, p.person_key, p.particulars_sealed
    FROM registry.entitlement e JOIN registry.person p USING (person_id)
    LEFT JOIN registry.credential k USING (round_id, person_id)
   WHERE e.round_id = $1 AND e.station = $2 AND e.roll_number > $3
   ORDER BY e.roll_number LIMIT $4)sql"};

// In one order, as issuing inserts: who meets waits instead of deadlocking.
constexpr pg::Statement<SubjectId(RoundId, People, int16_t, SubjectId)> kInsertMarks{
    "registry.insert_marks", R"sql(
  INSERT INTO registry.credential (round_id, person_id, channel, marked_by)
  SELECT $1, person_id, $3, $4 FROM unnest($2::uuid[]) AS struck (person_id) ORDER BY person_id
  ON CONFLICT ON CONSTRAINT credential_pkey DO NOTHING
  RETURNING person_id)sql"};
constexpr pg::Statement<int64_t(RoundId, SubjectId, int16_t, int16_t, SubjectId)> kMoveMark{
    "registry.move_mark", R"sql(
  SELECT registry.move_mark($1, $2, $3, $4, $5))sql"};

constexpr pg::Statement<SubjectId(RoundId, SubjectId)> kOpenReturn{"registry.open_return", R"sql(
  SELECT asked_by FROM registry.paper_return
   WHERE round_id = $1 AND person_id = $2 AND confirmed_by IS NULL)sql"};
constexpr pg::Statement<void(RoundId, SubjectId, std::string, SubjectId)> kAskReturn{
    "registry.ask_return", R"sql(
  INSERT INTO registry.paper_return (round_id, person_id, return_no, reason, asked_by)
  SELECT $1, $2, count(*) + 1, $3, $4 FROM registry.paper_return
   WHERE round_id = $1 AND person_id = $2)sql"};
constexpr pg::Statement<void(RoundId, SubjectId, SubjectId)> kConfirmReturn{
    "registry.confirm_return", R"sql(
  UPDATE registry.paper_return SET confirmed_by = $3
   WHERE round_id = $1 AND person_id = $2 AND confirmed_by IS NULL)sql"};

constexpr pg::Statement<absl::Time(RoundId, int32_t, Hash, SubjectId, SubjectId, int64_t,
                                   RequestId)>
    kInsertTicket{"registry.insert_ticket", R"sql(
  INSERT INTO registry.kiosk_ticket
    (round_id, station, code_hash, person_id, issued_by, expires_at, request_id)
  VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 second', $7)
  RETURNING expires_at)sql"};
constexpr pg::Statement<int64_t(RoundId)> kBluntTickets{"registry.blunt_tickets", R"sql(
  SELECT registry.blunt_tickets($1))sql"};
constexpr pg::Statement<std::tuple<SubjectId, absl::Time>(RoundId, int32_t, Hash)> kFindTicket{
    "registry.find_ticket", R"sql(
  SELECT person_id, expires_at FROM registry.kiosk_ticket
   WHERE round_id = $1 AND station = $2 AND code_hash = $3)sql"};
constexpr pg::Statement<int16_t(RoundId, int32_t, SubjectId)> kLockTries{"registry.lock_tries",
                                                                         R"sql(
  INSERT INTO registry.kiosk_try AS known (round_id, station, officer, minute)
  VALUES ($1, $2, $3, date_trunc('minute', clock_timestamp()))
  ON CONFLICT ON CONSTRAINT kiosk_try_pkey DO UPDATE SET wrong = known.wrong
  RETURNING wrong)sql"};
// The newest minute: it may have turned since the count was locked.
constexpr pg::Statement<void(RoundId, int32_t, SubjectId)> kCountTry{"registry.count_try", R"sql(
  UPDATE registry.kiosk_try SET wrong = wrong + 1
   WHERE round_id = $1 AND station = $2 AND officer = $3
     AND minute = (SELECT max(minute) FROM registry.kiosk_try
                    WHERE round_id = $1 AND station = $2 AND officer = $3))sql"};

constexpr pg::Statement<int64_t(RoundId, int32_t)> kMarkedAt{"registry.marked_at", R"sql(
  SELECT count(k.person_id)
    FROM registry.roll_class c
    LEFT JOIN registry.entitlement e
      ON e.round_id = c.round_id AND e.class_id = c.class_id AND e.station = $2
    LEFT JOIN registry.credential k
      ON k.round_id = e.round_id AND k.person_id = e.person_id AND k.channel = 2
   WHERE c.round_id = $1 GROUP BY c.class_id ORDER BY c.class_id)sql"};
constexpr pg::Statement<std::tuple<int32_t, int64_t, int64_t>(RoundId, int32_t)> kReportOf{
    "registry.report_of", R"sql(
  SELECT class_id, spoiled, taken_home FROM registry.station_count
   WHERE round_id = $1 AND station = $2 ORDER BY class_id)sql"};
constexpr pg::Statement<void(RoundId, int32_t, Ints, Longs, Longs)> kStoreReport{
    "registry.store_report", R"sql(
  INSERT INTO registry.station_count (round_id, station, class_id, spoiled, taken_home)
  SELECT $1, $2, * FROM unnest($3::int[], $4::bigint[], $5::bigint[])
  ON CONFLICT ON CONSTRAINT station_count_pkey DO UPDATE
    SET spoiled = excluded.spoiled, taken_home = excluded.taken_home)sql"};
constexpr pg::Statement<void(RoundId, int32_t, SubjectId)> kReported{"registry.reported", R"sql(
  UPDATE registry.station SET reported_by = $3 WHERE round_id = $1 AND number = $2)sql"};
constexpr pg::Statement<void(RoundId, int32_t, Ints, Longs)> kFixMarked{"registry.fix_marked",
                                                                        R"sql(
  UPDATE registry.station_count c SET marked = n.marked
    FROM unnest($3::int[], $4::bigint[]) AS n (class_id, marked)
   WHERE c.round_id = $1 AND c.station = $2 AND c.class_id = n.class_id)sql"};
constexpr pg::Statement<void(RoundId, int32_t, SubjectId)> kCloseStation{"registry.close_station",
                                                                         R"sql(
  UPDATE registry.station SET closed_by = $3, closed_at = clock_timestamp()
   WHERE round_id = $1 AND number = $2)sql"};
constexpr pg::Statement<std::tuple<int32_t, int32_t, int64_t, int64_t, int64_t>(RoundId)> kCounts{
    "registry.station_counts", R"sql(
  SELECT s.number, c.class_id, coalesce(n.marked, 0), coalesce(n.spoiled, 0),
         coalesce(n.taken_home, 0)
    FROM registry.station s JOIN registry.roll_class c USING (round_id)
    LEFT JOIN registry.station_count n
      ON n.round_id = s.round_id AND n.station = s.number AND n.class_id = c.class_id
     AND n.marked IS NOT NULL
   WHERE s.round_id = $1 ORDER BY s.number, c.class_id)sql"};

int32_t Int(uint32_t number) { return static_cast<int32_t>(number); }

}  // namespace

// Beside their types, where argument-dependent lookup finds them.
StationRow Decode(pg::Columns& row, pg::As<StationRow>) {
  return {.reported_by = row.Next<std::optional<SubjectId>>(), .closed = row.Next<bool>()};
}

RollLine Decode(pg::Columns& row, pg::As<RollLine>) {
  RollLine line;
  line.person = row.Next<SubjectId>();
  line.number = static_cast<uint32_t>(row.Next<int32_t>());
  line.class_id = static_cast<uint32_t>(row.Next<int32_t>());
  if (const auto channel = row.Next<std::optional<int16_t>>()) {
    line.channel = static_cast<Channel>(*channel);
  }
  line.issued = row.Next<bool>();
  line.ticket_until = row.Next<std::optional<absl::Time>>();
  return line;
}

PrintedLine Decode(pg::Columns& row, pg::As<PrintedLine>) {
  PrintedLine printed;
  printed.line = Decode(row, pg::As<RollLine>{});
  printed.person_key = row.Next<Hash>();
  printed.particulars = row.Next<std::optional<pg::Bytes>>();
  return printed;
}

absl::StatusOr<std::optional<StationRow>> FindStation(pg::Tx& tx, RoundId round, uint32_t station) {
  return tx.Maybe(kFindStation, round, Int(station));
}

absl::StatusOr<std::optional<StationRow>> LockStation(pg::Tx& tx, RoundId round, uint32_t station) {
  return tx.Maybe(kLockStation, round, Int(station));
}

absl::Status InsertOfficer(pg::Tx& tx, RoundId round, uint32_t station, SubjectId officer,
                           SubjectId assigned_by) {
  return tx.Exec(kInsertOfficer, round, Int(station), officer, assigned_by);
}

absl::StatusOr<bool> IsOfficer(pg::Tx& tx, RoundId round, uint32_t station, SubjectId officer) {
  return tx.One(kIsOfficer, round, Int(station), officer);
}

absl::StatusOr<std::optional<RollLine>> FindLine(pg::Tx& tx, RoundId round, uint32_t station,
                                                 uint32_t number) {
  return tx.Maybe(kFindLines, round, Int(station), Ints{Int(number)});
}

absl::StatusOr<std::vector<std::optional<RollLine>>> FindLines(
    pg::Tx& tx, RoundId round, uint32_t station, const std::vector<uint32_t>& numbers) {
  Ints asked;
  for (const uint32_t number : numbers) asked.push_back(Int(number));
  ASSIGN_OR_RETURN(const std::vector<RollLine> found,
                   tx.All(kFindLines, round, Int(station), asked));
  std::map<uint32_t, RollLine> by_number;
  for (const RollLine& line : found) by_number.emplace(line.number, line);
  std::vector<std::optional<RollLine>> lines;
  for (const uint32_t number : numbers) {
    const auto at = by_number.find(number);
    lines.push_back(at == by_number.end() ? std::nullopt : std::optional<RollLine>(at->second));
  }
  return lines;
}

absl::StatusOr<std::vector<PrintedLine>> LinesAfter(pg::Tx& tx, RoundId round, uint32_t station,
                                                    uint32_t after, int64_t limit) {
  return tx.All(kLinesAfter, round, Int(station), Int(after), limit);
}

absl::Status Strike(pg::Tx& tx, RoundId round, const std::vector<RollLine>& lines, Channel channel,
                    SubjectId officer) {
  People fresh;
  for (const RollLine& line : lines) {
    if (!line.channel) {
      fresh.push_back(line.person);
      continue;
    }
    ASSIGN_OR_RETURN(const int64_t moved,
                     tx.One(kMoveMark, round, line.person, static_cast<int16_t>(*line.channel),
                            static_cast<int16_t>(channel), officer));
    if (moved != 1) return pg::Rerun("mark_raced");
  }
  ASSIGN_OR_RETURN(const People stored,
                   tx.All(kInsertMarks, round, fresh, static_cast<int16_t>(channel), officer));
  // A credential was faster; the rerun finds it.
  if (stored.size() < fresh.size()) return pg::Rerun("mark_raced");
  return absl::OkStatus();
}

absl::Status TakeBack(pg::Tx& tx, RoundId round, const RollLine& line, SubjectId officer) {
  ASSIGN_OR_RETURN(const int64_t moved,
                   tx.One(kMoveMark, round, line.person, static_cast<int16_t>(*line.channel),
                          static_cast<int16_t>(Channel::kReturned), officer));
  return moved == 1 ? absl::OkStatus() : pg::Rerun("mark_raced");
}

absl::StatusOr<std::optional<SubjectId>> OpenReturn(pg::Tx& tx, RoundId round, SubjectId person) {
  return tx.Maybe(kOpenReturn, round, person);
}

absl::Status AskReturn(pg::Tx& tx, RoundId round, SubjectId person, const std::string& reason,
                       SubjectId officer) {
  return tx.Exec(kAskReturn, round, person, reason, officer);
}

absl::Status ConfirmReturn(pg::Tx& tx, RoundId round, SubjectId person, SubjectId officer) {
  return tx.Exec(kConfirmReturn, round, person, officer);
}

absl::StatusOr<absl::Time> InsertTicket(pg::Tx& tx, RoundId round, uint32_t station,
                                        const Hash& code_hash, SubjectId person, SubjectId officer,
                                        RequestId request) {
  const auto until = tx.One(kInsertTicket, round, Int(station), code_hash, person, officer,
                            absl::ToInt64Seconds(kTicketLife), request);
  if (pg::Violates(until.status(), "kiosk_ticket_pkey")) return TicketCollides();
  return until;
}

absl::Status BluntTickets(pg::Tx& tx, RoundId round) {
  return tx.One(kBluntTickets, round).status();
}

absl::StatusOr<std::optional<Ticket>> FindTicket(pg::Tx& tx, RoundId round, uint32_t station,
                                                 const Hash& code_hash) {
  ASSIGN_OR_RETURN(const auto found, tx.Maybe(kFindTicket, round, Int(station), code_hash));
  if (!found) return std::optional<Ticket>();
  const auto& [person, until] = *found;
  return std::optional<Ticket>(Ticket{.person = person, .until = until});
}

absl::StatusOr<int16_t> LockTries(pg::Tx& tx, RoundId round, uint32_t station, SubjectId officer) {
  return tx.One(kLockTries, round, Int(station), officer);
}

absl::Status CountWrongTry(pg::Tx& tx, RoundId round, uint32_t station, SubjectId officer) {
  return tx.Exec(kCountTry, round, Int(station), officer);
}

absl::StatusOr<std::vector<int64_t>> MarkedAt(pg::Tx& tx, RoundId round, uint32_t station) {
  return tx.All(kMarkedAt, round, Int(station));
}

absl::Status StoreReport(pg::Tx& tx, RoundId round, uint32_t station,
                         const std::vector<ClassReport>& report, SubjectId officer) {
  Ints classes;
  Longs spoiled, taken_home;
  for (const ClassReport& one : report) {
    classes.push_back(Int(one.class_id));
    spoiled.push_back(one.spoiled);
    taken_home.push_back(one.taken_home);
  }
  RETURN_IF_ERROR(tx.Exec(kStoreReport, round, Int(station), classes, spoiled, taken_home));
  return tx.Exec(kReported, round, Int(station), officer);
}

absl::StatusOr<std::vector<ClassReport>> ReportOf(pg::Tx& tx, RoundId round, uint32_t station) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kReportOf, round, Int(station)));
  std::vector<ClassReport> report;
  for (const auto& [class_id, spoiled, taken_home] : rows) {
    report.push_back({.class_id = static_cast<uint32_t>(class_id),
                      .spoiled = spoiled,
                      .taken_home = taken_home});
  }
  return report;
}

absl::Status CloseStation(pg::Tx& tx, RoundId round, uint32_t station,
                          const std::vector<ClassReport>& report,
                          const std::vector<int64_t>& marked, SubjectId officer) {
  Ints classes;
  for (const ClassReport& one : report) classes.push_back(Int(one.class_id));
  RETURN_IF_ERROR(tx.Exec(kFixMarked, round, Int(station), classes, marked));
  return tx.Exec(kCloseStation, round, Int(station), officer);
}

absl::StatusOr<std::vector<uint32_t>> OpenStations(pg::Tx& tx, RoundId round) {
  ASSIGN_OR_RETURN(const Ints open, tx.All(kOpenStations, round));
  return std::vector<uint32_t>(open.begin(), open.end());
}

absl::StatusOr<std::vector<StationCount>> StationCounts(pg::Tx& tx, RoundId round) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kCounts, round));
  std::vector<StationCount> counts;
  for (const auto& [station, class_id, marked, spoiled, taken_home] : rows) {
    counts.push_back({.station = static_cast<uint32_t>(station),
                      .class_id = static_cast<uint32_t>(class_id),
                      .marked = marked,
                      .spoiled = spoiled,
                      .taken_home = taken_home});
  }
  return counts;
}

absl::Span<const pg::AnyStatement> PollingStatements() {
  static const pg::AnyStatement kAll[] = {
      kBluntTickets,  kFindStation,  kLockStation, kOpenStations, kInsertOfficer, kIsOfficer,
      kFindLines,     kLinesAfter,   kInsertMarks, kMoveMark,     kOpenReturn,    kAskReturn,
      kConfirmReturn, kInsertTicket, kFindTicket,  kLockTries,    kCountTry,      kMarkedAt,
      kReportOf,      kStoreReport,  kReported,    kFixMarked,    kCloseStation,  kCounts};
  return kAll;
}

}  // namespace smederij::registry
