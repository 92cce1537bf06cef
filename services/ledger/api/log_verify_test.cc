// The log of all entries as `verify` sees it, by hand: under which keys it was signed, and what no
// signed head covers yet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/ledger/api/sequencer.h"
#include "services/ledger/storage/log_store.h"
#include "services/ledger/storage/log_walk.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A budget with one entry, logged and signed.
struct Town {
  TestLedger ledger;
  std::string budget = ledger.BudgetOf(1'000);
  const std::string key = ledger.log_signer().VerifierKey();

  Town() { CHECK(ledger.sequencer().RunOnce().ok()); }
  void Post(int entries) {
    for (int i = 0; i < entries; ++i) {
      CHECK(ledger.Appropriate(AppropriateRequestOf(budget, 10)).ok());
    }
  }
  void Wait(absl::Duration time) { ledger.clock().Set(ledger.clock().Now() + time); }
  void Sql(const std::string& sql) {
    const absl::Status done =
        ledger.database().Sql(absl::StrCat("SET session_replication_role = replica;", sql));
    ASSERT_TRUE(done.ok()) << done << "\n" << sql;
  }
  // A part of a turn: as many entries as a batch of it takes, signed or not.
  void LogSome(int64_t entries, bool sign) {
    const pg::TxOptions soon{.deadline = absl::Now() + absl::Seconds(20)};
    const auto append = [&](pg::Tx& tx) -> absl::Status {
      ASSIGN_OR_RETURN(std::optional<Log> log, LockLog(tx));
      ASSIGN_OR_RETURN(const std::vector<LogEntry> some, UnloggedEntries(tx, entries));
      RETURN_IF_ERROR(AppendToLog(tx, *log, some));
      if (!sign) return absl::OkStatus();
      const crypto::NoteSigner& signer = ledger.log_signer();
      return PutCheckpoint(tx, key,
                           {.size = log->frontier.size(),
                            .note = signer.Sign(crypto::ToText({.origin = signer.name(),
                                                                .size = log->frontier.size(),
                                                                .root = log->frontier.Root()}))});
    };
    ASSERT_EQ(pg::Transact(ledger.pool(), soon, append), absl::OkStatus());
  }
  // As it is after the upgrade that brought the log: nobody has logged anything.
  void ForgetLog() {
    Sql("TRUNCATE ledger.log_leaf, ledger.checkpoint;"
        "UPDATE ledger.log_state SET size = 0, root = sha256(''), frontier = '',"
        " caught_up_at = NULL");
  }
};

TEST(VerifyLog, YoungEntriesThatAreNotSignedYetAreAFactAndNoFinding) {
  Town town;
  town.Post(3);
  town.LogSome(2, /*sign=*/false);
  Verified verified;
  EXPECT_THAT(town.ledger.FindingsNow({}, &verified), IsEmpty());
  EXPECT_EQ(verified.logged, 3);
  EXPECT_EQ(verified.not_yet_signed, 2);
  EXPECT_EQ(verified.not_yet_logged, 1);
  EXPECT_EQ(verified.findings, 0);
  // Either side of the limit.
  town.Wait(kUnloggedMax - absl::Seconds(5));
  EXPECT_THAT(town.ledger.FindingsNow(), IsEmpty());
  town.Wait(absl::Seconds(10));
  EXPECT_THAT(town.ledger.FindingsNow({}, &verified),
              ElementsAre("is in the log, and no head after it is signed", "is not in the log"));
  EXPECT_EQ(verified.findings, 2);
  ASSERT_EQ(town.ledger.sequencer().RunOnce(), absl::OkStatus());
  EXPECT_THAT(town.ledger.FindingsNow({}, &verified), IsEmpty());
  EXPECT_EQ(verified.not_yet_signed + verified.not_yet_logged, 0);
}

// A checkpoint of the key, but of long ago: it says nothing of what came after it.
TEST(VerifyLog, AnOldCheckpointDoesNotVouchForWhatCameAfterIt) {
  Town town;
  town.Post(5);
  ASSERT_EQ(town.ledger.sequencer().RunOnce(), absl::OkStatus());
  town.Sql("DELETE FROM ledger.checkpoint WHERE size > 1");
  town.Wait(absl::Hours(1));
  EXPECT_THAT(town.ledger.FindingsNow(),
              ElementsAre("is in the log, and no head after it is signed"));
  town.Sql("DELETE FROM ledger.checkpoint");
  EXPECT_THAT(town.ledger.FindingsNow(),
              ElementsAre("no checkpoint of the log is signed by a key that was given"));
}

TEST(VerifyLog, EveryKeyThatSignedHasToBeGiven) {
  Town town;
  const crypto::NoteSigner next = LogSigner("localhost", crypto::SigningKey::FromSeed({8}));
  const crypto::NoteSigner never = LogSigner("localhost", crypto::SigningKey::FromSeed({9}));
  obs::Registry metrics;
  ProofTree tree;
  Sequencer sequencer(town.ledger.pool(), nullptr, next, tree, metrics, &town.ledger.clock());
  town.Post(1);
  ASSERT_EQ(sequencer.RunOnce(), absl::OkStatus());
  const auto by = [&](std::vector<std::string> keys) {
    return town.ledger.FindingsNow({.log_keys = std::move(keys)});
  };
  EXPECT_THAT(by({next.VerifierKey(), town.key}), IsEmpty());
  EXPECT_THAT(by({town.key, next.VerifierKey(), never.VerifierKey()}), IsEmpty());
  // From before it was replaced: what was signed since is not its own.
  EXPECT_THAT(by({town.key}), ElementsAre(HasSubstr("the checkpoint of 2 entries is signed by a "
                                                    "key that was not given, localhost/ledger+")));
  EXPECT_THAT(by({next.VerifierKey()}), ElementsAre(HasSubstr("the checkpoint of 1 entries")));
  EXPECT_THAT(
      by({never.VerifierKey()}),
      AllOf(SizeIs(3), Contains("no checkpoint of the log is signed by a key that was given")));
}

// The log is begun long after the entries were: while a turn is under way they are no findings, and
// how many there are is told.
TEST(VerifyLog, AfterAnUpgradeTheLogIsSeenToGrow) {
  Town town;
  town.Post(5);
  town.ForgetLog();
  town.Wait(absl::Hours(24));
  Verified verified;
  int looks = 0;
  VerifyOptions options{.log_patience = absl::Seconds(20)};
  options.pause = [&] {
    ++looks;
    town.LogSome(2, /*sign=*/true);
  };
  EXPECT_THAT(town.ledger.FindingsNow(options, &verified), IsEmpty());
  EXPECT_EQ(looks, 1);
  EXPECT_EQ(verified.logged, 2);
  EXPECT_EQ(verified.not_yet_logged, 4);
  EXPECT_EQ(verified.not_yet_signed, 0);
}

// As after a crash between the two, until somebody starts it again.
TEST(VerifyLog, WhatIsLoggedMayBeSignedWhileThisLooksOn) {
  Town town;
  town.Post(3);
  town.LogSome(3, /*sign=*/false);
  town.Wait(absl::Hours(24));
  EXPECT_THAT(town.ledger.FindingsNow(),
              ElementsAre("is in the log, and no head after it is signed"));
  VerifyOptions options{.log_patience = absl::Seconds(20)};
  options.pause = [&] { ASSERT_EQ(town.ledger.sequencer().RunOnce(), absl::OkStatus()); };
  Verified verified;
  EXPECT_THAT(town.ledger.FindingsNow(options, &verified), IsEmpty());
  EXPECT_EQ(verified.not_yet_signed, 0);
}

// Whoever stopped the sequencer may do anything to the tables but move the signed head.
TEST(VerifyLog, ATailThatDoesNotShrinkUnderASignedHeadIsFound) {
  const std::pair<const char*, std::function<void(Town&)>> pauses[] = {
      {"nothing happens", [](Town&) {}},
      {"entries are logged and not signed", [](Town& town) { town.LogSome(1, /*sign=*/false); }},
      {"more is posted than is logged",
       [](Town& town) {
         town.LogSome(1, /*sign=*/true);
         town.Post(2);
       }},
      {"a turn ends without it", [](Town& town) {
         town.LogSome(1, /*sign=*/true);
         town.Sql("UPDATE ledger.log_state SET caught_up_at = clock_timestamp()");
       }}};
  for (const auto& [what, pause] : pauses) {
    SCOPED_TRACE(what);
    Town town;
    town.Post(5);
    town.Wait(absl::Hours(24));
    VerifyOptions options{.log_patience = absl::Milliseconds(1)};  // One look more.
    options.pause = [&, &act = pause] { act(town); };
    Verified verified;
    EXPECT_THAT(town.ledger.FindingsNow(options, &verified), Contains("is not in the log"));
    EXPECT_GT(verified.not_yet_logged, 0);
  }
}

// Nobody waits for a log in which something else is wrong.
TEST(VerifyLog, WhatIsFoundIsToldAtOnce) {
  Town town;
  town.Post(2);
  town.Wait(absl::Hours(24));
  town.Sql("UPDATE ledger.log_state SET root = sha256('x')");
  VerifyOptions options{.log_patience = absl::Hours(1)};
  options.pause = [] { FAIL() << "it waits"; };
  EXPECT_THAT(
      town.ledger.FindingsNow(options),
      AllOf(Contains(HasSubstr("the log's head stands at 1")), Contains("is not in the log")));
}

}  // namespace
}  // namespace smederij::ledger
