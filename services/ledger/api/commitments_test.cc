#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(Commitments, APlansMoneyIsCommittedClosedAndGivenBack) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 6'200'00);
  const auto opened = ledger.Commit(ledger.CommitRequest(budget, plan, 5'000'00));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->remaining_cents(), 5'000'00);
  EXPECT_EQ(opened->seq(), 4);
  const std::string id = opened->commitment_id();
  EXPECT_EQ(ledger.Balance(budget, v1::ACCOUNT_KIND_COMMITTED, id), 5'000'00);
  EXPECT_EQ(ledger.Balance(budget, v1::ACCOUNT_KIND_RESERVED, plan), 1'200'00);

  const auto closed = ledger.Close(budget, id);
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_TRUE(closed->closed());
  EXPECT_EQ(closed->remaining_cents(), 0);
  EXPECT_EQ(ledger.Balance(budget, v1::ACCOUNT_KIND_RESERVED, plan), 6'200'00);
  ASSERT_TRUE(ledger.ReleaseAward(budget, plan, 6'199'99).ok());
  EXPECT_EQ(ledger.Balance(budget, v1::ACCOUNT_KIND_RESERVED, plan), 1);
  EXPECT_EQ(ledger.Get(budget)->available_cents(), 6'199'99);
  EXPECT_EQ(ledger.Trial(budget)->total_cents(), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Commitments, AnEntryNamesTheRecordItRestsOn) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 10);
  ASSERT_TRUE(ledger.Commit(ledger.CommitRequest(budget, plan, 10)).ok());
  const auto entries = ledger.Entries(budget);
  EXPECT_THAT(entries->entries(2).record_hash(), IsEmpty());
  EXPECT_THAT(entries->entries(3).record_hash(), SizeIs(32));
  EXPECT_EQ(entries->entries(3).canonical().substr(0, 17), "smederij-entry-v2");
  EXPECT_NE(entries->entries(3).canonical().find(entries->entries(3).record_hash()),
            std::string::npos);
}

TEST(Commitments, AreListedByBudgetAndByPlanInPages) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  for (const int64_t cents : {1, 2, 3}) {
    ASSERT_TRUE(ledger.Commit(ledger.CommitRequest(budget, plan, cents)).ok());
  }
  std::vector<int64_t> amounts;
  std::string token;
  do {
    const auto page = ledger.Commitments(budget, plan, 2, token);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& commitment : page->commitments()) {
      amounts.push_back(commitment.amount_cents());
    }
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(amounts, ElementsAre(1, 2, 3));
  EXPECT_EQ(ledger.Commitments(budget, NewId())->commitments_size(), 0);
  EXPECT_EQ(Reason(ledger.Commitments(NewId())), "BUDGET_NOT_FOUND");
  EXPECT_EQ(Reason(ledger.Commitments(budget, "x")), "BAD_ID");
}

TEST(OpenCommitmentRefusals, InOrder) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  auto request = ledger.CommitRequest(budget, plan, 101);
  EXPECT_EQ(Reason(ledger.Commit(request)), "INSUFFICIENT_FUNDS");
  request.set_plan_id(NewId());
  EXPECT_EQ(Reason(ledger.Commit(request)), "AWARD_NOT_FOUND");
  request.set_payee_id(NewId());
  EXPECT_EQ(Reason(ledger.Commit(request)), "PAYEE_NOT_FOUND");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(Reason(ledger.Commit(request)), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(Reason(ledger.Commit(request)), "BUDGET_CLOSED");
  ledger.holder().grants[0].limit_cents = 100;
  EXPECT_EQ(Reason(ledger.Commit(request)), "AMOUNT_OVER_LIMIT");
  ledger.holder().grants[0].district = DistrictId::Random();
  EXPECT_EQ(Reason(ledger.Commit(request)), "ROLE_NOT_HELD_THERE");
  ledger.holder().municipality = MunicipalityId::Random();
  EXPECT_EQ(Reason(ledger.Commit(request)), "OTHER_MUNICIPALITY");
  request.set_budget_id(NewId());
  EXPECT_EQ(Reason(ledger.Commit(request)), "BUDGET_NOT_FOUND");
  for (const char* bad : {"2026-2-3", "2026-02-30", "1999-12-31", "2026-02-03 ", "tomorrow"}) {
    request.set_payable_from(bad);
    EXPECT_EQ(Reason(ledger.Commit(request)), "BAD_DATE") << bad;
  }
  request.set_document_hash(std::string(31, 'd'));
  EXPECT_EQ(Reason(ledger.Commit(request)), "BAD_HASH");
  request.set_decision_ref("");
  EXPECT_EQ(Reason(ledger.Commit(request)), "BAD_TEXT");
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, Money::kCentsMax + 1, INT64_MAX, INT64_MIN}) {
    request.set_amount_cents(bad);
    EXPECT_EQ(Reason(ledger.Commit(request)), "AMOUNT_OUT_OF_RANGE") << bad;
  }
  request.set_payee_id("x");
  EXPECT_EQ(Reason(ledger.Commit(request)), "BAD_ID");
}

TEST(OpenCommitment, APayeeOfAnotherMunicipalityIsNotFound) {
  TestSpending ledger, elsewhere;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  v1::RegisterPayeeRequest request;
  request.set_request_id(NewId());
  request.set_name("Somebody else's");
  request.set_iban("NL91ABNA0417164300");
  const testing::Person stranger = elsewhere.Somebody(policy::v1::ROLE_TREASURER);
  const auto foreign = ledger.server().Ask(&v1::PayeeService::Stub::RegisterPayee, request,
                                           ledger.server().As(stranger));
  ASSERT_TRUE(foreign.ok()) << foreign.status();
  auto commit = ledger.CommitRequest(budget, plan, 1);
  commit.set_payee_id(foreign->payee_id());
  EXPECT_EQ(Reason(ledger.Commit(commit)), "PAYEE_NOT_FOUND");
}

TEST(CloseCommitmentRefusals, InOrder) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  const std::string other = ledger.Awarded(NewId(), 100);
  const std::string id = ledger.Commit(ledger.CommitRequest(budget, plan, 100))->commitment_id();
  // By way of another budget it is not there.
  EXPECT_EQ(Reason(ledger.Close(other, id)), "COMMITMENT_NOT_FOUND");
  ASSERT_TRUE(ledger.Close(budget, id).ok());
  EXPECT_EQ(Reason(ledger.Close(budget, id)), "COMMITMENT_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(Reason(ledger.Close(budget, NewId())), "PERIOD_CLOSED");
}

TEST(ReleaseAwardRefusals, InOrder) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  EXPECT_EQ(Reason(ledger.ReleaseAward(budget, plan, 101)), "INSUFFICIENT_FUNDS");
  EXPECT_EQ(Reason(ledger.ReleaseAward(budget, NewId(), 101)), "AWARD_NOT_FOUND");
  ledger.holder().grants[0].limit_cents = 100;
  EXPECT_EQ(Reason(ledger.ReleaseAward(budget, plan, 101)), "AMOUNT_OVER_LIMIT");
  EXPECT_EQ(Reason(ledger.ReleaseAward(NewId(), plan, 101)), "BUDGET_NOT_FOUND");
  EXPECT_EQ(Reason(ledger.ReleaseAward(budget, plan, 0)), "AMOUNT_OUT_OF_RANGE");
}

TEST(Commitments, TheSchemaKeepsTheirTerms) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  const std::string id = ledger.Commit(ledger.CommitRequest(budget, plan, 50))->commitment_id();
  const auto stopped = [&](const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql(sql));
  };
  EXPECT_EQ(stopped("UPDATE ledger.commitment SET payable_from = '2020-01-01'"),
            "commitment_keeps_its_terms");
  EXPECT_EQ(stopped("DELETE FROM ledger.commitment"), "commitment_never_removed");
  EXPECT_EQ(stopped("INSERT INTO ledger.commitment SELECT budget_id, gen_random_uuid(), "
                    "gen_random_uuid(), plan_id, payee_id, amount, quote_ref, decision_ref, "
                    "document_hash, payable_from, 3, opened_at, closed_at FROM ledger.commitment"),
            "commitment_budget");
  ASSERT_TRUE(ledger.Close(budget, id).ok());
  EXPECT_EQ(stopped("UPDATE ledger.commitment SET closed_at = NULL"), "commitment_closed_once");
}

}  // namespace
}  // namespace smederij::ledger
