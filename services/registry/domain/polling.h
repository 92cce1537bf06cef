#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/registry/domain/roll.h"

// The desk of a station on the polling evening.
namespace smederij::registry {

inline constexpr absl::Duration kTicketLife = absl::Minutes(10);
inline constexpr size_t kTicketDigits = 8;
inline constexpr int16_t kTicketTriesMax = 5;  // Wrong codes per officer, station and minute.
inline constexpr size_t kFoundMax = 5;
inline constexpr size_t kMarksPerImportMax = 10'000;
inline constexpr size_t kReturnReasonBytesMax = 200;

// Which way a voter took. The numbers are those of the database.
enum class Channel : int16_t { kDigital = 1, kPaper = 2, kKiosk = 3, kReturned = 4 };

// How a line of the roll reads. The numbers are those of the contract.
enum class LineState { kOpen = 1, kDigital = 2, kPaper = 3, kKiosk = 4 };

// What every call at the desk is judged by.
struct Desk {
  Roll roll = {};
  bool station_known = false;
  bool of_station = false;  // The caller is assigned there, or needs not be.
  bool closed = false;
  absl::Time now = {};  // Of the database's clock.
};

// May the caller look at the roll? Refusals, first that applies: STATION_NOT_FOUND,
// NOT_OF_THIS_STATION, ROLL_NOT_OPEN, ROLL_CLOSED, ISSUING_NOT_OVER, MANIFEST_NOT_APPROVED.
absl::Status MayLook(const Desk& desk);
// May the caller strike anything off? Refusals as MayLook, then STATION_CLOSED.
absl::Status MayStrike(const Desk& desk);

// One voter at one station.
struct RollLine {
  SubjectId person = {};
  uint32_t number = 0;
  uint32_t class_id = 0;
  std::optional<Channel> channel = {};          // nullopt: no way yet.
  bool issued = false;                          // There is a credential.
  std::optional<absl::Time> ticket_until = {};  // Of the newest kiosk ticket.
};
LineState StateOf(const RollLine& line);

// May a paper be handed out? Refusals, first that applies: NOT_ON_ROLL, ALREADY_ISSUED,
// ALREADY_MARKED.
absl::Status MayMark(const std::optional<RollLine>& line);
// May a kiosk ticket be given? Refusals, first that applies: NOT_ON_ROLL, ALREADY_ISSUED,
// ALREADY_MARKED, TICKET_VALID.
absl::Status MayTicket(const std::optional<RollLine>& line, absl::Time now);
// May the strike be taken back? Refusals, first that applies: NOT_ON_ROLL, ALREADY_ISSUED,
// NOT_MARKED, TICKET_VALID.
absl::Status MayReturn(const std::optional<RollLine>& line, absl::Time now);

// A ticket as it stands, for one voter.
struct Ticket {
  SubjectId person = {};
  absl::Time until = {};
};
// As DecideIssue, for whoever has a ticket. Refusals, first that applies: WRONG_KEY,
// ALREADY_ISSUED, ROLL_NOT_OPEN, ROLL_CLOSED, TICKET_EXPIRED.
absl::StatusOr<bool> DecideKioskIssue(const Roll& roll, const Entitlement& entitlement,
                                      const std::optional<Channel>& channel,
                                      const std::optional<Issued>& earlier,
                                      const Application& application, absl::Time ticket_until,
                                      absl::Time now);

// Marks made on paper: which of `numbers` cannot be marked, and why. `lines[i]` is the line that
// numbers[i] names, if any. Refusal: BAD_MARKS, with a field per wrong line (the first hundred).
absl::Status CheckMarks(const std::vector<uint32_t>& numbers,
                        const std::vector<std::optional<RollLine>>& lines);

// Of one class at a station.
struct ClassReport {
  uint32_t class_id = 0;
  int64_t spoiled = 0;
  int64_t taken_home = 0;

  auto operator<=>(const ClassReport&) const = default;
};
// Puts a report in the order of its classes. Refusal: BAD_REPORT with every field.
absl::Status Normalize(std::vector<ClassReport>& report, const std::vector<uint32_t>& classes);
// Does it fit what was marked? `marked` by class, in the report's order. Refusal: MORE_THAN_MARKED.
absl::Status FitsMarks(const std::vector<ClassReport>& report, const std::vector<int64_t>& marked);

// May the roll be closed at `now` while `open` stations have not reported? Nobody was given paper
// where issuing was not over, or no manifest was approved. Refusal: STATIONS_OPEN, naming them.
absl::Status MayClose(const Roll& roll, const std::vector<uint32_t>& open, absl::Time now);

// Whether a word of `name` begins with `prefix`, ASCII letters in either case.
bool NameMatches(absl::string_view name, absl::string_view prefix);

}  // namespace smederij::registry
