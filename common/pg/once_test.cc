#include "common/pg/once.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/pg/test_schema.h"
#include "common/testing/pg_database.h"

namespace smederij::pg {
namespace {

using testing::PgDatabase;

// As much of a protobuf message as Once asks for.
struct Reply {
  std::string text;
  std::string SerializeAsString() const { return text; }
  bool ParseFromString(const std::string& bytes) {
    text = bytes;
    return true;
  }
};

constexpr Statement<int64_t(int64_t)> kTake{
    "test.take",
    "UPDATE sample.counter SET value = value - $1 WHERE id = 1 AND value >= $1 RETURNING value"};
constexpr Statement<int64_t()> kLeft{"test.left", "SELECT value FROM sample.counter WHERE id = 1"};

TxOptions Soon() { return {.deadline = absl::Now() + absl::Seconds(30)}; }

OnceKey Key(RequestId id) {
  OnceKey key{.request_id = id, .method = "Take", .caller = {}, .request_hash = {}};
  key.request_hash.fill(9);
  return key;
}

// Takes `amount` from the counter, once per key.
absl::StatusOr<Answered<Reply>> Take(Pool& pool, const OnceKey& key, int64_t amount) {
  static const Once* const once = new Once("sample");
  const auto run = [&](Tx& tx) {
    const auto body = [&]() -> absl::StatusOr<Reply> {
      ASSIGN_OR_RETURN(const std::optional<int64_t> left, tx.Maybe(kTake, amount));
      if (!left) return Error(kFailedPrecondition, "NOTHING_LEFT", "nothing left");
      return Reply{absl::StrCat("left ", *left)};
    };
    return once->Run<Reply>(tx, key, body);
  };
  return Transact(pool, Soon(), run);
}

int64_t Left(Pool& pool) {
  const auto read = [](Tx& tx) { return tx.One(kLeft); };
  return *Transact(pool, Soon(), read);
}

void Fill(const PgDatabase& database, int64_t value) {
  ASSERT_TRUE(
      database.Sql(absl::StrCat("UPDATE sample.counter SET value = ", value, " WHERE id = 1"))
          .ok());
}

TEST(Once, ARepeatGetsTheFirstAnswer) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Fill(database, 10);
  const OnceKey key = Key(RequestId::Random());
  const auto first = Take(pool, key, 6), second = Take(pool, key, 6);
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_FALSE(first->replayed);
  EXPECT_TRUE(second->replayed);
  EXPECT_EQ(first->message.text, "left 4");
  EXPECT_EQ(second->message.text, "left 4");  // Though 6 more could not be taken.
  EXPECT_EQ(Left(pool), 4);
}

TEST(Once, AnIdUsedForSomethingElseIsRefusedBeforeTheBodyRuns) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Fill(database, 10);
  const OnceKey key = Key(RequestId::Random());
  ASSERT_TRUE(Take(pool, key, 10).ok());
  OnceKey other_hash = key, other_method = key, other_caller = key;
  other_hash.request_hash[31] = 1;
  other_method.method = "Give";
  other_caller.caller = SubjectId::Random();
  for (const OnceKey& other : {other_hash, other_method, other_caller}) {
    const absl::Status status = Take(pool, other, 5).status();
    EXPECT_EQ(status.code(), kAlreadyExists);
    EXPECT_EQ(ReasonOf(status), "REQUEST_ID_REUSED");  // And not NOTHING_LEFT.
  }
}

TEST(Once, ARefusalLeavesTheIdFree) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  const OnceKey key = Key(RequestId::Random());
  EXPECT_EQ(ReasonOf(Take(pool, key, 3).status()), "NOTHING_LEFT");
  Fill(database, 3);
  const auto again = Take(pool, key, 3);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->replayed);
}

// Each request is sent by eight threads at once and there is exactly enough for all: a copy that
// did not wait for the first would find nothing left, or take twice.
TEST(Once, RacingCopiesHaveOneEffectAndOneAnswer) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app(), .size = 16});
  constexpr int kRequests = 100, kCopies = 16;
  Fill(database, kRequests);
  std::vector<RequestId> ids;
  for (int i = 0; i < kRequests; ++i) ids.push_back(RequestId::Random());
  std::vector<std::vector<std::string>> answers(kCopies, std::vector<std::string>(kRequests));
  std::atomic<int> originals = 0;
  std::vector<std::thread> copies;
  for (size_t copy = 0; copy < kCopies; ++copy) {
    copies.emplace_back([&, copy] {
      for (size_t i = 0; i < kRequests; ++i) {
        const auto answer = Take(pool, Key(ids[i]), 1);
        ASSERT_TRUE(answer.ok()) << answer.status();
        answers[copy][i] = answer->message.text;
        if (!answer->replayed) ++originals;
      }
    });
  }
  for (std::thread& copy : copies) copy.join();
  EXPECT_EQ(originals, kRequests);
  EXPECT_EQ(Left(pool), 0);
  for (const auto& each : answers) EXPECT_EQ(each, answers[0]);
}

}  // namespace
}  // namespace smederij::pg
