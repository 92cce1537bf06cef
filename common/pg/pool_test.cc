#include "common/pg/pool.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/pg/test_schema.h"
#include "common/pg/transact.h"
#include "common/testing/pg_database.h"

namespace smederij::pg {
namespace {

using testing::PgCluster;
using testing::PgDatabase;

constexpr Statement<int32_t()> kPid{"test.pid", "SELECT pg_backend_pid()"};
constexpr Statement<void(std::string)> kSleep{"test.sleep", "SELECT pg_sleep($1::float8)"};

TxOptions In(absl::Duration left) { return {.deadline = absl::Now() + left}; }

int32_t PidOf(Pool& pool) {
  const auto body = [](Tx& tx) { return tx.One(kPid); };
  return *Transact(pool, In(absl::Seconds(20)), body);
}

TEST(Pool, ReusesConnectionsAndBoundsThem) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 2});
  const int32_t pid = PidOf(pool);
  EXPECT_EQ(PidOf(pool), pid);
  const absl::Time soon = absl::Now() + absl::Seconds(5);
  auto first = std::make_unique<Lease>(*pool.Acquire(soon));
  const Lease second = *pool.Acquire(soon);
  const absl::Time start = absl::Now();
  const auto third = pool.Acquire(start + absl::Milliseconds(100));
  EXPECT_EQ(third.status().code(), kResourceExhausted);
  EXPECT_EQ(ReasonOf(third.status()), "DATABASE_BUSY");
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(100));
  // A waiter gets what comes free.
  std::thread giver([&] { first.reset(); });
  EXPECT_TRUE(pool.Acquire(absl::Now() + absl::Seconds(20)).ok());
  giver.join();
}

TEST(Pool, AServerSideTimeoutKeepsTheConnection) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 1});
  const int32_t pid = PidOf(pool);
  const auto sleep = [](Tx& tx) { return tx.Exec(kSleep, "30"); };
  const absl::Time start = absl::Now();
  const absl::Status status = Transact(pool, In(absl::Milliseconds(200)), sleep);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_EQ(SqlStateOf(status), "57014");
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  EXPECT_EQ(PidOf(pool), pid);
}

TEST(Pool, APassedDeadlineReachesNoServer) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 1});
  PidOf(pool);
  bool ran = false;
  const auto body = [&](Tx&) {
    ran = true;
    return absl::OkStatus();
  };
  EXPECT_EQ(ReasonOf(Transact(pool, {}, body)), "DEADLINE_EXCEEDED");
  EXPECT_FALSE(ran);
}

// A backend that is frozen answers no timeout and closes no socket.
TEST(Pool, AFrozenServerDoesNotHoldACallPastItsDeadline) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 1});
  const int32_t pid = PidOf(pool);
  ASSERT_EQ(kill(pid, SIGSTOP), 0);
  const auto body = [](Tx& tx) { return tx.One(kPid).status(); };
  const absl::Time start = absl::Now();
  const absl::Status status = Transact(pool, In(absl::Milliseconds(300)), body);
  const absl::Duration took = absl::Now() - start;
  kill(pid, SIGCONT);
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  EXPECT_GE(took, absl::Milliseconds(300));
  EXPECT_LT(took, absl::Milliseconds(1500));
  EXPECT_NE(PidOf(pool), pid);  // The connection left the pool.
}

TEST(Pool, AServerFrozenInCommitMakesTheOutcomeUnknown) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 1});
  int32_t pid = 0;
  const auto body = [&](Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(pid, tx.One(kPid));
    kill(pid, SIGSTOP);
    return absl::OkStatus();
  };
  const absl::Status status = Transact(pool, In(absl::Milliseconds(300)), body);
  kill(pid, SIGCONT);
  EXPECT_EQ(status.code(), kUnavailable);
  EXPECT_TRUE(IsOutcomeUnknown(status)) << status;
}

TEST(Pool, AConnectionLostInTheBodyIsUnavailableAndNotUnknown) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 1});
  const auto body = [&](Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const int32_t pid, tx.One(kPid));
    kill(pid, SIGTERM);
    return tx.Exec(kSleep, "30");
  };
  const absl::Status status = Transact(pool, In(absl::Seconds(10)), body);
  EXPECT_EQ(ReasonOf(status), "DATABASE_UNAVAILABLE") << status;
  EXPECT_NE(PidOf(pool), 0);
}

TEST(Pool, AConnectionLostInCommitMakesTheOutcomeUnknown) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 1});
  const auto body = [&](Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const int32_t pid, tx.One(kPid));
    kill(pid, SIGTERM);
    while (kill(pid, 0) == 0) std::this_thread::yield();
    return absl::OkStatus();
  };
  EXPECT_TRUE(IsOutcomeUnknown(Transact(pool, In(absl::Seconds(10)), body)));
}

TEST(Pool, HealsWhenTheServerComesBack) {
  PgCluster cluster;
  const PgDatabase database(TestMigrations(), cluster);
  Pool pool({.conninfo = database.app(), .size = 4, .connect_timeout = absl::Seconds(2)});
  std::vector<Lease> open;  // Fill the pool with connections that are about to die.
  for (int i = 0; i < 4; ++i) open.push_back(*pool.Acquire(absl::Now() + absl::Seconds(5)));
  open.clear();
  EXPECT_TRUE(pool.Ping(absl::Now() + absl::Seconds(5)).ok());
  cluster.StopAtOnce();
  for (int i = 0; i < 50; ++i) {
    const absl::Time start = absl::Now();
    const absl::Status status = pool.Ping(start + absl::Seconds(5));
    EXPECT_EQ(ReasonOf(status), "DATABASE_UNAVAILABLE");
    EXPECT_LT(absl::Now() - start, absl::Seconds(1));
  }
  cluster.Start();
  const absl::Time end = absl::Now() + absl::Seconds(20);
  absl::Status status;
  while (!(status = pool.Ping(end)).ok() && absl::Now() < end)
    absl::SleepFor(absl::Milliseconds(5));
  EXPECT_TRUE(status.ok()) << status;
  // Not one call fails after the first success.
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) callers.emplace_back([&] { EXPECT_GT(PidOf(pool), 0); });
  for (std::thread& caller : callers) caller.join();
}

TEST(Pool, ARestartBetweenCallsIsNotNoticed) {
  PgCluster cluster;
  const PgDatabase database(TestMigrations(), cluster);
  Pool pool({.conninfo = database.app(), .size = 4});
  EXPECT_GT(PidOf(pool), 0);
  cluster.Stop();
  cluster.Start();
  EXPECT_GT(PidOf(pool), 0);
}

TEST(Pool, TriesTheHostsInOrder) {
  const PgDatabase database(TestMigrations());
  std::string conninfo = database.app();
  const size_t at = conninfo.find("host=") + 5;
  conninfo.insert(at, "/nonexistent,");
  Pool pool({.conninfo = conninfo, .size = 1});
  EXPECT_GT(PidOf(pool), 0);
}

TEST(Pool, AnUnreadableConnectionStringIsToldApart) {
  Pool pool({.conninfo = "host"});
  EXPECT_EQ(pool.Ping(absl::Now() + absl::Seconds(1)).code(), kInvalidArgument);
}

TEST(Pool, TellsItsObserver) {
  const PgDatabase database(TestMigrations());
  std::atomic<int> statements = 0, waits = 0;
  Pool pool({.conninfo = database.app(),
             .observer = {.statement =
                              [&](absl::string_view name, absl::Duration took) {
                                EXPECT_EQ(name, "test.pid");
                                EXPECT_GT(took, absl::ZeroDuration());
                                ++statements;
                              },
                          .wait = [&](absl::Duration) { ++waits; }}});
  PidOf(pool);
  PidOf(pool);
  EXPECT_EQ(statements, 2);
  EXPECT_EQ(waits, 2);
}

}  // namespace
}  // namespace smederij::pg
