#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// A plan with 6,000 euros, 5,000.01 of which are committed.
struct Spending {
  TestSpending ledger;
  std::string plan = NewId();
  std::string budget = ledger.Awarded(plan, 6'000'00);
  std::string commitment =
      ledger.Commit(ledger.CommitRequest(budget, plan, 5'000'01))->commitment_id();

  absl::StatusOr<v1::Payment> Request(int64_t cents, const std::string& invoice = NewId()) {
    return ledger.Request(ledger.PaymentRequest(budget, commitment, cents, invoice));
  }
  // A payment that was asked for and approved.
  std::string Approved(int64_t cents) {
    const std::string id = Request(cents)->payment_id();
    CHECK(ledger.Approve(budget, id, ledger.approver()).ok());
    return id;
  }
  int64_t Held(v1::AccountKind kind) {
    return ledger.Balance(budget, kind, kind == v1::ACCOUNT_KIND_COMMITTED ? commitment : plan);
  }
  std::string Stopped(const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  }
};

TEST(Payments, MoneyGoesFromTheCommitmentThroughTheBankToThePayee) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  const auto requested = spending.Request(4'000'00);
  ASSERT_TRUE(requested.ok()) << requested.status();
  EXPECT_EQ(requested->state(), v1::Payment::STATE_REQUESTED);
  EXPECT_EQ(requested->approvals_needed(), 1);
  EXPECT_EQ(requested->seq(), 0);
  const std::string id = requested->payment_id();
  EXPECT_EQ(ledger.Approve(spending.budget, id, ledger.approver())->state(),
            v1::Payment::STATE_APPROVED);
  EXPECT_EQ(spending.Held(v1::ACCOUNT_KIND_COMMITTED), 5'000'01);
  const auto instructed = ledger.Instruct(spending.budget, id, "BANK-1");
  ASSERT_TRUE(instructed.ok()) << instructed.status();
  EXPECT_EQ(instructed->seq(), 5);
  EXPECT_EQ(instructed->iban_version(), 1);
  EXPECT_EQ(spending.Held(v1::ACCOUNT_KIND_COMMITTED), 1'000'01);
  EXPECT_EQ(spending.Held(v1::ACCOUNT_KIND_CLEARING), 4'000'00);
  const auto settled = ledger.Settle(spending.budget, id);
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->state(), v1::Payment::STATE_SETTLED);
  EXPECT_EQ(spending.Held(v1::ACCOUNT_KIND_CLEARING), 0);
  EXPECT_EQ(spending.Held(v1::ACCOUNT_KIND_PAID), 4'000'00);
  ASSERT_TRUE(ledger.Close(spending.budget, spending.commitment).ok());
  EXPECT_EQ(spending.Held(v1::ACCOUNT_KIND_RESERVED), 2'000'00);
  EXPECT_EQ(ledger.Trial(spending.budget)->total_cents(), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Payments, OneThatCameBackMayBeAskedForAgain) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  const auto first = spending.Request(100, "invoice 7");
  EXPECT_EQ(Reason(spending.Request(100, "invoice 7")), "DUPLICATE_INVOICE");
  const std::string id = first->payment_id();
  ASSERT_TRUE(ledger.Approve(spending.budget, id, ledger.approver()).ok());
  ASSERT_TRUE(ledger.Instruct(spending.budget, id, "BANK-1").ok());
  EXPECT_EQ(Reason(spending.Request(100, "invoice 7")), "DUPLICATE_INVOICE");
  ASSERT_TRUE(ledger.Fail(spending.budget, id).ok());
  EXPECT_EQ(spending.Held(v1::ACCOUNT_KIND_COMMITTED), 5'000'01);
  EXPECT_EQ(spending.Held(v1::ACCOUNT_KIND_CLEARING), 0);
  const auto second = spending.Request(100, "invoice 7");
  ASSERT_TRUE(second.ok()) << second.status();
  ASSERT_TRUE(ledger.Reject(spending.budget, second->payment_id()).ok());
  EXPECT_TRUE(spending.Request(100, "invoice 7").ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Payments, AboveTheLimitTwoOthersHaveToApprove) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  const auto requested = spending.Request(5'000'01);
  ASSERT_EQ(requested->approvals_needed(), 2);
  const std::string id = requested->payment_id();
  EXPECT_EQ(ledger.Approve(spending.budget, id, ledger.approver())->state(),
            v1::Payment::STATE_REQUESTED);
  EXPECT_EQ(Reason(ledger.Approve(spending.budget, id, ledger.approver())), "ALREADY_APPROVED");
  EXPECT_EQ(Reason(ledger.Instruct(spending.budget, id, "BANK-1")), "WRONG_STATE");
  const testing::Person second = ledger.Somebody(policy::v1::ROLE_PAYMENT_APPROVER);
  const auto approved = ledger.Approve(spending.budget, id, second);
  ASSERT_TRUE(approved.ok()) << approved.status();
  EXPECT_EQ(approved->state(), v1::Payment::STATE_APPROVED);
  EXPECT_THAT(approved->approved_by(),
              ElementsAre(ledger.approver().subject.ToString(), second.subject.ToString()));
}

TEST(Payments, WhoAskedForItIsTheSamePersonInAnyRole) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  testing::Person both = ledger.Somebody(policy::v1::ROLE_BUDGET_HOLDER);
  const auto requested = ledger.Request(
      ledger.PaymentRequest(spending.budget, spending.commitment, 100, "invoice 1"), both);
  ASSERT_TRUE(requested.ok()) << requested.status();
  both.grants = {{.role = policy::v1::ROLE_PAYMENT_APPROVER}};
  EXPECT_EQ(Reason(ledger.Approve(spending.budget, requested->payment_id(), both)),
            "SELF_APPROVAL");
}

TEST(Payments, NothingIsPaidBeforeTheObjectionTermHasRunOut) {
  TestSpending ledger;
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  const absl::CivilDay today = ledger.clock().Today();
  const auto pay_from = [&](absl::CivilDay day) {
    auto request = ledger.CommitRequest(budget, plan, 10);
    request.set_payable_from(absl::FormatCivilTime(day));
    const std::string commitment = ledger.Commit(request)->commitment_id();
    const std::string id =
        ledger.Request(ledger.PaymentRequest(budget, commitment, 10, NewId()))->payment_id();
    CHECK(ledger.Approve(budget, id, ledger.approver()).ok());
    return ledger.Instruct(budget, id, NewId().substr(0, 30));
  };
  EXPECT_EQ(Reason(pay_from(today + 1)), "OBJECTION_TERM_RUNNING");
  EXPECT_TRUE(pay_from(today).ok());
}

TEST(Payments, AreListedByTheStateTheyAreIn) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(spending.Request(1)->payment_id());
  ASSERT_TRUE(ledger.Approve(spending.budget, ids[1], ledger.approver()).ok());
  const auto listed = [&](v1::Payment::State state) {
    std::vector<std::string> found;
    std::string token;
    do {
      const auto page = ledger.Payments(spending.budget, state, 1, token);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const auto& payment : page->payments()) found.push_back(payment.payment_id());
      token = page->next_page_token();
    } while (!token.empty());
    return found;
  };
  EXPECT_THAT(listed(v1::Payment::STATE_REQUESTED), ElementsAre(ids[0], ids[2]));
  EXPECT_THAT(listed(v1::Payment::STATE_APPROVED), ElementsAre(ids[1]));
  EXPECT_THAT(listed(v1::Payment::STATE_UNSPECIFIED), ElementsAre(ids[0], ids[1], ids[2]));
}

// ── Refusals, in order of precedence ───────────────────────────────────────────────────────────

TEST(RequestPaymentRefusals, InOrder) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  ASSERT_TRUE(spending.Request(5'000'00, "invoice 1").ok());
  // What was asked for before is not there to be asked for again, though it still stands there.
  EXPECT_EQ(Reason(spending.Request(2, "invoice 2")), "OVER_COMMITMENT");
  EXPECT_EQ(Reason(spending.Request(2, "invoice 1")), "DUPLICATE_INVOICE");
  const std::string other = ledger.Awarded(NewId(), 100);
  EXPECT_EQ(
      Reason(ledger.Request(ledger.PaymentRequest(other, spending.commitment, 1, "invoice 1"))),
      "COMMITMENT_NOT_FOUND");
  EXPECT_EQ(
      Reason(ledger.Request(ledger.PaymentRequest(NewId(), spending.commitment, 1, "invoice 1"))),
      "BUDGET_NOT_FOUND");
  EXPECT_EQ(Reason(ledger.Close(spending.budget, spending.commitment)), "PAYMENTS_OPEN");
  EXPECT_EQ(Reason(spending.Request(1, "")), "BAD_TEXT");
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, Money::kCentsMax + 1, INT64_MAX}) {
    EXPECT_EQ(Reason(spending.Request(bad, "")), "AMOUNT_OUT_OF_RANGE");
  }
}

TEST(RequestPaymentRefusals, AClosedCommitmentPaysNothing) {
  Spending spending;
  ASSERT_TRUE(spending.ledger.Close(spending.budget, spending.commitment).ok());
  EXPECT_EQ(Reason(spending.Request(1)), "COMMITMENT_CLOSED");
}

TEST(RequestPaymentRefusals, AnInvoiceIsADuplicateInAnyBudget) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  ASSERT_TRUE(spending.Request(1, "invoice 1").ok());
  const std::string plan = NewId(), budget = ledger.Awarded(plan, 100);
  const std::string commitment =
      ledger.Commit(ledger.CommitRequest(budget, plan, 100))->commitment_id();
  EXPECT_EQ(Reason(ledger.Request(ledger.PaymentRequest(budget, commitment, 1, "invoice 1"))),
            "DUPLICATE_INVOICE");
}

TEST(ApprovePaymentRefusals, InOrder) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  const std::string id = spending.Request(100)->payment_id();
  testing::Person poor = ledger.Somebody(policy::v1::ROLE_PAYMENT_APPROVER);
  poor.grants[0].limit_cents = 99;
  EXPECT_EQ(Reason(ledger.Approve(spending.budget, id, poor)), "AMOUNT_OVER_LIMIT");
  poor.subject = ledger.requester().subject;
  EXPECT_EQ(Reason(ledger.Approve(spending.budget, id, poor)), "SELF_APPROVAL");
  ASSERT_TRUE(ledger.Approve(spending.budget, id, ledger.approver()).ok());
  EXPECT_EQ(Reason(ledger.Approve(spending.budget, id, poor)), "WRONG_STATE");
  EXPECT_EQ(Reason(ledger.Approve(spending.budget, NewId(), poor)), "PAYMENT_NOT_FOUND");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(Reason(ledger.Approve(spending.budget, NewId(), poor)), "PERIOD_CLOSED");
  poor.municipality = MunicipalityId::Random();
  EXPECT_EQ(Reason(ledger.Approve(spending.budget, id, poor)), "OTHER_MUNICIPALITY");
  EXPECT_EQ(Reason(ledger.Approve(NewId(), id, poor)), "BUDGET_NOT_FOUND");
}

TEST(PaymentRefusals, EveryStepThatIsNotInTheTableIsRefused) {
  for (const char* state :
       {"requested", "approved", "instructed", "settled", "failed", "rejected"}) {
    Spending spending;
    TestSpending& ledger = spending.ledger;
    const std::string& budget = spending.budget;
    const std::string now = state, id = spending.Request(1)->payment_id();
    const bool at_bank = now == "instructed" || now == "settled" || now == "failed";
    if (now == "rejected") {
      ASSERT_TRUE(ledger.Reject(budget, id).ok());
    }
    if (at_bank || now == "approved") {
      ASSERT_TRUE(ledger.Approve(budget, id, ledger.approver()).ok());
    }
    if (at_bank) {
      ASSERT_TRUE(ledger.Instruct(budget, id, "BANK-1").ok());
    }
    if (now == "settled") {
      ASSERT_TRUE(ledger.Settle(budget, id).ok());
    }
    if (now == "failed") {
      ASSERT_TRUE(ledger.Fail(budget, id).ok());
    }
    const auto refused = [&](const auto& answer) { return Reason(answer) == "WRONG_STATE"; };
    if (now != "instructed") {
      EXPECT_TRUE(refused(ledger.Settle(budget, id))) << now;
      EXPECT_TRUE(refused(ledger.Fail(budget, id))) << now;
    }
    if (now != "approved") {
      EXPECT_TRUE(refused(ledger.Instruct(budget, id, "BANK-2"))) << now;
    }
    if (now != "requested") {
      EXPECT_TRUE(refused(ledger.Approve(budget, id, ledger.approver()))) << now;
    }
    if (now != "requested" && now != "approved") {
      EXPECT_TRUE(refused(ledger.Reject(budget, id))) << now;
    }
  }
}

TEST(InstructPaymentRefusals, ABankReferenceIsUsedOnce) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  const std::string one = spending.Approved(1), other = spending.Approved(1);
  ASSERT_TRUE(ledger.Instruct(spending.budget, one, "BANK-1").ok());
  EXPECT_EQ(Reason(ledger.Instruct(spending.budget, other, "BANK-1")), "BANK_REFERENCE_USED");
  EXPECT_EQ(Reason(ledger.Instruct(spending.budget, other, std::string(36, 'x'))), "BAD_TEXT");
}

TEST(InstructPaymentRefusals, InOrder) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  auto later = ledger.CommitRequest(spending.budget, spending.plan, 10);
  later.set_payable_from("2999-12-31");
  const std::string commitment = ledger.Commit(later)->commitment_id();
  ASSERT_TRUE(ledger.Instruct(spending.budget, spending.Approved(1), "BANK-1").ok());
  testing::Person both = ledger.requester();
  both.grants.push_back({.role = policy::v1::ROLE_TREASURER});
  const std::string id =
      ledger.Request(ledger.PaymentRequest(spending.budget, commitment, 1, "invoice 1"))
          ->payment_id();
  const auto instruct = [&](const std::string& payment, const testing::Person& who) {
    return Reason(ledger.Instruct(spending.budget, payment, "BANK-1", who));
  };
  EXPECT_EQ(instruct(id, both), "WRONG_STATE");
  ASSERT_TRUE(ledger.Approve(spending.budget, id, ledger.approver()).ok());
  EXPECT_EQ(instruct(id, both), "SELF_INSTRUCTION");
  EXPECT_EQ(instruct(id, ledger.treasurer()), "OBJECTION_TERM_RUNNING");
  EXPECT_EQ(instruct(spending.Approved(1), ledger.treasurer()), "BANK_REFERENCE_USED");
  EXPECT_EQ(instruct(NewId(), both), "PAYMENT_NOT_FOUND");
}

// ── Something was found in the books ───────────────────────────────────────────────────────────

TEST(SpendingRefusals, AFrozenBudgetTakesNoStepOfAnyKind) {
  Spending spending;
  TestSpending& ledger = spending.ledger;
  const std::string &budget = spending.budget, &plan = spending.plan;
  const std::string requested = spending.Request(1)->payment_id(), approved = spending.Approved(1),
                    instructed = spending.Approved(1);
  ASSERT_TRUE(ledger.Instruct(budget, instructed, "BANK-1").ok());
  const auto head = ledger.Get(budget)->head_seq();
  ASSERT_TRUE(ledger.database()
                  .Sql("INSERT INTO ledger.finding (budget_id, seq, what)"
                       " SELECT budget_id, 1, 'a test' FROM ledger.commitment LIMIT 1")
                  .ok());
  // Before what is said of a closed budget, a closed period, or anything that is not there.
  ASSERT_TRUE(ledger.database()
                  .Sql("UPDATE ledger.period SET state = 'closing';"
                       "UPDATE ledger.budget SET state = 'closed'")
                  .ok());
  for (const std::string& id : {requested, NewId()}) {
    EXPECT_EQ(Reason(ledger.Approve(budget, id, ledger.approver())), "BUDGET_FROZEN");
    EXPECT_EQ(Reason(ledger.Reject(budget, id)), "BUDGET_FROZEN");
  }
  for (const std::string& id : {approved, NewId()}) {
    EXPECT_EQ(Reason(ledger.Instruct(budget, id, "BANK-2")), "BUDGET_FROZEN");
  }
  for (const std::string& id : {instructed, NewId()}) {
    EXPECT_EQ(Reason(ledger.Settle(budget, id)), "BUDGET_FROZEN");
    EXPECT_EQ(Reason(ledger.Fail(budget, id)), "BUDGET_FROZEN");
  }
  EXPECT_EQ(Reason(spending.Request(1)), "BUDGET_FROZEN");
  EXPECT_EQ(Reason(ledger.Commit(ledger.CommitRequest(budget, plan, 1))), "BUDGET_FROZEN");
  EXPECT_EQ(Reason(ledger.Close(budget, spending.commitment)), "BUDGET_FROZEN");
  EXPECT_EQ(Reason(ledger.Close(budget, NewId())), "BUDGET_FROZEN");
  EXPECT_EQ(Reason(ledger.ReleaseAward(budget, plan, 1)), "BUDGET_FROZEN");
  EXPECT_EQ(ledger.Get(budget)->head_seq(), head);
  EXPECT_EQ(ledger.Payments(budget, v1::Payment::STATE_REQUESTED)->payments_size(), 1);
}

// ── What the schema itself refuses ─────────────────────────────────────────────────────────────

TEST(PaymentSchema, KeepsFourEyesAndTheOrderOfSteps) {
  Spending spending;
  const std::string id = spending.Request(5'000'01)->payment_id();
  const auto step = [&](int no, const char* from, int to, const char* person, const char* seq) {
    return absl::StrCat(
        "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, "
        "person, actor, request_id, stepped_at, seq, note, requested_by, approvals_needed) "
        "SELECT budget_id, payment_id, ",
        no, ", ", from, ", ", to, ", ", person, ", '', request_id, now(), ", seq,
        ", '', requested_by, approvals_needed FROM ledger.payment_step WHERE step_no = 1");
  };
  const char* another = "'11111111-1111-4111-8111-111111111111'";
  EXPECT_EQ(spending.Stopped(step(2, "1", 1, "requested_by", "NULL")),
            "payment_approver_is_another");
  EXPECT_EQ(spending.Stopped(step(2, "1", 2, another, "NULL")), "payment_enough_approvals");
  EXPECT_EQ(spending.Stopped(step(2, "1", 3, another, "4")), "payment_step_allowed");
  EXPECT_EQ(spending.Stopped(step(2, "2", 3, another, "4")), "payment_step_follows");
  EXPECT_EQ(spending.Stopped(step(2, "1", 6, another, "4")), "payment_step_posts");
  EXPECT_EQ(
      spending.Stopped(step(2, "1", 1, another, "NULL") + ";" + step(3, "1", 2, another, "NULL")),
      "payment_approved_once_by");
  EXPECT_EQ(spending.Stopped(step(2, "2", 3, "requested_by", "4")),
            "payment_instructor_is_another");
  EXPECT_EQ(spending.Stopped("UPDATE ledger.payment SET state = 2, steps = 2"),
            "payment_stands_at_step");
  EXPECT_EQ(spending.Stopped("UPDATE ledger.payment SET state = 3, steps = 2"),
            "payment_instructed_somewhere");
  EXPECT_EQ(spending.Stopped("UPDATE ledger.payment SET amount = 1"), "payment_keeps_its_facts");
  EXPECT_EQ(spending.Stopped("UPDATE ledger.payment_step SET person = requested_by"),
            "payment_step_append_only");
  EXPECT_EQ(spending.Stopped("DELETE FROM ledger.payment"), "payment_never_removed");
}

// With every check switched off, the records in the chain still tell.
TEST(PaymentSchema, WhatWasChangedBehindTheChainIsFound) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.commitment SET payable_from = '2000-01-01'",
       "what it rests on is not what it says"},
      {"UPDATE ledger.payment SET invoice_ref = 'another'", "what it rests on is not what it says"},
      {"UPDATE ledger.payment_step SET person = gen_random_uuid() WHERE approves",
       "what it rests on is not what it says"},
      {"DELETE FROM ledger.payment_step WHERE seq IS NOT NULL", "what it rests on is not there"}};
  for (const auto& [sql, finding] : tampering) {
    Spending spending;
    TestSpending& ledger = spending.ledger;
    const std::string id = spending.Approved(100);
    ASSERT_TRUE(ledger.Instruct(spending.budget, id, "BANK-1").ok());
    ASSERT_THAT(ledger.Findings(), IsEmpty());
    ASSERT_TRUE(
        ledger.database().Sql(absl::StrCat("SET session_replication_role = replica;", sql)).ok())
        << sql;
    EXPECT_THAT(ledger.Findings(), Contains(finding)) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
