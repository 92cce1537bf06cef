#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "common/pg/migrate.h"
#include "common/pg/pool.h"

namespace smederij::testing {

// A throw-away PostgreSQL cluster on a unix socket, without fsync (killing its processes loses
// nothing; a power cut would) unless SMEDERIJ_DURABLE is set, for measurements. It and its
// directory are gone soon after the test binary has ended, in whatever way. One thread at a time.
class PgCluster {
 public:
  // The one of this test binary, started when first asked for.
  static PgCluster& Shared();

  PgCluster();  // A cluster of one's own, for tests that stop or freeze it.
  ~PgCluster();
  PgCluster(const PgCluster&) = delete;
  PgCluster& operator=(const PgCluster&) = delete;

  std::string Conninfo(absl::string_view role, absl::string_view database) const;
  pid_t pid() const { return server_; }  // Of the postmaster; the others are its children.

  void Start();       // Returns when it accepts connections.
  void Stop();        // Fast shutdown: open transactions are rolled back.
  void StopAtOnce();  // Immediate: as after a crash, recovery at the next start.

  // From now on everything written is archived, and there is a base backup to restore from.
  // Restarts the cluster. Once.
  void BeginArchive();
  // Names this moment.
  void Mark(const std::string& name);
  // Another cluster, recovered to the moment of that name from what was archived; with an empty
  // name to the newest archived. This one goes on.
  std::unique_ptr<PgCluster> RestoredTo(const std::string& mark);

  // A database provisioned by deploy/postgresql/provision.sql and migrated, made once.
  std::string TemplateOf(const pg::Migrations& migrations);

 private:
  explicit PgCluster(std::string directory);  // Over data that are there.

  void Stop(int signal);

  std::string directory_;
  bool marked_ = false;  // There may be marks that are not archived yet.
  pid_t server_ = 0;
  std::map<std::string, std::string> templates_;  // Service and contents → database.
};

// A fresh database, cloned from a migrated template; dropped at the end.
//
//   PgDatabase database(ledger::Migrations());
//   pg::Pool pool({.conninfo = database.app()});
class PgDatabase {
 public:
  explicit PgDatabase(const pg::Migrations& migrations, PgCluster& cluster = PgCluster::Shared());
  ~PgDatabase();
  PgDatabase(const PgDatabase&) = delete;
  PgDatabase& operator=(const PgDatabase&) = delete;

  std::string owner() const;      // <service>_owner, as migrations run
  std::string app() const;        // <service>_app, as the service runs
  std::string read() const;       // <service>_read
  std::string superuser() const;  // whom no grant stops

  // Runs SQL as the superuser, outside of everything the service may do.
  absl::Status Sql(const std::string& sql) const;
  const std::string& name() const { return name_; }

 private:
  PgCluster& cluster_;
  const std::string service_, name_;
};

}  // namespace smederij::testing
