#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/config/source.h"

namespace smederij::config {

// What every service's configuration holds. Paths and addresses only: no secret is among them.
struct Common {
  std::string command;           // "serve", "migrate", …
  std::string database;          // --database: libpq conninfo of the app role.
  std::string owner_database;    // --owner_database: of the owner role, for migrate.
  int database_connections = 0;  // --database_connections: size of the pool and of the executor.
  std::string listen;            // --listen host:port or unix:/path; port 0 takes a free one.
  std::string metrics_listen;    // --metrics_listen host:port
  std::string tls_certificate;   // --tls_certificate, --tls_key, --tls_ca: PEM files, all or none.
  std::string tls_key;
  std::string tls_ca;
  std::string jwks;          // --jwks: the public keys tokens are verified with.
  std::string token_issuer;  // --token_issuer: the only `iss` accepted.

  bool tls() const { return !tls_certificate.empty(); }
};

// Reads the common flags; mistakes go to `source`. Also sets the log's minimum level and logs the
// source's warnings. What is required depends on the command: `serve` needs a database, `migrate`
// needs the owner's. Whether a service needs --jwks is its own matter: RequireTokens.
// A conninfo with a password in it is a mistake (passfile= is the way), and so is listening beyond
// this machine without TLS.
Common ReadCommon(Source& source);

// For services that verify tokens: --jwks and --token_issuer are required by `serve`.
void RequireTokens(Source& source);

// --guard_dir and --guard_adopt of the services that keep guards outside their database.
struct Guard {
  std::string directory;
  std::vector<std::string> adopted;  // Guards by name.

  // Whether the guard of this name takes the database as it is. Each is adopted by itself: to trust
  // the database in one thing is not to trust it in all.
  bool Adopts(absl::string_view name) const;
};
// `names`: the guards that this service has; to adopt any other is a mistake.
Guard ReadGuard(Source& source, const std::vector<std::string>& names);

}  // namespace smederij::config
