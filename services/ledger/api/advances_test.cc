// Money that a group gets before it buys: paid in advance, accounted for by receipts or returned.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/ledger/testing/test_advances.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(Advances, AreOpenUntilReceiptsAndMoneyAccountForAllOfThem) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Instructed(500);
  const auto paid = ledger.Settle(town.budget, id);
  ASSERT_TRUE(paid.ok()) << paid.status();
  EXPECT_EQ(paid->state(), v1::Payment::STATE_ADVANCED);
  EXPECT_EQ(paid->receipts_due(), "2999-12-31");
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_ADVANCED), 500);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_CLEARING), 0);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 0);
  const auto part = ledger.Account(town.budget, id, 300, "till 1");
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_EQ(part->state(), v1::Payment::STATE_ADVANCED);
  EXPECT_EQ(part->accounted_cents(), 300);
  EXPECT_EQ(part->seq(), ledger.Get(town.budget)->head_seq());
  const auto back = ledger.GiveBack(town.budget, id, 50, "BACK-1");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->returned_cents(), 50);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 350);
  const auto last = ledger.Account(town.budget, id, 150, "till 2");
  ASSERT_TRUE(last.ok()) << last.status();
  EXPECT_EQ(last->state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(last->accounted_cents(), 450);
  EXPECT_EQ(last->returned_cents(), 50);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_ADVANCED), 0);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 450);
  // What came back can be asked for again, or goes back to the plan.
  EXPECT_TRUE(ledger.Request(town.Request(350)).ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Advances, WhatCameBackGoesToThePlanWhenTheCommitmentIsClosed) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Paid(800);
  EXPECT_EQ(Reason(ledger.Close(town.budget, town.commitment)), "ADVANCES_OPEN");
  ASSERT_TRUE(ledger.GiveBack(town.budget, id, 800, "BACK-1").ok());
  ASSERT_TRUE(ledger.Close(town.budget, town.commitment).ok());
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_RESERVED), 1'000);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Advances, ThatTheBankDidNotPayAreNoAdvances) {
  Advances town;
  const std::string id = town.Instructed(800);
  EXPECT_EQ(Reason(town.ledger.Account(town.budget, id, 1, "till 1")), "WRONG_STATE");
  ASSERT_TRUE(town.ledger.Fail(town.budget, id).ok());
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_COMMITTED), 800);
  EXPECT_EQ(Reason(town.ledger.Account(town.budget, id, 1, "till 1")), "WRONG_STATE");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(Advances, CountAsAdvancedAndNotAsPaidAmongAPlansMoney) {
  Advances town;
  const std::string id = town.Paid(500);
  ASSERT_TRUE(town.ledger.Account(town.budget, id, 200, "till 1").ok());
  v1::ListPlanMoneyRequest request;
  request.set_plan_id(town.plan);
  const auto answer = town.ledger.server().Ask(&Stub::ListPlanMoney, request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->money_size(), 1);
  EXPECT_EQ(answer->money(0).advanced_cents(), 300);
  EXPECT_EQ(answer->money(0).left_cents(), 200);
  EXPECT_EQ(answer->money(0).total_cents(), 1'000);
}

TEST(Advances, KeepTheirPlanFromGettingLessThanTheyTook) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string other = NewId(), round = NewId();
  ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(town.budget, 500)).ok());
  ASSERT_TRUE(ledger.Hold(HoldRequest(town.budget, round, 500)).ok());
  ASSERT_TRUE(ledger.Reserve(ReserveRequest(round, 1, {{town.budget, 500, other}})).ok());
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(town.budget, other, 500))->commitment_id();
  auto request = ledger.PaymentRequest(town.budget, commitment, 400, NewId());
  request.set_receipts_due("2999-12-31");
  const std::string id = ledger.Request(request)->payment_id();
  ASSERT_TRUE(ledger.Approve(town.budget, id, ledger.approver()).ok());
  ASSERT_TRUE(ledger.Instruct(town.budget, id, "BANK-7").ok());
  ASSERT_TRUE(ledger.Settle(town.budget, id).ok());
  ASSERT_TRUE(ledger.Close(town.budget, commitment).status().code() ==
              absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Reason(ledger.Adjust(AdjustRequest(round, 2, {{town.budget, 399, other}}))),
            "PLAN_HAS_SPENDING");
}

TEST(Advances, AreListedWhenTheyAreOpenAndWhenTheyAreOverdue) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string early = town.Paid(100, "2998-01-31"), late = town.Paid(100, "2998-02-01"),
                    done = town.Paid(100, "2998-01-01");
  town.Instructed(100, "2998-01-01");
  ASSERT_TRUE(ledger.Account(town.budget, done, 100, "till 1").ok());
  const auto listed = [&](const std::string& day, v1::Payment::State state) {
    v1::ListPaymentsRequest request;
    request.set_budget_id(town.budget);
    request.set_overdue_on(day);
    request.set_state(state);
    request.set_page_size(1);
    std::vector<std::string> found;
    do {
      const auto page =
          ledger.server().Ask(&SpendingStub::ListPayments, request, ledger.Treasurer());
      EXPECT_TRUE(page.ok()) << page.status();
      for (const auto& payment : page->payments()) found.push_back(payment.payment_id());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return found;
  };
  const auto any = v1::Payment::STATE_UNSPECIFIED, open = v1::Payment::STATE_ADVANCED;
  EXPECT_THAT(listed("", open), ElementsAre(early, late));
  EXPECT_THAT(listed("2998-01-31", any), IsEmpty());  // Not before the day is over.
  EXPECT_THAT(listed("2998-02-01", any), ElementsAre(early));
  EXPECT_THAT(listed("2998-02-02", open), ElementsAre(early, late));
  v1::ListPaymentsRequest request;
  request.set_budget_id(town.budget);
  const auto reason = [&] {
    return Reason(ledger.server().Ask(&SpendingStub::ListPayments, request, ledger.Treasurer()));
  };
  for (const char* bad : {"2026-02-30", "0000-01-01", "2026-1-1", "'; DROP TABLE ledger.entry"}) {
    request.set_overdue_on(bad);
    EXPECT_EQ(reason(), "BAD_DATE") << bad;
  }
  request.set_overdue_on("2998-01-31");
  request.set_state(v1::Payment::STATE_SETTLED);
  EXPECT_EQ(reason(), "OUT_OF_RANGE");
  // A page of one list is none of another.
  request.set_state(open);
  request.set_page_size(1);
  request.set_overdue_on("2998-02-02");
  request.set_page_token(ledger.server()
                             .Ask(&SpendingStub::ListPayments, request, ledger.Treasurer())
                             ->next_page_token());
  request.set_overdue_on("2998-02-03");
  EXPECT_EQ(reason(), "BAD_PAGE");
}

// ── Again, and at once ─────────────────────────────────────────────────────────────────────────

TEST(Advances, ARepeatedRequestGetsItsFirstAnswer) {
  Advances town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Paid(500);
  auto receipt = ledger.AccountRequest(town.budget, id, 100, "till 1");
  auto back = ledger.ReturnRequest(town.budget, id, 100, "BACK-1");
  const auto first = ledger.Account(receipt, ledger.approver());
  const auto returned = ledger.GiveBack(back, ledger.treasurer());
  ASSERT_TRUE(ledger.Account(town.budget, id, 300, "till 2").ok());
  bool replayed = false;
  EXPECT_EQ(ledger.Account(receipt, ledger.approver(), &replayed)->SerializeAsString(),
            first->SerializeAsString());
  EXPECT_TRUE(replayed);
  replayed = false;
  EXPECT_EQ(ledger.GiveBack(back, ledger.treasurer(), &replayed)->SerializeAsString(),
            returned->SerializeAsString());
  EXPECT_TRUE(replayed);
  receipt.set_amount_cents(99);
  EXPECT_EQ(Reason(ledger.Account(receipt, ledger.approver())), "REQUEST_ID_REUSED");
  back.set_bank_ref("BACK-2");
  EXPECT_EQ(Reason(ledger.GiveBack(back, ledger.treasurer())), "REQUEST_ID_REUSED");
}

TEST(Advances, TheLastOfThemIsAccountedForOrReturnedButNotBoth) {
  Advances town;
  const std::string id = town.Paid(500);
  std::atomic<int> done = 0;
  std::vector<std::thread> running;
  for (int i = 0; i < 12; ++i) {
    running.emplace_back([&, i] {
      const auto answer =
          i % 2 == 0 ? town.ledger.Account(town.budget, id, 500, absl::StrCat("till ", i))
                     : town.ledger.GiveBack(town.budget, id, 500, absl::StrCat("BACK-", i));
      if (answer.ok()) {
        ++done;
      } else {
        EXPECT_EQ(Reason(answer), "WRONG_STATE");
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_ADVANCED), 0);
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(Advances, OneReceiptOfTwoPeopleAtOnceCountsOnce) {
  Advances town;
  const std::string id = town.Paid(800);
  std::atomic<int> done = 0;
  std::vector<std::thread> running;
  for (int i = 0; i < 8; ++i) {
    running.emplace_back([&] {
      const auto answer = town.ledger.Account(town.budget, id, 10, "till 1");
      if (answer.ok()) {
        ++done;
      } else {
        EXPECT_EQ(Reason(answer), "RECEIPT_USED");
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(town.Held(v1::ACCOUNT_KIND_PAID), 10);
}

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

TEST(AdvanceSchema, KeepsFourEyesAndWhatIsOwed) {
  Advances town;
  const std::string id = town.Paid(500);
  const auto step = [&](const char* to, const char* person, const char* part) {
    return absl::StrCat(
        "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, "
        "person, actor, request_id, stepped_at, seq, note, requested_by, approvals_needed, amount, "
        "receipt_ref, document_hash, return_ref, municipality_id, total) SELECT budget_id, "
        "payment_id, 5, 7, ",
        to, ", ", person, ", '', request_id, now(), 4, '', requested_by, approvals_needed, ", part,
        " FROM ledger.payment_step WHERE step_no = 1");
  };
  const char* another = "'11111111-1111-4111-8111-111111111111'";
  const char* receipt = "1, 'r', sha256('r'), NULL, (SELECT municipality_id FROM ledger.budget), 1";
  EXPECT_EQ(town.Stopped(step("7", "requested_by", receipt)), "payment_accounter_is_another");
  EXPECT_EQ(town.Stopped(step("5", another, receipt)), "payment_step_allowed");
  EXPECT_EQ(town.Stopped(step("7", another, "NULL, NULL, NULL, NULL, NULL, NULL")),
            "payment_part_is_whole");
  EXPECT_EQ(town.Stopped(step("7", another, "1, 'r', NULL, NULL, NULL, 1")),
            "payment_part_is_whole");
  EXPECT_EQ(town.Stopped(step("7", another, "1, 'r', sha256('r'), 'b', NULL, 1")),
            "payment_part_is_whole");
  EXPECT_EQ(town.Stopped(step("7", another, "1, 'r', sha256('r'), NULL, NULL, NULL")),
            "payment_part_is_whole");
  EXPECT_EQ(town.Stopped(step("7", another, "2, 'r', sha256('r'), NULL, NULL, 1")),
            "payment_part_in_total");
  EXPECT_EQ(town.Stopped(step("7", another, "0, 'r', sha256('r'), NULL, NULL, 1")),
            "payment_part_amount_range");
  EXPECT_EQ(town.Stopped(step("7", another, "1, 'r', sha256('r'), NULL, NULL, 1")),
            "payment_part_municipality");
  EXPECT_EQ(town.Stopped(step("7", another, "1, 'r', sha256('r'), NULL, gen_random_uuid(), 1")),
            "payment_part_of_municipality");
  EXPECT_EQ(town.Stopped("UPDATE ledger.payment SET receipts_due = '2998-01-01'"),
            "payment_keeps_its_facts");
  EXPECT_EQ(town.Stopped("UPDATE ledger.payment SET steps = 5, state = 4, accounted = 501"),
            "payment_advance_not_exceeded");
  EXPECT_EQ(town.Stopped("UPDATE ledger.payment SET steps = 5, accounted = 500"),
            "payment_advance_is_open");
  EXPECT_EQ(town.Stopped("UPDATE ledger.payment SET steps = 5, state = 4"),
            "payment_advance_is_open");
  ASSERT_TRUE(town.ledger.Account(town.budget, id, 1, "r").ok());
  EXPECT_EQ(
      town.Stopped("INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, "
                   "from_state, to_state, person, actor, request_id, stepped_at, seq, note, "
                   "requested_by, approvals_needed, amount, receipt_ref, document_hash, "
                   "municipality_id, total) "
                   "SELECT budget_id, payment_id, 6, 7, 7, person, '', request_id, now(), 1, "
                   "'', requested_by, approvals_needed, 1, 'r', sha256('r'), municipality_id, 1 "
                   "FROM ledger.payment_step WHERE step_no = 5"),
      "payment_receipt_once");
  EXPECT_EQ(town.Stopped("UPDATE ledger.account SET debits = credits + 1 WHERE kind = 10"),
            "account_not_overdrawn");
}

TEST(AdvanceSchema, WhatWasChangedBehindTheChainIsFound) {
  const std::string rests = "what it rests on is not what it says";
  const std::pair<const char*, std::string> tampering[] = {
      {"UPDATE ledger.payment SET receipts_due = '2998-01-01'", rests},
      {"UPDATE ledger.payment_step SET receipt_ref = 'another' WHERE receipt_ref IS NOT NULL",
       rests},
      {"UPDATE ledger.payment_step SET document_hash = sha256('x') WHERE receipt_ref IS NOT NULL",
       rests},
      {"UPDATE ledger.payment_step SET person = gen_random_uuid() WHERE receipt_ref IS NOT NULL",
       rests},
      {"UPDATE ledger.payment_step SET return_ref = 'another' WHERE return_ref IS NOT NULL", rests},
      {"UPDATE ledger.payment_step SET amount = amount - 1 WHERE return_ref IS NOT NULL", rests},
      {"UPDATE ledger.payment_step SET total = total + 1 WHERE return_ref IS NOT NULL", rests},
      {"UPDATE ledger.payment_step SET total = total + 1 WHERE receipt_ref IS NOT NULL", rests},
      {"DELETE FROM ledger.payment_step WHERE receipt_ref IS NOT NULL",
       "what it rests on is not there"},
      {"UPDATE ledger.payment SET accounted = accounted + 1", "what was accounted for of payment"},
      {"UPDATE ledger.payment SET state = 4", "what is advanced to plan"}};
  for (const auto& [sql, finding] : tampering) {
    Advances town;
    TestSpending& ledger = town.ledger;
    const std::string id = town.Paid(500);
    ASSERT_TRUE(ledger.Account(town.budget, id, 100, "till 1").ok());
    ASSERT_TRUE(ledger.GiveBack(town.budget, id, 100, "BACK-1").ok());
    ASSERT_THAT(ledger.Findings(), IsEmpty());
    ASSERT_TRUE(ledger.database()
                    .Sql(absl::StrCat("ALTER TABLE ledger.payment DROP CONSTRAINT "
                                      "payment_advance_is_open;"
                                      "SET session_replication_role = replica;",
                                      sql))
                    .ok())
        << sql;
    EXPECT_THAT(ledger.Findings(), Contains(HasSubstr(finding))) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
