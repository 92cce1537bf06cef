// Money that goes over to the next year goes by source, and can be given back to whom it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/following_years.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using enum v1::AccountKind;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(CarryBySource, OverThreeYearsEverySourceKeepsItsOwnToTheCent) {
  FollowingYears years;
  TestSpending& ledger = years.ledger;
  const auto &first = years.budgets[0], &second = years.budgets[1], &third = years.budgets[2];
  years.Give(first, "municipality", 100'01);
  years.Give(first, "corporation", 33'33);
  years.Award(first, 50'00);
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(first, years.path, 20'00))->commitment_id();
  const std::string payment =
      ledger.Request(ledger.PaymentRequest(first, commitment, 10'00, "1"))->payment_id();
  ASSERT_TRUE(ledger.Approve(first, payment, ledger.approver()).ok());
  ASSERT_TRUE(ledger.Instruct(first, payment, "BANK-1").ok());
  ASSERT_TRUE(ledger.Settle(first, payment).ok());

  // 123.34 of 133.34 goes over: 30.00 of the path, 10.00 of its commitment, and what is free.
  ASSERT_TRUE(years.Carry(first, second, kGoesOver).ok());
  EXPECT_THAT(years.Held(first, ACCOUNT_KIND_CARRIED_OUT),
              ElementsAre(Pair("corporation", 30'83), Pair("municipality", 92'51)));
  EXPECT_THAT(years.Held(second, ACCOUNT_KIND_CARRIED_IN),
              ElementsAre(Pair("corporation", -30'83), Pair("municipality", -92'51)));
  EXPECT_THAT(years.Held(second, ACCOUNT_KIND_COMMITTED), ElementsAre(Pair(commitment, 10'00)));
  EXPECT_THAT(years.Held(second, ACCOUNT_KIND_RESERVED), ElementsAre(Pair(years.path, 30'00)));

  // The second year's own money is one sum with what came over of the same source.
  years.Give(second, "corporation", 1);
  years.Give(second, "province", 7);
  ASSERT_TRUE(years.Carry(second, third, kGoesOver).ok());
  EXPECT_THAT(
      years.Held(third, ACCOUNT_KIND_CARRIED_IN),
      ElementsAre(Pair("corporation", -30'84), Pair("municipality", -92'51), Pair("province", -7)));
  EXPECT_THAT(ledger.Findings(), IsEmpty());

  // In the third the path is given up, and everything lapses: nobody is a cent short.
  ASSERT_TRUE(ledger.Close(third, commitment).ok());
  ASSERT_TRUE(ledger.ReleaseAward(third, years.path, 40'00).ok());
  years.Give(third, "corporation", 5);
  ASSERT_EQ(ledger.Get(third)->available_cents(), 123'47);
  ASSERT_TRUE(years.Carry(third, years.budgets[3], kLapses).ok());
  EXPECT_THAT(years.Held(third, ACCOUNT_KIND_CARRIED_IN), IsEmpty());
  EXPECT_THAT(years.Held(third, ACCOUNT_KIND_SOURCE), IsEmpty());
  EXPECT_EQ(ledger.Get(third)->available_cents(), 0);
  EXPECT_EQ(ledger.Get(third)->state(), v1::Budget::STATE_CARRIED);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// A plan of which next year has nothing but a commitment has no account of its own there.
TEST(CarryOver, APlanThatIsAllCommittedGoesOnForYears) {
  FollowingYears years;
  TestSpending& ledger = years.ledger;
  const auto &first = years.budgets[0], &second = years.budgets[1], &third = years.budgets[2];
  years.Give(first, "municipality", 50'00);
  years.Award(first, 50'00);
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(first, years.path, 50'00))->commitment_id();
  ASSERT_TRUE(years.Carry(first, second, kGoesOver).ok());
  EXPECT_THAT(years.Held(second, ACCOUNT_KIND_RESERVED), IsEmpty());
  const std::string payment =
      ledger.Request(ledger.PaymentRequest(second, commitment, 20'00, "1"))->payment_id();
  EXPECT_EQ(Reason(years.Carry(second, third, kGoesOver)), "PAYMENTS_OPEN");
  EXPECT_EQ(Reason(years.CarryPath(second, third)), "PAYMENTS_OPEN");
  ASSERT_TRUE(ledger.Reject(second, payment).ok());
  ASSERT_TRUE(years.CarryPath(second, third).ok()) << "by its name";
  EXPECT_EQ(Reason(years.CarryPath(second, third)), "AWARD_NOT_FOUND") << "it is all there";
  ASSERT_TRUE(years.Carry(second, third, kLapses).ok());
  ASSERT_TRUE(years.Carry(third, years.budgets[3], kGoesOver).ok()) << "as all of it";
  EXPECT_THAT(years.Held(years.budgets[3], ACCOUNT_KIND_COMMITTED),
              ElementsAre(Pair(commitment, 50'00)));
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CarryOver, WhatOnlyLapsesAsksForNoOpenBudgetNextYear) {
  FollowingYears years;
  TestSpending& ledger = years.ledger;
  const auto &first = years.budgets[0], &second = years.budgets[1];
  years.Give(first, "municipality", 50'00);
  years.Award(first, 20'00);
  ASSERT_TRUE(years.Carry(second, years.budgets[2], kGoesOver).ok());
  EXPECT_EQ(Reason(years.Carry(first, second, kGoesOver)), "BUDGET_CLOSED");
  EXPECT_EQ(Reason(years.Carry(first, second, kLapses)), "BUDGET_CLOSED") << "the path goes over";
  const auto pot = HoldRequest(first, NewId(), 10'00);
  ASSERT_TRUE(ledger.Hold(pot).ok());
  EXPECT_EQ(Reason(years.Carry(first, second, kGoesOver)), "BUDGET_CLOSED");
  EXPECT_EQ(Reason(years.Carry(first, second, kLapses)), "POT_HELD");
  ASSERT_TRUE(ledger.Release(ReleaseRequest(first, pot.round_id())).ok());
  ASSERT_TRUE(ledger.ReleaseAward(first, years.path, 20'00).ok());
  ASSERT_TRUE(years.Carry(first, second, kLapses).ok());
  EXPECT_EQ(ledger.Get(first)->state(), v1::Budget::STATE_CARRIED);
  EXPECT_THAT(years.Held(first, ACCOUNT_KIND_SOURCE), IsEmpty());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CarryBySource, WhatLapsesGoesBackForWhatCameOverFirst) {
  FollowingYears years;
  const auto &first = years.budgets[0], &second = years.budgets[1];
  years.Give(first, "corporation", 3'00);
  ASSERT_TRUE(years.Carry(first, second, kGoesOver).ok());
  years.Give(second, "corporation", 5'00);
  years.Give(second, "municipality", 2'00);
  years.Award(second, 5'00);
  // 5.00 of 10.00: 4.00 of the corporation's 8.00, 1.00 of the town's 2.00.
  ASSERT_TRUE(years.ledger.Release(ReleaseRequest(second, years.round)).ok());
  ASSERT_TRUE(years.Carry(second, years.budgets[2], kLapses).ok());
  EXPECT_THAT(years.Held(second, ACCOUNT_KIND_CARRIED_IN), IsEmpty());
  EXPECT_THAT(years.Held(second, ACCOUNT_KIND_SOURCE),
              ElementsAre(Pair("corporation", -4'00), Pair("municipality", -1'00)));
  EXPECT_EQ(years.ledger.Get(second)->appropriated_cents(), 5'00);
  EXPECT_THAT(years.Held(years.budgets[2], ACCOUNT_KIND_CARRIED_IN),
              ElementsAre(Pair("corporation", -4'00), Pair("municipality", -1'00)));
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

TEST(CarryBySource, APlansMoneyOfSeveralSourcesIsOneSumForItsAward) {
  FollowingYears years;
  const auto &first = years.budgets[0], &second = years.budgets[1];
  years.Give(first, "municipality", 100'01);
  years.Give(first, "corporation", 33'33);
  years.Award(first, 50'00);
  ASSERT_TRUE(years.ledger.Commit(years.ledger.CommitRequest(first, years.path, 20'00)).ok());
  ASSERT_TRUE(years.CarryPath(first, second).ok());
  const auto refused =
      years.ledger.Adjust(AdjustRequest(years.round, 2, {{first, 49'99, years.path}}));
  EXPECT_EQ(Reason(refused), "PLAN_CARRIED_OVER");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("carried_cents", "5000")));
  // Two accounts of two sources are three movements at most.
  int postings = 0;
  const auto entries = years.ledger.Entries(second);
  for (const v1::Entry& entry : entries->entries()) postings += entry.postings_size();
  EXPECT_LE(postings, 3);
  EXPECT_THAT(years.ledger.Findings(), IsEmpty());
}

// ── What a source may have back ────────────────────────────────────────────────────────────────

TEST(Reversals, ASourceDoesNotGetBackWhatOfItWentOver) {
  FollowingYears years;
  TestSpending& ledger = years.ledger;
  const auto& first = years.budgets[0];
  const int64_t seq = years.Give(first, "municipality", 100);
  years.Give(first, "corporation", 900);
  years.Award(first, 500);
  ASSERT_TRUE(years.CarryPath(first, years.budgets[1]).ok());  // 50 of the town's.
  const auto proposed = ledger.ProposeReversal(ReversalRequest(first, seq), ledger.treasurer());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const auto accept = [&] {
    return ledger.DecideReversal(first, proposed->reversal_id(), true, ledger.colleague());
  };
  const auto refused = accept();
  EXPECT_EQ(Reason(refused), "INSUFFICIENT_FUNDS");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("held_cents", "50")));
  // With as much of the town's besides, there is enough of it.
  years.Give(first, "municipality", 49);
  EXPECT_EQ(Reason(accept()), "INSUFFICIENT_FUNDS");
  years.Give(first, "municipality", 1);
  ASSERT_TRUE(accept().ok());
  EXPECT_THAT(years.Held(first, ACCOUNT_KIND_SOURCE),
              ElementsAre(Pair("corporation", -900), Pair("municipality", -50)));
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(BudgetFull, CountsWhatCameOver) {
  FollowingYears years;
  const auto &first = years.budgets[0], &second = years.budgets[1];
  years.Give(first, "municipality", 10);
  ASSERT_TRUE(years.Carry(first, second, kGoesOver).ok());
  const auto give = [&](int64_t cents) {
    return Reason(years.ledger.Appropriate(AppropriateRequestOf(second, cents)));
  };
  EXPECT_EQ(give(Money::kCentsMax - 9), "BUDGET_FULL");
  EXPECT_EQ(give(Money::kCentsMax - 10), "");
  v1::IndexAppropriationsRequest index;
  index.set_request_id(NewId());
  index.set_from_budget_id(first);
  index.set_budget_id(second);
  index.set_decision_ref("programme budget");
  EXPECT_EQ(Reason(years.ledger.server().Ask(&BooksStub::IndexAppropriations, index,
                                             years.ledger.Treasurer())),
            "BUDGET_FULL");
}

// ── Books from before ──────────────────────────────────────────────────────────────────────────

// The accounts carry the other budget's id, and the chain is of that: as it was written then. The
// source's name is as long as an id, so that one is put in the place of the other.
void MakeOld(FollowingYears& years, const std::string& source) {
  const auto &first = years.budgets[0], &second = years.budgets[1];
  const auto renamed = [&](const std::string& budget, int kind, int type, const std::string& to) {
    return absl::StrCat(
        "UPDATE ledger.account SET reference = '", to, "' WHERE budget_id = '", budget,
        "' AND kind = ", kind, ";DO $$ DECLARE e record; last bytea; bytes bytea; BEGIN ",
        "SELECT opening_hash INTO last FROM ledger.budget WHERE budget_id = '", budget, "'; ",
        "FOR e IN SELECT seq, type, canonical FROM ledger.entry WHERE budget_id = '", budget,
        "' ORDER BY seq LOOP bytes := e.canonical; IF e.type = ", type,
        " THEN bytes := decode(replace(encode(bytes, 'hex'), encode('", source,
        "', 'hex'), encode('", to, "', 'hex')), 'hex'); END IF; ",
        "UPDATE ledger.entry SET canonical = bytes, prev_hash = last, hash = sha256(last || bytes)"
        " WHERE budget_id = '",
        budget, "' AND seq = e.seq; last := sha256(last || bytes); ",
        "END LOOP; UPDATE ledger.budget_head SET hash = last WHERE budget_id = '", budget,
        "'; END $$;");
  };
  years.Tamper(absl::StrCat(renamed(first, 8, 13, second), renamed(second, 9, 14, first)));
}

TEST(CarryBySource, MoneyFromBeforeIsOneMoreSourceAndLapsesToo) {
  FollowingYears years;
  TestSpending& ledger = years.ledger;
  const auto &first = years.budgets[0], &second = years.budgets[1], &third = years.budgets[2];
  const std::string town = NewId();
  years.Give(first, town, 100'01);
  years.Award(first, 50'00);
  ASSERT_TRUE(years.CarryPath(first, second).ok());
  MakeOld(years, town);
  ASSERT_THAT(years.Held(first, ACCOUNT_KIND_CARRIED_OUT), ElementsAre(Pair(second, 50'00)));
  ASSERT_THAT(years.Held(second, ACCOUNT_KIND_CARRIED_IN), ElementsAre(Pair(first, -50'00)));
  ASSERT_THAT(ledger.Findings(), IsEmpty()) << "the books are sound as they are";

  // In the old year 50.01 of 133.34 is left to go over, and of the 50.00 nobody knows whose it was.
  years.Give(first, "corporation", 33'33);
  ASSERT_TRUE(years.Carry(first, second, kGoesOver).ok());
  const auto over = years.Held(first, ACCOUNT_KIND_CARRIED_OUT);
  EXPECT_EQ(over.at(town), 62'51);           // Of 100.01, 37.50 were its part of the 50.00.
  EXPECT_EQ(over.at("corporation"), 20'83);  // Of 33.33, 12.50.
  // In the new one it is a source of that name.
  EXPECT_EQ(years.Held(second, ACCOUNT_KIND_CARRIED_IN).at(first), -50'00);
  ASSERT_TRUE(ledger.ReleaseAward(second, years.path, 49'99).ok());
  ASSERT_TRUE(years.Carry(second, third, kLapses).ok());
  EXPECT_THAT(years.Held(second, ACCOUNT_KIND_AVAILABLE), IsEmpty());
  EXPECT_EQ(years.Held(third, ACCOUNT_KIND_CARRIED_IN).size(), 1u);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

TEST(CarrySchema, NoMoreGoesBackThanCameOver) {
  FollowingYears years;
  years.Give(years.budgets[0], "municipality", 10);
  ASSERT_TRUE(years.Carry(years.budgets[0], years.budgets[1], kGoesOver).ok());
  EXPECT_EQ(pg::ConstraintOf(years.ledger.database().Sql(
                "UPDATE ledger.account SET credits = debits + 1 WHERE kind = 9")),
            "account_carried_in_not_positive");
}

TEST(CarrySchema, WhatComesInOfAnotherSourceOrElsewhereIsFound) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.account SET reference = CASE reference WHEN 'a' THEN 'b' ELSE 'a' END"
       " WHERE kind = 9 AND budget_id = (SELECT budget_id FROM ledger.budget"
       " WHERE fund = 'general' AND fiscal_year = 2022)",
       "what was carried out of a source is not what was carried in of it"},
      // The same sums of the same sources, into another fund: by link they match.
      {"UPDATE ledger.entry AS e SET link_id = o.link_id FROM ledger.entry AS o"
       " WHERE e.type = 14 AND o.type = 14 AND o.budget_id <> e.budget_id",
       "what was carried out is not what was carried in"}};
  for (const auto& [sql, finding] : tampering) {
    FollowingYears years;
    const std::string other = years.Opened(2021, "green"), next = years.Opened(2022, "green");
    for (const std::string& budget : {years.budgets[0], other}) {
      years.Give(budget, "a", 20);
      years.Give(budget, "b", 10);
    }
    ASSERT_TRUE(years.Carry(years.budgets[0], years.budgets[1], kGoesOver).ok());
    ASSERT_TRUE(years.Carry(other, next, kGoesOver).ok());
    ASSERT_THAT(years.ledger.Findings(), IsEmpty());
    // Each account's name is one at any time.
    years.Tamper(absl::StrCat("ALTER TABLE ledger.account DROP CONSTRAINT",
                              " account_one_per_reference;", sql));
    EXPECT_THAT(years.ledger.Findings(), Contains(finding)) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
