// Opening a connection: own deadline per host, which libpq's asynchronous connect does not have.
#include <libpq-fe.h>
#include <poll.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/status_macros.h"
#include "common/pg/connection.h"
#include "common/pg/poll.h"
#include "common/pg/sqlstate.h"

namespace smederij::pg {
namespace {

struct Parameter {
  std::string keyword, value;
};

absl::StatusOr<std::vector<Parameter>> Parse(const std::string& conninfo) {
  char* message = nullptr;
  PQconninfoOption* options = PQconninfoParse(conninfo.c_str(), &message);
  if (options == nullptr) {
    const std::string why = message == nullptr ? "out of memory" : message;
    PQfreemem(message);
    return absl::InvalidArgumentError(absl::StrCat("not a libpq connection string: ", why));
  }
  std::vector<Parameter> parameters;
  for (const PQconninfoOption* o = options; o->keyword != nullptr; ++o) {
    if (o->val != nullptr) parameters.push_back({o->keyword, o->val});
  }
  PQconninfoFree(options);
  return parameters;
}

bool IsPerHost(absl::string_view keyword) {
  return keyword == "host" || keyword == "hostaddr" || keyword == "port";
}

size_t HostCount(const std::vector<Parameter>& parameters) {
  size_t count = 1;
  for (const Parameter& p : parameters) {
    if (p.keyword != "host" && p.keyword != "hostaddr") continue;
    count = std::max(count, std::vector<std::string>(absl::StrSplit(p.value, ',')).size());
  }
  return count;
}

// The parameters with the n-th host alone; a list of one port serves all hosts, as in libpq.
std::vector<Parameter> ForHost(const std::vector<Parameter>& parameters, size_t n) {
  std::vector<Parameter> one;
  for (const Parameter& p : parameters) {
    if (!IsPerHost(p.keyword)) {
      one.push_back(p);
      continue;
    }
    const std::vector<std::string> list = absl::StrSplit(p.value, ',');
    one.push_back({p.keyword, list.size() == 1 ? list[0] : n < list.size() ? list[n] : ""});
  }
  one.push_back({"client_encoding", "UTF8"});
  one.push_back({"fallback_application_name", "smederij"});
  return one;
}

pg_conn* Start(const std::vector<Parameter>& parameters) {
  std::vector<const char*> keywords, values;
  for (const Parameter& p : parameters) {
    keywords.push_back(p.keyword.c_str());
    values.push_back(p.value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  return PQconnectStartParams(keywords.data(), values.data(), /*expand_dbname=*/0);
}

absl::Status Finish(pg_conn* conn, absl::Time deadline) {
  if (conn == nullptr) return DatabaseUnavailable("out of memory");
  // As if PQconnectPoll had last said that it wants to write.
  for (PostgresPollingStatusType next = PGRES_POLLING_WRITING; next != PGRES_POLLING_OK;) {
    if (next == PGRES_POLLING_FAILED || PQstatus(conn) == CONNECTION_BAD) {
      return DatabaseUnavailable(PQerrorMessage(conn));
    }
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (PollUntil(PQsocket(conn), events, deadline) == 0) {
      return DatabaseUnavailable("the server did not answer in time while connecting");
    }
    next = PQconnectPoll(conn);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& conninfo,
                                                             absl::Duration per_host,
                                                             absl::Time deadline,
                                                             const Observer& observer,
                                                             Schema schema) {
  ASSIGN_OR_RETURN(const std::vector<Parameter> parameters, Parse(conninfo));
  absl::Status status;
  const size_t hosts = HostCount(parameters);
  for (size_t host = 0; host < hosts; ++host) {
    PgConn conn(Start(ForHost(parameters, host)));
    status = Finish(conn.get(), std::min(deadline, absl::Now() + per_host));
    if (!status.ok()) continue;
    if (PQsetnonblocking(conn.get(), 1) != 0) return DatabaseUnavailable("no non-blocking mode");
    // The server's notices would go to stderr, between the lines of our log.
    PQsetNoticeReceiver(
        conn.get(), [](void*, const PGresult*) {}, nullptr);
    return std::unique_ptr<Connection>(
        new Connection(std::move(conn), observer, std::move(schema)));
  }
  return status;
}

}  // namespace smederij::pg
