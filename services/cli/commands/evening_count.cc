#include "services/cli/commands/evening_count.h"

#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/charter_flags.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "services/cli/commands/sign_in.h"
#include "services/cli/evening/provisional.h"
#include "services/cli/evening/stack_file.h"
#include "services/cli/files/output.h"
#include "services/cli/files/pabulib_file.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/ballots/v1/paper.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ballots::v1;
using Ballots = v1::BallotsService::Stub;
using Paper = v1::PaperService::Stub;
using ballots::PaperDraft;

constexpr int kPage = 500;

struct Options {
  DeploymentOptions deployment;
  std::string token_file;
  std::string request_id;
  std::string round_id;
  std::string batch;  // A number, as people say it, or an id.
  std::string supersedes;
  std::string path;
  std::string reason;
  std::string output;
  uint32_t class_id = 0;
  uint32_t station = 0;
  uint32_t ballots = 0;
  Language language = Language::kEnglish;
  bool json = false;
  bool html = false;
};

// A deployment, and who acts there.
struct Session {
  Deployment deployment;
  std::string token;
};

absl::StatusOr<Session> Open(const Options& options) {
  ASSIGN_OR_RETURN(std::string token, ReadToken(options.token_file));
  ASSIGN_OR_RETURN(Deployment deployment, OpenDeployment(options.deployment));
  return Session{.deployment = std::move(deployment), .token = std::move(token)};
}

// A write: with the request id that was given, or a new one.
template <class Req>
Req Step(const Options& options) {
  Req request;
  request.set_request_id(options.request_id.empty() ? Uuid::Random().ToString()
                                                    : options.request_id);
  request.set_round_id(options.round_id);
  return request;
}

std::string StateOf(const v1::Batch& batch) {
  return v1::Batch::State_Name(batch.state()).substr(6);
}

void Print(const v1::Batch& batch) {
  std::cout << absl::StreamFormat(
      "batch %d  %s  class %d, station %d, %d papers  %d of 2 passes "
      "finished, %d of 2 seals%s  %s\n",
      batch.number(), StateOf(batch), batch.class_id(), batch.station(), batch.ballots(),
      batch.passes_finished(), batch.seals(), batch.superseded() ? ", superseded" : "",
      batch.batch_id());
}

absl::Status Tell(const Options& options, const v1::Batch& batch) {
  if (options.json) {
    std::cout << ToJson(batch) << '\n';
  } else {
    Print(batch);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::Batch>> Batches(const Session& session, const std::string& round) {
  std::vector<v1::Batch> batches;
  v1::ListBatchesRequest request;
  request.set_round_id(round);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListBatchesResponse page,
                     session.deployment.ballots.Call(&Paper::ListBatches, request, session.token));
    batches.insert(batches.end(), page.batches().begin(), page.batches().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return batches;
}

// The batch that goes by this number or id.
absl::StatusOr<v1::Batch> Find(const Session& session, const std::string& round,
                               const std::string& name) {
  ASSIGN_OR_RETURN(const std::vector<v1::Batch> batches, Batches(session, round));
  for (const v1::Batch& batch : batches) {
    if (batch.batch_id() == name || absl::StrCat(batch.number()) == name) return batch;
  }
  return Error(kNotFound, "BATCH_NOT_FOUND", "this round has no such batch").With("batch", name);
}

absl::Status OpenBatch(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, Open(options));
  auto request = Step<v1::OpenBatchRequest>(options);
  // The same command again, with the same request id, is the same batch.
  request.set_batch_id(options.batch.empty() ? request.request_id() : options.batch);
  request.set_class_id(options.class_id);
  request.set_station(options.station);
  request.set_ballots(options.ballots);
  if (!options.supersedes.empty()) {
    ASSIGN_OR_RETURN(const v1::Batch earlier, Find(session, options.round_id, options.supersedes));
    request.set_supersedes_batch_id(earlier.batch_id());
  }
  ASSIGN_OR_RETURN(const v1::Batch batch,
                   session.deployment.ballots.Call(&Paper::OpenBatch, request, session.token));
  return Tell(options, batch);
}

void Fill(const PaperDraft& draft, v1::PaperBallot& ballot) {
  ballot.set_serial(draft.serial);
  switch (draft.says) {
    case PaperDraft::Says::kBlank:
      return ballot.set_blank(true);
    case PaperDraft::Says::kInvalid:
      return ballot.set_invalid(static_cast<v1::InvalidReason>(draft.invalid));
    case PaperDraft::Says::kChoice:
    case PaperDraft::Says::kNothing:
      for (const ballots::Choice::Line& from : draft.lines) {
        v1::PaperLine& line = *ballot.mutable_choice()->add_lines();
        line.set_number(from.number);
        line.set_points(from.points);
      }
  }
}

// Reads and judges the whole file before anything is sent.
absl::Status Enter(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, Open(options));
  ASSIGN_OR_RETURN(const std::string text, ReadBytes(options.path));
  ASSIGN_OR_RETURN(const v1::Batch batch, Find(session, options.round_id, options.batch));
  v1::GetElectionRequest about;
  about.set_round_id(options.round_id);
  ASSIGN_OR_RETURN(const v1::Election election,
                   session.deployment.ballots.Call(&Ballots::GetElection, about));
  ASSIGN_OR_RETURN(const ballots::Manifest manifest,
                   ballots::DecodeManifest(election.manifest_bytes()));
  ASSIGN_OR_RETURN(const Stack stack, ReadStack(text, batch.ballots(), manifest));
  auto request = Step<v1::EnterBallotsRequest>(options);
  request.set_batch_id(batch.batch_id());
  for (const PaperDraft& draft : stack.drafts) Fill(draft, *request.add_ballots());
  const auto entered =
      session.deployment.ballots.Call(&Paper::EnterBallots, request, session.token);
  if (!entered.ok()) return InLines(entered.status(), stack);
  return Tell(options, *entered);
}

// A step on a batch that says nothing but which.
template <class Req>
absl::Status Do(const Options& options,
                grpc::Status (Paper::*method)(grpc::ClientContext*, const Req&, v1::Batch*)) {
  ASSIGN_OR_RETURN(const Session session, Open(options));
  ASSIGN_OR_RETURN(const v1::Batch batch, Find(session, options.round_id, options.batch));
  auto request = Step<Req>(options);
  request.set_batch_id(batch.batch_id());
  ASSIGN_OR_RETURN(const v1::Batch done,
                   session.deployment.ballots.Call(method, request, session.token));
  return Tell(options, done);
}
absl::Status Finish(const Options& options) { return Do(options, &Paper::FinishPass); }
absl::Status Seal(const Options& options) { return Do(options, &Paper::SealBatch); }
absl::Status Discard(const Options& options) { return Do(options, &Paper::DiscardBatch); }

// A ballot as a line of a stack says it.
std::string TextOf(const v1::PaperBallot& ballot) {
  PaperDraft draft;
  draft.says = ballot.has_blank()     ? PaperDraft::Says::kBlank
               : ballot.has_invalid() ? PaperDraft::Says::kInvalid
                                      : PaperDraft::Says::kChoice;
  draft.invalid = ballot.invalid();
  for (const v1::PaperLine& line : ballot.choice().lines()) {
    draft.lines.push_back({.number = line.number(), .points = line.points()});
  }
  return ChoiceText(draft);
}

absl::Status Compare(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, Open(options));
  ASSIGN_OR_RETURN(const v1::Batch batch, Find(session, options.round_id, options.batch));
  v1::CompareBatchRequest request;
  request.set_round_id(options.round_id);
  request.set_batch_id(batch.batch_id());
  ASSIGN_OR_RETURN(const v1::BatchComparison comparison,
                   session.deployment.ballots.Call(&Paper::CompareBatch, request, session.token));
  if (options.json) {
    std::cout << ToJson(comparison) << '\n';
    return absl::OkStatus();
  }
  if (comparison.differences().empty()) std::cout << "both passes say the same\n";
  for (const v1::BatchComparison::Difference& difference : comparison.differences()) {
    std::cout << absl::StreamFormat("paper %3d  first: %s  second: %s\n",
                                    difference.first().serial(), TextOf(difference.first()),
                                    TextOf(difference.second()));
  }
  return absl::OkStatus();
}

void Print(const v1::StationState& station) {
  const std::string signs = absl::StrCat(station.signatures(), " of 2 signatures");
  std::cout << absl::StreamFormat("station %d  %s  %s\n", station.station(),
                                  station.closed() ? "CLOSED" : signs, station.name());
  for (const v1::StationClass& c : station.classes()) {
    std::cout << absl::StreamFormat("  class %d: %d in the box", c.class_id(), c.in_box());
    if (station.signatures() > 0) {
      std::cout << absl::StreamFormat("; %d handed out, %d spoiled, %d taken home", c.marked(),
                                      c.spoiled(), c.taken_home());
    }
    std::cout << '\n';
  }
  if (!station.reason().empty()) std::cout << "  because: " << station.reason() << '\n';
  for (const int32_t number : station.unsealed_batches()) {
    std::cout << "  waits for batch " << number << '\n';
  }
}

absl::Status CloseStation(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, Open(options));
  auto request = Step<v1::CloseStationRequest>(options);
  request.set_station(options.station);
  request.set_reason(options.reason);
  ASSIGN_OR_RETURN(const v1::StationState station,
                   session.deployment.ballots.Call(&Paper::CloseStation, request, session.token));
  if (options.json) {
    std::cout << ToJson(station) << '\n';
  } else {
    Print(station);
  }
  return absl::OkStatus();
}

absl::Status Status(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, Open(options));
  v1::GetEveningRequest request;
  request.set_round_id(options.round_id);
  ASSIGN_OR_RETURN(const v1::Evening evening,
                   session.deployment.ballots.Call(&Paper::GetEvening, request, session.token));
  ASSIGN_OR_RETURN(const std::vector<v1::Batch> batches, Batches(session, options.round_id));
  if (options.json) {
    std::cout << ToJson(evening) << '\n';
    for (const v1::Batch& batch : batches) std::cout << ToJson(batch) << '\n';
    return absl::OkStatus();
  }
  for (const v1::StationState& station : evening.stations()) Print(station);
  for (const v1::Batch& batch : batches) Print(batch);
  return absl::OkStatus();
}

absl::Status Count(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, Open(options));
  ASSIGN_OR_RETURN(
      const v1::Tally tally,
      session.deployment.ballots.Call(&Ballots::CountElection,
                                      Step<v1::CountElectionRequest>(options), session.token));
  if (options.json) {
    std::cout << ToJson(tally) << '\n';
  } else {
    std::cout << "count " << tally.version() << "  "
              << v1::Tally::State_Name(tally.state()).substr(6) << '\n';
  }
  return absl::OkStatus();
}

absl::Status Provisional(const Options& options) {
  ASSIGN_OR_RETURN(const Session session, Open(options));
  v1::GetTallyRequest request;
  request.set_round_id(options.round_id);
  ASSIGN_OR_RETURN(const v1::Tally tally,
                   session.deployment.ballots.Call(&Ballots::GetTally, request, session.token));
  v1::GetElectionRequest about;
  about.set_round_id(options.round_id);
  ASSIGN_OR_RETURN(const v1::Election election,
                   session.deployment.ballots.Call(&Ballots::GetElection, about));
  if (!tally.has_result()) {
    return Error(kFailedPrecondition, "NOT_COUNTED", "this count has no outcome")
        .With("state", v1::Tally::State_Name(tally.state()));
  }
  const auto write = options.html ? &ProvisionalPage : &ProvisionalText;
  Output output(options.output);
  output.stream() << write(election.manifest(), tally, options.language);
  return output.Finish();
}

// A command under `evening`, and where its options go.
struct Command {
  CLI::App& app;
  Options& options;

  Command Takes(const char* name, std::string Options::*field, const char* description) {
    app.add_option(name, options.*field, description)->required();
    return *this;
  }
  Command TakesNumber(const char* name, uint32_t Options::*field, const char* description) {
    app.add_option(name, options.*field, description)->required();
    return *this;
  }
  Command TakesBatch() { return Takes("batch", &Options::batch, "the batch's number, or its id"); }
  Command Writes() {
    app.add_option("--request-id", options.request_id,
                   "the same again, when it is not known whether it was done");
    app.add_flag("--json", options.json, "one line of JSON");
    return *this;
  }
};

Command Add(CLI::App& parent, int& exit_code, const char* name, const char* description,
            absl::Status (*run)(const Options&)) {
  auto options = std::make_shared<Options>();
  CLI::App& app = *parent.add_subcommand(name, description);
  AddReach(app, options->deployment);
  AddTokenFile(app, options->token_file);
  app.add_option("round", options->round_id, "the round's id")->required();
  app.callback([options, run, &exit_code] {
    const absl::Status status = run(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
  return {.app = app, .options = *options};
}

}  // namespace

void AddEveningCount(CLI::App& evening, int& exit_code) {
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const Options&)) {
    return Add(evening, exit_code, name, description, run);
  };
  Command open = add("open", "a stack of papers, mixed and stamped 1, 2, …", &OpenBatch)
                     .TakesNumber("--class", &Options::class_id, "of whom")
                     .TakesNumber("--station", &Options::station, "whose box it came from")
                     .TakesNumber("--papers", &Options::ballots, "how many papers, 1 to 500")
                     .Writes();
  open.app.add_option("--supersedes", open.options.supersedes,
                      "the sealed batch it counts instead of: number or id");
  open.app.add_option("--batch-id", open.options.batch, "an id of your own, a UUID");
  const char* const kFile =
      "lines \"12;3,1,7\", \"12;3=3,1=2\" with points, \"12;blank\", \"12;invalid:unreadable\"";
  add("enter", "enter papers of a batch, all lines of a file or none", &Enter)
      .TakesBatch()
      .Takes("file", &Options::path, kFile)
      .Writes();
  add("finish", "every paper has been entered: end your pass", &Finish).TakesBatch().Writes();
  Command compare = add("compare", "where the two passes differ", &Compare).TakesBatch();
  compare.app.add_flag("--json", compare.options.json, "one line of JSON");
  add("fix", "enter again, from the paper, lines on which the passes differ", &Enter)
      .TakesBatch()
      .Takes("file", &Options::path, kFile)
      .Writes();
  add("seal", "put a batch into the log, the second of two officials", &Seal).TakesBatch().Writes();
  add("discard", "give a batch up that was opened wrongly", &Discard).TakesBatch().Writes();
  Command close = add("close-station", "sign for the numbers of a station", &CloseStation)
                      .TakesNumber("station", &Options::station, "its number")
                      .Writes();
  close.app.add_option("--reason", close.options.reason,
                       "why the box holds another number; published");
  Command status = add("status", "stations and batches, and what they wait for", &Status);
  status.app.add_flag("--json", status.options.json, "JSON, one object a line");
  add("count", "count again, after paper was sealed later", &Count).Writes();
  Command shown = add("provisional", "a count that is not certified, for the hall", &Provisional);
  shown.app.add_flag("--html", shown.options.html, "a page to project");
  AddLanguage(shown.app, shown.options.language);
  shown.app.add_option("--output", shown.options.output,
                       "a file that is written, or replaced, whole; else standard output");
}

}  // namespace smederij::cli
