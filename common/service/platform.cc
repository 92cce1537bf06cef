#include "common/service/platform.h"

#include <cstdio>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/pg/now.h"

namespace smederij::service {
namespace {

constexpr absl::string_view kTownHall = "Europe/Amsterdam";  // As the services' SQL has it.
constexpr absl::Duration kPatience = absl::Seconds(15);
constexpr absl::Duration kProbe = absl::Seconds(1);

// OK when the database is there, of this binary's schema, of one mind about the time, and knows the
// town hall's calendar.
absl::Status CheckDatabase(pg::Pool& pool, const pg::Migrations& migrations) {
  const absl::Time until = absl::Now() + kPatience;
  for (bool told = false;; told = true) {
    const absl::Status status = pg::CheckMigrated(pool, migrations, until);
    if (status.code() != kUnavailable || absl::Now() >= until) {
      RETURN_IF_ERROR(status);
      RETURN_IF_ERROR(pg::CheckClock(pool, absl::Now() + kPatience));
      return pg::CheckTimeZone(pool, kTownHall, absl::Now() + kPatience);
    }
    if (!told) obs::Log(obs::Level::kWarning, "waiting_for_database", obs::StatusFields(status));
    absl::SleepFor(absl::Milliseconds(200));
  }
}

}  // namespace

Platform::Platform(absl::string_view service, const config::Common& common, pg::Schema schema)
    : common_(common),
      pool_({.conninfo = common.database,
             .size = common.database_connections,
             .observer = Observe(metrics_),
             .schema = std::move(schema)}) {
  metrics_.AddProcess(service);
}

absl::StatusOr<std::unique_ptr<Platform>> Platform::Open(absl::string_view service,
                                                         const config::Common& common,
                                                         const pg::Migrations& migrations,
                                                         rpc::RouterOptions options) {
  auto platform =
      std::unique_ptr<Platform>(new Platform(service, common, pg::SchemaOf(migrations)));
  RETURN_IF_ERROR(CheckDatabase(platform->pool_, migrations));
  ASSIGN_OR_RETURN(platform->keys_, rpc::KeySet::Open(common.jwks, platform->clock_));
  ASSIGN_OR_RETURN(platform->exposer_,
                   obs::Exposer::Start(common.metrics_listen, platform->metrics_));
  platform->authenticator_ = std::make_unique<rpc::Authenticator>(
      service, common.token_issuer, *platform->keys_, platform->clock_);
  options.service = std::string(service);
  options.threads = common.database_connections;
  platform->router_ =
      std::make_unique<rpc::Router>(options, *platform->authenticator_, platform->metrics_);
  return platform;
}

rpc::TlsFiles Platform::tls() const {
  return {
      .certificate = common_.tls_certificate, .key = common_.tls_key, .authority = common_.tls_ca};
}

absl::Status Platform::Serve(std::vector<std::pair<std::string, std::string>> facts,
                             rpc::ServerOptions options) {
  options.listen = common_.listen;
  options.tls = tls();
  // Busy is not ill: a pool that is all in use answers as soon as somebody is done. Until then
  // nothing else is known than before.
  options.probe = [this, last = absl::OkStatus()]() mutable {
    absl::Status status = pool_.Ping(absl::Now() + kProbe);
    if (ReasonOf(status) != "DATABASE_BUSY") last = std::move(status);
    return last;
  };
  facts.insert(facts.begin(), {"metrics", exposer_->address()});
  return rpc::Serve(options, *router_, facts);
}

int Migrate(const config::Common& common, const pg::Migrations& migrations) {
  const auto waits = [](absl::string_view why) {
    obs::Log(obs::Level::kWarning, "migration_waits", {{"why", why}});
  };
  pg::Pool owner({.conninfo = common.owner_database, .size = 1, .observer = {.rerun = waits}});
  const absl::StatusOr<int> applied = pg::Migrate(owner, migrations, absl::InfiniteFuture());
  if (applied.ok()) obs::Log(obs::Level::kInfo, "migrated", {{"applied", *applied}});
  return Exit(applied.status());
}

int Help(const config::Source& source) {
  std::fputs(source.Usage().c_str(), stdout);
  return 0;
}

int Exit(const absl::Status& status) {
  if (status.ok()) return 0;
  std::vector<obs::Field> fields = obs::StatusFields(status);
  for (const auto& [fact, value] : FactsOf(status)) fields.emplace_back(fact, value);
  for (const auto& [field, wrong] : FieldsOf(status)) fields.emplace_back(field, wrong);
  obs::Log(obs::Level::kError, "stopped", fields);
  return 1;
}

}  // namespace smederij::service
