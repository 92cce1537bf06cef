// smederij-ledger serve|migrate|verify: how much.
#include <unistd.h>

#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/pg/guard.h"
#include "common/pg/transact.h"
#include "common/service/background.h"
#include "common/service/platform.h"
#include "services/ledger/api/ledger_api.h"
#include "services/ledger/api/verifier.h"
#include "services/ledger/storage/migrations.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/storage/verify.h"

namespace smederij::ledger {
namespace {

constexpr absl::Duration kVerifyEvery = absl::Seconds(1);

struct Config {
  config::Common common;
  config::Guard guard;
};

Config ReadConfig(config::Source& source) {
  Config config{.common = config::ReadCommon(source), .guard = config::ReadGuard(source)};
  config::RequireTokens(source);
  if (source.command() == "verify" && config.common.database.empty()) {
    source.Mistake("--database", "is required");
  }
  return config;
}

absl::Status Serve(const Config& config) {
  ASSIGN_OR_RETURN(const auto platform,
                   service::Platform::Open("ledger", config.common, Migrations()));
  const pg::TxOptions soon{.deadline = absl::Now() + absl::Seconds(10), .read_only = true};
  ASSIGN_OR_RETURN(const pg::GuardRecord record,
                   pg::Transact(platform->pool(), soon, ReadProgress));
  ASSIGN_OR_RETURN(const auto guard,
                   pg::Guard::Open(config.guard.directory, "ledger", record, config.guard.adopt));
  // The writer has a connection of its own: readers who fill the pool cannot hold up the books.
  pg::Pool books({.conninfo = config.common.database,
                  .size = 1,
                  .observer = service::Observe(platform->metrics())});
  Writer writer(books, guard.get(), platform->metrics());
  // And so has the verifier: a walk takes its time, and nobody should wait for it.
  pg::Pool audit({.conninfo = config.common.database,
                  .size = 1,
                  .observer = service::Observe(platform->metrics())});
  Verifier verifier(audit, guard.get(), platform->metrics());
  service::Background verifying("verifying", kVerifyEvery, [&] { return verifier.RunOnce(); });
  LedgerApi api(platform->pool(), writer, [&] { verifying.Wake(); });
  api.Mount(platform->router());
  return platform->Serve();
}

// Exit code 0 when every budget's books are what their entries say, 1 when they are not.
absl::Status VerifyBooks(const Config& config) {
  pg::Pool pool({.conninfo = config.common.database, .size = 1});
  const auto found = [](const Finding& finding) {
    obs::Log(
        obs::Level::kError, "finding",
        {{"budget_id", finding.budget.ToString()}, {"seq", finding.seq}, {"what", finding.what}});
  };
  ASSIGN_OR_RETURN(const Verified verified, Verify(pool, found));
  obs::Log(obs::Level::kInfo, "verified",
           {{"budgets", verified.budgets},
            {"entries", verified.entries},
            {"findings", verified.findings}});
  if (verified.findings == 0) return absl::OkStatus();
  return absl::DataLossError("the books are not what their entries say");
}

int Main(int argc, char** argv) {
  rpc::PrepareProcess();
  config::Source source(argc, argv, environ, {"serve", "migrate", "verify"});
  if (source.wants_help()) return service::Help(source);
  const Config config = ReadConfig(source);
  if (!source.status().ok()) return config::Refuse(source.status());
  if (config.common.command == "migrate") return service::Migrate(config.common, Migrations());
  if (config.common.command == "verify") return service::Exit(VerifyBooks(config));
  return service::Exit(Serve(config));
}

}  // namespace
}  // namespace smederij::ledger

int main(int argc, char** argv) { return smederij::ledger::Main(argc, argv); }
