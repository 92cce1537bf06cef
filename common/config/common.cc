#include "common/config/common.h"

#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "common/obs/log.h"

ABSL_FLAG(std::string, database, "", "libpq connection string of the service's app role");
ABSL_FLAG(std::string, owner_database, "",
          "libpq connection string of the owner role, for migrate");
ABSL_FLAG(int32_t, database_connections, 8, "connections to the database, and calls run at once");
ABSL_FLAG(std::string, listen, "127.0.0.1:0", "host:port or unix:/path for gRPC; port 0: any free");
ABSL_FLAG(std::string, metrics_listen, "127.0.0.1:0",
          "host:port for GET /metrics; port 0: any free");
ABSL_FLAG(std::string, tls_certificate, "", "PEM file with this service's certificate chain");
ABSL_FLAG(std::string, tls_key, "", "PEM file with the key of --tls_certificate");
ABSL_FLAG(std::string, tls_ca, "", "PEM file with the authority that signs the other services");
ABSL_FLAG(std::string, jwks, "", "JWKS file with the keys that sign access tokens; watched");
ABSL_FLAG(std::string, token_issuer, "", "the issuer that access tokens must name");
ABSL_FLAG(std::string, log_level, "info", "least level logged: debug, info, warning, error");

namespace smederij::config {
namespace {

constexpr int32_t kConnectionsMax = 500;

bool IsLocal(absl::string_view listen) {
  return absl::StartsWith(listen, "unix:") || absl::StartsWith(listen, "127.") ||
         absl::StartsWith(listen, "localhost:") || absl::StartsWith(listen, "[::1]:");
}

// "password=" of a key-value string, or "//user:password@" of a URI.
bool HoldsPassword(absl::string_view conninfo) {
  if (absl::StrContains(conninfo, "password=")) return true;
  const size_t authority = conninfo.find("://");
  if (authority == absl::string_view::npos) return false;
  const absl::string_view user = conninfo.substr(authority + 3);
  const size_t at = user.find('@');
  return at != absl::string_view::npos && absl::StrContains(user.substr(0, at), ":");
}

void CheckTls(const Common& common, Source& source) {
  const bool any =
      !common.tls_certificate.empty() || !common.tls_key.empty() || !common.tls_ca.empty();
  if (any) {
    source.Required(FLAGS_tls_certificate);
    source.Required(FLAGS_tls_key);
    source.Required(FLAGS_tls_ca);
  } else if (!IsLocal(common.listen)) {
    source.Mistake("--listen", "beyond this machine needs --tls_certificate");
  }
}

}  // namespace

Common ReadCommon(Source& source) {
  const Common common{.command = source.command(),
                      .database = absl::GetFlag(FLAGS_database),
                      .owner_database = absl::GetFlag(FLAGS_owner_database),
                      .database_connections = absl::GetFlag(FLAGS_database_connections),
                      .listen = absl::GetFlag(FLAGS_listen),
                      .metrics_listen = absl::GetFlag(FLAGS_metrics_listen),
                      .tls_certificate = absl::GetFlag(FLAGS_tls_certificate),
                      .tls_key = absl::GetFlag(FLAGS_tls_key),
                      .tls_ca = absl::GetFlag(FLAGS_tls_ca),
                      .jwks = absl::GetFlag(FLAGS_jwks),
                      .token_issuer = absl::GetFlag(FLAGS_token_issuer)};
  obs::Level level = obs::Level::kInfo;
  if (!obs::ParseLevel(absl::GetFlag(FLAGS_log_level), &level)) {
    source.Mistake("--log_level", "must be debug, info, warning or error");
  }
  obs::SetMinimumLevel(level);
  for (const std::string& warning : source.warnings()) {
    obs::Log(obs::Level::kWarning, "configuration", {{"warning", warning}});
  }
  if (common.command == "serve") source.Required(FLAGS_database);
  if (common.command == "migrate") source.Required(FLAGS_owner_database);
  if (HoldsPassword(common.database))
    source.Mistake("--database", "holds a password: use passfile=");
  if (HoldsPassword(common.owner_database)) {
    source.Mistake("--owner_database", "holds a password: use passfile=");
  }
  if (common.database_connections < 1 || common.database_connections > kConnectionsMax) {
    source.Mistake("--database_connections", "must be 1 to 500");
  }
  source.Required(FLAGS_listen);
  source.Required(FLAGS_metrics_listen);
  source.CheckAddress(FLAGS_listen);
  source.CheckAddress(FLAGS_metrics_listen);
  CheckTls(common, source);
  return common;
}

void RequireTokens(Source& source) {
  if (source.command() != "serve") return;
  source.Required(FLAGS_jwks);
  source.Required(FLAGS_token_issuer);
}

}  // namespace smederij::config
