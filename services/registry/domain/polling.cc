#include "services/registry/domain/polling.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/ranges.h"
#include "common/base/status_macros.h"
#include "services/registry/domain/mistakes.h"
#include "services/registry/domain/polling_errors.h"

namespace smederij::registry {
namespace {

constexpr size_t kMistakesToldMax = 100;
constexpr int64_t kPapersMax = 10'000'000;  // More than any station has voters.

}  // namespace

absl::Status MayLook(const Desk& desk) {
  if (!desk.station_known) return StationNotFound();
  if (!desk.of_station) return NotOfThisStation();
  if (desk.roll.state == RollState::kClosed) return RollClosed();
  if (desk.roll.state != RollState::kOpen) return RollNotOpen(NameOf(desk.roll.state));
  if (desk.now < desk.roll.issue_until) return IssuingNotOver(desk.roll.issue_until);
  if (!desk.roll.manifest_hash) return ManifestNotApproved();
  return absl::OkStatus();
}

absl::Status MayStrike(const Desk& desk) {
  RETURN_IF_ERROR(MayLook(desk));
  if (desk.closed) return StationClosed();
  return absl::OkStatus();
}

LineState StateOf(const RollLine& line) {
  if (!line.channel) return LineState::kOpen;
  switch (*line.channel) {
    case Channel::kDigital:
      return LineState::kDigital;
    case Channel::kPaper:
      return LineState::kPaper;
    case Channel::kKiosk:
      return LineState::kKiosk;
    case Channel::kReturned:
      break;
  }
  return LineState::kOpen;
}

absl::Status MayMark(const std::optional<RollLine>& line) {
  if (!line) return NotOnThisRoll();
  if (line->issued) return VotesOnline();
  if (StateOf(*line) != LineState::kOpen) return AlreadyMarked();
  return absl::OkStatus();
}

absl::Status MayTicket(const std::optional<RollLine>& line, absl::Time now) {
  if (!line) return NotOnThisRoll();
  if (line->issued) return VotesOnline();
  if (StateOf(*line) == LineState::kPaper) return AlreadyMarked();
  const bool struck = StateOf(*line) == LineState::kKiosk;
  if (struck && line->ticket_until && now < *line->ticket_until) {
    return TicketValid(*line->ticket_until);
  }
  return absl::OkStatus();
}

absl::Status MayReturn(const std::optional<RollLine>& line, absl::Time now) {
  if (!line) return NotOnThisRoll();
  if (line->issued) return VotesOnline();
  if (StateOf(*line) == LineState::kOpen) return NotMarked();
  const bool kiosk = StateOf(*line) == LineState::kKiosk;
  if (kiosk && line->ticket_until && now < *line->ticket_until) {
    return TicketValid(*line->ticket_until);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> DecideKioskIssue(const Roll& roll, const Entitlement& entitlement,
                                      const std::optional<Channel>& channel,
                                      const std::optional<Issued>& earlier,
                                      const Application& application, absl::Time ticket_until,
                                      absl::Time now) {
  if (entitlement.class_id != application.class_id ||
      entitlement.issuer_key_id != application.issuer_key_id) {
    return WrongKey();
  }
  if (earlier) {
    if (earlier->blinded_message != application.blinded_message) return AlreadyIssued();
    return true;
  }
  if (roll.state == RollState::kClosed) return RollClosed();
  if (roll.state != RollState::kOpen) return RollNotOpen(NameOf(roll.state));
  // Taken back, or marked for paper since.
  if (channel != Channel::kKiosk || now >= ticket_until) return TicketExpired();
  return false;
}

absl::Status CheckMarks(const std::vector<uint32_t>& numbers,
                        const std::vector<std::optional<RollLine>>& lines) {
  CHECK(numbers.size() == lines.size());
  Mistakes mistakes;
  size_t found = 0;
  std::map<uint32_t, size_t> first;
  for (size_t i = 0; i < numbers.size(); ++i) {
    std::string wrong;
    const auto [at, is_new] = first.emplace(numbers[i], i);
    if (!is_new) {
      wrong = absl::StrCat("is the one of lines[", at->second, "]");
    } else if (!lines[i]) {
      wrong = "is on no line of this station's roll";
    } else if (lines[i]->issued) {
      wrong = "fetched a digital ballot";
    } else if (StateOf(*lines[i]) == LineState::kPaper) {
      wrong = "was marked before";
    } else if (StateOf(*lines[i]) == LineState::kKiosk) {
      wrong = "was struck off for the tablet";
    }
    if (wrong.empty() || ++found > kMistakesToldMax) continue;
    mistakes.Add(absl::StrCat("lines[", i, "].roll_number"), absl::StrCat(numbers[i], " ", wrong));
  }
  return mistakes.status("BAD_MARKS", absl::StrCat(found, " mistakes; nothing was marked"));
}

absl::Status Normalize(std::vector<ClassReport>& report, const std::vector<uint32_t>& classes) {
  Mistakes mistakes;
  std::map<uint32_t, size_t> seen;
  for (size_t i = 0; i < report.size(); ++i) {
    const std::string field = absl::StrCat("classes[", i, "]");
    const bool known =
        std::find(classes.begin(), classes.end(), report[i].class_id) != classes.end();
    mistakes.AddIf(!known, absl::StrCat(field, ".class_id"), "is no class of the roll");
    mistakes.AddIf(!seen.emplace(report[i].class_id, i).second, absl::StrCat(field, ".class_id"),
                   "must not repeat");
    const auto counts = [](int64_t papers) { return papers >= 0 && papers <= kPapersMax; };
    mistakes.AddIf(!counts(report[i].spoiled), absl::StrCat(field, ".spoiled"),
                   "must be 0 to 10000000");
    mistakes.AddIf(!counts(report[i].taken_home), absl::StrCat(field, ".taken_home"),
                   "must be 0 to 10000000");
  }
  for (const uint32_t class_id : classes) {
    mistakes.AddIf(!seen.contains(class_id), "classes",
                   absl::StrCat("must tell of class ", class_id));
  }
  RETURN_IF_ERROR(mistakes.status("BAD_REPORT", "the report has mistakes"));
  std::sort(report.begin(), report.end());
  return absl::OkStatus();
}

absl::Status FitsMarks(const std::vector<ClassReport>& report, const std::vector<int64_t>& marked) {
  CHECK(report.size() == marked.size());
  for (size_t i = 0; i < report.size(); ++i) {
    if (report[i].spoiled + report[i].taken_home > marked[i]) {
      return MoreThanMarked(report[i].class_id, marked[i]);
    }
  }
  return absl::OkStatus();
}

absl::Status MayClose(const Roll& roll, const std::vector<uint32_t>& open, absl::Time now) {
  const bool paper_was_given =
      roll.state == RollState::kOpen && roll.manifest_hash && now >= roll.issue_until;
  if (paper_was_given && !open.empty()) return StationsOpen(RangesText(open));
  return absl::OkStatus();
}

bool NameMatches(absl::string_view name, absl::string_view prefix) {
  if (prefix.empty()) return false;
  if (absl::StartsWithIgnoreCase(name, prefix)) return true;
  for (size_t at = name.find_first_of(" -."); at != absl::string_view::npos;
       at = name.find_first_of(" -.", at + 1)) {
    if (absl::StartsWithIgnoreCase(name.substr(at + 1), prefix)) return true;
  }
  return false;
}

}  // namespace smederij::registry
