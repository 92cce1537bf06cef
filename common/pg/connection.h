#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/pg/columns.h"
#include "common/pg/observer.h"
#include "common/pg/schema.h"
#include "common/pg/statement.h"

struct pg_conn;

namespace smederij::pg {

enum class Isolation { kReadCommitted, kRepeatableRead, kSerializable };

struct TxOptions {
  // When the caller stops waiting; bounds every statement and the whole transaction.
  // InfiniteFuture is for maintenance commands. Left out, it has already passed.
  absl::Time deadline;
  Isolation isolation = Isolation::kReadCommitted;
  bool read_only = false;
  // READ COMMITTED alone; every statement finds its rows by key. A plan is kept from when a table
  // was small, or its statistics said so: with this none is made that joins by walking a whole
  // table, where an index would do. Plans that the connection has already stay.
  bool by_key = false;
};

// One connection to PostgreSQL, used by one thread at a time. libpq itself never gives up on a
// frozen server, so every wait here is a poll() under our own deadline; a connection that was left
// waiting is broken and never used again.
class Connection {
 public:
  // Tries the hosts of `conninfo` in order, each for at most `per_host`. `observer` outlives
  // it; once the database has a newer `schema`, nothing is written.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& conninfo,
                                                          absl::Duration per_host,
                                                          absl::Time deadline,
                                                          const Observer& observer,
                                                          Schema schema = {});

  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // BEGIN, with statement_timeout at what is left until the deadline. Sent together with the first
  // statement, so that what goes wrong there is told by the first that waits; of a transaction that
  // may write also SCHEMA_NEWER.
  absl::Status Begin(const TxOptions& options);
  // OUTCOME_UNKNOWN when the connection is lost on the way; INTERNAL when the transaction had
  // failed, which PostgreSQL reports as a success with the tag ROLLBACK.
  absl::Status Commit();
  // Rolls back and returns `why`.
  absl::Status Rollback(absl::Status why);

  // Sends a statement, preparing it on first use, and does not wait for what comes of it: the
  // statements of a transaction share round trips (libpq's pipeline mode). Gives the number to Take
  // its result by. A statement that fails fails all that were sent after it as well.
  absl::StatusOr<size_t> Send(const AnyStatement& statement, const Arguments& arguments);
  // Waits for all that was sent, and gives the result of one of them, once.
  absl::StatusOr<Result> Take(size_t sent);
  // Waits for all that was sent: the first failure among what nobody waited for yet.
  absl::Status Wait();
  // Runs any number of statements without parameters; for migrations and the like.
  absl::Status Script(const std::string& sql);
  // Prepares the statement if need be and compares its parameters with the declared ones.
  absl::Status Check(const AnyStatement& statement);

  // In a transaction: SCHEMA_NEWER when the database has a newer schema, and no lock.
  absl::Status CheckSchema();

  // True while it may serve another transaction: not broken, none open, and nothing has arrived
  // unasked (a server that shuts down says goodbye, or closes).
  bool Reusable();
  const Observer& observer() const { return observer_; }

 private:
  struct PgConnDeleter {
    void operator()(pg_conn* conn) const;
  };
  using PgConn = std::unique_ptr<pg_conn, PgConnDeleter>;

  Connection(PgConn conn, const Observer& observer, Schema schema)
      : conn_(std::move(conn)),
        observer_(observer),
        schema_(std::move(schema)),
        fence_(FenceOf(schema_)) {}

  Statement<int32_t()> SchemaLook() const { return {"pg.schema_newer", fence_}; }
  absl::Status Prepare(const AnyStatement& statement);
  absl::Status EnterPipeline();
  absl::Status SendText(const std::string& sql);
  absl::StatusOr<std::vector<Result>> Simple(const std::string& sql);
  absl::StatusOr<Result> Next();
  absl::StatusOr<std::vector<Result>> Collect();
  absl::Status Flush();
  absl::Status ErrorOf(const Result& result);
  absl::Status Lost(absl::string_view why);

  const PgConn conn_;
  const Observer& observer_;
  const Schema schema_;
  const std::string fence_;
  absl::flat_hash_map<std::string, std::string> prepared_;  // Name → text.
  struct Underway {
    absl::string_view statement;
    absl::Time since;
  };
  std::vector<Underway> underway_;                // Sent, and not waited for.
  std::vector<absl::StatusOr<Result>> arrived_;   // By number; of the transaction under way.
  std::optional<size_t> fenced_;                  // The number of its look at the schema,
  absl::Status newer_;                            // and what it saw there.
  absl::Time deadline_ = absl::InfiniteFuture();  // Of the transaction under way.
  bool broken_ = false;
};

}  // namespace smederij::pg
