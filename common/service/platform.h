#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/config/common.h"
#include "common/obs/metrics.h"
#include "common/pg/migrate.h"
#include "common/pg/observer.h"
#include "common/pg/pool.h"
#include "common/rpc/auth.h"
#include "common/rpc/key_set.h"
#include "common/rpc/router.h"
#include "common/rpc/server.h"

namespace smederij::service {

// What every service stands on, so that its main is a page:
//
//   rpc::PrepareProcess();
//   config::Source source(argc, argv, environ, {"serve", "migrate"});
//   if (source.wants_help()) return service::Help(source);
//   const Config config = ReadConfig(source);
//   if (!source.status().ok()) return config::Refuse(source.status());
//   if (config.common.command == "migrate") return service::Migrate(config.common, Migrations());
//   return service::Exit(Run(config));
//
//   absl::Status Run(const Config& config) {
//     ASSIGN_OR_RETURN(auto platform, service::Platform::Open("ledger", config.common,
//     Migrations())); LedgerApi api(platform->pool(), …); api.Mount(platform->router()); return
//     platform->Serve();
//   }
//
// Members live as long as the platform; what is mounted on the router must outlive Serve.
class Platform {
 public:
  // Opens pool, keys, metrics and router. Waits some seconds for a database that is not there yet.
  // Refusals: those of pg::CheckMigrated, pg::CheckClock, pg::CheckTimeZone and
  // rpc::KeySet::Open, METRICS_LISTEN_FAILED. Set what `options` leaves open beyond service and
  // threads, which are set here.
  static absl::StatusOr<std::unique_ptr<Platform>> Open(absl::string_view service,
                                                        const config::Common& common,
                                                        const pg::Migrations& migrations,
                                                        rpc::RouterOptions options = {});

  pg::Pool& pool() { return pool_; }
  obs::Registry& metrics() { return metrics_; }
  rpc::Router& router() { return *router_; }
  const Clock& clock() const { return clock_; }
  rpc::TlsFiles tls() const;  // For channels to other services as well.

  // Serves until SIGTERM or SIGINT, then drains. Health follows the database, and its schema: once
  // that is newer nothing is written, and nobody should call. The line that says
  // ready also carries `facts`.
  absl::Status Serve(std::vector<std::pair<std::string, std::string>> facts = {},
                     rpc::ServerOptions options = {});

 private:
  Platform(absl::string_view service, const config::Common& common, pg::Schema schema);

  const config::Common common_;
  SystemClock clock_;
  obs::Registry metrics_;
  pg::Pool pool_;
  std::unique_ptr<obs::Exposer> exposer_;
  std::unique_ptr<rpc::KeySet> keys_;
  std::unique_ptr<rpc::Authenticator> authenticator_;
  std::unique_ptr<rpc::Router> router_;
};

// The `migrate` command; returns main's exit code.
int Migrate(const config::Common& common, const pg::Migrations& migrations);
// Prints the usage; returns main's exit code.
int Help(const config::Source& source);
// Logs why the process ends, unless all is well; returns main's exit code.
int Exit(const absl::Status& status);

// Feeds smederij_sql_seconds{statement}, smederij_pg_wait_seconds and
// smederij_tx_reruns_total{reason}. `metrics` outlives every pool that uses it.
pg::Observer Observe(obs::Registry& metrics);

}  // namespace smederij::service
