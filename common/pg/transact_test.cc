#include "common/pg/transact.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/pg/now.h"
#include "common/pg/test_schema.h"
#include "common/testing/pg_database.h"

namespace smederij::pg {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PgDatabase;

TxOptions Soon() { return {.deadline = absl::Now() + absl::Seconds(20)}; }

constexpr Statement<void(int32_t, int64_t)> kInsert{"test.insert",
                                                    "INSERT INTO sample.counter VALUES ($1, $2)"};
constexpr Statement<void(int32_t, int64_t)> kAdd{
    "test.add", "UPDATE sample.counter SET value = value + $2 WHERE id = $1"};
constexpr Statement<int64_t(int32_t)> kValue{"test.value",
                                             "SELECT value FROM sample.counter WHERE id = $1"};
constexpr Statement<void(int32_t)> kLate{"test.late", "INSERT INTO sample.late VALUES ($1)"};

int64_t ValueOf(Pool& pool, int32_t id) {
  const auto read = [&](Tx& tx) { return tx.One(kValue, id); };
  return *Transact(pool, Soon(), read);
}

TEST(Transact, EveryCodecMeetsTheServer) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  using Everything =
      std::tuple<bool, int16_t, int32_t, int64_t, std::string, Bytes, std::optional<std::string>,
                 std::optional<int64_t>, absl::Time, absl::CivilDay, Uuid, RoundId, Money,
                 std::vector<int64_t>, std::vector<Bytes>, std::vector<std::optional<std::string>>,
                 std::vector<absl::Time>, std::array<uint8_t, 4>>;
  constexpr Statement<Everything(bool, int16_t, int32_t, int64_t, std::string, Bytes,
                                 std::optional<std::string>, std::optional<int64_t>, absl::Time,
                                 absl::CivilDay, Uuid, RoundId, Money, std::vector<int64_t>,
                                 std::vector<Bytes>, std::vector<std::optional<std::string>>,
                                 std::vector<absl::Time>, std::array<uint8_t, 4>)>
      echo{
          "test.echo",
          "SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18"};
  const Everything sent{true,
                        int16_t{-3},
                        70000,
                        int64_t{1} << 40,
                        "brûlée 't",
                        Bytes(std::string("\0\xff", 2)),
                        std::nullopt,
                        5,
                        absl::FromUnixMicros(1'761'354'000'123'456),
                        absl::CivilDay(2028, 2, 29),
                        Uuid::Random(),
                        RoundId::Random(),
                        Money::Cents(-1),
                        {1, 2},
                        {Bytes(std::string("a\0", 2)), Bytes()},
                        {"x", std::nullopt},
                        {},
                        {1, 2, 3, 4}};
  const auto run = [&](Tx& tx) {
    return std::apply([&](const auto&... each) { return tx.One(echo, each...); }, sent);
  };
  const auto got = Transact(pool, Soon(), run);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(*got, sent);
}

TEST(Transact, CommitsWhenTheBodyIsOkAndRollsBackWhenNot) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const auto add = [](Tx& tx) { return tx.Exec(kAdd, 1, 5); };
  ASSERT_TRUE(Transact(pool, Soon(), add).ok());
  const auto refuse = [](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Exec(kAdd, 1, 70));
    return Error(kFailedPrecondition, "NO", "no");
  };
  EXPECT_EQ(ReasonOf(Transact(pool, Soon(), refuse)), "NO");
  EXPECT_EQ(ValueOf(pool, 1), 5);
}

TEST(Transact, ViolationsNameTheirConstraint) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const auto twice = [](Tx& tx) { return tx.Exec(kInsert, 1, 5); };
  const absl::Status duplicate = Transact(pool, Soon(), twice);
  EXPECT_TRUE(Violates(duplicate, "counter_pkey")) << duplicate;
  EXPECT_EQ(duplicate.code(), kAlreadyExists);
  EXPECT_EQ(ReasonOf(duplicate), "");  // Nobody claimed it.
  const auto negative = [](Tx& tx) { return tx.Exec(kAdd, 1, -1); };
  const absl::Status check = Transact(pool, Soon(), negative);
  EXPECT_TRUE(Violates(check, "counter_not_negative")) << check;
  EXPECT_FALSE(Violates(check, "counter_pkey"));
  EXPECT_FALSE(Violates(absl::OkStatus(), ""));
}

TEST(Transact, ADeferredViolationComesOutOfCommitAsItself) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const auto twice = [](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Exec(kLate, 1));
    return tx.Exec(kLate, 1);
  };
  const absl::Status status = Transact(pool, Soon(), twice);
  EXPECT_TRUE(Violates(status, "late_unique")) << status;
  EXPECT_EQ(ValueOf(pool, 1), 0);  // The connection is fit for use.
}

// PostgreSQL answers the COMMIT of a failed transaction with success, tag ROLLBACK.
TEST(Transact, ABodyThatSwallowsAFailureIsNotCommitted) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const auto careless = [](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Exec(kAdd, 1, 5));
    (void)tx.Exec(kInsert, 1, 5);
    return absl::OkStatus();
  };
  const absl::Status status = Transact(pool, Soon(), careless);
  EXPECT_EQ(status.code(), kInternal);
  EXPECT_THAT(status.message(), HasSubstr("COMMIT of a transaction"));
  EXPECT_EQ(ValueOf(pool, 1), 0);
}

TEST(Transact, WhatIsAskedTogetherIsAnsweredInAnyOrder) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const auto body = [](Tx& tx) -> absl::StatusOr<std::vector<int64_t>> {
    auto before = tx.Ask(kValue, 1);
    RETURN_IF_ERROR(tx.Later(kAdd, 1, 5));
    auto after = tx.Ask(kValue, 1);
    auto none = tx.Ask(kValue, 99);
    ASSIGN_OR_RETURN(const int64_t last, after.One());
    ASSIGN_OR_RETURN(const int64_t first, before.One());
    ASSIGN_OR_RETURN(const auto missing, none.Maybe());
    EXPECT_FALSE(missing.has_value());
    RETURN_IF_ERROR(tx.Later(kAdd, 1, 2));  // Nobody waits for it but the commit.
    return std::vector<int64_t>{first, last};
  };
  const auto seen = Transact(pool, Soon(), body);
  ASSERT_TRUE(seen.ok()) << seen.status();
  EXPECT_THAT(*seen, ElementsAre(0, 5));
  EXPECT_EQ(ValueOf(pool, 1), 7);
}

TEST(Transact, WhatFailsLaterIsToldByWhoeverWaitsNext) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const auto by_the_commit = [](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Exec(kAdd, 1, 5));
    return tx.Later(kAdd, 1, -6);
  };
  const absl::Status commit = Transact(pool, Soon(), by_the_commit);
  EXPECT_TRUE(Violates(commit, "counter_not_negative")) << commit;
  const auto by_a_question = [](Tx& tx) -> absl::Status {
    auto before = tx.Ask(kValue, 1);
    RETURN_IF_ERROR(tx.Later(kAdd, 1, -6));
    auto after = tx.Ask(kValue, 1);
    EXPECT_TRUE(Violates(before.One().status(), "counter_not_negative"));
    return after.One().status();
  };
  const absl::Status question = Transact(pool, Soon(), by_a_question);
  EXPECT_TRUE(Violates(question, "counter_not_negative")) << question;
  const auto turned_down = [](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.Later(kAdd, 1, -6));
    return Error(kFailedPrecondition, "NO", "no");
  };
  EXPECT_EQ(ReasonOf(Transact(pool, Soon(), turned_down)), "NO");
  EXPECT_EQ(ValueOf(pool, 1), 0);  // And the connection is fit for use after each of them.
}

TEST(Transact, ByKeyNoTableIsWalked) {
  const PgDatabase database(TestMigrations());
  const auto analyzed = database.Sql("INSERT INTO sample.item VALUES ('a', 1, 1); ANALYZE");
  ASSERT_TRUE(analyzed.ok()) << analyzed;
  constexpr Statement<int64_t(std::vector<std::string>)> kFind{"test.find", R"sql(
    SELECT count(*) FROM unnest($1) AS wanted (key) JOIN sample.item USING (key))sql"};
  constexpr Statement<int64_t()> kWalks{"test.walks", R"sql(
    SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'item')sql"};
  const auto walks = [&](const PgDatabase& on, bool by_key) {
    Pool pool({.conninfo = on.app(), .size = 1});  // Plans are kept by the connection.
    TxOptions options = Soon();
    options.by_key = by_key;
    const auto find = [&](Tx& tx) -> absl::StatusOr<int64_t> {
      RETURN_IF_ERROR(tx.All(kFind, std::vector<std::string>{"a", "b"}).status());
      return tx.One(kWalks);
    };
    return *Transact(pool, options, find);
  };
  EXPECT_EQ(walks(database, true), 0);
  // What PostgreSQL does by itself with a table that was small when it looked.
  EXPECT_GT(walks(database, false), 0);
}

TEST(Transact, SerializationFailuresRunAgain) {
  const PgDatabase database(TestMigrations());
  std::atomic<int> reruns = 0;
  Pool pool(
      {.conninfo = database.app(), .size = 4, .observer = {.rerun = [&](absl::string_view reason) {
                                                EXPECT_EQ(reason, "serialization_failure");
                                                ++reruns;
                                              }}});
  // Two that both read before either writes: one of them must fail once.
  std::atomic<int> arrived = 0;
  const auto increment = [&] {
    int attempts = 0;
    const auto body = [&](Tx& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const int64_t value, tx.One(kValue, 1));
      if (++attempts == 1) {
        ++arrived;
        while (arrived < 2) std::this_thread::yield();
      }
      constexpr Statement<void(int32_t, int64_t)> set{
          "test.set", "UPDATE sample.counter SET value = $2 WHERE id = $1"};
      return tx.Exec(set, 1, value + 1);
    };
    TxOptions options = Soon();
    options.isolation = Isolation::kSerializable;
    EXPECT_TRUE(Transact(pool, options, body).ok());
  };
  std::thread other(increment);
  increment();
  other.join();
  EXPECT_EQ(ValueOf(pool, 1), 2);
  EXPECT_GE(reruns, 1);
}

TEST(Transact, DeadlocksRunAgain) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 2});
  std::atomic<int> arrived = 0;
  const auto cross = [&](int32_t first, int32_t second) {
    int attempts = 0;
    const auto body = [&](Tx& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.Exec(kAdd, first, 1));
      if (++attempts == 1) {
        ++arrived;
        while (arrived < 2) std::this_thread::yield();
      }
      return tx.Exec(kAdd, second, 1);
    };
    const absl::Status status = Transact(pool, Soon(), body);
    EXPECT_TRUE(status.ok()) << status;
  };
  std::thread other([&] { cross(2, 1); });
  cross(1, 2);
  other.join();
  EXPECT_EQ(ValueOf(pool, 1), 2);
  EXPECT_EQ(ValueOf(pool, 2), 2);
}

TEST(Transact, RerunsAreBoundedAndEndAsContention) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  int attempts = 0;
  const auto never = [&](Tx&) {
    ++attempts;
    return Rerun("test");
  };
  const absl::Status status = Transact(pool, Soon(), never);
  EXPECT_EQ(status.code(), kAborted);
  EXPECT_EQ(ReasonOf(status), "CONTENTION");
  EXPECT_FALSE(WantsRerun(status));
  EXPECT_EQ(attempts, 8);
}

TEST(Transact, AnAbortedOfTheDomainIsAnAnswer) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  int attempts = 0;
  const auto stale = [&](Tx&) -> absl::Status {
    ++attempts;
    return Error(kAborted, "STALE_ETAG", "stale");
  };
  EXPECT_EQ(ReasonOf(Transact(pool, Soon(), stale)), "STALE_ETAG");
  EXPECT_EQ(attempts, 1);
}

TEST(Transact, ADecodeThatDoesNotMatchItsStatementIsInternal) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const auto run = [&](auto statement) {
    const auto body = [&](Tx& tx) { return tx.All(statement).status(); };
    const absl::Status status = Transact(pool, Soon(), body);
    EXPECT_EQ(status.code(), kInternal) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(run(Statement<int64_t()>{"test.null", "SELECT NULL::bigint"}), HasSubstr("is NULL"));
  EXPECT_THAT(run(Statement<int64_t()>{"test.type", "SELECT 1::integer"}), HasSubstr("type oid"));
  EXPECT_THAT(run(Statement<int64_t()>{"test.more", "SELECT 1::bigint, 2"}),
              HasSubstr("2 columns"));
  EXPECT_THAT(run(Statement<std::tuple<bool, bool>()>{"test.less", "SELECT true"}),
              HasSubstr("missing"));
}

TEST(Transact, MaybeWantsAtMostOneRowAndOneExactlyOne) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  constexpr Statement<int64_t(int64_t)> series{"test.series",
                                               "SELECT n FROM generate_series(1, $1) AS n"};
  const auto body = [&](Tx& tx) -> absl::Status {
    EXPECT_EQ(*tx.Maybe(series, 0), std::nullopt);
    EXPECT_EQ(*tx.Maybe(series, 1), 1);
    EXPECT_EQ(tx.Maybe(series, 2).status().code(), kInternal);
    EXPECT_EQ(*tx.One(series, 1), 1);
    EXPECT_EQ(tx.One(series, 0).status().code(), kInternal);
    EXPECT_THAT(*tx.All(series, 3), ElementsAre(1, 2, 3));
    return absl::OkStatus();
  };
  EXPECT_TRUE(Transact(pool, Soon(), body).ok());
}

TEST(Transact, StatementsAreCheckedAgainstTheSchemaAllAtOnce) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  EXPECT_TRUE(CheckStatements(pool, soon, {{kInsert, kAdd, kValue}}).ok());
  const Statement<void(int32_t)> typo{"test.typo", "UPDATE sample.countr SET value = $1"};
  const Statement<void(int32_t)> arity{"test.arity", "SELECT $1::integer, $2::integer"};
  const absl::Status status = CheckStatements(pool, soon, {{typo, kAdd, arity}});
  EXPECT_THAT(status.message(), HasSubstr("test.typo"));
  EXPECT_THAT(status.message(), HasSubstr("test.arity has 2 parameters, declared are 1"));
}

TEST(Transact, TwoStatementsOfOneNameAreRefused) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 1});
  const auto body = [](Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.One(Statement<bool()>{"test.same", "SELECT true"}).status());
    return tx.One(Statement<bool()>{"test.same", "SELECT false"}).status();
  };
  EXPECT_THAT(Transact(pool, Soon(), body).message(), HasSubstr("two statements are named"));
}

TEST(Transact, ASchemaChangeUnderAPreparedStatementIsRunAgain) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 1});
  ASSERT_TRUE(database
                  .Sql("CREATE TABLE sample.wide (a integer); INSERT INTO sample.wide "
                       "VALUES (1); GRANT SELECT ON sample.wide TO sample_app")
                  .ok());
  const Statement<void()> star{"test.star", "SELECT * FROM sample.wide"};
  const auto read = [&](Tx& tx) { return tx.Exec(star); };
  ASSERT_TRUE(Transact(pool, Soon(), read).ok());
  ASSERT_TRUE(database.Sql("ALTER TABLE sample.wide ADD COLUMN b integer").ok());
  const absl::Status status = Transact(pool, Soon(), read);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(Now, IsTheDatabasesClockAndMovesWithinATransaction) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const auto body = [](Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const absl::Time first, Now(tx));
    ASSIGN_OR_RETURN(const absl::Time second, Now(tx));
    EXPECT_LT(first, second);
    EXPECT_LT(absl::AbsDuration(first - absl::Now()), absl::Seconds(2));
    return absl::OkStatus();
  };
  EXPECT_TRUE(Transact(pool, Soon(), body).ok());
  EXPECT_TRUE(CheckClock(pool, absl::Now() + absl::Seconds(5)).ok());
}

TEST(Now, ATimeZoneThatTheDatabaseDoesNotKnowIsNamed) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const absl::Time soon = absl::Now() + absl::Seconds(5);
  EXPECT_TRUE(CheckTimeZone(pool, "Europe/Amsterdam", soon).ok());
  const absl::Status status = CheckTimeZone(pool, "Europe/Atlantis", soon);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_EQ(ReasonOf(status), "NO_TIME_ZONE");
}

}  // namespace
}  // namespace smederij::pg
