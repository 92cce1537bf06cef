#include "services/registry/api/polling_api.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "common/rpc/table.h"
#include "services/registry/api/convert.h"
#include "services/registry/api/page.h"
#include "services/registry/domain/day.h"
#include "services/registry/domain/polling_errors.h"
#include "services/registry/domain/text.h"
#include "services/registry/storage/person_store.h"

namespace smederij::registry {
namespace {

constexpr absl::Duration kRead = absl::Seconds(5), kWrite = absl::Seconds(5);
constexpr absl::Duration kImport = absl::Seconds(20);
constexpr int64_t kSearchPage = 5000;

static_assert(static_cast<int>(LineState::kOpen) == v1::RollLine::STATE_OPEN);
static_assert(static_cast<int>(LineState::kDigital) == v1::RollLine::STATE_DIGITAL);
static_assert(static_cast<int>(LineState::kPaper) == v1::RollLine::STATE_PAPER);
static_assert(static_cast<int>(LineState::kKiosk) == v1::RollLine::STATE_KIOSK);

// Without names: this is stored with the request, for whoever asks again.
v1::RollMark ToMark(const RollLine& line, LineState state) {
  v1::RollMark mark;
  mark.set_roll_number(line.number);
  mark.set_class_id(line.class_id);
  mark.set_state(static_cast<v1::RollLine::State>(state));
  return mark;
}

// What FindOnRoll looks for besides a number.
struct Search {
  std::string name = {};
  absl::CivilDay birth_date = {};
};

absl::StatusOr<Search> ParseSearch(const v1::FindOnRollRequest& request) {
  Search search{.name = request.name()};
  Mistakes mistakes;
  const auto day = ParseDay(request.birth_date());
  if (request.roll_number() != 0) {
    mistakes.AddIf(!request.name().empty(), "name", "must be empty where a number is given");
    mistakes.AddIf(!request.birth_date().empty(), "birth_date",
                   "must be empty where a number is given");
  } else {
    mistakes.AddIf(!IsPlainText(request.name(), kNameBytesMax), "name",
                   "must be 1 to 200 bytes of plain text, or a number given");
    mistakes.AddIf(!day, "birth_date", "must be a day that exists, as 2009-05-17");
  }
  RETURN_IF_ERROR(mistakes.status("BAD_REQUEST", "the voter cannot be looked up so"));
  if (day) search.birth_date = *day;
  return search;
}

v1::StationReport ToProto(uint32_t station, bool closed, const std::vector<ClassReport>& report,
                          const std::vector<int64_t>& marked) {
  v1::StationReport told;
  told.set_station(station);
  told.set_closed(closed);
  for (size_t i = 0; i < report.size(); ++i) {
    v1::Issuance::StationCount& count = *told.add_counts();
    count.set_station(station);
    count.set_class_id(report[i].class_id);
    count.set_marked(marked[i]);
    count.set_spoiled(report[i].spoiled);
    count.set_taken_home(report[i].taken_home);
  }
  return told;
}

}  // namespace

void PollingApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Unary("AssignOfficer",    kWrite,  &PollingApi::AssignOfficer);
  table.Unary("ListRoll",         kRead,   &PollingApi::ListRoll);
  table.Unary("FindOnRoll",       kRead,   &PollingApi::FindOnRoll);
  table.Unary("MarkPaper",        kWrite,  &PollingApi::MarkPaper);
  table.Unary("CancelPaper",      kWrite,  &PollingApi::CancelPaper);
  table.Unary("ImportMarks",      kImport, &PollingApi::ImportMarks);
  table.Unary("IssueKioskTicket", kWrite,  &PollingApi::IssueKioskTicket);
  table.Unary("ReportStation",    kWrite,  &PollingApi::ReportStation);
}  // clang-format on

absl::StatusOr<v1::OfficerAssignment> PollingApi::AssignOfficer(
    const rpc::Call& call, const v1::AssignOfficerRequest& request) {
  ASSIGN_OR_RETURN(const Place place, ParsePlace(request));
  Mistakes mistakes;
  mistakes.AddIf(!IsSubject(request.subject()), "subject",
                 "must be 1 to 128 printable characters without blanks");
  RETURN_IF_ERROR(mistakes.status("BAD_REQUEST", "the subject is malformed"));
  const Hash key = pseudonyms_.PersonKey(request.subject());
  const auto assign = [&](pg::Tx& tx) -> absl::StatusOr<v1::OfficerAssignment> {
    ASSIGN_OR_RETURN(const AtDesk at, Enter(tx, call, place, Door::kWrite));
    if (!at.desk.station_known) return StationNotFound();
    if (at.desk.roll.state == RollState::kClosed) return RollClosed();
    ASSIGN_OR_RETURN(const std::optional<Person> person, FindPerson(tx, key));
    if (!person || person->municipality != at.desk.roll.municipality) return NotAnOfficer();
    ASSIGN_OR_RETURN(const std::vector<RoleGrant> grants, GrantsOf(tx, person->id));
    const bool officer = std::any_of(grants.begin(), grants.end(), [&](const RoleGrant& grant) {
      return grant.role == policy::v1::ROLE_POLLING_OFFICER &&
             (!grant.district || *grant.district == at.desk.roll.district);
    });
    if (!officer) return NotAnOfficer();
    RETURN_IF_ERROR(InsertOfficer(tx, place.round, place.station, person->id, call.caller.subject));
    v1::OfficerAssignment assignment;
    assignment.set_round_id(place.round.ToString());
    assignment.set_station(place.station);
    assignment.set_subject_id(person->id.ToString());
    return assignment;
  };
  return WriteOnce<v1::OfficerAssignment>(database_, call, request.request_id(),
                                          Nameless(request, key), assign);
}

absl::StatusOr<v1::RollLine> PollingApi::Printed(const PrintedLine& printed) const {
  v1::RollLine line;
  line.set_roll_number(printed.line.number);
  line.set_class_id(printed.line.class_id);
  line.set_state(static_cast<v1::RollLine::State>(StateOf(printed.line)));
  if (printed.particulars) {
    ASSIGN_OR_RETURN(const Particulars particulars,
                     seal_.Open(printed.person_key, printed.particulars->value));
    line.set_name(particulars.name);
    line.set_birth_date(ToText(particulars.birth_date));
  }
  return line;
}

absl::StatusOr<v1::ListRollResponse> PollingApi::ListRoll(const rpc::Call& call,
                                                          const v1::ListRollRequest& request) {
  ASSIGN_OR_RETURN(const Place place, ParsePlace(request));
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const auto token, FromPageToken(request.page_token()));
  uint32_t after = 0;
  if (token && !absl::SimpleAtoi(*token, &after)) {
    return BadPage("page_token", "is not one of ours");
  }
  const auto list = [&](pg::Tx& tx) -> absl::StatusOr<std::vector<PrintedLine>> {
    ASSIGN_OR_RETURN(const AtDesk at, Enter(tx, call, place, Door::kPrint));
    RETURN_IF_ERROR(MayLook(at.desk));
    return LinesAfter(tx, place.round, place.station, after, size + 1);
  };
  // Not a read-only transaction: it locks.
  ASSIGN_OR_RETURN(std::vector<PrintedLine> lines,
                   pg::Transact(database_.pool, {.deadline = call.deadline}, list));
  v1::ListRollResponse response;
  if (static_cast<int64_t>(lines.size()) > size) {
    lines.pop_back();
    response.set_next_page_token(ToPageToken(absl::StrCat(lines.back().line.number)));
  }
  for (const PrintedLine& line : lines) {
    ASSIGN_OR_RETURN(*response.add_lines(), Printed(line));
  }
  return response;
}

absl::StatusOr<v1::FindOnRollResponse> PollingApi::FindOnRoll(
    const rpc::Call& call, const v1::FindOnRollRequest& request) {
  ASSIGN_OR_RETURN(const Place place, ParsePlace(request));
  ASSIGN_OR_RETURN(const Search search, ParseSearch(request));
  const uint32_t number = request.roll_number();
  const std::string birth_date = request.birth_date();
  const auto find = [&](pg::Tx& tx) -> absl::StatusOr<v1::FindOnRollResponse> {
    ASSIGN_OR_RETURN(const AtDesk at, Enter(tx, call, place, Door::kFind));
    RETURN_IF_ERROR(MayLook(at.desk));
    v1::FindOnRollResponse response;
    for (uint32_t after = number == 0 ? 0 : number - 1;;) {
      ASSIGN_OR_RETURN(
          const std::vector<PrintedLine> page,
          LinesAfter(tx, place.round, place.station, after, number == 0 ? kSearchPage : 1));
      for (const PrintedLine& printed : page) {
        ASSIGN_OR_RETURN(v1::RollLine line, Printed(printed));
        const bool found =
            number == 0 ? line.birth_date() == birth_date && NameMatches(line.name(), search.name)
                        : line.roll_number() == number;
        if (found) *response.add_lines() = std::move(line);
        if (response.lines_size() == static_cast<int>(kFoundMax)) return response;
      }
      if (number != 0 || page.empty()) return response;
      after = page.back().line.number;
    }
  };
  return database_.Read(call.deadline, find);
}

absl::StatusOr<v1::RollMark> PollingApi::MarkPaper(const rpc::Call& call,
                                                   const v1::MarkPaperRequest& request) {
  ASSIGN_OR_RETURN(const Place place, ParsePlace(request));
  const auto mark = [&](pg::Tx& tx) -> absl::StatusOr<v1::RollMark> {
    ASSIGN_OR_RETURN(const AtDesk at, Enter(tx, call, place, Door::kWrite));
    RETURN_IF_ERROR(MayStrike(at.desk));
    ASSIGN_OR_RETURN(const auto line,
                     FindLine(tx, place.round, place.station, request.roll_number()));
    RETURN_IF_ERROR(MayMark(line));
    RETURN_IF_ERROR(Strike(tx, place.round, {*line}, Channel::kPaper, call.caller.subject));
    return ToMark(*line, LineState::kPaper);
  };
  return WriteOnce<v1::RollMark>(database_, call, request, mark);
}

absl::StatusOr<v1::PaperReturn> PollingApi::CancelPaper(const rpc::Call& call,
                                                        const v1::CancelPaperRequest& request) {
  ASSIGN_OR_RETURN(const Place place, ParsePlace(request));
  Mistakes mistakes;
  mistakes.AddIf(!IsPlainText(request.reason(), kReturnReasonBytesMax), "reason",
                 "must be 1 to 200 bytes of plain text");
  RETURN_IF_ERROR(mistakes.status("BAD_REQUEST", "the reason cannot be taken"));
  const SubjectId officer = call.caller.subject;
  const auto cancel = [&](pg::Tx& tx) -> absl::StatusOr<v1::PaperReturn> {
    ASSIGN_OR_RETURN(const AtDesk at, Enter(tx, call, place, Door::kWrite));
    RETURN_IF_ERROR(MayStrike(at.desk));
    ASSIGN_OR_RETURN(const auto line,
                     FindLine(tx, place.round, place.station, request.roll_number()));
    RETURN_IF_ERROR(MayReturn(line, at.desk.now));
    ASSIGN_OR_RETURN(const auto asked_by, OpenReturn(tx, place.round, line->person));
    v1::PaperReturn told;
    if (!asked_by) {
      RETURN_IF_ERROR(AskReturn(tx, place.round, line->person, request.reason(), officer));
      *told.mutable_mark() = ToMark(*line, StateOf(*line));
      told.set_waits_for_second(true);
      return told;
    }
    if (*asked_by == officer) return SameOfficer();
    RETURN_IF_ERROR(ConfirmReturn(tx, place.round, line->person, officer));
    RETURN_IF_ERROR(TakeBack(tx, place.round, *line, officer));
    *told.mutable_mark() = ToMark(*line, LineState::kOpen);
    return told;
  };
  return WriteOnce<v1::PaperReturn>(database_, call, request, cancel);
}

absl::StatusOr<v1::ImportMarksResponse> PollingApi::ImportMarks(
    const rpc::Call& call, const v1::ImportMarksRequest& request) {
  ASSIGN_OR_RETURN(const Place place, ParsePlace(request));
  Mistakes mistakes;
  const auto count = static_cast<size_t>(request.lines_size());
  mistakes.AddIf(count < 1 || count > kMarksPerImportMax, "lines", "must be 1 to 10000");
  RETURN_IF_ERROR(mistakes.status("BAD_REQUEST", "the marks cannot be taken so"));
  std::vector<uint32_t> numbers;
  for (const auto& line : request.lines()) numbers.push_back(line.roll_number());
  const auto import = [&](pg::Tx& tx) -> absl::StatusOr<v1::ImportMarksResponse> {
    ASSIGN_OR_RETURN(const AtDesk at, Enter(tx, call, place, Door::kWrite));
    RETURN_IF_ERROR(MayStrike(at.desk));
    ASSIGN_OR_RETURN(const auto lines, FindLines(tx, place.round, place.station, numbers));
    RETURN_IF_ERROR(CheckMarks(numbers, lines));
    std::vector<RollLine> marked;
    for (const auto& line : lines) marked.push_back(*line);
    RETURN_IF_ERROR(Strike(tx, place.round, marked, Channel::kPaper, call.caller.subject));
    v1::ImportMarksResponse response;
    response.set_marked(static_cast<int64_t>(marked.size()));
    return response;
  };
  return WriteOnce<v1::ImportMarksResponse>(database_, call, request, import);
}

absl::StatusOr<v1::KioskTicket> PollingApi::IssueKioskTicket(
    const rpc::Call& call, const v1::IssueKioskTicketRequest& request) {
  ASSIGN_OR_RETURN(const Place place, ParsePlace(request));
  ASSIGN_OR_RETURN(const auto id, ParseId<RequestId>(request.request_id(), "request_id"));
  const SubjectId officer = call.caller.subject;
  const std::string code = TicketCode(pseudonyms_, place, id, officer);
  const auto issue = [&](pg::Tx& tx) -> absl::StatusOr<v1::KioskTicket> {
    ASSIGN_OR_RETURN(const AtDesk at, Enter(tx, call, place, Door::kWrite));
    RETURN_IF_ERROR(MayStrike(at.desk));
    ASSIGN_OR_RETURN(const auto line,
                     FindLine(tx, place.round, place.station, request.roll_number()));
    RETURN_IF_ERROR(MayTicket(line, at.desk.now));
    if (StateOf(*line) == LineState::kOpen) {
      RETURN_IF_ERROR(Strike(tx, place.round, {*line}, Channel::kKiosk, officer));
    }
    ASSIGN_OR_RETURN(const absl::Time until,
                     InsertTicket(tx, place.round, place.station,
                                  TicketHash(pseudonyms_, place, code), line->person, officer, id));
    v1::KioskTicket ticket;  // Without its code: this is stored.
    *ticket.mutable_expire_time() = ToProto(until);
    *ticket.mutable_mark() = ToMark(*line, LineState::kKiosk);
    return ticket;
  };
  ASSIGN_OR_RETURN(v1::KioskTicket ticket,
                   WriteOnce<v1::KioskTicket>(database_, call, request, issue));
  ticket.set_code(code);
  return ticket;
}

absl::StatusOr<v1::StationReport> PollingApi::ReportStation(
    const rpc::Call& call, const v1::ReportStationRequest& request) {
  ASSIGN_OR_RETURN(const Place place, ParsePlace(request));
  const auto report = [&](pg::Tx& tx) -> absl::StatusOr<v1::StationReport> {
    ASSIGN_OR_RETURN(const AtDesk at, Enter(tx, call, place, Door::kWrite));
    RETURN_IF_ERROR(MayLook(at.desk));
    ASSIGN_OR_RETURN(const std::vector<RollClass> classes, ClassesOf(tx, place.round));
    std::vector<uint32_t> class_ids;
    for (const RollClass& one : classes) class_ids.push_back(one.rule.class_id);
    std::vector<ClassReport> said;
    for (const auto& one : request.classes()) {
      said.push_back(
          {.class_id = one.class_id(), .spoiled = one.spoiled(), .taken_home = one.taken_home()});
    }
    RETURN_IF_ERROR(Normalize(said, class_ids));
    if (at.desk.closed) return StationClosed();
    ASSIGN_OR_RETURN(const std::vector<int64_t> marked, MarkedAt(tx, place.round, place.station));
    RETURN_IF_ERROR(FitsMarks(said, marked));
    const auto& first = at.station.reported_by;
    if (!first || *first == call.caller.subject) {
      RETURN_IF_ERROR(StoreReport(tx, place.round, place.station, said, call.caller.subject));
      return ToProto(place.station, false, said, marked);
    }
    ASSIGN_OR_RETURN(const std::vector<ClassReport> earlier,
                     ReportOf(tx, place.round, place.station));
    if (earlier != said) return ReportDiffers();
    RETURN_IF_ERROR(
        CloseStation(tx, place.round, place.station, said, marked, call.caller.subject));
    return ToProto(place.station, true, said, marked);
  };
  return WriteOnce<v1::StationReport>(database_, call, request, report);
}

}  // namespace smederij::registry
