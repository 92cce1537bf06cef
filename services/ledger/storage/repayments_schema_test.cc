// What the schema itself refuses of money that comes back, and what the verifier finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/pg/sqlstate.h"
#include "common/pg/transact.h"
#include "services/ledger/testing/repaid.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The constraint that stops this SQL of the service's own role, "" when nothing does.
std::string Stopped(TestSpending& ledger, const std::string& sql) {
  const auto run = [&](pg::Tx& tx) { return tx.Script(sql); };
  const absl::Status status =
      pg::Transact(ledger.pool(), {.deadline = absl::Now() + absl::Seconds(20)}, run);
  const std::string constraint = pg::ConstraintOf(status);
  return status.ok() || !constraint.empty() ? constraint : status.ToString();
}

// Step 5 of the only payment there is, by `person`: so much comes back, with these values of its
// own.
std::string Step(const std::string& person, const std::string& amount, const std::string& vat,
                 const std::string& rest = "NULL, NULL, 'LINE-1'") {
  return absl::StrCat(
      "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, "
      "person, actor, request_id, stepped_at, note, requested_by, approvals_needed, seq, amount, "
      "total, vat, municipality_id, receipt_ref, document_hash, return_ref) SELECT s.budget_id, "
      "s.payment_id, 5, 4, 4, ",
      person, ", '', gen_random_uuid(), now(), '', s.requested_by, 1, 1, ", amount, ", ", amount,
      ", ", vat, ", p.municipality_id, ", rest,
      " FROM ledger.payment_step AS s JOIN ledger.payment AS p USING (budget_id, payment_id) "
      "WHERE s.step_no = 4;");
}
std::string Says(const std::string& repaid, const std::string& vat) {
  return absl::StrCat("UPDATE ledger.payment SET steps = 5, repaid = ", repaid,
                      ", repaid_vat = ", vat, ";");
}

TEST(RepaymentSchema, MoreThanWasPaidComesFromNowhere) {
  Repaid town;
  const std::string id = town.Settled(121, 21);
  TestSpending& ledger = town.ledger;
  const std::string another = "gen_random_uuid()", step = Step(another, "100", "10");
  EXPECT_EQ(Stopped(ledger, Says("122", "21")), "payment_repaid_not_exceeded");
  EXPECT_EQ(Stopped(ledger, Says("-1", "0")), "payment_repaid_not_exceeded");
  EXPECT_EQ(Stopped(ledger, Says("100", "22")), "payment_vat_repaid_not_exceeded");
  EXPECT_EQ(Stopped(ledger, Says("0", "-1")), "payment_vat_repaid_not_exceeded");
  EXPECT_EQ(Stopped(ledger, Says("101", "0")), "payment_vat_kept_in_amount");
  // The payment and its steps say the same, all of it.
  EXPECT_EQ(Stopped(ledger, "UPDATE ledger.payment SET steps = 5"), "payment_stands_at_step");
  EXPECT_EQ(Stopped(ledger, Says("99", "10") + step), "payment_advance_adds_up");
  EXPECT_EQ(Stopped(ledger, Says("100", "9") + step), "payment_advance_adds_up");
  EXPECT_EQ(Stopped(ledger, step), "payment_advance_adds_up");
  EXPECT_EQ(Stopped(ledger, Says("100", "10") + Step("s.requested_by", "100", "10")),
            "payment_accounter_is_another");
  EXPECT_EQ(Stopped(ledger, Step(another, "9", "10")), "payment_part_vat_in_amount");
  EXPECT_EQ(Stopped(ledger, Step(another, "9", "-1")), "payment_part_vat_in_amount");
  EXPECT_EQ(Stopped(ledger, Step(another, "9", "0", "NULL, NULL, NULL")), "payment_part_is_whole");
  EXPECT_EQ(Stopped(ledger, Step(another, "9", "0", "'till 1', sha256(''), NULL")),
            "payment_part_is_whole");
  EXPECT_EQ(Stopped(ledger, Step(another, "NULL", "0", "NULL, NULL, NULL")),
            "payment_part_is_whole");
  ASSERT_EQ(ledger.Repay(town.budget, id, 100, "LINE-1", 10)->returned_vat_cents(), 10);
  EXPECT_EQ(Stopped(ledger, "UPDATE ledger.payment SET repaid = 99"), "payment_goes_on");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(RepaymentSchema, APaymentThatIsUnderWayHasNothingBack) {
  Repaid town;
  town.Instructed(town.Invoice(121, 21));
  EXPECT_EQ(Stopped(town.ledger, "UPDATE ledger.payment SET steps = 4, repaid = 1"),
            "payment_repaid_not_exceeded");
}

TEST(RepaymentSchema, OfAnAdvanceComesBackWhatReceiptsAccountFor) {
  Repaid town;
  const std::string id = town.Advanced(500);
  ASSERT_TRUE(town.ledger.Account(town.budget, id, 200, "till 1").ok());
  EXPECT_EQ(Stopped(town.ledger, "UPDATE ledger.payment SET steps = 6, repaid = 201"),
            "payment_repaid_not_exceeded");
}

TEST(RepaymentSchema, VatThatCameBackAndWasAskedForAgainIsNotTakenBack) {
  Repaid town;
  const std::string id = town.Settled(500, 105);
  ASSERT_TRUE(town.Repay(id, 200, "LINE-1", 30).ok());
  ASSERT_TRUE(town.ledger.Request(town.Invoice(100, 30)).ok());
  EXPECT_EQ(
      Stopped(town.ledger,
              "UPDATE ledger.payment SET steps = 6, repaid = 0, repaid_vat = 29 WHERE repaid > 0"),
      "payment_vat_in_commitment");
}

// Of one that was closed the account would hold money that nothing takes out again.
TEST(RepaymentSchema, NoOtherCommitmentGetsItBackNorOneThatWasClosed) {
  Repaid town;
  TestSpending& ledger = town.ledger;
  const std::string id = town.Settled(121, 21);
  const auto back = town.Repay(id, 100, "LINE-1", 10);
  ASSERT_TRUE(back.ok()) << back.status();
  // The same step again, of the same entry, when the commitment was closed long ago; or when the
  // account is another's.
  for (const char* const otherwise :
       {"UPDATE ledger.commitment SET closed_at = opened_at;",
        "UPDATE ledger.account SET reference = gen_random_uuid()::text "
        "WHERE kind = 5;"}) {
    const std::string again = absl::StrCat(
        "BEGIN; SET session_replication_role = replica;", otherwise,
        "CREATE TEMPORARY TABLE step AS SELECT * FROM ledger.payment_step WHERE step_no = 5;"
        "DELETE FROM ledger.payment_step WHERE step_no = 5;"
        "SET session_replication_role = origin;"
        "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, "
        "person, actor, request_id, stepped_at, note, requested_by, approvals_needed, seq, amount, "
        "total, vat, municipality_id, return_ref) SELECT budget_id, payment_id, step_no, "
        "from_state, "
        "to_state, person, actor, request_id, stepped_at, note, requested_by, approvals_needed, "
        "seq, "
        "amount, total, vat, municipality_id, 'LINE-2' FROM step; COMMIT");
    EXPECT_EQ(pg::ConstraintOf(ledger.database().Sql(again)), "payment_repaid_to_its_own")
        << otherwise;
  }
}

TEST(RepaymentSchema, WhatWasRecordedStays) {
  Repaid town;
  ASSERT_TRUE(town.Repay(town.Settled(121, 21), 100, "LINE-1", 10).ok());
  for (const char* change : {"vat = 9", "amount = 99", "return_ref = 'LINE-2'", "total = 200"}) {
    EXPECT_EQ(pg::ConstraintOf(town.ledger.database().Sql(
                  absl::StrCat("UPDATE ledger.payment_step SET ", change, " WHERE step_no = 5"))),
              "payment_step_append_only")
        << change;
  }
}

TEST(RepaymentSchema, WhatWasChangedBehindTheChainIsFound) {
  const std::string rests = "what it rests on is not what it says",
                    says = "is not what its entries say";
  const std::pair<const char*, std::string> tampering[] = {
      {"UPDATE ledger.payment_step SET vat = 11 WHERE step_no = 5", rests},
      {"UPDATE ledger.payment_step SET vat = 11 WHERE step_no = 5; UPDATE ledger.payment SET "
       "repaid_vat = 11",
       rests},
      {"UPDATE ledger.payment_step SET amount = 99 WHERE step_no = 5", rests},
      {"UPDATE ledger.payment_step SET return_ref = 'LINE-2' WHERE step_no = 5", rests},
      {"UPDATE ledger.payment_step SET total = 150 WHERE step_no = 5", rests},
      {"UPDATE ledger.payment_step SET person = gen_random_uuid() WHERE step_no = 5", rests},
      {"DELETE FROM ledger.payment_step WHERE step_no = 5", "what it rests on is not there"},
      {"UPDATE ledger.payment SET repaid = 99", says},
      {"UPDATE ledger.payment SET repaid_vat = 0", says},
      {"UPDATE ledger.payment SET repaid = 99; UPDATE ledger.payment_step SET amount = 99 WHERE "
       "step_no = 5",
       "what is paid for plan "},
      {"UPDATE ledger.payment_step SET taken_back_by = 6 WHERE step_no = 5",
       "what it takes back of a payment is not what its steps say"},
      {"UPDATE ledger.evidence SET counted = 50",
       "what it rests on counts otherwise than its parts say"},
      {"UPDATE ledger.commitment SET vat = 10; UPDATE ledger.payment SET repaid_vat = 10",
       "have more VAT than it has"}};
  for (const auto& [sql, finding] : tampering) {
    Repaid town;
    ASSERT_TRUE(town.Repay(town.Settled(121, 21), 100, "LINE-1", 10).ok());
    ASSERT_THAT(town.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(town.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(town.ledger.Findings(), Contains(HasSubstr(finding))) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
