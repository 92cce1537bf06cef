// smederij-registry serve|migrate|bootstrap|add-municipality|forget|jwks: who.
#include <unistd.h>

#include <cstdio>

#include "common/base/status_macros.h"
#include "common/obs/log.h"
#include "common/pg/transact.h"
#include "common/service/platform.h"
#include "services/registry/api/bootstrap.h"
#include "services/registry/api/retention.h"
#include "services/registry/api/service.h"
#include "services/registry/config.h"
#include "services/registry/storage/credential_store.h"
#include "services/registry/storage/migrations.h"

namespace smederij::registry {
namespace {

absl::Status RunServe(const Config& config) {
  ASSIGN_OR_RETURN(const auto platform,
                   service::Platform::Open("registry", config.common, Migrations()));
  ASSIGN_OR_RETURN(const auto signer, rpc::TokenSigner::FromPem(config.token_key.Reveal()));
  ASSIGN_OR_RETURN(const auto identity_keys,
                   rpc::KeySet::Open(config.identity_jwks, platform->clock()));
  const auto issued = [](pg::Tx& tx) { return IssuanceRecord(tx); };
  ASSIGN_OR_RETURN(
      const pg::GuardRecord record,
      pg::Transact(platform->pool(), {.deadline = absl::Now() + absl::Seconds(10)}, issued));
  ASSIGN_OR_RETURN(const auto guard, pg::Guard::Open(config.guard.directory, "registry", record,
                                                     config.guard.Adopts("registry")));
  Service service({.pool = platform->pool(),
                   .guard = guard.get(),
                   .identity_keys = *identity_keys,
                   .signer = signer,
                   .clock = platform->clock(),
                   .metrics = platform->metrics()},
                  *config.pseudonyms,
                  {.issuer_keys = *config.sealing_key, .particulars = *config.particulars_key},
                  config.sign_in, config.issuing);
  service.Mount(platform->router());
  return platform->Serve();
}

absl::Status RunBootstrap(const Config& config) {
  pg::Pool pool(
      {.conninfo = config.common.database, .size = 1, .schema = pg::SchemaOf(Migrations())});
  ASSIGN_OR_RETURN(
      const Bootstrapped made,
      Bootstrap(pool, *config.pseudonyms, config.municipality, config.subject,
                config.common.command == "add-municipality", absl::Now() + absl::Seconds(30)));
  std::printf("{\"municipality_id\":\"%s\",\"subject_id\":\"%s\"}\n",
              made.municipality.ToString().c_str(), made.administrator.ToString().c_str());
  return absl::OkStatus();
}

absl::Status RunForget(const Config& config) {
  pg::Pool owner(
      {.conninfo = config.common.owner_database, .size = 1, .schema = pg::SchemaOf(Migrations())});
  ASSIGN_OR_RETURN(const int64_t voters, ForgetRound(owner, config.round, absl::InfiniteFuture()));
  obs::Log(obs::Level::kInfo, "voters_forgotten", {{"voters", voters}});
  return absl::OkStatus();
}

absl::Status RunJwks(const Config& config) {
  ASSIGN_OR_RETURN(const auto signer, rpc::TokenSigner::FromPem(config.token_key.Reveal()));
  std::printf("%s\n", rpc::Jwks({signer.public_jwk()}).c_str());
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  rpc::PrepareProcess();
  config::Source source(argc, argv, environ,
                        {"serve", "migrate", "bootstrap", "add-municipality", "forget", "jwks"});
  if (source.wants_help()) return service::Help(source);
  const Config config = ReadConfig(source);
  if (!source.status().ok()) return config::Refuse(source.status());
  const std::string& command = config.common.command;
  if (command == "migrate") return service::Migrate(config.common, Migrations());
  if (command == "jwks") return service::Exit(RunJwks(config));
  if (command == "forget") return service::Exit(RunForget(config));
  if (command != "serve") return service::Exit(RunBootstrap(config));
  return service::Exit(RunServe(config));
}

}  // namespace
}  // namespace smederij::registry

int main(int argc, char** argv) { return smederij::registry::Main(argc, argv); }
