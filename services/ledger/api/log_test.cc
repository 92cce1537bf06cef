// The log of all entries: places, signed heads, proofs that are checked without the ledger.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <limits>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/log_proof.h"
#include "common/crypto/merkle.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/api/sequencer.h"
#include "services/ledger/storage/log_store.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

struct Town {
  TestLedger ledger;
  std::string budget = ledger.BudgetOf(1'000);  // One entry.

  void Post(const std::string& to) { CHECK(ledger.Appropriate(AppropriateRequestOf(to, 10)).ok()); }
  void Sequence() { ASSERT_EQ(ledger.sequencer().RunOnce(), absl::OkStatus()); }
  absl::StatusOr<v1::LogCheckpoint> Checkpoint() {
    return ledger.server().Ask(&BooksStub::GetCheckpoint, v1::GetCheckpointRequest());
  }
  absl::StatusOr<v1::EntryProof> Proof(const std::string& of, int64_t seq) {
    v1::GetEntryProofRequest request;
    request.set_budget_id(of);
    request.set_seq(seq);
    return ledger.server().Ask(&BooksStub::GetEntryProof, request);
  }
  crypto::NoteVerifier verifier() {
    return *crypto::NoteVerifier::Parse(ledger.log_signer().VerifierKey());
  }
  // What whoever has the proof alone finds: the leaf is of the bytes that the proof carries.
  absl::StatusOr<crypto::Checkpoint> Check(const std::string& text) {
    ASSIGN_OR_RETURN(const crypto::LogProof proof, crypto::ParseLogProof(text));
    const crypto::Hash entry = crypto::Sha256(proof.extra);
    return crypto::CheckLogProof(text, crypto::LeafHash(crypto::View(entry)), {verifier()});
  }
};

TEST(Log, GivesEveryEntryAPlaceAndAProofThatNeedsNoLedger) {
  Town town;
  const std::string other = town.ledger.BudgetOf(500);
  town.Sequence();
  EXPECT_EQ(town.Checkpoint()->size(), 2);
  for (int i = 0; i < 3; ++i) town.Post(town.budget);
  town.Post(other);
  town.Sequence();
  const auto head = town.Checkpoint();
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->size(), 6);
  EXPECT_EQ(head->verifier_key(), town.ledger.log_signer().VerifierKey());
  std::set<uint64_t> places;
  for (const auto& [budget, count] : {std::pair(town.budget, 4), std::pair(other, 2)}) {
    const auto entries = town.ledger.Entries(budget);
    for (int64_t seq = 1; seq <= count; ++seq) {
      const auto proof = town.Proof(budget, seq);
      ASSERT_TRUE(proof.ok()) << proof.status();
      EXPECT_EQ(proof->entry_hash(), entries->entries(static_cast<int>(seq) - 1).entry_hash());
      EXPECT_EQ(proof->log_size(), 6);
      const auto checked = town.Check(proof->proof());
      ASSERT_TRUE(checked.ok()) << checked.status();
      EXPECT_EQ(checked->origin, "localhost/ledger");
      EXPECT_EQ(checked->size, 6);
      places.insert(proof->leaf_index());
      // Of no other entry: what it carries is what the leaf is of.
      auto forged = *crypto::ParseLogProof(proof->proof());
      forged.extra.back() = static_cast<char>(forged.extra.back() ^ 1);
      EXPECT_EQ(Reason(town.Check(crypto::ToText(forged))), "PROOF_WRONG");
    }
  }
  EXPECT_EQ(places.size(), 6);
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(Log, WhatWasProvedUnderAnOlderHeadStaysProvedAndPlacesStay) {
  Town town;
  town.Sequence();
  const auto first = town.Proof(town.budget, 1);
  for (int i = 0; i < 10; ++i) {
    town.Post(town.budget);
    town.Sequence();
  }
  EXPECT_TRUE(town.Check(first->proof()).ok());
  EXPECT_EQ(town.Proof(town.budget, 1)->leaf_index(), first->leaf_index());
  EXPECT_EQ(town.Checkpoint()->size(), 11);
}

TEST(Log, ATurnWithNothingNewChangesNothing) {
  Town town;
  town.Sequence();
  const auto before = town.Checkpoint();
  town.Sequence();
  EXPECT_EQ(town.Checkpoint()->SerializeAsString(), before->SerializeAsString());
}

TEST(Log, TellsHowManyAreLoggedAndHowLongTheOldestWaits) {
  Town town;
  town.Sequence();
  const auto metrics = [&] { return town.ledger.metrics().Text(); };
  EXPECT_THAT(metrics(), ::testing::HasSubstr("smederij_ledger_logged_entries 1"));
  EXPECT_THAT(metrics(), ::testing::HasSubstr("smederij_ledger_unlogged_seconds 0"));
  // One that nothing can be appended to: the age is told all the same.
  ASSERT_TRUE(town.ledger.database()
                  .Sql("ALTER TABLE ledger.log_leaf ADD CONSTRAINT none CHECK (idx < 1)")
                  .ok());
  town.Post(town.budget);
  town.ledger.clock().Set(town.ledger.clock().Now() + absl::Minutes(30));
  EXPECT_FALSE(town.ledger.sequencer().RunOnce().ok());
  EXPECT_THAT(metrics(), ::testing::HasSubstr("smederij_ledger_unlogged_seconds 180"));
}

TEST(GetEntryProofRefusals, InOrder) {
  Town town;
  EXPECT_EQ(Reason(town.Checkpoint()), "NOT_YET_LOGGED");
  // Before its first turn this replica knows nothing of the log, whatever is asked of it.
  EXPECT_EQ(Reason(town.Proof(town.budget, 1)), "LOG_NOT_READY");
  EXPECT_EQ(Reason(town.Proof(town.budget, 2)), "ENTRY_NOT_FOUND");
  EXPECT_EQ(Reason(town.Proof(NewId(), 1)), "BUDGET_NOT_FOUND");
  EXPECT_EQ(Reason(town.Proof("x", 0)), "BAD_ID");
  town.Sequence();
  town.Post(town.budget);
  EXPECT_TRUE(town.Proof(town.budget, 1).ok());
  EXPECT_EQ(Reason(town.Proof(town.budget, 2)), "NOT_YET_LOGGED");
  EXPECT_EQ(Reason(town.Proof(town.budget, 3)), "ENTRY_NOT_FOUND");
  EXPECT_EQ(Reason(town.Proof(NewId(), 1)), "BUDGET_NOT_FOUND");
  for (const int64_t seq : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min()}) {
    EXPECT_EQ(Reason(town.Proof(NewId(), seq)), "OUT_OF_RANGE");
  }
  EXPECT_EQ(Reason(town.Proof("x", 0)), "BAD_ID");
  // Beyond every entry.
  EXPECT_EQ(Reason(town.Proof(town.budget, std::numeric_limits<int64_t>::max())),
            "ENTRY_NOT_FOUND");
}

// Appended but not signed, as after a crash between the two: no proof leads to an unsigned head.
TEST(Log, WhatIsAppendedIsProvedOnceItIsSigned) {
  Town town;
  town.Sequence();
  town.Post(town.budget);
  ASSERT_TRUE(town.ledger.database()
                  .Sql("ALTER TABLE ledger.checkpoint ADD CONSTRAINT none CHECK (size < 2)")
                  .ok());
  EXPECT_FALSE(town.ledger.sequencer().RunOnce().ok());
  ASSERT_TRUE(town.ledger.database()
                  .Sql("DO $$ BEGIN ASSERT 2 = (SELECT size FROM ledger.log_state); END $$;"
                       "ALTER TABLE ledger.checkpoint DROP CONSTRAINT none")
                  .ok());
  EXPECT_EQ(Reason(town.Proof(town.budget, 2)), "NOT_YET_LOGGED");
  EXPECT_EQ(town.Proof(town.budget, 1)->log_size(), 1);
  town.Sequence();
  EXPECT_EQ(town.Proof(town.budget, 2)->log_size(), 2);
}

// As after a start, with a log that others have grown: a handler never reads it, however often it
// is asked; the sequencer's own turn does.
TEST(Log, NothingIsProvedBeforeASequencersTurnHasReadTheLog) {
  Town town;
  for (int i = 0; i < 5; ++i) town.Post(town.budget);
  obs::Registry metrics;
  ProofTree tree;
  Sequencer other(town.ledger.pool(), nullptr, town.ledger.log_signer(), tree, metrics,
                  &town.ledger.clock());
  ASSERT_EQ(other.RunOnce(), absl::OkStatus());
  for (int i = 0; i < 3; ++i) {
    const absl::Status refused = town.Proof(town.budget, 1).status();
    EXPECT_EQ(ReasonOf(refused), "LOG_NOT_READY");
    EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
    EXPECT_GT(RetryDelayOf(refused), absl::ZeroDuration());
  }
  town.Sequence();
  const auto proof = town.Proof(town.budget, 6);
  ASSERT_TRUE(proof.ok()) << proof.status();
  EXPECT_EQ(proof->log_size(), 6);
  EXPECT_TRUE(town.Check(proof->proof()).ok());
}

// Larger than what is read at once and appended at once; and asked about all the while.
TEST(Log, ALongLogIsReadInPiecesWhileProofsAreAskedFor) {
  constexpr int64_t kEntries = 21'001;
  Town town;
  ASSERT_TRUE(town.ledger.database()
                  .Sql(absl::StrCat("SET session_replication_role = replica;"
                                    "INSERT INTO ledger.log_leaf (idx, budget_id, seq, hash)"
                                    " SELECT n, gen_random_uuid(), 1, sha256(n::text::bytea)"
                                    "   FROM generate_series(0, ",
                                    kEntries - 1, ") AS n"))
                  .ok());
  crypto::MerkleTree expected;
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  const auto read = [](pg::Tx& tx) { return GetLeafHashes(tx, 0, kEntries); };
  const auto hashes = pg::Transact(town.ledger.pool(), {.deadline = soon}, read);
  for (const Hash& hash : *hashes) expected.Append(hash);

  ProofTree tree;
  std::atomic<bool> stop = false;
  std::thread asking([&] {
    while (!stop) EXPECT_EQ(Reason(tree.Prove(0, Hash())), "LOG_NOT_READY");
  });
  const LogHead head{.size = kEntries, .root = expected.Root()};
  const auto filled = tree.Fill(town.ledger.pool(), head);
  stop = true;
  asking.join();
  ASSERT_TRUE(filled.ok()) << filled.status();
  EXPECT_TRUE(*filled);
  tree.Publish({.size = kEntries, .note = "note"});
  const Hash last = crypto::Sha256(absl::StrCat(kEntries - 1));
  const auto proof = tree.Prove(kEntries - 1, last);
  ASSERT_TRUE(proof.ok()) << proof.status();
  EXPECT_EQ(proof->proof.hashes, expected.InclusionProof(kEntries - 1, kEntries));
  EXPECT_EQ(Reason(tree.Prove(kEntries - 1, Hash())), "LOG_DIFFERS");
  EXPECT_EQ(Reason(tree.Prove(kEntries, last)), "NOT_YET_LOGGED");
}

// A new key signs the head that is there, and the old notes stay good under the old one.
TEST(Log, AKeyMayBeReplaced) {
  Town town;
  town.Sequence();
  const crypto::NoteSigner next = LogSigner("localhost", crypto::SigningKey::FromSeed({8}));
  obs::Registry metrics;
  ProofTree tree;
  Sequencer sequencer(town.ledger.pool(), nullptr, next, tree, metrics, &town.ledger.clock());
  ASSERT_EQ(sequencer.RunOnce(), absl::OkStatus());
  town.Post(town.budget);
  ASSERT_EQ(sequencer.RunOnce(), absl::OkStatus());
  EXPECT_EQ(town.Checkpoint()->size(), 1);  // Of the ledger that has the old key.
  EXPECT_THAT(town.ledger.FindingsNow(
                  {.log_keys = {next.VerifierKey(), town.ledger.log_signer().VerifierKey()}}),
              IsEmpty());
}

// Everybody posts, three sequence: no place is given twice, none is left out.
TEST(Log, ManySequencersBesideManyWritersKeepOneLog) {
  Town town;
  std::vector<std::string> budgets = {town.budget};
  for (int i = 0; i < 3; ++i) budgets.push_back(town.ledger.BudgetOf(100));
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      obs::Registry metrics;
      ProofTree tree;
      Sequencer sequencer(town.ledger.pool(), nullptr, town.ledger.log_signer(), tree, metrics,
                          &town.ledger.clock());
      while (!stop) ASSERT_EQ(sequencer.RunOnce(), absl::OkStatus());
    });
  }
  std::vector<std::thread> posting;
  for (int i = 0; i < 4; ++i) {
    posting.emplace_back([&, i] {
      for (int n = 0; n < 50; ++n) town.Post(budgets[static_cast<size_t>((i + n) % 4)]);
    });
  }
  for (std::thread& thread : posting) thread.join();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  town.Sequence();
  EXPECT_EQ(town.Checkpoint()->size(), 204);
  for (const std::string& budget : budgets) {
    for (const int64_t seq : {1, 25, 51}) {
      EXPECT_TRUE(town.Check(town.Proof(budget, seq)->proof()).ok());
    }
  }
  EXPECT_THAT(town.ledger.FindingsNow(), IsEmpty());
}

TEST(LogSchema, ALogOnlyGrowsAndHoldsEntriesInSequence) {
  Town town;
  town.Post(town.budget);
  town.Sequence();
  town.Post(town.budget);
  town.Post(town.budget);
  const auto stopped = [&](const std::string& sql) {
    return pg::ConstraintOf(town.ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  };
  const std::string insert =
      "INSERT INTO ledger.log_leaf (idx, budget_id, seq, hash)"
      " SELECT ";
  EXPECT_EQ(stopped(insert + "2, budget_id, 3, sha256('x') FROM ledger.entry WHERE seq = 3"),
            "log_leaf_is_an_entry");
  EXPECT_EQ(stopped(insert + "3, budget_id, 3, hash FROM ledger.entry WHERE seq = 3"),
            "log_leaf_gapless");
  EXPECT_EQ(stopped(insert + "2, budget_id, 4, hash FROM ledger.entry WHERE seq = 4"),
            "log_leaf_follows_previous");
  EXPECT_EQ(stopped(insert + "2, budget_id, 2, hash FROM ledger.entry WHERE seq = 2"),
            "log_leaf_once");
  EXPECT_EQ(stopped(insert + "1, budget_id, 3, hash FROM ledger.entry WHERE seq = 3"),
            "log_leaf_pkey");
  EXPECT_EQ(stopped("UPDATE ledger.log_leaf SET hash = sha256('x')"), "log_leaf_append_only");
  EXPECT_EQ(stopped("DELETE FROM ledger.log_leaf"), "log_leaf_append_only");
  EXPECT_EQ(stopped("DELETE FROM ledger.checkpoint"), "checkpoint_append_only");
  EXPECT_EQ(stopped("UPDATE ledger.checkpoint SET note = ''"), "checkpoint_append_only");
  EXPECT_EQ(stopped("DELETE FROM ledger.log_state"), "log_state_never_removed");
  EXPECT_EQ(stopped("UPDATE ledger.log_state SET size = 1"), "log_state_grows");
  EXPECT_EQ(stopped("UPDATE ledger.log_state SET root = sha256('x')"), "log_state_grows");
}

}  // namespace
}  // namespace smederij::ledger
