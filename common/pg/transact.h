#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/status_macros.h"
#include "common/pg/columns.h"
#include "common/pg/connection.h"
#include "common/pg/pool.h"
#include "common/pg/sqlstate.h"
#include "common/pg/statement.h"

namespace smederij::pg {

class Tx;

// INTERNAL: a statement gave so many rows where one was meant.
absl::Status WrongCount(absl::string_view statement, size_t rows);

template <class Body>
requires std::invocable<Body&, Tx&> std::invoke_result_t<Body&, Tx&> Transact(
    Pool& pool, const TxOptions& options, Body body);

// Rows that were asked for, and may still be on their way. As long as its transaction.
template <class Row>
class Asked {
 public:
  // Waits for all that was asked for so far. Once.
  absl::StatusOr<std::vector<Row>> All() {
    RETURN_IF_ERROR(sent_.status());
    ASSIGN_OR_RETURN(const Result result, connection_->Take(*sent_));
    sent_ = absl::InternalError("the answer was taken already");
    std::vector<Row> rows;
    const int count = RowCount(result);
    rows.reserve(static_cast<size_t>(count));
    for (int i = 0; i < count; ++i) {
      Columns columns(result, i);
      rows.push_back(Decode(columns, As<Row>{}));
      RETURN_IF_ERROR(columns.Finish(statement_));
    }
    return rows;
  }

  // The row, or nullopt when there is none. More than one is INTERNAL.
  absl::StatusOr<std::optional<Row>> Maybe() {
    ASSIGN_OR_RETURN(std::vector<Row> rows, All());
    if (rows.size() > 1) return WrongCount(statement_, rows.size());
    if (rows.empty()) return std::optional<Row>();
    return std::optional<Row>(std::move(rows.front()));
  }

  // The one row; none or more than one is INTERNAL.
  absl::StatusOr<Row> One() {
    ASSIGN_OR_RETURN(std::vector<Row> rows, All());
    if (rows.size() != 1) return WrongCount(statement_, rows.size());
    return std::move(rows.front());
  }

 private:
  friend class Tx;
  Asked(Connection& connection, absl::string_view statement, absl::StatusOr<size_t> sent)
      : connection_(&connection), statement_(statement), sent_(std::move(sent)) {}

  Connection* connection_;
  absl::string_view statement_;
  absl::StatusOr<size_t> sent_;
};

// A transaction under way. Only Transact makes one: no SQL outside a transaction, no forgotten
// ROLLBACK. Parameters deduce from the statement alone: arguments convert to its types or do not
// compile. After a failed statement every other fails as well; return its status, translated.
class Tx {
 public:
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  // Sends the statement without waiting: what is asked before the first answer is looked at shares
  // one round trip, executed in the order of asking.
  template <class Row, class... P>
  Asked<Row> Ask(const Statement<Row(P...)>& statement, const Same<P>&... arguments) {
    return Asked<Row>(connection_, statement.name,
                      connection_.Send(statement, Arguments::Of<P...>(arguments...)));
  }
  // The same for one that gives no rows. Its failure is that of whatever waits next; at the latest
  // of the commit.
  template <class... P>
  absl::Status Later(const Statement<void(P...)>& statement, const Same<P>&... arguments) {
    return connection_.Send(statement, Arguments::Of<P...>(arguments...)).status();
  }

  // Ask and the answer at once.
  template <class Row, class... P>
  absl::StatusOr<std::vector<Row>> All(const Statement<Row(P...)>& statement,
                                       const Same<P>&... arguments) {
    return Ask(statement, arguments...).All();
  }
  template <class Row, class... P>
  absl::StatusOr<std::optional<Row>> Maybe(const Statement<Row(P...)>& statement,
                                           const Same<P>&... arguments) {
    return Ask(statement, arguments...).Maybe();
  }
  template <class Row, class... P>
  absl::StatusOr<Row> One(const Statement<Row(P...)>& statement, const Same<P>&... arguments) {
    return Ask(statement, arguments...).One();
  }

  // Its own failure, or that of what was sent before it.
  template <class... P>
  absl::Status Exec(const Statement<void(P...)>& statement, const Same<P>&... arguments) {
    ASSIGN_OR_RETURN(const size_t sent,
                     connection_.Send(statement, Arguments::Of<P...>(arguments...)));
    return connection_.Take(sent).status();
  }

  // Any number of statements without parameters, such as a migration.
  absl::Status Script(const std::string& sql) { return connection_.Script(sql); }

  // Prepares the statement, and refuses when its parameters are not the declared ones.
  absl::Status Check(const AnyStatement& statement) { return connection_.Check(statement); }

 private:
  template <class Body>
  requires std::invocable<Body&, Tx&>
  friend std::invoke_result_t<Body&, Tx&> TransactOnce(Pool& pool, const TxOptions& options,
                                                       Body& body);
  explicit Tx(Connection& connection) : connection_(connection) {}

  Connection& connection_;
};

// Jittered pauses between attempts, bounded in number and never past the deadline.
class Backoff {
 public:
  explicit Backoff(absl::Time deadline) : deadline_(deadline) {}
  // Sleeps, and says whether another attempt is worth it.
  bool Next();

 private:
  const absl::Time deadline_;
  int attempts_ = 1;
};

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <class T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// ABORTED CONTENTION: all attempts were lost to others; the call may be made again.
absl::Status Contention(const absl::Status& last);

template <class Body>
requires std::invocable<Body&, Tx&> std::invoke_result_t<Body&, Tx&> TransactOnce(
    Pool& pool, const TxOptions& options, Body& body) {
  ASSIGN_OR_RETURN(Lease connection, pool.Acquire(options.deadline));
  RETURN_IF_ERROR(connection->Begin(options));
  Tx tx(*connection);
  auto result = body(tx);
  RETURN_IF_ERROR(result.ok() ? connection->Commit() : connection->Rollback(StatusOf(result)));
  return result;
}

// Runs `body` (absl::Status or absl::StatusOr<T> of a Tx&) in one transaction and commits when it
// returns OK. Serialization failures, deadlocks and pg::Rerun run it again from the start, a
// bounded number of times: it touches only `tx` and locals, makes no RPC, reads the clock inside.
// Besides the body's own: DATABASE_BUSY, DATABASE_UNAVAILABLE, SCHEMA_NEWER (of one that may
// write), DEADLINE_EXCEEDED (nothing committed), OUTCOME_UNKNOWN (perhaps committed), CONTENTION.
template <class Body>
requires std::invocable<Body&, Tx&> std::invoke_result_t<Body&, Tx&> Transact(
    Pool& pool, const TxOptions& options, Body body) {
  for (Backoff backoff(options.deadline);;) {
    auto result = TransactOnce(pool, options, body);  // Lease returned: no sleep holds it.
    if (!WantsRerun(StatusOf(result))) return result;
    if (pool.observer().rerun) pool.observer().rerun(RerunReason(StatusOf(result)));
    if (!backoff.Next()) return Contention(StatusOf(result));
  }
}

// Prepares every statement on the schema as it is and compares the number of parameters: what a
// store's test calls with the list of its statements. Tells all mistakes, not just the first.
absl::Status CheckStatements(Pool& pool, absl::Time deadline,
                             absl::Span<const AnyStatement> statements);

}  // namespace smederij::pg
