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
// See TxOptions::by_key. What is left is a nested loop over an index; a table of one row is walked
// all the same, at a price that would otherwise look worth compiling for.
constexpr Statement<std::tuple<std::string, std::string, std::string, std::string, std::string>()>
    kByKey{"pg.by_key", R"sql(
  SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
         set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true),
         set_config('plan_cache_mode', 'force_generic_plan', true))sql"};
constexpr Statement<bool(int64_t)> kShareLock{
    "pg.share_migration_lock", "SELECT pg_advisory_xact_lock_shared($1) IS NOT NULL"};

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

// The next result, or null where libpq ends a statement with one.
absl::StatusOr<Result> Connection::Next() {
  while (PQisBusy(conn_.get()) != 0) {
    if (PollUntil(PQsocket(conn_.get()), POLLIN, deadline_) == 0) {
      broken_ = true;
      return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                   "the database did not answer in time");
    }
    if (PQconsumeInput(conn_.get()) == 0) return Lost(PQerrorMessage(conn_.get()));
  }
  return Result(PQgetResult(conn_.get()));
}

absl::StatusOr<std::vector<Result>> Connection::Collect() {
  RETURN_IF_ERROR(Flush());
  std::vector<Result> results;
  for (;;) {
    ASSIGN_OR_RETURN(Result result, Next());
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
  RETURN_IF_ERROR(Wait());
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
  arrived_.clear();
  // 0 is "no limit", so the last fraction of a millisecond counts as one. A day is limit enough.
  const int64_t timeout =
      absl::ToInt64Milliseconds(std::clamp(left, absl::Milliseconds(1), absl::Hours(24)));
  newer_ = absl::OkStatus();
  fenced_.reset();
  RETURN_IF_ERROR(SendText(absl::StrCat("BEGIN ISOLATION LEVEL ", Name(options.isolation),
                                        options.read_only ? " READ ONLY" : "")));
  RETURN_IF_ERROR(SendText(absl::StrCat("SET LOCAL statement_timeout = ", timeout)));
  if (options.by_key) {
    // It is a query and so fixes the snapshot, which in READ COMMITTED is nobody's but its own.
    CHECK(options.isolation == Isolation::kReadCommitted);
    RETURN_IF_ERROR(Send(kByKey, Arguments::Of<>()).status());
  }
  if (options.read_only || fence_.empty()) return absl::OkStatus();
  // Two statements: of one, the snapshot would be older than the lock it waits for.
  RETURN_IF_ERROR(Send(kShareLock, Arguments::Of<int64_t>(kMigrationLock)).status());
  ASSIGN_OR_RETURN(fenced_, Send(SchemaLook(), Arguments::Of<>()));
  return absl::OkStatus();
}

absl::Status Connection::Commit() {
  deadline_ = std::max(deadline_, absl::Now() + kEndTime);
  if (absl::Status failure = Wait(); !failure.ok()) return Rollback(std::move(failure));
  if (!newer_.ok()) return Rollback(newer_);
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
  deadline_ = std::max(deadline_, absl::Now() + kEndTime);
  static_cast<void>(Wait());  // What failed there is taken back with all the rest.
  if (broken_) return why;
  if (!Simple("ROLLBACK").ok()) broken_ = true;
  return why;
}

absl::Status Connection::Prepare(const AnyStatement& statement) {
  const auto known = prepared_.find(std::string(statement.name));
  if (known != prepared_.end()) {
    if (absl::string_view(known->second) == statement.text) return absl::OkStatus();
    return absl::InternalError(absl::StrCat("two statements are named ", statement.name));
  }
  RETURN_IF_ERROR(Wait());
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

absl::Status Connection::EnterPipeline() {
  if (broken_) return DatabaseUnavailable("the connection was lost");
  if (!underway_.empty() || PQenterPipelineMode(conn_.get()) == 1) return absl::OkStatus();
  return Lost(PQerrorMessage(conn_.get()));
}

absl::Status Connection::SendText(const std::string& sql) {
  RETURN_IF_ERROR(EnterPipeline());
  if (PQsendQueryParams(conn_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0) {
    return Lost(PQerrorMessage(conn_.get()));
  }
  underway_.push_back({"", absl::Now()});
  return absl::OkStatus();
}

absl::StatusOr<size_t> Connection::Send(const AnyStatement& statement, const Arguments& arguments) {
  RETURN_IF_ERROR(newer_);
  RETURN_IF_ERROR(Prepare(statement));
  RETURN_IF_ERROR(EnterPipeline());
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
  underway_.push_back({statement.name, absl::Now()});
  return arrived_.size() + underway_.size() - 1;
}

absl::Status Connection::Wait() {
  if (underway_.empty()) return absl::OkStatus();
  if (broken_) return DatabaseUnavailable("the connection was lost");
  const std::vector<Underway> underway = std::move(underway_);
  underway_.clear();
  if (PQpipelineSync(conn_.get()) == 0) return Lost(PQerrorMessage(conn_.get()));
  RETURN_IF_ERROR(Flush());
  absl::Status failure;
  for (const Underway& sent : underway) {
    ASSIGN_OR_RETURN(Result result, Next());
    if (result == nullptr) return Lost("no result");
    ASSIGN_OR_RETURN(const Result end, Next());
    if (end != nullptr) return Lost("more than one result");
    const bool skipped = PQresultStatus(result.get()) == PGRES_PIPELINE_ABORTED;
    if (observer_.statement && !sent.statement.empty() && !skipped) {
      observer_.statement(sent.statement, absl::Now() - sent.since);
    }
    if (failure.ok() && Failed(result)) failure = ErrorOf(result);
    if (broken_) return failure;
    if (failure.ok() && fenced_ == arrived_.size() && RowCount(result) > 0) {
      failure = newer_ = SchemaNewer(schema_, Columns(result, 0).Next<int32_t>());
    }
    if (failure.ok()) {
      arrived_.emplace_back(std::move(result));
    } else {
      arrived_.emplace_back(failure);
    }
  }
  ASSIGN_OR_RETURN(const Result sync, Next());
  if (PQresultStatus(sync.get()) != PGRES_PIPELINE_SYNC || PQexitPipelineMode(conn_.get()) == 0) {
    return Lost("the pipeline did not end");
  }
  return failure;
}

absl::StatusOr<Result> Connection::Take(size_t sent) {
  RETURN_IF_ERROR(Wait());  // Also when what failed is another's: the transaction is lost.
  if (sent >= arrived_.size()) return DatabaseUnavailable("the connection was lost");
  absl::StatusOr<Result> result = std::move(arrived_[sent]);
  // Of a long transaction nothing stays that was taken in order.
  if (sent + 1 == arrived_.size()) arrived_.pop_back();
  return result;
}

absl::Status Connection::Script(const std::string& sql) { return Simple(sql).status(); }

absl::Status Connection::Check(const AnyStatement& statement) {
  RETURN_IF_ERROR(Prepare(statement));
  RETURN_IF_ERROR(Wait());
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

absl::Status Connection::CheckSchema() {
  if (fence_.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const size_t sent, Send(SchemaLook(), Arguments::Of<>()));
  ASSIGN_OR_RETURN(const Result result, Take(sent));
  if (RowCount(result) == 0) return absl::OkStatus();
  return SchemaNewer(schema_, Columns(result, 0).Next<int32_t>());
}

bool Connection::Reusable() {
  if (broken_ || PQstatus(conn_.get()) == CONNECTION_BAD) return false;
  if (PQtransactionStatus(conn_.get()) != PQTRANS_IDLE) return false;
  return PollUntil(PQsocket(conn_.get()), POLLIN, absl::InfinitePast()) == 0;
}

}  // namespace smederij::pg
