#include "common/pg/group_committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"
#include "common/base/error.h"
#include "common/pg/test_schema.h"
#include "common/testing/pg_database.h"

namespace smederij::pg {
namespace {

using ::testing::Each;
using ::testing::Optional;
using testing::PgCluster;
using testing::PgDatabase;

struct Put {
  std::string key;
  int64_t amount = 0;
};
using Committer = GroupCommitter<Put, int64_t>;  // Answers with the number of its batch.

constexpr Statement<int64_t()> kBatchNo{"test.batch", "SELECT nextval('sample.batch_no')"};
// One key twice in one statement is an error, as ON CONFLICT DO UPDATE has it: 21000.
constexpr Statement<void(std::vector<std::string>, int64_t, std::vector<int64_t>)> kPut{"test.put",
                                                                                        R"sql(
  INSERT INTO sample.item (key, batch, amount)
  SELECT key, $2, amount FROM unnest($1, $3) AS put (key, amount)
      ON CONFLICT (key) DO UPDATE SET batch = excluded.batch, amount = excluded.amount)sql"};
constexpr Statement<int64_t()> kCount{"test.count", "SELECT count(*) FROM sample.item"};

// Refuses negative amounts itself; an amount of zero slips through to the table's CHECK, as a rule
// forgotten in the domain would.
absl::StatusOr<Committer::Batch> Decide(Tx& tx, absl::Span<const Put* const> commands) {
  Committer::Batch batch;
  ASSIGN_OR_RETURN(const int64_t number, tx.One(kBatchNo));
  std::vector<std::string> keys;
  std::vector<int64_t> amounts;
  for (const Put* put : commands) {
    if (put->amount < 0) {
      batch.answers.push_back(Error(kInvalidArgument, "NEGATIVE", "negative"));
      continue;
    }
    keys.push_back(put->key);
    amounts.push_back(put->amount);
    batch.answers.push_back(number);
  }
  RETURN_IF_ERROR(tx.Exec(kPut, keys, number, amounts));
  batch.record = GuardRecord{.commit_no = number, .size = number};
  return batch;
}

// Collects answers of many commands and waits for them all.
class Answers {
 public:
  explicit Answers(size_t count) : answers_(count), left_(count) {}

  Committer::Done At(size_t i) {
    return [this, i](absl::StatusOr<int64_t> answer) {
      absl::MutexLock lock(&mutex_);
      CHECK(!answers_[i].has_value());  // Exactly once.
      answers_[i] = std::move(answer);
      --left_;
    };
  }
  const absl::StatusOr<int64_t>& Of(size_t i) {
    absl::MutexLock lock(&mutex_);
    const auto ready = [&] { return answers_[i].has_value(); };
    mutex_.Await(absl::Condition(&ready));
    return *answers_[i];
  }
  size_t left() {
    absl::MutexLock lock(&mutex_);
    return left_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::optional<absl::StatusOr<int64_t>>> answers_;
  size_t left_;
};

// Holds the writer inside its first batch, so that a test decides what is queued behind it.
struct Gate {
  absl::Notification entered, open;
  std::atomic<bool> used = false;

  Committer::Decide Before(Committer::Decide decide) {
    return [this, decide](Tx& tx, absl::Span<const Put* const> commands) {
      if (!used.exchange(true)) {
        entered.Notify();
        open.WaitForNotification();
      }
      return decide(tx, commands);
    };
  }
};

int64_t Count(Pool& pool) {
  const auto read = [](Tx& tx) { return tx.One(kCount); };
  return *Transact(pool, {.deadline = absl::Now() + absl::Seconds(20)}, read);
}

constexpr absl::Time kNever = absl::InfiniteFuture();

TEST(GroupCommitter, WhatQueuesUpTogetherIsCommittedTogether) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Gate gate;
  Committer committer(pool, {}, gate.Before(Decide));
  Answers answers(101);
  committer.Submit({"first", 1}, "first", kNever, answers.At(0));
  gate.entered.WaitForNotification();
  for (size_t i = 1; i <= 100; ++i) {
    const std::string key = absl::StrCat("k", i);
    committer.Submit({key, 1}, key, kNever, answers.At(i));
  }
  EXPECT_EQ(committer.queued(), 100u);
  gate.open.Notify();
  for (size_t i = 1; i <= 100; ++i) EXPECT_EQ(*answers.Of(i), *answers.Of(0) + 1);
  EXPECT_EQ(Count(pool), 101);
}

TEST(GroupCommitter, TheNextBatchIsCommittedWhileOneIsAnswered) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  absl::Notification second, answering;
  Committer committer(pool, {}, Decide);
  committer.Submit({"first", 1}, "first", kNever, [&](const absl::StatusOr<int64_t>& answer) {
    EXPECT_TRUE(answer.ok());
    answering.Notify();
    second.WaitForNotification();  // For ever, if one thread did both.
  });
  answering.WaitForNotification();
  Answers answers(1);
  committer.Submit({"second", 1}, "second", kNever, answers.At(0));
  EXPECT_TRUE(answers.Of(0).ok());
  second.Notify();
}

TEST(GroupCommitter, ABatchHasOneCommandPerKeyAndKeepsTheirOrder) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Gate gate;
  Committer committer(pool, {}, gate.Before(Decide));
  Answers answers(7);
  committer.Submit({"first", 1}, "first", kNever, answers.At(0));
  gate.entered.WaitForNotification();
  for (size_t i = 1; i <= 4; ++i) {
    committer.Submit({"same", static_cast<int64_t>(i)}, "same", kNever, answers.At(i));
  }
  committer.Submit({"a", 1}, "a", kNever, answers.At(5));
  committer.Submit({"b", 1}, "b", kNever, answers.At(6));
  gate.open.Notify();
  const int64_t first = *answers.Of(0);
  for (size_t i = 1; i <= 4; ++i) EXPECT_EQ(*answers.Of(i), first + static_cast<int64_t>(i));
  EXPECT_EQ(*answers.Of(5), first + 1);  // Others do not wait for the repeated key.
  EXPECT_EQ(*answers.Of(6), first + 1);
  constexpr Statement<int64_t()> last{"test.last",
                                      "SELECT amount FROM sample.item WHERE key = 'same'"};
  const auto read = [&](Tx& tx) { return tx.One(last); };
  EXPECT_EQ(*Transact(pool, {.deadline = absl::Now() + absl::Seconds(20)}, read), 4);
}

TEST(GroupCommitter, ARefusalIsAnsweredAlone) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Gate gate;
  Committer committer(pool, {}, gate.Before(Decide));
  Answers answers(3);
  committer.Submit({"a", 1}, "a", kNever, answers.At(0));
  gate.entered.WaitForNotification();
  committer.Submit({"b", -1}, "b", kNever, answers.At(1));
  committer.Submit({"c", 1}, "c", kNever, answers.At(2));
  gate.open.Notify();
  EXPECT_EQ(ReasonOf(answers.Of(1).status()), "NEGATIVE");
  EXPECT_TRUE(answers.Of(2).ok());
}

// Amounts of zero make the whole statement fail; the others must get through all the same.
TEST(GroupCommitter, ABatchThatFailsIsCutUntilTheCulpritsAreAlone) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  for (const std::vector<size_t>& bad :
       {std::vector<size_t>{0}, {63}, {31, 32}, {5, 17, 40}, {0, 1, 2, 3}}) {
    Gate gate;
    Committer committer(pool, {}, gate.Before(Decide));
    Answers answers(65);
    committer.Submit({"first", 1}, "first", kNever, answers.At(64));
    gate.entered.WaitForNotification();
    for (size_t i = 0; i < 64; ++i) {
      const bool culprit = std::count(bad.begin(), bad.end(), i) > 0;
      const std::string key = absl::StrCat("k", i);
      committer.Submit({key, culprit ? 0 : 1}, key, kNever, answers.At(i));
    }
    gate.open.Notify();
    for (size_t i = 0; i < 64; ++i) {
      const bool culprit = std::count(bad.begin(), bad.end(), i) > 0;
      EXPECT_EQ(answers.Of(i).ok(), !culprit) << i << answers.Of(i).status();
      EXPECT_EQ(Violates(answers.Of(i).status(), "item_amount"), culprit) << i;
    }
  }
}

TEST(GroupCommitter, AFullQueueAnswersAtOnceWithADelay) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Gate gate;
  Committer committer(pool, {.queue_max = 3}, gate.Before(Decide));
  Answers answers(5);
  committer.Submit({"first", 1}, "first", kNever, answers.At(0));
  gate.entered.WaitForNotification();
  for (size_t i = 1; i <= 4; ++i) {
    const std::string key = absl::StrCat("k", i);
    committer.Submit({key, 1}, key, kNever, answers.At(i));
  }
  const absl::Status full = answers.Of(4).status();  // While the writer still stands.
  EXPECT_EQ(full.code(), kResourceExhausted);
  EXPECT_EQ(ReasonOf(full), "QUEUE_FULL");
  EXPECT_GT(RetryDelayOf(full), absl::ZeroDuration());
  gate.open.Notify();
  for (size_t i = 0; i <= 3; ++i) EXPECT_TRUE(answers.Of(i).ok());
}

TEST(GroupCommitter, ALongQueueIsTakenInBatchesOfTheMaximum) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Gate gate;
  std::vector<size_t> sizes;
  Answers answers(26);
  {
    Committer committer(
        pool,
        {.batch_max = 10, .on_batch = [&](size_t size, absl::Duration) { sizes.push_back(size); }},
        gate.Before(Decide));
    committer.Submit({"first", 1}, "first", kNever, answers.At(25));
    gate.entered.WaitForNotification();
    for (size_t i = 0; i < 25; ++i) {
      const std::string key = absl::StrCat("k", i);
      committer.Submit({key, 1}, key, kNever, answers.At(i));
    }
    gate.open.Notify();
  }
  EXPECT_THAT(sizes, ::testing::ElementsAre(1, 10, 10, 5));
}

TEST(GroupCommitter, ACommandWhoseDeadlinePassedInTheQueueHasNoEffect) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Gate gate;
  Committer committer(pool, {}, gate.Before(Decide));
  Answers answers(3);
  committer.Submit({"first", 1}, "first", kNever, answers.At(0));
  gate.entered.WaitForNotification();
  const absl::Time soon = absl::Now() + absl::Milliseconds(20);
  committer.Submit({"late", 1}, "late", soon, answers.At(1));
  committer.Submit({"fine", 1}, "fine", kNever, answers.At(2));
  while (absl::Now() <= soon) absl::SleepFor(absl::Milliseconds(1));
  gate.open.Notify();
  EXPECT_EQ(ReasonOf(answers.Of(1).status()), "DEADLINE_EXCEEDED");
  EXPECT_TRUE(answers.Of(2).ok());
  EXPECT_EQ(Count(pool), 2);
}

TEST(GroupCommitter, ShutdownAnswersEverythingQueuedAndRefusesTheRest) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Gate gate;
  auto committer = std::make_unique<Committer>(pool, GroupOptions{}, gate.Before(Decide));
  Answers answers(52);
  committer->Submit({"first", 1}, "first", kNever, answers.At(0));
  gate.entered.WaitForNotification();
  for (size_t i = 1; i <= 50; ++i) {
    const std::string key = absl::StrCat("k", i);
    committer->Submit({key, 1}, key, kNever, answers.At(i));
  }
  std::thread stopper([&] { committer->Shutdown(); });
  gate.open.Notify();
  stopper.join();
  EXPECT_EQ(answers.left(), 1u);
  for (size_t i = 0; i <= 50; ++i) EXPECT_TRUE(answers.Of(i).ok());
  committer->Submit({"late", 1}, "late", kNever, answers.At(51));
  EXPECT_EQ(ReasonOf(answers.Of(51).status()), "SHUTTING_DOWN");
}

TEST(GroupCommitter, ManyThreadsGetEachTheirOwnAnswer) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  Committer committer(pool, {}, Decide);
  constexpr size_t kThreads = 16, kEach = 200;
  Answers answers(kThreads * kEach);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < kEach; ++i) {
        const size_t n = t * kEach + i;
        const std::string key = absl::StrCat("k", n);
        committer.Submit({key, n % 10 == 0 ? -1 : 1}, key, kNever, answers.At(n));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t n = 0; n < kThreads * kEach; ++n) EXPECT_EQ(answers.Of(n).ok(), n % 10 != 0);
  EXPECT_EQ(Count(pool), static_cast<int64_t>(kThreads * kEach * 9 / 10));
}

TEST(GroupCommitter, AServerThatIsGoneIsToldToAllAndHealsByItself) {
  PgCluster cluster;
  const PgDatabase database(TestMigrations(), cluster);
  Pool pool({.conninfo = database.app()});
  Committer committer(pool, {.batch_time = absl::Seconds(2)}, Decide);
  Answers answers(32);
  cluster.StopAtOnce();
  for (size_t i = 0; i < 30; ++i) {
    const std::string key = absl::StrCat("k", i);
    committer.Submit({key, 1}, key, kNever, answers.At(i));
  }
  for (size_t i = 0; i < 30; ++i) EXPECT_EQ(answers.Of(i).status().code(), kUnavailable);
  cluster.Start();
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (!pool.Ping(end).ok() && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
  committer.Submit({"after", 1}, "after", kNever, answers.At(30));
  EXPECT_TRUE(answers.Of(30).ok()) << answers.Of(30).status();
}

TEST(GroupCommitter, TheGuardStandsAtTheCommitBeforeItsAnswerIsGiven) {
  const PgDatabase database(TestMigrations());
  Pool pool({.conninfo = database.app()});
  char name[] = "/tmp/smederij-guard-XXXXXX";
  const std::string directory = mkdtemp(name);
  auto guard = Guard::Open(directory, "sample", {}, false);
  ASSERT_TRUE(guard.ok()) << guard.status();
  {
    Committer committer(pool, {.guard = guard->get()}, Decide);
    for (int i = 0; i < 20; ++i) {
      absl::Notification answered;
      const std::string key = absl::StrCat("k", i);
      committer.Submit({key, 1}, key, kNever, [&](absl::StatusOr<int64_t> number) {
        EXPECT_TRUE(number.ok());
        EXPECT_EQ((*guard)->last().commit_no, *number);
        answered.Notify();
      });
      answered.WaitForNotification();
    }
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace smederij::pg
