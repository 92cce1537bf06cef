// What the schema itself refuses of parts that are taken back, and what the verifier finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/pg/sqlstate.h"
#include "common/pg/transact.h"
#include "services/ledger/testing/taken_back.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

// Step 6 of the only payment there is, which takes step 5 back.
std::string Back(const std::string& values) {
  return absl::StrCat(
      "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, "
      "person, actor, request_id, stepped_at, note, requested_by, approvals_needed, seq, "
      "takes_back) SELECT budget_id, payment_id, 6, ",
      values, " FROM ledger.payment_step WHERE step_no = 5;");
}
std::string Back(const std::string& from, const std::string& person, const std::string& takes) {
  return Back(absl::StrCat(from, ", 7, ", person,
                           ", '', gen_random_uuid(), now(), '', requested_by, 1, 1, ", takes));
}
const char kMark[] = "UPDATE ledger.payment_step SET taken_back_by = 6 WHERE step_no = 5;";
const char kOpen[] = "UPDATE ledger.payment SET steps = 6, state = 7, accounted = 0;";

TEST(TakenBackSchema, NeedsItsStepAndItsEntry) {
  Mistaken town;
  ASSERT_TRUE(town.Account(500, "till 1", "receipt").ok());
  const auto stopped = [&](const std::string& sql) {
    const auto run = [&](pg::Tx& tx) { return tx.Script(sql); };
    const absl::Status status =
        pg::Transact(town.ledger.pool(), {.deadline = absl::Now() + absl::Seconds(20)}, run);
    const std::string constraint = pg::ConstraintOf(status);
    return status.ok() || !constraint.empty() ? constraint : status.ToString();
  };
  const std::string another = "gen_random_uuid()";
  EXPECT_EQ(stopped(kMark), "payment_part_taken_back_by");
  // By an entry that takes back something else, and of a step that was no part.
  EXPECT_EQ(stopped(kOpen + std::string(kMark) + Back("4", another, "5")),
            "payment_takes_back_part");
  EXPECT_EQ(stopped(kOpen + Back("4", another, "5")), "payment_takes_back_part");
  EXPECT_EQ(stopped(kOpen + Back("4", another, "4")), "payment_takes_back_part");
  EXPECT_EQ(stopped(kOpen + Back("4", "requested_by", "5")), "payment_accounter_is_another");
  EXPECT_EQ(stopped(kOpen + Back("4", another, "NULL")), "payment_reopened_by_taking_back");
  EXPECT_EQ(stopped(kOpen + Back("3", another, "5")), "payment_reopened_by_taking_back");
  EXPECT_EQ(stopped(kOpen + Back("NULL", another, "5")), "payment_reopened_by_taking_back");
  EXPECT_EQ(stopped(kOpen), "payment_stands_at_step");
}

TEST(TakenBackSchema, AlsoForASuperuser) {
  Mistaken town;
  const auto part = town.Account(200, "till 1", "receipt");
  ASSERT_TRUE(town.Account(100, "till 2", "another").ok());
  const auto stopped = [&](const std::string& sql) {
    return pg::ConstraintOf(town.ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  };
  ASSERT_TRUE(town.TakeBack(part->seq()).ok());  // Step 7.
  EXPECT_EQ(stopped("UPDATE ledger.payment_step SET taken_back_by = NULL WHERE step_no = 5"),
            "payment_part_taken_back_once");
  EXPECT_EQ(stopped("UPDATE ledger.payment_step SET taken_back_by = 7 WHERE step_no = 6"),
            "payment_part_taken_back_by");
  EXPECT_EQ(stopped("UPDATE ledger.payment_step SET takes_back = 6 WHERE step_no = 7"),
            "payment_step_append_only");
  EXPECT_EQ(stopped("UPDATE ledger.payment_step SET total = 900 WHERE step_no = 6"),
            "payment_step_append_only");
  EXPECT_EQ(stopped("UPDATE ledger.payment_step SET amount = 1, taken_back_by = 7"),
            "payment_step_append_only");
  EXPECT_EQ(stopped("DELETE FROM ledger.evidence"), "evidence_never_removed");
  EXPECT_EQ(stopped("UPDATE ledger.payment SET steps = 8, accounted = 300"),
            "payment_stands_at_step");
}

TEST(TakenBackSchema, WhatWasChangedBehindTheChainIsFound) {
  const std::string steps = "what it takes back of a payment is not what its steps say";
  const std::pair<const char*, std::string> tampering[] = {
      {"UPDATE ledger.payment_step SET taken_back_by = NULL", steps},
      {"UPDATE ledger.payment_step SET taken_back_by = 7 WHERE step_no = 6", steps},
      {"UPDATE ledger.payment_step SET taken_back_by = 7 - step_no + 5 WHERE step_no IN (5, 6)",
       steps},
      {"UPDATE ledger.payment_step SET takes_back = 6 WHERE step_no = 7", steps},
      {"DELETE FROM ledger.payment_step WHERE step_no = 7", steps},
      {"UPDATE ledger.payment_step SET seq = 1 WHERE step_no = 7", steps},
      {"UPDATE ledger.payment SET accounted = 100 + 200", "is not what its entries say"},
      {"UPDATE ledger.evidence SET counted = 100",
       "what it rests on counts otherwise than its parts say"}};
  for (const auto& [sql, finding] : tampering) {
    Mistaken town;
    const auto part = town.Account(100, "till 1", "receipt");
    ASSERT_TRUE(town.Account(100, "till 2", "another").ok());
    ASSERT_TRUE(town.TakeBack(part->seq()).ok());
    ASSERT_THAT(town.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(town.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(town.ledger.Findings(), Contains(::testing::HasSubstr(finding))) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
