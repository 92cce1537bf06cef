// Somebody with all rights on the database against the verifier.
#include "services/ledger/api/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// A budget with four entries, and the powers of a superuser.
struct Town {
  TestLedger ledger;
  std::string budget = ledger.BudgetOf(1'000);
  std::string round = NewId();

  Town() {
    CHECK(ledger.Hold(HoldRequest(budget, round, 600)).ok());
    CHECK(ledger.Reserve(ReserveRequest(round, 1, {{budget, 100}})).ok());
    CHECK(ledger.Appropriate(AppropriateRequestOf(budget, 50)).ok());
  }
  // Past every trigger and foreign key, as a replica's session may.
  void Tamper(const std::string& sql) {
    const absl::Status done =
        ledger.database().Sql(absl::StrCat("SET session_replication_role = replica;", sql));
    ASSERT_TRUE(done.ok()) << done;
  }
};

std::string Sentences(const v1::Verification& verification) {
  std::string sentences;
  for (const auto& finding : verification.findings()) {
    absl::StrAppend(&sentences, finding.seq(), ": ", finding.sentence(), "\n");
  }
  return sentences;
}

TEST(Verifier, TellsHowFarBooksWereVerified) {
  Town town;
  EXPECT_EQ(town.ledger.Verification(town.budget)->state(), v1::Verification::STATE_PENDING);
  ASSERT_EQ(town.ledger.verifier().RunOnce(), absl::OkStatus());
  const auto verified = town.ledger.Verification(town.budget);
  EXPECT_EQ(verified->state(), v1::Verification::STATE_SOUND) << Sentences(*verified);
  EXPECT_EQ(verified->seq(), 4);
  EXPECT_GT(verified->verify_time().seconds(), 0);
  const auto budget = town.ledger.Get(town.budget);
  EXPECT_FALSE(budget->frozen());
  EXPECT_EQ(budget->verified_seq(), 4);
  EXPECT_EQ(budget->verify_time().seconds(), verified->verify_time().seconds());
}

TEST(Verifier, WhoWaitsSeesAWalkThatBeganLater) {
  Town town;
  ASSERT_EQ(town.ledger.verifier().RunOnce(), absl::OkStatus());
  const auto asked = town.ledger.RequestVerification(town.budget, town.ledger.Treasurer());
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->state(), v1::Verification::STATE_PENDING);
  ASSERT_EQ(town.ledger.verifier().RunOnce(), absl::OkStatus());
  EXPECT_EQ(town.ledger.Verification(town.budget)->state(), v1::Verification::STATE_SOUND);
}

TEST(Verifier, OnlyOfficialsOfThePlaceMayAskForAWalk) {
  Town town;
  testing::Person auditor{.municipality = town.ledger.treasurer().municipality,
                          .grants = {{.role = policy::v1::ROLE_AUDITOR}}};
  const auto as = [&](const testing::Person& person) { return town.ledger.server().As(person); };
  EXPECT_TRUE(town.ledger.RequestVerification(town.budget, as(auditor)).ok());
  EXPECT_EQ(ReasonOf(town.ledger.RequestVerification(NewId(), as(auditor)).status()),
            "BUDGET_NOT_FOUND");
  EXPECT_EQ(ReasonOf(town.ledger.RequestVerification("x", as(auditor)).status()), "BAD_ID");
  auditor.municipality = MunicipalityId::Random();
  EXPECT_EQ(ReasonOf(town.ledger.RequestVerification(town.budget, as(auditor)).status()),
            "OTHER_MUNICIPALITY");
  EXPECT_FALSE(town.ledger.RequestVerification(town.budget, {}).ok());
  EXPECT_EQ(ReasonOf(town.ledger.Verification(NewId()).status()), "BUDGET_NOT_FOUND");
}

TEST(Verifier, ALongWalkIsTakenInPiecesWhileMoneyMoves) {
  Town town;
  obs::Registry metrics;
  Verifier verifier(town.ledger.pool(), nullptr, nullptr, metrics, {.turn_entries = 3});
  ASSERT_EQ(verifier.RunOnce(), absl::OkStatus());
  EXPECT_EQ(town.ledger.Verification(town.budget)->state(), v1::Verification::STATE_PENDING);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 1)).ok());
  }
  for (int turn = 0; turn < 2; ++turn) ASSERT_EQ(verifier.RunOnce(), absl::OkStatus());
  const auto verified = town.ledger.Verification(town.budget);
  EXPECT_EQ(verified->state(), v1::Verification::STATE_SOUND) << Sentences(*verified);
  EXPECT_EQ(verified->seq(), 7);
}

// What a superuser may do where no constraint or trigger stops it (schema_test.cc has what they
// stop), and what the verifier says of it.
TEST(Verifier, DetectsWhateverIsDoneBehindTheSchemasBack) {
  const std::string fresh =
      "UPDATE ledger.entry SET canonical = canonical || '\\x00',"
      "  hash = sha256(prev_hash || canonical || '\\x00') WHERE seq = ";
  const std::string fake =
      "INSERT INTO ledger.entry (budget_id, seq, prev_seq, prev_hash, canonical, hash, type,"
      "  period_no, recorded_at, request_id, actor, decision_ref)"
      "  SELECT budget_id, 5, 4, hash, '\\x00', sha256(hash || '\\x00'), type, period_no,"
      "  recorded_at, request_id, actor, decision_ref FROM ledger.entry WHERE seq = 4;";
  const std::vector<std::pair<std::string, std::string>> tampering = {
      {"ALTER TABLE ledger.entry DROP CONSTRAINT entry_hash_of_chain;"
       "UPDATE ledger.entry SET canonical = canonical || '\\x00' WHERE seq = 2",
       "2: has a wrong hash"},
      {fresh + "2", "3: is not chained to the entry before it"},
      {fresh + "4", "4: its canonical bytes are not what its columns and postings say"},
      {"DELETE FROM ledger.posting WHERE seq = 2; DELETE FROM ledger.entry WHERE seq = 2",
       "3: follows entry 1"},
      {fake, "5: moves nothing"},
      {"DELETE FROM ledger.posting WHERE seq = 4; DELETE FROM ledger.entry WHERE seq = 4",
       "0: the head stands at 4, the entries end at 3"},
      {"DELETE FROM ledger.posting WHERE seq = 4; DELETE FROM ledger.entry WHERE seq = 4;"
       "UPDATE ledger.budget_head SET seq = 3,"
       "  hash = (SELECT hash FROM ledger.entry WHERE seq = 3)",
       "0: what was appropriated is not the sum of the postings"},
      {"UPDATE ledger.account SET credits = credits + 5 WHERE kind = 2",
       "0: account 1 is not the sum of its postings"},
      {"UPDATE ledger.account SET credits = credits + 5 WHERE kind = 2;"
       "UPDATE ledger.account SET debits = debits + 5 WHERE kind = 1",
       "0: account 2 is not the sum of its postings"},
      {"UPDATE ledger.posting SET amount = amount + 1 WHERE seq = 3",
       "3: its canonical bytes are not what its columns and postings say"},
      {"ALTER TABLE ledger.entry DROP CONSTRAINT entry_reversal_names_entry;"
       "UPDATE ledger.entry SET reverses_seq = 1 WHERE seq = 4",
       "4: does not move back what the entry it takes back moved"},
      {"UPDATE ledger.entry SET period_no = 13 - period_no WHERE seq = 3",
       "3: stands in another period than the one that took it"},
      {"INSERT INTO ledger.posting SELECT budget_id, 9, line, type, from_no, from_kind, to_no,"
       "  to_kind, amount, 0, 0 FROM ledger.posting WHERE seq = 4",
       "0: a posting stands alone, after the last entry"},
      {"DELETE FROM ledger.budget_head", "0: the books cannot be read on from here"},
      {"UPDATE ledger.entry SET prev_hash = '\\x00', hash = sha256('\\x00' || canonical)"
       "  WHERE seq = 3",
       "0: the books cannot be read on from here"},
  };
  for (const auto& [sql, sentence] : tampering) {
    SCOPED_TRACE(sql);
    Town town;
    ASSERT_EQ(town.ledger.Verified(town.budget).state(), v1::Verification::STATE_SOUND);
    town.Tamper(sql);
    const v1::Verification verified = town.ledger.Verified(town.budget);
    EXPECT_EQ(verified.state(), v1::Verification::STATE_BROKEN);
    EXPECT_THAT(Sentences(verified), HasSubstr(sentence));
  }
}

TEST(Verifier, FreezesTheBudgetAndNoOther) {
  Town town;
  const std::string other = town.ledger.BudgetOf(70);
  town.Tamper(absl::StrCat("UPDATE ledger.account SET credits = credits + 5 WHERE budget_id = '",
                           town.budget, "' AND kind = 2"));
  EXPECT_EQ(town.ledger.Verified(town.budget).findings_size(), 2);
  EXPECT_TRUE(town.ledger.Get(town.budget)->frozen());
  EXPECT_FALSE(town.ledger.Get(other)->frozen());

  const auto refused = [&](const auto& answer) { return ReasonOf(answer.status()); };
  EXPECT_EQ(refused(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 1))),
            "BUDGET_FROZEN");
  EXPECT_EQ(refused(town.ledger.Hold(HoldRequest(town.budget, NewId(), 1))), "BUDGET_FROZEN");
  EXPECT_EQ(refused(town.ledger.Reserve(ReserveRequest(town.round, 2, {{town.budget, 1}}))),
            "BUDGET_FROZEN");
  EXPECT_EQ(refused(town.ledger.Release(ReleaseRequest(town.budget, town.round))), "BUDGET_FROZEN");
  EXPECT_TRUE(town.ledger.Appropriate(AppropriateRequestOf(other, 1)).ok());
  EXPECT_THAT(town.ledger.metrics().Text(), HasSubstr("smederij_ledger_frozen_budgets 1"));
  // Also for whoever writes past the service.
  EXPECT_EQ(pg::ConstraintOf(town.ledger.database().Sql(
                "INSERT INTO ledger.entry (budget_id, seq, prev_seq, prev_hash, canonical, hash,"
                "  type, period_no, recorded_at, request_id, actor, decision_ref)"
                "  SELECT budget_id, 5, 4, hash, '\\x00', sha256(hash || '\\x00'), type, period_no,"
                "  recorded_at, request_id, actor, decision_ref FROM ledger.entry WHERE seq = 4")),
            "entry_in_sound_budget");
}

TEST(Verifier, FrozenGoesBeforeClosedAndAfterNotFound) {
  Town town;
  const std::string at = absl::StrCat(" WHERE budget_id = '", town.budget, "'");
  town.Tamper(absl::StrCat("UPDATE ledger.account SET credits = credits + 5 WHERE kind = 2;",
                           "UPDATE ledger.budget SET state = 'closed'", at));
  EXPECT_EQ(ReasonOf(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 1)).status()),
            "BUDGET_CLOSED");
  town.ledger.Verified(town.budget);
  EXPECT_EQ(ReasonOf(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 1)).status()),
            "BUDGET_FROZEN");
  EXPECT_EQ(
      ReasonOf(town.ledger.Reserve(ReserveRequest(town.round, 9, {{town.budget, 1}, {NewId(), 1}}))
                   .status()),
      "BUDGET_NOT_FOUND");
}

TEST(Verifier, ARepeatedRequestStillGetsItsAnswerFromFrozenBooks) {
  Town town;
  const auto request = AppropriateRequestOf(town.budget, 7);
  ASSERT_TRUE(town.ledger.Appropriate(request).ok());
  town.Tamper("UPDATE ledger.account SET credits = credits + 5 WHERE kind = 2");
  town.ledger.Verified(town.budget);
  bool replayed = false;
  EXPECT_TRUE(town.ledger.Appropriate(request, &replayed).ok());
  EXPECT_TRUE(replayed);
}

TEST(Verifier, OnlyTheOwnerUnfreezesAndTheNextWalkLooksAgain) {
  Town town;
  town.Tamper("UPDATE ledger.account SET credits = credits + 5 WHERE kind = 2");
  EXPECT_EQ(town.ledger.Verified(town.budget).state(), v1::Verification::STATE_BROKEN);
  // Mended, but nobody has looked yet.
  town.Tamper("UPDATE ledger.account SET credits = credits - 5 WHERE kind = 2");
  EXPECT_EQ(town.ledger.Verified(town.budget).state(), v1::Verification::STATE_BROKEN);
  const auto run = [](pg::Tx& tx) { return tx.Script("DELETE FROM ledger.finding"); };
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  EXPECT_EQ(pg::SqlStateOf(pg::Transact(town.ledger.pool(), {.deadline = soon}, run)), "42501");
  pg::Pool owner({.conninfo = town.ledger.database().owner(), .size = 1});
  ASSERT_EQ(pg::Transact(owner, {.deadline = soon}, run), absl::OkStatus());
  EXPECT_EQ(town.ledger.Verified(town.budget).state(), v1::Verification::STATE_SOUND);
  EXPECT_TRUE(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 1)).ok());
}

TEST(Verifier, RecordsThatWereNeverCountedFreezeTheWholeLedger) {
  Town town;
  town.Tamper("UPDATE ledger.progress SET record_count = record_count - 1");
  const v1::Verification verified = town.ledger.Verified(town.budget);
  ASSERT_THAT(verified.findings(), SizeIs(1));
  EXPECT_TRUE(verified.findings(0).whole_ledger());
  EXPECT_EQ(ReasonOf(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 1)).status()),
            "BUDGET_FROZEN");
}

TEST(Verifier, ADatabaseThatForgotWhatTheGuardKnowsIsFrozen) {
  Town town;
  const std::string directory = absl::StrCat(::testing::TempDir(), "/verifier_", NewId());
  ASSERT_EQ(mkdir(directory.c_str(), 0700), 0);
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  const auto record = pg::Transact(town.ledger.pool(), {.deadline = soon}, ReadProgress);
  const auto guard = pg::Guard::Open(directory, "ledger", *record, /*adopt=*/true);
  ASSERT_TRUE(guard.ok()) << guard.status();
  obs::Registry metrics;
  Verifier verifier(town.ledger.pool(), guard->get(), nullptr, metrics);
  ASSERT_EQ(verifier.RunOnce(), absl::OkStatus());
  EXPECT_THAT(town.ledger.Verification(town.budget)->findings(), IsEmpty());

  pg::GuardRecord later = *record;
  ++later.commit_no;
  ASSERT_EQ((*guard)->Advance(later), absl::OkStatus());
  ASSERT_EQ(verifier.RunOnce(), absl::OkStatus());
  EXPECT_THAT(Sentences(*town.ledger.Verification(town.budget)), HasSubstr("the guard remembers"));
  EXPECT_EQ(ReasonOf(town.ledger.Appropriate(AppropriateRequestOf(town.budget, 1)).status()),
            "BUDGET_FROZEN");
}

}  // namespace
}  // namespace smederij::ledger
