#include "common/pg/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/pg/poll.h"
#include "common/pg/sqlstate.h"

namespace smederij::pg {
namespace {

// How long after the deadline we still listen: statement_timeout fires at the deadline itself, and
// hearing its error saves the connection.
constexpr absl::Duration kGrace = absl::Milliseconds(100);
// COMMIT and ROLLBACK get at least this long, so that a transaction that ends just in time is not
// turned into an unknown outcome by its own deadline.
constexpr absl::Duration kEndTime = absl::Milliseconds(500);

absl::string_view Name(Isolation isolation) {
  switch (isolation) {
    case Isolation::kReadCommitted:
      return "READ COMMITTED";
    case Isolation::kRepeatableRead:
      return "REPEATABLE READ";
    case Isolation::kSerializable:
      return "SERIALIZABLE";
  }
  CHECK(false);
}

absl::string_view Field(const Result& result, int field) {
  const char* text = PQresultErrorField(result.get(), field);
  return text == nullptr ? absl::string_view() : absl::string_view(text);
}

bool Failed(const Result& result) {
  const ExecStatusType status = PQresultStatus(result.get());
  return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY;
}

}  // namespace

void Connection::PgConnDeleter::operator()(pg_conn* conn) const { PQfinish(conn); }

absl::Status Connection::Lost(absl::string_view why) {
  broken_ = true;
  return DatabaseUnavailable(why);
}

absl::Status Connection::ErrorOf(const Result& result) {
  const absl::string_view sqlstate = Field(result, PG_DIAG_SQLSTATE);
  if (PQstatus(conn_.get()) == CONNECTION_BAD || sqlstate.empty()) {
    return Lost(PQresultErrorMessage(result.get()));
  }
  // The primary message alone: DETAIL quotes the values of the row.
  const absl::string_view message = Field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (sqlstate == "25006" || sqlstate == "26000") broken_ = true;  // See the table's comments.
  if (sqlstate == "0A000" && absl::StartsWith(message, "cached plan must not change")) {
    broken_ = true;  // The schema moved under a prepared statement: a new connection plans anew.
    return Rerun("cached_plan");
  }
  return SqlError(sqlstate, Field(result, PG_DIAG_CONSTRAINT_NAME), message);
}

absl::Status Connection::Flush() {
  for (;;) {
    const int left = PQflush(conn_.get());
    if (left < 0) return Lost(PQerrorMessage(conn_.get()));
    if (left == 0) return absl::OkStatus();
    const short ready = PollUntil(PQsocket(conn_.get()), POLLIN | POLLOUT, deadline_);
    if (ready == 0) return Lost("the server did not read in time");
    // Both sides may be full: reading is what lets the server go on reading.
    if ((ready & POLLIN) != 0 && PQconsumeInput(conn_.get()) == 0) {
      return Lost(PQerrorMessage(conn_.get()));
    }
  }
}

absl::StatusOr<std::vector<Result>> Connection::Collect() {
  RETURN_IF_ERROR(Flush());
  std::vector<Result> results;
  for (;;) {
    while (PQisBusy(conn_.get()) != 0) {
      if (PollUntil(PQsocket(conn_.get()), POLLIN, deadline_) == 0) {
        broken_ = true;
        return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                     "the database did not answer in time");
      }
      if (PQconsumeInput(conn_.get()) == 0) return Lost(PQerrorMessage(conn_.get()));
    }
    Result result(PQgetResult(conn_.get()));
    if (result == nullptr) break;
    if (Failed(result)) {
      absl::Status status = ErrorOf(result);
      if (broken_) return status;
      while (Result rest{PQgetResult(conn_.get())}) {
      }
      return status;
    }
    results.push_back(std::move(result));
  }
  if (results.empty()) return Lost("no result");
  return results;
}

absl::StatusOr<std::vector<Result>> Connection::Simple(const std::string& sql) {
  if (broken_) return DatabaseUnavailable("the connection was lost");
  if (PQsendQuery(conn_.get(), sql.c_str()) == 0) return Lost(PQerrorMessage(conn_.get()));
  return Collect();
}

absl::Status Connection::Begin(const TxOptions& options) {
  const absl::Duration left = options.deadline - absl::Now();
  if (left <= absl::ZeroDuration()) {
    return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                 "the deadline passed before the transaction began");
  }
  deadline_ = options.deadline + kGrace;
  // 0 is "no limit", so the last fraction of a millisecond counts as one. A day is limit enough.
  const int64_t timeout =
      absl::ToInt64Milliseconds(std::clamp(left, absl::Milliseconds(1), absl::Hours(24)));
  const bool fenced = !options.read_only && !fence_.empty();
  ASSIGN_OR_RETURN(
      const std::vector<Result> begun,
      Simple(absl::StrCat("BEGIN ISOLATION LEVEL ", Name(options.isolation),
                          options.read_only ? " READ ONLY" : "",
                          "; SET LOCAL statement_timeout = ", timeout, fenced ? fence_ : "")));
  if (!fenced || RowCount(begun.back()) == 0) return absl::OkStatus();
  return Rollback(SchemaNewer(schema_, PQgetvalue(begun.back().get(), 0, 0)));
}

absl::Status Connection::Commit() {
  deadline_ = std::max(deadline_, absl::Now() + kEndTime);
  const auto results = Simple("COMMIT");
  if (!results.ok()) {
    // Told off by the server, it was not committed; everything else may have been.
    const bool told = !broken_ && !SqlStateOf(results.status()).empty() &&
                      results.status().code() != kUnavailable;
    return told ? results.status() : OutcomeUnknown(results.status().message());
  }
  if (absl::string_view(PQcmdStatus(results->back().get())) != "COMMIT") {
    return absl::InternalError("COMMIT of a transaction in which a statement had failed");
  }
  return absl::OkStatus();
}

absl::Status Connection::Rollback(absl::Status why) {
  if (broken_) return why;
  deadline_ = std::max(deadline_, absl::Now() + kEndTime);
  if (!Simple("ROLLBACK").ok()) broken_ = true;
  return why;
}

absl::Status Connection::Prepare(const AnyStatement& statement) {
  const auto known = prepared_.find(std::string(statement.name));
  if (known != prepared_.end()) {
    if (absl::string_view(known->second) == statement.text) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("two statements are named ", statement.name));
  }
  if (broken_) return DatabaseUnavailable("the connection was lost");
  const std::string name(statement.name), text(statement.text);
  if (PQsendPrepare(conn_.get(), name.c_str(), text.c_str(),
                    static_cast<int>(statement.types.size()), statement.types.data()) == 0) {
    return Lost(PQerrorMessage(conn_.get()));
  }
  RETURN_IF_ERROR(Collect().status());
  prepared_.emplace(name, text);
  return absl::OkStatus();
}

absl::StatusOr<Result> Connection::Execute(const AnyStatement& statement,
                                           const Arguments& arguments) {
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(Prepare(statement));
  if (broken_) return DatabaseUnavailable("the connection was lost");
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (int i = 0; i < arguments.size(); ++i) {
    values.push_back(arguments.null(i) ? nullptr : arguments.bytes(i).data());
    lengths.push_back(static_cast<int>(arguments.bytes(i).size()));
  }
  const std::vector<int> formats(values.size(), 1);  // 1 is binary, both ways.
  const std::string name(statement.name);
  if (PQsendQueryPrepared(conn_.get(), name.c_str(), arguments.size(), values.data(),
                          lengths.data(), formats.data(), 1) == 0) {
    return Lost(PQerrorMessage(conn_.get()));
  }
  auto results = Collect();
  if (observer_.statement) observer_.statement(statement.name, absl::Now() - start);
  RETURN_IF_ERROR(results.status());
  return std::move(results->back());
}

absl::Status Connection::Script(const std::string& sql) { return Simple(sql).status(); }

absl::Status Connection::Check(const AnyStatement& statement) {
  RETURN_IF_ERROR(Prepare(statement));
  const std::string name(statement.name);
  if (PQsendDescribePrepared(conn_.get(), name.c_str()) == 0) {
    return Lost(PQerrorMessage(conn_.get()));
  }
  ASSIGN_OR_RETURN(const std::vector<Result> results, Collect());
  const pg_result* described = results.back().get();
  if (static_cast<size_t>(PQnparams(described)) != statement.types.size()) {
    return absl::InternalError(absl::StrCat(statement.name, " has ", PQnparams(described),
                                            " parameters, declared are ", statement.types.size()));
  }
  return absl::OkStatus();
}

bool Connection::Reusable() {
  if (broken_ || PQstatus(conn_.get()) == CONNECTION_BAD) return false;
  if (PQtransactionStatus(conn_.get()) != PQTRANS_IDLE) return false;
  return PollUntil(PQsocket(conn_.get()), POLLIN, absl::InfinitePast()) == 0;
}

}  // namespace smederij::pg
