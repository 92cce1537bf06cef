// smederij-ballots serve|migrate: how many.
#include <unistd.h>

#include "common/base/status_macros.h"
#include "common/service/platform.h"
#include "services/ballots/api/service.h"
#include "services/ballots/config.h"
#include "services/ballots/storage/migrations.h"

namespace smederij::ballots {
namespace {

// What will have counted; stands in every manifest.
constexpr char kSoftware[] = "smederij-ballots/0.1";

absl::Status Run(const Config& config) {
  ASSIGN_OR_RETURN(const auto platform,
                   service::Platform::Open("ballots", config.common, Migrations()));
  ASSIGN_OR_RETURN(rpc::Peer registry, rpc::Peer::Open(config.registry_address, platform->tls()));
  ASSIGN_OR_RETURN(const auto service, Service::Open(platform->pool(), std::move(registry),
                                                     {.cast_database = config.common.database,
                                                      .guard_directory = config.guard.directory,
                                                      .guard_adopt = config.guard.Adopts("ballots"),
                                                      .signers = *config.signers,
                                                      .software = kSoftware}));
  service->Start(platform->router());
  return platform->Serve();
}

int Main(int argc, char** argv) {
  rpc::PrepareProcess();
  config::Source source(argc, argv, environ, {"serve", "migrate"});
  if (source.wants_help()) return service::Help(source);
  const Config config = ReadConfig(source);
  if (!source.status().ok()) return config::Refuse(source.status());
  if (config.common.command == "migrate") return service::Migrate(config.common, Migrations());
  return service::Exit(Run(config));
}

}  // namespace
}  // namespace smederij::ballots

int main(int argc, char** argv) { return smederij::ballots::Main(argc, argv); }
