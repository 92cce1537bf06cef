#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// A budget whose second entry was a mistake: the same appropriation, entered twice.
struct Mistake {
  TestSpending ledger;
  std::string budget = ledger.BudgetOf(1'000);

  Mistake() { CHECK(ledger.Appropriate(AppropriateRequestOf(budget, 1'000)).ok()); }

  absl::StatusOr<v1::Reversal> Propose(int64_t seq = 2) {
    return ledger.ProposeReversal(ReversalRequest(budget, seq), ledger.treasurer());
  }
  absl::StatusOr<v1::Reversal> Accept(const std::string& reversal) {
    return ledger.DecideReversal(budget, reversal, true, ledger.colleague());
  }
  std::string Stopped(const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  }
};

TEST(Reversals, TwoPeopleTakeAnEntryBackAndNothingIsChanged) {
  Mistake mistake;
  TestSpending& ledger = mistake.ledger;
  const auto proposed = mistake.Propose();
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->state(), v1::Reversal::STATE_PROPOSED);
  EXPECT_EQ(proposed->reversal_seq(), 0);
  EXPECT_EQ(ledger.Get(mistake.budget)->available_cents(), 2'000);

  const auto accepted = mistake.Accept(proposed->reversal_id());
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->state(), v1::Reversal::STATE_ACCEPTED);
  EXPECT_EQ(accepted->reversal_seq(), 3);
  const auto budget = ledger.Get(mistake.budget);
  EXPECT_EQ(budget->available_cents(), 1'000);
  EXPECT_EQ(budget->appropriated_cents(), 1'000);
  const auto entries = ledger.Entries(mistake.budget);
  ASSERT_EQ(entries->entries_size(), 3);
  const v1::Entry &wrong = entries->entries(1), &back = entries->entries(2);
  EXPECT_EQ(back.type(), v1::ENTRY_TYPE_REVERSE);
  EXPECT_EQ(back.reverses_seq(), 2);
  EXPECT_EQ(back.decision_ref(), "entered twice");
  EXPECT_EQ(back.actor(), absl::StrCat("person:", ledger.treasurer().subject.ToString()));
  EXPECT_EQ(back.approver(), absl::StrCat("person:", ledger.colleague().subject.ToString()));
  ASSERT_EQ(back.postings_size(), 1);
  EXPECT_EQ(back.postings(0).from_account_no(), wrong.postings(0).to_account_no());
  EXPECT_EQ(back.postings(0).to_account_no(), wrong.postings(0).from_account_no());
  EXPECT_EQ(back.postings(0).amount_cents(), 1'000);
  EXPECT_EQ(ledger.Trial(mistake.budget)->total_cents(), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Reversals, AReleasedAwardGoesBackToItsPlan) {
  Mistake mistake;
  TestSpending& ledger = mistake.ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 500);
  ASSERT_TRUE(ledger.ReleaseAward(budget, plan, 500).ok());
  const auto proposed = ledger.ProposeReversal(ReversalRequest(budget, 4), ledger.treasurer());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  ASSERT_TRUE(ledger.DecideReversal(budget, proposed->reversal_id(), true, ledger.holder()).ok());
  EXPECT_EQ(ledger.Balance(budget, v1::ACCOUNT_KIND_RESERVED, plan), 500);
  EXPECT_EQ(ledger.Get(budget)->available_cents(), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// A recount counts with what a plan gave back of its own accord: taken back after that, it would
// have more than its award.
TEST(Reversals, AReleasedAwardStaysReleasedWhenTheAwardWasChangedSince) {
  TestSpending ledger;
  const std::string plan = NewId(), round = NewId(), budget = ledger.BudgetOf(1'000);
  ASSERT_TRUE(ledger.Hold(HoldRequest(budget, round, 1'000)).ok());
  ASSERT_TRUE(ledger.Reserve(ReserveRequest(round, 1, {{budget, 1'000, plan}})).ok());
  const int64_t seq = ledger.ReleaseAward(budget, plan, 300)->seq();
  ASSERT_TRUE(ledger.Adjust(AdjustRequest(round, 2, {{budget, 500, plan}})).ok());
  const auto proposed = ledger.ProposeReversal(ReversalRequest(budget, seq), ledger.treasurer());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const auto refused =
      ledger.DecideReversal(budget, proposed->reversal_id(), true, ledger.colleague());
  EXPECT_EQ(Reason(refused), "AWARD_CHANGED_SINCE");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("seq", absl::StrCat(seq))));
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("changed_seq", absl::StrCat(seq + 1))));
  ASSERT_TRUE(ledger.Hold(HoldRequest(budget, NewId(), 300)).ok());
  const auto decide = [&](const testing::Person& who) {
    return Reason(ledger.DecideReversal(budget, proposed->reversal_id(), true, who));
  };
  EXPECT_EQ(decide(ledger.colleague()), "AWARD_CHANGED_SINCE") << "before INSUFFICIENT_FUNDS";
  testing::Person poor = ledger.colleague();
  poor.grants[0].limit_cents = 299;
  EXPECT_EQ(decide(poor), "AMOUNT_OVER_LIMIT") << "comes first";
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Reversals, OneThatWasRefusedMayBeProposedAgain) {
  Mistake mistake;
  TestSpending& ledger = mistake.ledger;
  const auto first = mistake.Propose();
  // Who proposed it may think better of it.
  const auto refused =
      ledger.DecideReversal(mistake.budget, first->reversal_id(), false, ledger.treasurer());
  ASSERT_TRUE(refused.ok()) << refused.status();
  EXPECT_EQ(refused->state(), v1::Reversal::STATE_REFUSED);
  EXPECT_EQ(ledger.Get(mistake.budget)->head_seq(), 2);
  const auto second = mistake.Propose();
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_TRUE(mistake.Accept(second->reversal_id()).ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Reversals, ARepeatedRequestGetsTheFirstAnswer) {
  Mistake mistake;
  const auto request = ReversalRequest(mistake.budget, 2);
  const auto first = mistake.ledger.ProposeReversal(request, mistake.ledger.treasurer());
  ASSERT_TRUE(mistake.Accept(first->reversal_id()).ok());
  bool replayed = false;
  const auto again = mistake.ledger.ProposeReversal(request, mistake.ledger.treasurer(), &replayed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
}

TEST(Reversals, AreListedInPagesForThoseWhoDecide) {
  Mistake mistake;
  TestSpending& ledger = mistake.ledger;
  std::vector<std::string> ids, found;
  for (const int64_t seq : {2, 1}) ids.push_back(mistake.Propose(seq)->reversal_id());
  std::string token;
  do {
    const auto page = ledger.Reversals(mistake.budget, 1, token);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& reversal : page->reversals()) found.push_back(reversal.reversal_id());
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(found, ElementsAre(ids[0], ids[1]));
  v1::ListReversalsRequest request;
  request.set_budget_id(mistake.budget);
  EXPECT_FALSE(ledger.server().Ask(&BooksStub::ListReversals, request).ok());
}

TEST(Reversals, ManyWhoAcceptAtOnceTakeItBackOnce) {
  Mistake mistake;
  TestSpending& ledger = mistake.ledger;
  const std::string id = mistake.Propose()->reversal_id();
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto answer = mistake.Accept(id);
      if (answer.ok()) {
        ++accepted;
      } else {
        EXPECT_EQ(Reason(answer), "REVERSAL_DECIDED");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, 1);
  EXPECT_EQ(ledger.Get(mistake.budget)->available_cents(), 1'000);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── Refusals, in order of precedence ───────────────────────────────────────────────────────────

TEST(ProposeReversalRefusals, InOrder) {
  Mistake mistake;
  TestSpending& ledger = mistake.ledger;
  ASSERT_TRUE(ledger.Hold(HoldRequest(mistake.budget, NewId(), 10)).ok());
  ASSERT_TRUE(mistake.Propose().ok());
  EXPECT_EQ(Reason(mistake.Propose()), "REVERSAL_PENDING");
  const std::string first = mistake.Propose(1)->reversal_id();
  ASSERT_TRUE(mistake.Accept(first).ok());
  EXPECT_EQ(Reason(mistake.Propose(1)), "ALREADY_REVERSED");
  EXPECT_EQ(Reason(mistake.Propose(3)), "NOT_REVERSIBLE");  // A pot.
  EXPECT_EQ(Reason(mistake.Propose(4)), "NOT_REVERSIBLE");  // The reversal.
  EXPECT_EQ(Reason(mistake.Propose(5)), "ENTRY_NOT_FOUND");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(Reason(mistake.Propose(5)), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(Reason(mistake.Propose(5)), "BUDGET_CLOSED");
  ASSERT_TRUE(ledger.database()
                  .Sql("INSERT INTO ledger.finding (budget_id, seq, what)"
                       " SELECT budget_id, 0, 'a test' FROM ledger.budget")
                  .ok());
  EXPECT_EQ(Reason(mistake.Propose(5)), "BUDGET_FROZEN");
  auto request = ReversalRequest(mistake.budget, 5);
  testing::Person stranger = ledger.treasurer();
  stranger.municipality = MunicipalityId::Random();
  EXPECT_EQ(Reason(ledger.ProposeReversal(request, stranger)), "OTHER_MUNICIPALITY");
  request.set_budget_id(NewId());
  EXPECT_EQ(Reason(ledger.ProposeReversal(request, stranger)), "BUDGET_NOT_FOUND");
  EXPECT_EQ(Reason(ledger.ProposeReversal(request, ledger.approver())), "ROLE_NOT_HELD");
  request.set_reason("two\nlines");
  EXPECT_EQ(Reason(ledger.ProposeReversal(request, stranger)), "BAD_TEXT");
  request.set_seq(0);
  EXPECT_EQ(Reason(ledger.ProposeReversal(request, stranger)), "OUT_OF_RANGE");
  request.set_budget_id("x");
  EXPECT_EQ(Reason(ledger.ProposeReversal(request, stranger)), "BAD_ID");
}

TEST(DecideReversalRefusals, InOrder) {
  Mistake mistake;
  TestSpending& ledger = mistake.ledger;
  ASSERT_TRUE(ledger.Hold(HoldRequest(mistake.budget, NewId(), 1'001)).ok());
  const std::string id = mistake.Propose()->reversal_id();
  const auto accept = [&](const std::string& reversal, const testing::Person& who) {
    return Reason(ledger.DecideReversal(mistake.budget, reversal, true, who));
  };
  EXPECT_EQ(accept(id, ledger.colleague()), "INSUFFICIENT_FUNDS");
  testing::Person poor = ledger.colleague();
  poor.grants[0].limit_cents = 999;
  EXPECT_EQ(accept(id, poor), "AMOUNT_OVER_LIMIT");
  poor.subject = ledger.treasurer().subject;
  poor.grants[0].role = policy::v1::ROLE_BUDGET_HOLDER;  // Another hat.
  EXPECT_EQ(accept(id, poor), "SELF_APPROVAL");
  ASSERT_TRUE(ledger.DecideReversal(mistake.budget, id, false, poor).ok());
  EXPECT_EQ(accept(id, poor), "REVERSAL_DECIDED");
  EXPECT_EQ(accept(NewId(), poor), "REVERSAL_NOT_FOUND");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(accept(NewId(), poor), "PERIOD_CLOSED");
}

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

TEST(ReversalSchema, KeepsFourEyesAndWhatMayBeTakenBack) {
  Mistake mistake;
  ASSERT_TRUE(mistake.ledger.Hold(HoldRequest(mistake.budget, NewId(), 10)).ok());
  ASSERT_TRUE(mistake.Propose().ok());
  const auto entry = [&](int type, const char* approver, const char* reverses) {
    return absl::StrCat(
        "INSERT INTO ledger.entry (budget_id, seq, prev_seq, prev_hash, canonical, hash, type, "
        "period_no, recorded_at, request_id, actor, approver, decision_ref, reverses_seq) "
        "SELECT budget_id, 4, 3, hash, 'x', sha256(hash || 'x'), ",
        type, ", period_no, recorded_at, request_id, 'a', ", approver, ", 'd', ", reverses,
        " FROM ledger.entry WHERE seq = 3");
  };
  EXPECT_EQ(mistake.Stopped(entry(11, "NULL", "2")), "entry_reversal_by_two");
  EXPECT_EQ(mistake.Stopped(entry(11, "'a'", "2")), "entry_approver_is_another");
  EXPECT_EQ(mistake.Stopped(entry(11, "'b'", "NULL")), "entry_reversal_names_entry");
  EXPECT_EQ(mistake.Stopped(entry(1, "'b'", "2")), "entry_reversal_names_entry");
  EXPECT_EQ(mistake.Stopped(entry(11, "'b'", "3")), "entry_reverses_reversible");
  EXPECT_EQ(mistake.Stopped("UPDATE ledger.reversal SET state = 'accepted', reversal_seq = 3,"
                            " decided_by = proposed_by, decided_at = now()"),
            "reversal_accepted_by_another");
  EXPECT_EQ(mistake.Stopped("UPDATE ledger.reversal SET state = 'accepted',"
                            " decided_by = gen_random_uuid(), decided_at = now()"),
            "reversal_posts");
  EXPECT_EQ(mistake.Stopped("UPDATE ledger.reversal SET reason = 'x'"), "reversal_keeps_its_facts");
  EXPECT_EQ(mistake.Stopped("INSERT INTO ledger.reversal (budget_id, reversal_id, seq, reason,"
                            " proposed_by, proposed_at, state) SELECT budget_id,"
                            " gen_random_uuid(), seq, reason, proposed_by, now(), state"
                            " FROM ledger.reversal"),
            "reversal_one_per_entry");
  EXPECT_EQ(mistake.Stopped("DELETE FROM ledger.reversal"), "reversal_never_removed");
}

TEST(ReversalSchema, WhatWasNotDecidedSoIsFound) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.reversal SET reason = 'x'",
       "what it takes back is not what two people decided"},
      {"UPDATE ledger.reversal SET decided_by = gen_random_uuid()",
       "what it takes back is not what two people decided"},
      {"DELETE FROM ledger.reversal", "what it takes back is not what two people decided"},
      {"UPDATE ledger.posting SET type = 2 WHERE seq = 2",
       "takes back an entry of a type that cannot be"},
      {"UPDATE ledger.posting SET amount = 999 WHERE seq = 3",
       "does not move back what the entry it takes back moved"}};
  for (const auto& [sql, finding] : tampering) {
    Mistake mistake;
    ASSERT_TRUE(mistake.Accept(mistake.Propose()->reversal_id()).ok());
    ASSERT_THAT(mistake.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(mistake.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(mistake.ledger.Findings(), Contains(finding)) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
