#pragma once

#include <grpcpp/client_context.h>

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/sign_in.h"
#include "services/cli/commands/spending_print.h"

// What all commands have in common by which somebody changes the books, or what is in them.
namespace smederij::cli {

struct Acting {
  DeploymentOptions deployment;
  std::string token_file, request_id;
  bool json = false;
};

// Calls as the person of the token file, and prints the answer.
template <class Stub, class Request, class Response>
absl::Status Act(const Acting& acting,
                 grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                 Request request, Endpoint Deployment::*service = &Deployment::ledger) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(acting.deployment));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(acting.token_file));
  // Whoever wants to send the same request again names its id.
  request.set_request_id(acting.request_id.empty() ? Uuid::Random().ToString() : acting.request_id);
  ASSIGN_OR_RETURN(const Response response, (deployment.*service).Call(method, request, token));
  Print(response, acting.json);
  return absl::OkStatus();
}

// A command that acts as somebody, and where its options go. `Options` is an Acting.
template <class Options>
struct ActingCommand {
  CLI::App& app;
  Options& options;

  template <class Field>
  ActingCommand Takes(const char* name, Field Options::*field, const char* description) {
    app.add_option(name, options.*field, description)->required();
    return *this;
  }
  template <class Field>
  ActingCommand May(const char* name, Field Options::*field, const char* description) {
    app.add_option(name, options.*field, description);
    return *this;
  }
};

// What a step that may have happened before today takes.
inline constexpr char kEffectiveDate[] = "--effective-date";
inline constexpr char kEffectiveDateIs[] = "the day it happened, YYYY-MM-DD; else today";

// Adds a command under `parent` that runs `run`.
template <class Options>
ActingCommand<Options> AddActing(CLI::App& parent, int& exit_code, const char* name,
                                 const char* description, absl::Status (*run)(const Options&)) {
  auto options = std::make_shared<Options>();
  CLI::App& app = *parent.add_subcommand(name, description);
  AddReach(app, options->deployment);
  AddTokenFile(app, options->token_file);
  app.add_option("--request-id", options->request_id,
                 "UUID; the same id with the same request gets the first answer again");
  app.add_flag("--json", options->json, "one line of JSON");
  app.callback([options, run, &exit_code] {
    const absl::Status status = run(*options);
    exit_code = status.ok() ? kDone : Refuse(status);
  });
  return {app, *options};
}

}  // namespace smederij::cli
