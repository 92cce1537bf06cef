// Sums that the schema keeps of a payment's records, written past the domain by the service's own
// role.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/pg/sqlstate.h"
#include "common/pg/transact.h"
#include "services/ledger/testing/test_advances.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;

// The constraint that stops this SQL of the service's own role, "" when nothing does.
std::string Stopped(TestSpending& ledger, const std::string& sql) {
  const auto run = [&](pg::Tx& tx) { return tx.Script(sql); };
  const absl::Status status =
      pg::Transact(ledger.pool(), {.deadline = absl::Now() + absl::Seconds(20)}, run);
  const std::string constraint = pg::ConstraintOf(status);
  return status.ok() || !constraint.empty() ? constraint : status.ToString();
}

// A request for a payment of 10 on the only commitment there is, with so much VAT.
std::string Request(int64_t vat, const std::string& id = NewId()) {
  const std::string person = NewId();
  return absl::StrCat(
      "INSERT INTO ledger.payment (budget_id, payment_id, commitment_id, municipality_id, "
      "payee_id, "
      "amount, invoice_ref, requested_by, requested_at, approvals_needed, state, steps, vat) "
      "SELECT budget_id, '",
      id, "', commitment_id, municipality_id, payee_id, 10, '", id, "', '", person,
      "', now(), 1, 1, 1, ", vat,
      " FROM ledger.commitment;"
      "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, to_state, person, actor, "
      "request_id, stepped_at, note, requested_by, approvals_needed) SELECT budget_id, '",
      id, "', 1, 1, '", person, "', 'person:x', gen_random_uuid(), now(), '', '", person,
      "', 1 FROM ledger.commitment;");
}

// 100 of a plan's money are committed, with 21 of VAT.
struct Committed {
  TestSpending ledger;
  std::string plan = NewId(), budget = ledger.Awarded(plan, 100);

  Committed() {
    auto request = ledger.CommitRequest(budget, plan, 100);
    request.set_vat_cents(21);
    CHECK(ledger.Commit(request).ok());
  }
};

TEST(VatSums, PaymentsOfACommitmentHaveAtMostItsVat) {
  Committed town;
  EXPECT_EQ(Stopped(town.ledger, Request(10) + Request(10) + Request(2)),
            "payment_vat_in_commitment");
  const std::string rejected = NewId();
  EXPECT_EQ(Stopped(town.ledger, Request(10) + Request(10, rejected)), "");
  EXPECT_EQ(Stopped(town.ledger, Request(2)), "payment_vat_in_commitment");
  EXPECT_EQ(Stopped(town.ledger, Request(0)), "");
  EXPECT_EQ(Stopped(town.ledger, Request(1)), "");
  EXPECT_EQ(Stopped(town.ledger, Request(1)), "payment_vat_in_commitment");
  // What was rejected is asked for again.
  ASSERT_TRUE(town.ledger.Reject(town.budget, rejected).ok());
  EXPECT_EQ(Stopped(town.ledger, Request(10)), "");
  EXPECT_EQ(Stopped(town.ledger, Request(1)), "payment_vat_in_commitment");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(VatSums, OfTwoWhoAskAtOnceTheSecondSeesTheFirst) {
  Committed town;
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const std::string stopped = Stopped(town.ledger, Request(8));
      if (stopped.empty()) {
        ++done;
      } else {
        EXPECT_EQ(stopped, "payment_vat_in_commitment");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 2);
}

// The next step of the only advance there is, a part of it.
std::string Part(int64_t cents, const std::string& part) {
  return absl::StrCat(
      "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, "
      "person, actor, request_id, stepped_at, seq, note, requested_by, approvals_needed, amount, "
      "receipt_ref, document_hash, return_ref, municipality_id, total) SELECT s.budget_id, "
      "s.payment_id, "
      "5, 7, 7, gen_random_uuid(), '', gen_random_uuid(), now(), 1, '', s.requested_by, 1, ",
      cents, ", ", part,
      ", b.municipality_id, 1000 FROM ledger.payment_step AS s JOIN ledger.budget AS b USING "
      "(budget_id) "
      "WHERE s.step_no = 4;");
}

TEST(AdvanceSums, AnAdvanceSaysWhatItsPartsComeTo) {
  Advances town;
  town.Paid(500);
  const std::string receipt = "'till 1', sha256('r'), NULL", back = "NULL, NULL, 'BACK-1'";
  const auto moved = [](const std::string& columns) {
    return absl::StrCat("UPDATE ledger.payment SET steps = 5, ", columns, ";");
  };
  const auto stopped = [&](const std::string& sql) { return Stopped(town.ledger, sql); };
  // A part that the advance knows nothing of, and the other way round.
  EXPECT_EQ(stopped(Part(100, receipt)), "payment_advance_adds_up");
  EXPECT_EQ(stopped(Part(600, receipt)), "payment_advance_adds_up");
  EXPECT_EQ(stopped(Part(100, back)), "payment_advance_adds_up");
  EXPECT_EQ(stopped(moved("accounted = 99") + Part(100, receipt)), "payment_advance_adds_up");
  EXPECT_EQ(stopped(moved("returned = 100") + Part(100, receipt)), "payment_advance_adds_up");
  EXPECT_EQ(stopped(moved("accounted = 100, returned = 1") + Part(100, receipt)),
            "payment_advance_adds_up");
  EXPECT_EQ(stopped(moved("accounted = 100")), "payment_stands_at_step");
  // Less than nothing is never left.
  EXPECT_EQ(stopped(moved("state = 4, accounted = 501") + Part(501, receipt)),
            "payment_advance_not_exceeded");
  EXPECT_EQ(stopped(moved("accounted = -1") + Part(100, receipt)), "payment_advance_not_exceeded");
  EXPECT_EQ(stopped(moved("accounted = 100") + Part(100, receipt)), "");
}

// Without any step, which another constraint would refuse first.
TEST(AdvanceSums, AlsoOneThatIsNew) {
  Advances town;
  EXPECT_EQ(town.Stopped("ALTER TABLE ledger.payment DROP CONSTRAINT payment_stands_at_step;"
                         "INSERT INTO ledger.payment (budget_id, payment_id, commitment_id, "
                         "municipality_id, payee_id, amount, invoice_ref, requested_by, "
                         "requested_at, approvals_needed, state, steps, bank_ref, iban_version, "
                         "receipts_due, accounted) SELECT budget_id, gen_random_uuid(), "
                         "commitment_id, municipality_id, payee_id, 10, 'x', gen_random_uuid(), "
                         "now(), 1, 7, 4, 'b', 1, '2999-12-31', 5 FROM ledger.commitment"),
            "payment_advance_adds_up");
}

}  // namespace
}  // namespace smederij::ledger
