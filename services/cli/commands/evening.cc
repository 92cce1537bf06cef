#include "services/cli/commands/evening.h"

#include <sys/stat.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/charter_flags.h"
#include "services/cli/commands/evening_count.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "services/cli/commands/sign_in.h"
#include "services/cli/evening/marks_file.h"
#include "services/cli/evening/page.h"
#include "services/cli/files/output.h"
#include "services/cli/files/pabulib_file.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/registry/v1/polling.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = registry::v1;
using Polling = v1::PollingService::Stub;

constexpr int kPage = 500;

struct Options {
  DeploymentOptions deployment;
  std::string token_file, request_id, round, subject, name, born, reason, file, output;
  uint32_t station = 0, number = 0;
  std::vector<std::string> classes;
  Language language = Language::kEnglish;
  bool json = false;
};

// One command under way: where to, and as whom.
struct Session {
  Deployment deployment;
  std::string token;
};
absl::StatusOr<Session> SignIn(const Options& options) {
  ASSIGN_OR_RETURN(Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(std::string token, ReadToken(options.token_file));
  return Session{.deployment = std::move(deployment), .token = std::move(token)};
}

template <class Request>
Request At(const Options& options) {
  Request request;
  request.set_round_id(options.round);
  request.set_station(options.station);
  return request;
}
template <class Request>
Request WriteAt(const Options& options) {
  Request request = At<Request>(options);
  request.set_request_id(options.request_id.empty() ? Uuid::Random().ToString()
                                                    : options.request_id);
  return request;
}

std::string StateName(v1::RollLine::State state) {
  return absl::AsciiStrToLower(v1::RollLine::State_Name(state).substr(6));
}

template <class Message>
absl::Status Print(const Options& options, const Message& message, const std::string& sentence) {
  std::cout << (options.json ? ToJson(message) : sentence) << '\n';
  return absl::OkStatus();
}

std::string Sentence(const v1::RollMark& mark) {
  return absl::StrFormat("%d  class %d  %s", mark.roll_number(), mark.class_id(),
                         StateName(mark.state()));
}

absl::Status Assign(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, SignIn(options));
  auto request = WriteAt<v1::AssignOfficerRequest>(options);
  request.set_subject(options.subject);
  ASSIGN_OR_RETURN(
      const v1::OfficerAssignment assigned,
      session.deployment.registry.Call(&Polling::AssignOfficer, request, session.token));
  return Print(options, assigned,
               absl::StrFormat("station %d: %s", assigned.station(), assigned.subject_id()));
}

absl::StatusOr<ballots::v1::Manifest> ManifestOf(const Deployment& deployment,
                                                 const std::string& round) {
  ballots::v1::GetElectionRequest request;
  request.set_round_id(round);
  ASSIGN_OR_RETURN(
      const ballots::v1::Election election,
      deployment.ballots.Call(&ballots::v1::BallotsService::Stub::GetElection, request));
  return election.manifest();
}

absl::Status Roll(const Options& options) {
  umask(S_IRWXG | S_IRWXO);  // Names: for nobody but the one who asked.
  ASSIGN_OR_RETURN(const Session session, SignIn(options));
  ASSIGN_OR_RETURN(const ballots::v1::Manifest manifest,
                   ManifestOf(session.deployment, options.round));
  std::vector<v1::RollLine> lines;
  auto request = At<v1::ListRollRequest>(options);
  request.set_page_size(kPage);
  const absl::Time printed = absl::Now();
  do {
    ASSIGN_OR_RETURN(const v1::ListRollResponse page,
                     session.deployment.registry.Call(&Polling::ListRoll, request, session.token));
    lines.insert(lines.end(), page.lines().begin(), page.lines().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  Output output(options.output);
  output.stream() << RollHtml(manifest, options.station, std::move(lines), printed,
                              options.language);
  return output.Finish();
}

absl::Status Papers(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const ballots::v1::Manifest manifest, ManifestOf(deployment, options.round));
  const std::filesystem::path folder(options.output);
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return Error(kFailedPrecondition, "OUTPUT_UNWRITABLE", "the folder cannot be made")
        .With("path", options.output)
        .With("why", error.message());
  }
  for (const ballots::v1::ElectionClass& voters : manifest.classes()) {
    const std::string path = (folder / absl::StrCat("class-", voters.class_id(), ".html")).string();
    Output output(path);
    output.stream() << PaperHtml(manifest, voters, options.language);
    RETURN_IF_ERROR(output.Finish());
    std::cout << path << '\n';
  }
  return absl::OkStatus();
}

absl::Status Find(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, SignIn(options));
  auto request = At<v1::FindOnRollRequest>(options);
  request.set_roll_number(options.number);
  request.set_name(options.name);
  request.set_birth_date(options.born);
  ASSIGN_OR_RETURN(const v1::FindOnRollResponse found,
                   session.deployment.registry.Call(&Polling::FindOnRoll, request, session.token));
  if (options.json) return Print(options, found, "");
  for (const v1::RollLine& line : found.lines()) {
    std::cout << absl::StreamFormat("%6d  %-10s  class %d  %-8s %s\n", line.roll_number(),
                                    line.birth_date(), line.class_id(), StateName(line.state()),
                                    line.name());
  }
  return absl::OkStatus();
}

absl::Status Mark(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, SignIn(options));
  auto request = WriteAt<v1::MarkPaperRequest>(options);
  request.set_roll_number(options.number);
  ASSIGN_OR_RETURN(const v1::RollMark mark,
                   session.deployment.registry.Call(&Polling::MarkPaper, request, session.token));
  return Print(options, mark, Sentence(mark));
}

absl::Status Cancel(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, SignIn(options));
  auto request = WriteAt<v1::CancelPaperRequest>(options);
  request.set_roll_number(options.number);
  request.set_reason(options.reason);
  ASSIGN_OR_RETURN(const v1::PaperReturn told,
                   session.deployment.registry.Call(&Polling::CancelPaper, request, session.token));
  return Print(options, told,
               absl::StrCat(Sentence(told.mark()),
                            told.waits_for_second() ? "; another officer confirms" : ""));
}

absl::Status Import(const Options& options) {
  ASSIGN_OR_RETURN(const std::string text, ReadBytes(options.file));
  ASSIGN_OR_RETURN(const std::vector<FileMark> marks, ParseMarks(text));
  ASSIGN_OR_RETURN(const Session session, SignIn(options));
  auto request = WriteAt<v1::ImportMarksRequest>(options);
  for (const FileMark& mark : marks) request.add_lines()->set_roll_number(mark.roll_number);
  const auto told = session.deployment.registry.Call(&Polling::ImportMarks, request, session.token);
  if (!told.ok()) return ByLine(told.status(), marks);
  return Print(options, *told, absl::StrCat(told->marked(), " marked"));
}

absl::Status Ticket(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, SignIn(options));
  auto request = WriteAt<v1::IssueKioskTicketRequest>(options);
  request.set_roll_number(options.number);
  ASSIGN_OR_RETURN(
      const v1::KioskTicket ticket,
      session.deployment.registry.Call(&Polling::IssueKioskTicket, request, session.token));
  return Print(options, ticket,
               absl::StrFormat("%s %s  until %s", ticket.code().substr(0, 4),
                               ticket.code().substr(4), Instant(ticket.expire_time().seconds())));
}

// "CLASS:SPOILED:TAKEN_HOME". Refusal: BAD_COUNT.
absl::Status AddClass(const std::string& text, v1::ReportStationRequest& request) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  auto& one = *request.add_classes();
  uint32_t class_id = 0;
  int64_t spoiled = 0, taken_home = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &class_id) ||
      !absl::SimpleAtoi(parts[1], &spoiled) || !absl::SimpleAtoi(parts[2], &taken_home)) {
    return Error(kInvalidArgument, "BAD_COUNT", "a class is told as CLASS:SPOILED:TAKEN_HOME")
        .With("told", text);
  }
  one.set_class_id(class_id);
  one.set_spoiled(spoiled);
  one.set_taken_home(taken_home);
  return absl::OkStatus();
}

absl::Status Report(const Options& options) {
  auto request = WriteAt<v1::ReportStationRequest>(options);
  for (const std::string& one : options.classes) RETURN_IF_ERROR(AddClass(one, request));
  ASSIGN_OR_RETURN(const Session session, SignIn(options));
  ASSIGN_OR_RETURN(
      const v1::StationReport told,
      session.deployment.registry.Call(&Polling::ReportStation, request, session.token));
  if (options.json) return Print(options, told, "");
  for (const auto& count : told.counts()) {
    std::cout << absl::StreamFormat(
        "class %d: %d handed out, %d spoiled, %d taken home; the box should hold %d\n",
        count.class_id(), count.marked(), count.spoiled(), count.taken_home(),
        count.marked() - count.spoiled() - count.taken_home());
  }
  std::cout << (told.closed() ? "the station is closed\n"
                              : "another officer has to say the same\n");
  return absl::OkStatus();
}

// The subcommands, under one `evening`.
class Evening {
 public:
  Evening(CLI::App& app, int& exit_code) : app_(app), exit_code_(exit_code) {}

  struct Command {
    CLI::App* app;
    std::shared_ptr<Options> options;

    const Command& Number() const {
      app->add_option("number", options->number, "the voter's number on this roll")->required();
      return *this;
    }
  };
  // One for everybody, about a round.
  Command Add(const char* name, const char* description, absl::Status (*run)(const Options&)) {
    auto options = std::make_shared<Options>();
    CLI::App& command = *app_.add_subcommand(name, description);
    AddReach(command, options->deployment);
    command.add_option("round", options->round, "the round's id")->required();
    command.callback([options, run, &exit_code = exit_code_] {
      const absl::Status status = run(*options);
      exit_code = status.ok() ? kDone : Refuse(status);
    });
    return {&command, options};
  }
  // One for people with a role, at a station.
  Command AddAt(const char* name, const char* description, absl::Status (*run)(const Options&)) {
    Command command = Add(name, description, run);
    AddTokenFile(*command.app, command.options->token_file);
    command.app->add_option("station", command.options->station, "the station's number")
        ->required();
    return command;
  }
  // One that writes.
  Command AddWrite(const char* name, const char* description, absl::Status (*run)(const Options&)) {
    Command command = AddAt(name, description, run);
    command.app->add_option("--request-id", command.options->request_id,
                            "to repeat a command whose answer was lost, without a second effect");
    command.app->add_flag("--json", command.options->json, "one line of JSON");
    return command;
  }

 private:
  CLI::App& app_;
  int& exit_code_;
};

}  // namespace

void AddEvening(CLI::App& program, int& exit_code) {
  CLI::App& app = *program.add_subcommand("evening", "the polling evening in the hall");
  app.require_subcommand(1);
  Evening evening(app, exit_code);
  const auto assign = evening.AddWrite("assign", "puts a polling officer at a station", &Assign);
  assign.app->add_option("subject", assign.options->subject, "as the identity provider names them")
      ->required();
  const auto roll = evening.AddAt("roll", "the roll of a station, to print", &Roll);
  roll.app->add_option("--output", roll.options->output, "the HTML file to write")->required();
  AddLanguage(*roll.app, roll.options->language);
  const auto find = evening.AddAt("find", "looks a voter up on the roll", &Find);
  CLI::Option* const number =
      find.app->add_option("--number", find.options->number, "on this station's roll");
  CLI::Option* const name =
      find.app->add_option("--name", find.options->name, "how a word of the name begins")
          ->excludes(number);
  CLI::Option* const born =
      find.app->add_option("--born", find.options->born, "as 1990-01-31")->excludes(number);
  name->needs(born);
  born->needs(name);
  find.app->add_flag("--json", find.options->json, "one line of JSON");
  evening.AddWrite("mark", "strikes a name off, before its paper is handed out", &Mark).Number();
  const auto cancel = evening.AddWrite(
      "cancel", "the unused paper came back; two officers, one after the other", &Cancel);
  cancel.Number();
  cancel.app->add_option("--reason", cancel.options->reason, "why, without names")->required();
  const auto import =
      evening.AddWrite("import", "marks made on the printed roll, one number a line", &Import);
  import.app->add_option("file", import.options->file, "CSV or text")->required();
  evening.AddWrite("ticket", "a code for the hall's tablet", &Ticket).Number();
  const auto report = evening.AddWrite(
      "report", "what came back at a station; two officers alike close it", &Report);
  report.app
      ->add_option("classes", report.options->classes, "CLASS:SPOILED:TAKEN_HOME, every class once")
      ->required();
  const auto papers = evening.Add("papers", "paper ballots to print, one file a class", &Papers);
  papers.app->add_option("--output", papers.options->output, "the folder to write")->required();
  AddLanguage(*papers.app, papers.options->language);
  AddEveningCount(app, exit_code);
}

}  // namespace smederij::cli
