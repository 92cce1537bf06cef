// Somebody with all rights on the database against the log of all entries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ledger/api/sequencer.h"
#include "services/ledger/api/verifier.h"
#include "services/ledger/storage/log_store.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two budgets, of which one has three entries, all logged.
struct Town {
  TestLedger ledger;
  std::string budget = ledger.BudgetOf(1'000), other = ledger.BudgetOf(500);

  Town() {
    for (int i = 0; i < 2; ++i) CHECK(ledger.Appropriate(AppropriateRequestOf(budget, 10)).ok());
    CHECK(ledger.sequencer().RunOnce().ok());
  }
  // Past every trigger and foreign key, as a replica's session may.
  void Tamper(const std::string& sql) {
    const absl::Status done =
        ledger.database().Sql(absl::StrCat("SET session_replication_role = replica;", sql));
    ASSERT_TRUE(done.ok()) << done << "\n" << sql;
  }
  // The newest entry, and every trace of it in the books: nobody ever asked for it.
  void CutNewest() {
    Tamper(absl::StrCat(
        "UPDATE ledger.account AS a SET debits = debits - p.amount FROM ledger.posting AS p"
        " WHERE p.budget_id = '",
        budget,
        "' AND p.seq = 3 AND a.budget_id = p.budget_id"
        " AND a.account_no = p.from_no;"
        "UPDATE ledger.account AS a SET credits = credits - p.amount FROM ledger.posting AS p"
        " WHERE p.budget_id = '",
        budget,
        "' AND p.seq = 3 AND a.budget_id = p.budget_id"
        " AND a.account_no = p.to_no;"
        "DELETE FROM ledger.request WHERE request_id ="
        " (SELECT request_id FROM ledger.entry WHERE budget_id = '",
        budget,
        "' AND seq = 3);"
        "DELETE FROM ledger.posting WHERE budget_id = '",
        budget,
        "' AND seq = 3;"
        "DELETE FROM ledger.entry WHERE budget_id = '",
        budget,
        "' AND seq = 3;"
        "UPDATE ledger.budget_head AS h SET seq = 2, hash = e.hash, appropriated = appropriated - "
        "10"
        "  FROM ledger.entry AS e WHERE h.budget_id = '",
        budget,
        "' AND e.budget_id = h.budget_id"
        "   AND e.seq = 2;"
        "UPDATE ledger.progress SET record_count = record_count - 1"));
  }
};

TEST(LogTampering, ANewestEntryThatIsCutOffIsFoundWhichTheChainCannotSee) {
  Town town;
  ASSERT_THAT(town.ledger.FindingsNow(), IsEmpty());
  town.CutNewest();
  // The chain, the balances, the head, the count of records: all as they must be.
  std::vector<std::string> what = town.ledger.FindingsNow();
  EXPECT_THAT(what, Contains(HasSubstr("was logged, and is not there")));
  EXPECT_THAT(what, Contains(HasSubstr("the books do not end with it or after it")));
  EXPECT_EQ(what.size(), 2);
  // The one that runs inside the service freezes the budget, and no other.
  ASSERT_EQ(town.ledger.verifier().RunOnce(), absl::OkStatus());
  EXPECT_EQ(ReasonOf(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 1)).status()),
            "BUDGET_FROZEN");
  EXPECT_TRUE(town.ledger.Appropriate(AppropriateRequestOf(town.other, 1)).ok());
}

TEST(LogTampering, AnEntryThatTookThePlaceOfOneThatWasCutOffIsFound) {
  Town town;
  town.CutNewest();
  ASSERT_TRUE(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 10)).ok());
  EXPECT_THAT(town.ledger.Findings(), Contains(HasSubstr("is not the entry that was logged")));
}

TEST(LogTampering, WithoutTheLogNothingOfItIsSeen) {  // Why there is one.
  Town town;
  town.CutNewest();
  town.Tamper(
      "TRUNCATE ledger.log_leaf, ledger.checkpoint;"
      "UPDATE ledger.log_state SET size = 0, root = sha256(''), frontier = '', caught_up_at = "
      "NULL");
  ProofTree tree;  // Of a replica that starts afterwards: with the log its memory went as well.
  obs::Registry metrics;
  Sequencer started(town.ledger.pool(), nullptr, town.ledger.log_signer(), tree, metrics,
                    &town.ledger.clock());
  EXPECT_EQ(started.RunOnce(), absl::OkStatus());
  EXPECT_THAT(town.ledger.FindingsNow(), IsEmpty());
  // One that was there before remembers.
  EXPECT_EQ(ReasonOf(town.ledger.sequencer().RunOnce()), "LOG_DIFFERS");
}

TEST(LogTampering, WhateverIsChangedInTheLogIsFound) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.log_leaf SET hash = sha256('x') WHERE idx = 1",
       "is not the entry that was logged"},
      {"UPDATE ledger.log_leaf SET hash = sha256('x') WHERE idx = 1",
       "the checkpoint of 4 entries is not one of what was logged"},
      {"UPDATE ledger.log_leaf SET seq = seq + 100 WHERE idx = 3", "was logged, and is not there"},
      {"DELETE FROM ledger.log_leaf WHERE idx = 1", "place 1 of the log is empty"},
      {"DELETE FROM ledger.log_leaf WHERE idx = 3",
       "the log's head stands at 4, its entries end elsewhere"},
      {"DELETE FROM ledger.log_leaf WHERE idx = 3", "a checkpoint signs 4 entries, the log has 3"},
      {"UPDATE ledger.log_state SET root = sha256('x')", "the log's head stands at 4"},
      {"UPDATE ledger.checkpoint SET note = replace(note, '4', '5')",
       "the checkpoint of 4 entries is not one of what was logged"},
      {"UPDATE ledger.checkpoint SET size = 3",
       "the checkpoint of 3 entries is not one of what was logged"},
      {"UPDATE ledger.checkpoint SET verifier_key = 'x'",
       "the checkpoint of 4 entries is not one of what was logged"},
      {"DELETE FROM ledger.checkpoint",
       "no checkpoint of the log is signed by a key that was given"},
      {"UPDATE ledger.entry SET canonical = canonical || '\\x78', hash ="
       " sha256(prev_hash || canonical || '\\x78') WHERE seq = 3",
       "is not the entry that was logged"}};
  for (const auto& [sql, finding] : tampering) {
    Town town;
    ASSERT_THAT(town.ledger.FindingsNow(), IsEmpty());
    town.Tamper(sql);
    EXPECT_THAT(town.ledger.FindingsNow(), Contains(HasSubstr(finding))) << sql;
  }
}

// A replica that starts on a log that was changed: what it read does not lead to the head that is
// there, so it proves nothing, signs nothing, and freezes the ledger as the verifier does.
TEST(LogTampering, ALogThatDoesNotLeadToItsHeadIsNeitherProvedNorSigned) {
  for (const char* sql : {"UPDATE ledger.log_leaf SET hash = sha256('x') WHERE idx = 1",
                          "DELETE FROM ledger.log_leaf WHERE idx = 1",
                          "UPDATE ledger.log_state SET root = sha256('x')"}) {
    SCOPED_TRACE(sql);
    Town town;
    TestLedger& ledger = town.ledger;
    town.Tamper(absl::StrCat("DELETE FROM ledger.checkpoint;", sql));
    ProofTree tree;
    obs::Registry metrics;
    Sequencer started(ledger.pool(), nullptr, ledger.log_signer(), tree, metrics, &ledger.clock());
    EXPECT_EQ(ReasonOf(tree.Prove(0, Hash()).status()), "LOG_NOT_READY");
    for (int turn = 0; turn < 2; ++turn) EXPECT_EQ(ReasonOf(started.RunOnce()), "LOG_DIFFERS");
    EXPECT_EQ(ReasonOf(tree.Prove(0, Hash()).status()), "LOG_DIFFERS");
    EXPECT_EQ(ledger.database().Sql("DO $$ BEGIN"
                                    " ASSERT 0 = (SELECT count(*) FROM ledger.checkpoint);"
                                    " ASSERT 1 = (SELECT count(*) FROM ledger.finding); END $$"),
              absl::OkStatus());
    EXPECT_THAT(ledger.Verification(town.budget)->findings(0).sentence(),
                HasSubstr("the log's head stands at 4"));
    EXPECT_EQ(ReasonOf(ledger.Appropriate(AppropriateRequestOf(town.other, 1)).status()),
              "BUDGET_FROZEN");
  }
}

// Once it is mended the same replica goes on by itself; the ledger stays frozen until the owner
// says otherwise.
TEST(LogTampering, ALogThatWasMendedIsProvedAgain) {
  Town town;
  TestLedger& ledger = town.ledger;
  const std::string swap =
      "UPDATE ledger.log_leaf SET hash = CASE idx WHEN 0 THEN"
      " (SELECT hash FROM ledger.log_leaf WHERE idx = 1) ELSE"
      " (SELECT hash FROM ledger.log_leaf WHERE idx = 0) END WHERE idx < 2";
  town.Tamper(swap);
  ProofTree tree;
  obs::Registry metrics;
  Sequencer started(ledger.pool(), nullptr, ledger.log_signer(), tree, metrics, &ledger.clock());
  EXPECT_EQ(ReasonOf(started.RunOnce()), "LOG_DIFFERS");
  town.Tamper(swap);
  EXPECT_EQ(started.RunOnce(), absl::OkStatus());
  EXPECT_EQ(ReasonOf(tree.Prove(4, Hash()).status()), "NOT_YET_LOGGED");
}

// An entry with another hash than was logged is not proved: whoever got it would find it wrong.
TEST(LogTampering, AnEntryThatIsNotTheOneThatWasLoggedIsNotProved) {
  Town town;
  town.Tamper(
      absl::StrCat("UPDATE ledger.entry SET canonical = canonical || '\\x00',"
                   " hash = sha256(prev_hash || canonical || '\\x00') WHERE seq = 3"));
  v1::GetEntryProofRequest request;
  request.set_budget_id(town.budget);
  request.set_seq(3);
  EXPECT_EQ(ReasonOf(town.ledger.server().Ask(&BooksStub::GetEntryProof, request).status()),
            "LOG_DIFFERS");
  request.set_seq(2);
  EXPECT_TRUE(town.ledger.server().Ask(&BooksStub::GetEntryProof, request).ok());
}

TEST(LogTampering, AnEntryThatWaitsTooLongIsFoundWhenSomebodyShouldHaveLoggedIt) {
  Town town;
  ASSERT_TRUE(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 10)).ok());
  const absl::Time posted = town.ledger.clock().Now();
  EXPECT_THAT(town.ledger.FindingsNow(), IsEmpty());  // Seconds ago.
  town.ledger.clock().Set(posted + kUnloggedMax + absl::Seconds(5));
  // To whoever looks by hand it is late. To the service nobody has rested from logging yet.
  EXPECT_THAT(town.ledger.FindingsNow(), Contains("is not in the log"));
  ASSERT_EQ(town.ledger.verifier().RunOnce(), absl::OkStatus());
  EXPECT_THAT(town.ledger.Verification(town.budget)->findings(), IsEmpty());
}

// Two turns have to end without it: the first may have looked before the entry was there. By no
// clock: one that was set back is no reason to freeze anything.
TEST(LogTampering, AnEntryThatTheSequencerPassedOverIsFoundByTheService) {
  Town town;
  TestLedger& ledger = town.ledger;
  ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(town.budget, 10)).ok());
  obs::Registry metrics;
  Verifier verifier(ledger.pool(), nullptr, nullptr, metrics,
                    {.unchanged = absl::ZeroDuration(), .log_end = absl::ZeroDuration()});
  const auto findings = [&] {
    EXPECT_EQ(verifier.RunOnce(), absl::OkStatus());
    return ledger.Verification(town.budget)->findings();
  };
  const auto turn = [&](const char* time) {
    town.Tamper(absl::StrCat("UPDATE ledger.log_state SET caught_up_at = '", time, "'"));
  };
  turn("2030-01-01T00:00:00Z");  // Hours and years after the entry: that alone says nothing.
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(findings(), IsEmpty());
  turn("2029-01-01T00:00:00Z");  // Nor does a clock that goes back.
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(findings(), IsEmpty());
  turn("2029-01-01T00:01:00Z");
  const auto found = findings();
  ASSERT_EQ(found.size(), 1);
  EXPECT_EQ(found[0].sentence(), "is not in the log");
  EXPECT_EQ(found[0].seq(), 4);
  EXPECT_EQ(ReasonOf(ledger.Appropriate(AppropriateRequestOf(town.budget, 1)).status()),
            "BUDGET_FROZEN");
}

TEST(LogTampering, AnEntryThatIsLoggedInTimeIsNeverFound) {
  Town town;
  TestLedger& ledger = town.ledger;
  obs::Registry metrics;
  Verifier verifier(ledger.pool(), nullptr, nullptr, metrics,
                    {.unchanged = absl::ZeroDuration(), .log_end = absl::ZeroDuration()});
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(town.budget, 10)).ok());
    ASSERT_EQ(verifier.RunOnce(), absl::OkStatus());
    ASSERT_EQ(ledger.sequencer().RunOnce(), absl::OkStatus());
    ASSERT_EQ(verifier.RunOnce(), absl::OkStatus());
    ledger.clock().Set(ledger.clock().Now() - absl::Hours(1));  // The database's clock is wrong.
  }
  EXPECT_THAT(ledger.Verification(town.budget)->findings(), IsEmpty());
}

// A finding about a budget that is not there is everybody's, and keeps no other from being found.
TEST(LogTampering, AnEntryOfABudgetThatIsNotThereFreezesAllAndTheWalksGoOn) {
  Town town;
  TestLedger& ledger = town.ledger;
  town.Tamper(absl::StrCat("UPDATE ledger.log_leaf SET budget_id = '", NewId(),
                           "' WHERE idx = 0;UPDATE ledger.account SET credits = credits + 1"
                           " WHERE kind = 2"));
  obs::Registry metrics;
  Verifier verifier(ledger.pool(), nullptr, nullptr, metrics,
                    {.unchanged = absl::ZeroDuration(), .log_end = absl::ZeroDuration()});
  ASSERT_EQ(verifier.RunOnce(), absl::OkStatus());
  EXPECT_EQ(ledger.database().Sql("DO $$ BEGIN ASSERT 1 = (SELECT count(*) FROM ledger.finding"
                                  " WHERE budget_id IS NULL); END $$"),
            absl::OkStatus());
  EXPECT_GT(ledger.Verification(town.budget)->findings_size(), 0);
  EXPECT_EQ(ReasonOf(ledger.Appropriate(AppropriateRequestOf(town.budget, 1)).status()),
            "BUDGET_FROZEN");
}

// ── Outside the database ───────────────────────────────────────────────────────────────────────

struct Guarded {
  Town town;
  std::string directory = absl::StrCat(::testing::TempDir(), "/log_", NewId());
  std::unique_ptr<pg::Guard> guard;
  obs::Registry metrics;

  Guarded() {
    CHECK(mkdir(directory.c_str(), 0700) == 0);
    guard = *Open(/*adopt=*/true);
  }
  absl::StatusOr<LogHead> Head() {
    return pg::Transact(town.ledger.pool(), {.deadline = absl::Now() + absl::Seconds(20)},
                        GetLogHead);
  }
  absl::StatusOr<std::unique_ptr<pg::Guard>> Open(bool adopt) {
    return pg::Guard::Open(directory, "ledger-log", RecordOf(*Head()), adopt);
  }
  // The log as it was one entry ago, as in a backup, signature and all.
  void Forget() {
    crypto::Frontier frontier;
    const auto read = [&](pg::Tx& tx) { return GetLeafHashes(tx, 0, 3); };
    const auto hashes =
        pg::Transact(town.ledger.pool(), {.deadline = absl::Now() + absl::Seconds(20)}, read);
    for (const Hash& hash : *hashes) frontier.Append(hash);
    town.Tamper(
        absl::StrCat("DELETE FROM ledger.log_leaf WHERE idx = 3; DELETE FROM ledger.checkpoint;"
                     "UPDATE ledger.log_state SET size = 3, root = '\\x",
                     absl::BytesToHexString(crypto::View(frontier.Root())), "', frontier = '\\x",
                     absl::BytesToHexString(frontier.Encode()), "'"));
  }
};

TEST(LogGuard, RefusesToServeADatabaseThatForgotWhatWasSigned) {
  Guarded guarded;
  guarded.Forget();
  guarded.guard.reset();
  EXPECT_EQ(ReasonOf(guarded.Open(false).status()), "DATABASE_BEHIND_GUARD");
  EXPECT_TRUE(guarded.Open(true).ok());
}

TEST(LogGuard, RefusesToServeALogOfTheSameLengthThatDiffers) {
  Guarded guarded;
  guarded.guard.reset();
  guarded.town.Tamper("UPDATE ledger.log_state SET root = sha256('x')");
  EXPECT_EQ(ReasonOf(guarded.Open(false).status()), "DATABASE_DIVERGED");
}

TEST(LogGuard, NothingIsSignedThatIsBehindIt) {
  Guarded guarded;
  TestLedger& ledger = guarded.town.ledger;
  ProofTree tree;
  Sequencer sequencer(ledger.pool(), guarded.guard.get(), ledger.log_signer(), tree,
                      guarded.metrics, &ledger.clock());
  ASSERT_EQ(sequencer.RunOnce(), absl::OkStatus());
  guarded.Forget();
  // Else it would grow past what is remembered, with other entries in their places.
  ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(guarded.town.other, 1)).ok());
  EXPECT_EQ(ReasonOf(sequencer.RunOnce()), "LOG_BEHIND_GUARD");
  EXPECT_EQ(ReasonOf(tree.Prove(0, Hash()).status()), "LOG_DIFFERS");
  // Nor does a replica that has just started say for ever that it is still reading.
  ProofTree fresh;
  EXPECT_EQ(ReasonOf(fresh.Prove(0, Hash()).status()), "LOG_NOT_READY");
  Sequencer started(ledger.pool(), guarded.guard.get(), ledger.log_signer(), fresh, guarded.metrics,
                    &ledger.clock());
  EXPECT_EQ(ReasonOf(started.RunOnce()), "LOG_BEHIND_GUARD");
  EXPECT_EQ(ReasonOf(fresh.Prove(0, Hash()).status()), "LOG_DIFFERS");
  const auto signed_heads = [&](pg::Tx& tx) {
    return GetCheckpoint(tx, ledger.log_signer().VerifierKey());
  };
  const auto checkpoint =
      pg::Transact(ledger.pool(), {.deadline = absl::Now() + absl::Seconds(20)}, signed_heads);
  EXPECT_FALSE(checkpoint->has_value());
}

TEST(LogGuard, TheVerifierFindsALogThatIsNotTheOneRemembered) {
  for (const bool shorter : {true, false}) {
    Guarded guarded;
    TestLedger& ledger = guarded.town.ledger;
    if (shorter) {
      guarded.Forget();
    } else {
      pg::GuardRecord other = RecordOf(*guarded.Head());
      guarded.guard.reset();
      --other.commit_no;
      --other.size;  // A head that this log never had.
      std::filesystem::remove_all(guarded.directory);
      ASSERT_EQ(mkdir(guarded.directory.c_str(), 0700), 0);
      guarded.guard = *pg::Guard::Open(guarded.directory, "ledger-log", other, /*adopt=*/true);
    }
    Verifier verifier(ledger.pool(), nullptr, guarded.guard.get(), guarded.metrics);
    ASSERT_EQ(verifier.RunOnce(), absl::OkStatus());
    const auto found = ledger.Verification(guarded.town.budget);
    ASSERT_GE(found->findings_size(), 1);
    EXPECT_THAT(found->findings(0).sentence(), HasSubstr("the guard remembers"));
    EXPECT_TRUE(found->findings(0).whole_ledger());
    EXPECT_EQ(ReasonOf(ledger.Appropriate(AppropriateRequestOf(guarded.town.other, 1)).status()),
              "BUDGET_FROZEN");
  }
}

}  // namespace
}  // namespace smederij::ledger
