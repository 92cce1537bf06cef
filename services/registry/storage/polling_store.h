#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/registry/domain/polling.h"

// The desk of a station. All inside the caller's transaction.
namespace smederij::registry {

// What stands in a station's row.
struct StationRow {
  std::optional<SubjectId> reported_by = {};
  bool closed = false;
};
// nullopt: there is no such station.
absl::StatusOr<std::optional<StationRow>> FindStation(pg::Tx& tx, RoundId round, uint32_t station);
// The same, locked: whoever writes at a station does it alone.
absl::StatusOr<std::optional<StationRow>> LockStation(pg::Tx& tx, RoundId round, uint32_t station);

absl::Status InsertOfficer(pg::Tx& tx, RoundId round, uint32_t station, SubjectId officer,
                           SubjectId assigned_by);
absl::StatusOr<bool> IsOfficer(pg::Tx& tx, RoundId round, uint32_t station, SubjectId officer);

// A line with what the voter's particulars are opened by.
struct PrintedLine {
  RollLine line = {};
  Hash person_key{};
  std::optional<pg::Bytes> particulars = {};  // Sealed.
};
absl::StatusOr<std::optional<RollLine>> FindLine(pg::Tx& tx, RoundId round, uint32_t station,
                                                 uint32_t number);
// One per number, in order.
absl::StatusOr<std::vector<std::optional<RollLine>>> FindLines(
    pg::Tx& tx, RoundId round, uint32_t station, const std::vector<uint32_t>& numbers);
// At most `limit` lines with a number above `after`, by number.
absl::StatusOr<std::vector<PrintedLine>> LinesAfter(pg::Tx& tx, RoundId round, uint32_t station,
                                                    uint32_t after, int64_t limit);

// Strikes off what MayMark or MayTicket allowed, each as `channel` (paper or kiosk). Asks for a
// rerun when a credential was issued meanwhile, elsewhere: one row per voter is all there is.
absl::Status Strike(pg::Tx& tx, RoundId round, const std::vector<RollLine>& lines, Channel channel,
                    SubjectId officer);
// Opens a struck line again; asks for a rerun when it is not as `line` says any more.
absl::Status TakeBack(pg::Tx& tx, RoundId round, const RollLine& line, SubjectId officer);

// Who asked for a return that nobody has confirmed.
absl::StatusOr<std::optional<SubjectId>> OpenReturn(pg::Tx& tx, RoundId round, SubjectId person);
absl::Status AskReturn(pg::Tx& tx, RoundId round, SubjectId person, const std::string& reason,
                       SubjectId officer);
absl::Status ConfirmReturn(pg::Tx& tx, RoundId round, SubjectId person, SubjectId officer);

// A ticket that lives kTicketLife from now; gives when it ends. Refusal: TICKET_COLLIDES.
absl::StatusOr<absl::Time> InsertTicket(pg::Tx& tx, RoundId round, uint32_t station,
                                        const Hash& code_hash, SubjectId person, SubjectId officer,
                                        RequestId request);
absl::StatusOr<std::optional<Ticket>> FindTicket(pg::Tx& tx, RoundId round, uint32_t station,
                                                 const Hash& code_hash);
// Takes times and order from a round's tickets. For a roll that is being closed.
absl::Status BluntTickets(pg::Tx& tx, RoundId round);
// How many wrong codes the officer gave there this minute; locks the count until the transaction
// ends, so that guesses side by side wait for each other.
absl::StatusOr<int16_t> LockTries(pg::Tx& tx, RoundId round, uint32_t station, SubjectId officer);
absl::Status CountWrongTry(pg::Tx& tx, RoundId round, uint32_t station, SubjectId officer);

// Papers handed out at a station, by class in order; every class of the roll.
absl::StatusOr<std::vector<int64_t>> MarkedAt(pg::Tx& tx, RoundId round, uint32_t station);
// Stores what the first officer says, again where they correct it.
absl::Status StoreReport(pg::Tx& tx, RoundId round, uint32_t station,
                         const std::vector<ClassReport>& report, SubjectId officer);
// What was said, by class in order; empty before.
absl::StatusOr<std::vector<ClassReport>> ReportOf(pg::Tx& tx, RoundId round, uint32_t station);
// Fixes what was marked and closes the station.
absl::Status CloseStation(pg::Tx& tx, RoundId round, uint32_t station,
                          const std::vector<ClassReport>& report,
                          const std::vector<int64_t>& marked, SubjectId officer);

// Stations that are not closed, by number.
absl::StatusOr<std::vector<uint32_t>> OpenStations(pg::Tx& tx, RoundId round);

// What is told of one class at one station after the close.
struct StationCount {
  uint32_t station = 0;
  uint32_t class_id = 0;
  int64_t marked = 0;
  int64_t spoiled = 0;
  int64_t taken_home = 0;
};
absl::StatusOr<std::vector<StationCount>> StationCounts(pg::Tx& tx, RoundId round);

absl::Span<const pg::AnyStatement> PollingStatements();

}  // namespace smederij::registry
