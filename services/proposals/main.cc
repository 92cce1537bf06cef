// smederij-proposals serve|migrate: what, and the driver of every round.
#include <unistd.h>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/service/platform.h"
#include "services/proposals/api/proposals_api.h"
#include "services/proposals/reconciler/reconciler.h"
#include "services/proposals/storage/migrations.h"

ABSL_FLAG(std::string, registry_address, "", "host:port of registry");
ABSL_FLAG(std::string, ballots_address, "", "host:port of ballots");
ABSL_FLAG(std::string, ledger_address, "", "host:port of ledger");
ABSL_FLAG(absl::Duration, reconcile_interval, absl::Seconds(1),
          "how often a round asks again for what it waits for");
ABSL_FLAG(int32_t, reconcile_workers, 2, "rounds that are worked on at once");

namespace smederij::proposals {
namespace {

struct Config {
  config::Common common;
  std::string registry_address, ballots_address, ledger_address;
  ReconcilerOptions reconciler;
};

Config ReadConfig(config::Source& source) {
  Config config;
  config.common = config::ReadCommon(source);
  config::RequireTokens(source);
  if (source.command() == "serve") {
    config.registry_address = source.Required(FLAGS_registry_address);
    config.ballots_address = source.Required(FLAGS_ballots_address);
    config.ledger_address = source.Required(FLAGS_ledger_address);
    if (!config.common.tls()) source.Mistake("--tls_certificate", "is how other services know us");
  }
  source.CheckAddress(FLAGS_registry_address);
  source.CheckAddress(FLAGS_ballots_address);
  source.CheckAddress(FLAGS_ledger_address);
  config.reconciler.interval = absl::GetFlag(FLAGS_reconcile_interval);
  config.reconciler.workers = absl::GetFlag(FLAGS_reconcile_workers);
  if (config.reconciler.interval < absl::Milliseconds(10) ||
      config.reconciler.interval > absl::Minutes(1)) {
    source.Mistake("--reconcile_interval", "must be 10ms to 1m");
  }
  if (config.reconciler.workers < 1 || config.reconciler.workers > 32) {
    source.Mistake("--reconcile_workers", "must be 1 to 32");
  }
  // The same again after a restart, so that leases left behind are taken up at once.
  char host[256] = {};
  gethostname(host, sizeof(host) - 1);
  config.reconciler.name = absl::StrCat(host, " ", config.common.listen);
  return config;
}

absl::Status Serve(const Config& config) {
  ASSIGN_OR_RETURN(const auto platform,
                   service::Platform::Open("proposals", config.common, Migrations()));
  ASSIGN_OR_RETURN(auto registry, rpc::Peer::Open(config.registry_address, platform->tls()));
  ASSIGN_OR_RETURN(auto ballots, rpc::Peer::Open(config.ballots_address, platform->tls()));
  ASSIGN_OR_RETURN(auto ledger, rpc::Peer::Open(config.ledger_address, platform->tls()));
  const Neighbours neighbours{.registry = registry, .ballots = ballots, .ledger = ledger};
  // Connections of its own: residents who fill the pool cannot keep rounds from going on.
  pg::Pool pool({.conninfo = config.common.database,
                 .size = config.reconciler.workers,
                 .observer = service::Observe(platform->metrics()),
                 .schema = pg::SchemaOf(Migrations())});
  Reconciler reconciler(pool, neighbours, platform->metrics(), config.reconciler);
  ProposalsApi api(platform->pool(), neighbours, [&reconciler] { reconciler.Wake(); });
  api.Mount(platform->router());
  reconciler.Start();
  return platform->Serve();
}

int Main(int argc, char** argv) {
  rpc::PrepareProcess();
  config::Source source(argc, argv, environ, {"serve", "migrate"});
  if (source.wants_help()) return service::Help(source);
  const Config config = ReadConfig(source);
  if (!source.status().ok()) return config::Refuse(source.status());
  if (config.common.command == "migrate") return service::Migrate(config.common, Migrations());
  return service::Exit(Serve(config));
}

}  // namespace
}  // namespace smederij::proposals

int main(int argc, char** argv) { return smederij::proposals::Main(argc, argv); }
