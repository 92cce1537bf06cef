// VAT that the municipality may reclaim: agreed with a commitment, asked for with its invoices.
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
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// A plan with 1,000 cents, 605 of them committed, 105 of those VAT.
struct Vat {
  TestSpending ledger;
  std::string plan = NewId();
  std::string budget = ledger.Awarded(plan, 1'000);
  std::string commitment = Commit(605, 105)->commitment_id();

  absl::StatusOr<v1::Commitment> Commit(int64_t cents, int64_t vat) {
    auto request = ledger.CommitRequest(budget, plan, cents);
    request.set_vat_cents(vat);
    return ledger.Commit(request);
  }
  v1::RequestPaymentRequest Invoice(int64_t cents, int64_t vat) {
    auto request = ledger.PaymentRequest(budget, commitment, cents, NewId());
    request.set_vat_cents(vat);
    return request;
  }
  std::string Instructed(int64_t cents, int64_t vat) {
    const auto requested = ledger.Request(Invoice(cents, vat));
    CHECK(requested.ok());
    CHECK(ledger.Approve(budget, requested->payment_id(), ledger.approver()).ok());
    CHECK(ledger.Instruct(budget, requested->payment_id(), NewId().substr(0, 30)).ok());
    return requested->payment_id();
  }
  std::string Stopped(const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  }
};

TEST(Vat, StandsWithTheCommitmentThePaymentAndTheEntryThatSettlesIt) {
  Vat town;
  TestSpending& ledger = town.ledger;
  EXPECT_EQ(ledger.Commitments(town.budget)->commitments(0).vat_cents(), 105);
  const std::string id = town.Instructed(242, 42);
  const auto settled = ledger.Settle(town.budget, id);
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->vat_cents(), 42);
  EXPECT_EQ(ledger.Payments(town.budget, v1::Payment::STATE_SETTLED)->payments(0).vat_cents(), 42);
  // Told of the entry that settles it, and of no other.
  const auto entries = ledger.Entries(town.budget);
  for (const v1::Entry& entry : entries->entries()) {
    EXPECT_EQ(entry.vat_cents(), entry.seq() == settled->seq() ? 42 : 0) << entry.seq();
  }
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Vat, MayBeNoneOrAllOfAnAmount) {
  Vat town;
  EXPECT_EQ(town.Commit(10, 0)->vat_cents(), 0);
  EXPECT_EQ(town.Commit(10, 10)->vat_cents(), 10);
  EXPECT_TRUE(town.ledger.Request(town.Invoice(105, 105)).ok());
  EXPECT_TRUE(town.ledger.Request(town.Invoice(100, 0)).ok());
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(Vat, OfWhatFailedOrWasRejectedMayBeAskedForAgain) {
  Vat town;
  TestSpending& ledger = town.ledger;
  const std::string failed = town.Instructed(200, 105);
  EXPECT_EQ(Reason(ledger.Request(town.Invoice(10, 1))), "OVER_COMMITMENT_VAT");
  ASSERT_TRUE(ledger.Fail(town.budget, failed).ok());
  const auto rejected = ledger.Request(town.Invoice(200, 105));
  ASSERT_TRUE(rejected.ok()) << rejected.status();
  ASSERT_TRUE(ledger.Reject(town.budget, rejected->payment_id()).ok());
  const std::string settled = town.Instructed(200, 104);
  ASSERT_TRUE(ledger.Settle(town.budget, settled).ok());
  // What was settled counts for good.
  EXPECT_EQ(Reason(ledger.Request(town.Invoice(10, 2))), "OVER_COMMITMENT_VAT");
  EXPECT_TRUE(ledger.Request(town.Invoice(10, 1)).ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Vat, GoesOverWithWhatIsLeftOfIt) {
  Vat town;
  TestSpending& ledger = town.ledger;
  const std::string district = ledger.Get(town.budget)->district_id();
  auto next = OpenRequest(district);
  next.set_fiscal_year(2027);
  const std::string to = ledger.Open(next)->budget_id();
  ASSERT_TRUE(ledger.Settle(town.budget, town.Instructed(500, 5)).ok());
  v1::CarryOver request;
  request.set_from_budget_id(town.budget);
  request.set_to_budget_id(to);
  request.add_plan_ids(town.plan);
  request.set_decision_ref("council");
  const auto carried = ledger.CarryOver(request);
  ASSERT_TRUE(carried.ok()) << carried.status();
  // 100 of VAT and 105 in all are left.
  const auto commitment = ledger.Commitments(to)->commitments(0);
  EXPECT_EQ(commitment.amount_cents(), 105);
  EXPECT_EQ(commitment.vat_cents(), 100);
  auto invoice = ledger.PaymentRequest(to, commitment.commitment_id(), 105, NewId());
  invoice.set_vat_cents(101);
  EXPECT_EQ(Reason(ledger.Request(invoice)), "OVER_COMMITMENT_VAT");
  invoice.set_request_id(NewId());
  invoice.set_vat_cents(100);
  EXPECT_TRUE(ledger.Request(invoice).ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Vat, NeverIsMoreThanWhatGoesOver) {
  Vat town;
  TestSpending& ledger = town.ledger;
  auto next = OpenRequest(ledger.Get(town.budget)->district_id());
  next.set_fiscal_year(2027);
  const std::string to = ledger.Open(next)->budget_id();
  ASSERT_TRUE(ledger.Settle(town.budget, town.Instructed(600, 0)).ok());
  v1::CarryOver request;
  request.set_from_budget_id(town.budget);
  request.set_to_budget_id(to);
  request.add_plan_ids(town.plan);
  request.set_decision_ref("council");
  ASSERT_TRUE(ledger.CarryOver(request).ok());
  EXPECT_EQ(ledger.Commitments(to)->commitments(0).vat_cents(), 5);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── Refusals ───────────────────────────────────────────────────────────────────────────────────

TEST(VatRefusals, InOrder) {
  Vat town;
  TestSpending& ledger = town.ledger;
  for (const int64_t bad : {int64_t{-1}, int64_t{11}, Money::kCentsMax + 1, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(Reason(town.Commit(10, bad)), "AMOUNT_OUT_OF_RANGE");
    EXPECT_EQ(Reason(ledger.Request(town.Invoice(10, bad))), "AMOUNT_OUT_OF_RANGE");
  }
  EXPECT_EQ(Reason(town.Commit(Money::kCentsMax, Money::kCentsMax)), "INSUFFICIENT_FUNDS");
  // What comes before the VAT in the message is said first.
  auto commit = ledger.CommitRequest(town.budget, town.plan, 10);
  commit.set_vat_cents(-1);
  commit.set_payable_from("2026-02-30");
  EXPECT_EQ(Reason(ledger.Commit(commit)), "BAD_DATE");
  auto advance = town.Invoice(10, 1);
  advance.set_receipts_due("2999-12-31");
  EXPECT_EQ(Reason(ledger.Request(advance)), "AMOUNT_OUT_OF_RANGE");
  // Of the books: the money first, then its VAT.
  EXPECT_EQ(Reason(ledger.Request(town.Invoice(606, 106))), "OVER_COMMITMENT");
  EXPECT_EQ(Reason(ledger.Request(town.Invoice(605, 106))), "OVER_COMMITMENT_VAT");
  auto first = town.Invoice(200, 105);
  ASSERT_TRUE(ledger.Request(first).ok());
  first.set_request_id(NewId());
  EXPECT_EQ(Reason(ledger.Request(first)), "DUPLICATE_INVOICE");
  const std::string without = town.Commit(100, 0)->commitment_id();
  auto invoice = ledger.PaymentRequest(town.budget, without, 100, NewId());
  invoice.set_vat_cents(1);
  EXPECT_EQ(Reason(ledger.Request(invoice)), "OVER_COMMITMENT_VAT");
}

TEST(Vat, ARepeatedRequestGetsItsFirstAnswer) {
  Vat town;
  TestSpending& ledger = town.ledger;
  auto commit = ledger.CommitRequest(town.budget, town.plan, 10);
  commit.set_vat_cents(2);
  const auto first = ledger.Commit(commit);
  bool replayed = false;
  EXPECT_EQ(ledger.Commit(commit, &replayed)->SerializeAsString(), first->SerializeAsString());
  EXPECT_TRUE(replayed);
  commit.set_vat_cents(3);
  EXPECT_EQ(Reason(ledger.Commit(commit)), "REQUEST_ID_REUSED");
  auto invoice = town.Invoice(200, 105);
  const auto asked = ledger.Request(invoice);
  EXPECT_EQ(ledger.Request(invoice)->SerializeAsString(), asked->SerializeAsString());
  invoice.set_vat_cents(0);
  EXPECT_EQ(Reason(ledger.Request(invoice)), "REQUEST_ID_REUSED");
}

TEST(Vat, TheLastCentOfItIsAskedForOnce) {
  Vat town;
  std::atomic<int> done = 0;
  std::vector<std::thread> running;
  for (int i = 0; i < 12; ++i) {
    running.emplace_back([&] {
      const auto answer = town.ledger.Request(town.Invoice(50, 50));
      if (answer.ok()) {
        ++done;
      } else {
        EXPECT_EQ(Reason(answer), "OVER_COMMITMENT_VAT");
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  EXPECT_EQ(done, 2);
}

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

TEST(VatSchema, IsPartOfTheAmountAndStays) {
  Vat town;
  ASSERT_TRUE(town.ledger.Request(town.Invoice(10, 1)).ok());
  EXPECT_EQ(town.Stopped("UPDATE ledger.commitment SET vat = 0"), "commitment_keeps_its_terms");
  EXPECT_EQ(town.Stopped("UPDATE ledger.payment SET vat = 0"), "payment_keeps_its_facts");
  const auto without = [&](const char* table, const std::string& sql) {
    return town.Stopped(absl::StrCat("ALTER TABLE ledger.", table, " DISABLE TRIGGER USER;", sql));
  };
  EXPECT_EQ(without("commitment", "UPDATE ledger.commitment SET vat = amount + 1"),
            "commitment_vat_in_amount");
  EXPECT_EQ(without("payment", "UPDATE ledger.payment SET vat = -1"), "payment_vat_in_amount");
  EXPECT_EQ(without("payment", "UPDATE ledger.payment SET receipts_due = '2999-01-01'"),
            "payment_advance_without_vat");
}

TEST(VatSchema, WhatWasChangedBehindTheChainIsFound) {
  const std::string rests = "what it rests on is not what it says";
  const std::pair<const char*, std::string> tampering[] = {
      {"UPDATE ledger.commitment SET vat = 0", rests},
      {"UPDATE ledger.commitment SET vat = 104", rests},
      {"UPDATE ledger.payment SET vat = 0", rests},
      {"UPDATE ledger.payment SET vat = 43", rests},
      {"INSERT INTO ledger.payment (budget_id, payment_id, commitment_id, municipality_id, "
       "payee_id, "
       "amount, invoice_ref, requested_by, requested_at, approvals_needed, state, steps, vat) "
       "SELECT budget_id, gen_random_uuid(), commitment_id, municipality_id, payee_id, 64, 'x', "
       "requested_by, now(), 1, 1, 1, 64 FROM ledger.payment",
       "have more VAT than it has"}};
  for (const auto& [sql, finding] : tampering) {
    Vat town;
    TestSpending& ledger = town.ledger;
    ASSERT_TRUE(ledger.Settle(town.budget, town.Instructed(242, 42)).ok());
    ASSERT_THAT(ledger.Findings(), IsEmpty());
    ASSERT_TRUE(
        ledger.database().Sql(absl::StrCat("SET session_replication_role = replica;", sql)).ok())
        << sql;
    EXPECT_THAT(ledger.Findings(), Contains(HasSubstr(finding))) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
