#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/ledger/testing/test_closings.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ClosingSchema, APeriodIsClosedByTwoAndNeverReopened) {
  Year year;
  const auto proposed = year.Propose(1);
  EXPECT_EQ(year.Stopped("UPDATE ledger.closing SET state = 'accepted', decided_by = proposed_by,"
                         " decided_at = now(), decided_seq = seq, entry_seq = seq"),
            "closing_accepted_by_another");
  EXPECT_EQ(year.Stopped("UPDATE ledger.closing SET state = 'accepted', entry_seq = seq"),
            "closing_decided_by_somebody");
  const std::string decided =
      "UPDATE ledger.closing SET state = 'accepted', decided_by = gen_random_uuid(),"
      " decided_at = now(), decided_seq = seq";
  EXPECT_EQ(year.Stopped(decided), "closing_accepted_as_entry");
  EXPECT_EQ(year.Stopped(decided + ", entry_seq = 9"), "closing_is_an_entry");
  const std::string close = ";UPDATE ledger.period SET state = 'closed' WHERE period_no = ";
  EXPECT_EQ(year.Stopped(decided + ", entry_seq = seq" + close + "1"), "period_closed_by_entry");
  EXPECT_EQ(year.Stopped(close + "12"), "period_closed_by_entry");
  EXPECT_EQ(year.Stopped("UPDATE ledger.closing SET seq = 0"), "closing_keeps_its_facts");
  EXPECT_EQ(year.Stopped("DELETE FROM ledger.closing"), "closing_never_removed");
  EXPECT_EQ(year.Stopped("INSERT INTO ledger.closing SELECT budget_id, gen_random_uuid(),"
                         " period_no, seq, trial_hash, proposed_by, proposed_at, state"
                         " FROM ledger.closing"),
            "closing_one_per_period");
  ASSERT_TRUE(year.Accept(*proposed).ok());
  EXPECT_EQ(year.Stopped("UPDATE ledger.period SET state = 'open' WHERE period_no = 1"),
            "period_never_reopened");
  EXPECT_EQ(year.Stopped("UPDATE ledger.closing SET decided_by = gen_random_uuid()"),
            "closing_decided_once");
}

TEST(ClosingSchema, AnEntryClosesAPeriodByTwoWhileItIsToBeClosed) {
  Year year;
  ASSERT_TRUE(year.Propose(1).ok());
  const auto closing = [&](const std::string& approver, int period) {
    return year.Stopped(absl::StrCat(
        "INSERT INTO ledger.entry (budget_id, seq, prev_seq, prev_hash, canonical, hash, type, "
        "period_no, recorded_at, request_id, actor, approver, decision_ref, record_hash) SELECT "
        "budget_id, 2, 1, hash, '\\x00', sha256(hash || '\\x00'), 19, ",
        period, ", recorded_at, gen_random_uuid(), 'person:a', ", approver,
        ", '', hash FROM ledger.entry WHERE seq = 1"));
  };
  EXPECT_EQ(closing("NULL", 1), "entry_closes_by_two");
  EXPECT_EQ(closing("'person:a'", 1), "entry_approver_is_another");
  EXPECT_EQ(closing("'person:b'", 2), "entry_in_open_period");
  EXPECT_EQ(closing("'person:b'", 1), "");
}

TEST(ClosingSchema, WhatWasNotSignedIsFound) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.closing SET trial_hash = sha256('x')",
       "the trial balance that was signed is not the one after this entry"},
      {"UPDATE ledger.closing SET seq = 0",
       "the trial balance that was signed is not the one after this entry"},
      {"UPDATE ledger.period SET state = 'open' WHERE period_no = 1",
       "period 1 is not what its closings say"},
      {"UPDATE ledger.period SET state = 'closed' WHERE period_no = 2",
       "period 2 is not what its closings say"},
      {"DELETE FROM ledger.closing", "period 1 is not what its closings say"},
      {"UPDATE ledger.closing SET decided_by = gen_random_uuid()",
       "what it rests on is not what it says"},
      {"UPDATE ledger.closing SET proposed_by = gen_random_uuid()",
       "what it rests on is not what it says"},
      // As if it had never been.
      {"DELETE FROM ledger.closing; UPDATE ledger.period SET state = 'open'",
       "what it rests on is not there"},
      {"UPDATE ledger.closing SET state = 'proposed', decided_by = NULL, decided_at = NULL,"
       " decided_seq = NULL, entry_seq = NULL; UPDATE ledger.period SET state = 'closing'"
       " WHERE period_no = 1",
       "what it rests on is not there"},
      {"ALTER TABLE ledger.closing DROP CONSTRAINT closing_accepted_as_entry;"
       "UPDATE ledger.closing SET entry_seq = NULL, decided_at = now() + interval '1 day'",
       "no entry closed period 1"}};
  for (const auto& [sql, finding] : tampering) {
    Year year;
    ASSERT_TRUE(year.Accept(*year.Propose(1)).ok());
    ASSERT_THAT(year.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(year.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(year.ledger.Findings(), Contains(HasSubstr(finding))) << sql;
  }
}

TEST(ClosingSchema, DecemberIsClosedWhenTheBudgetWasCarriedOver) {
  Year year("2027-01-15T12:00:00");
  year.CloseThrough(11);
  ASSERT_TRUE(year.CarryOver().ok());
  ASSERT_TRUE(year.Accept(*year.Propose(12)).ok());
  ASSERT_THAT(year.ledger.Findings(), IsEmpty());
  const std::string open =
      "SET session_replication_role = replica;"
      "UPDATE ledger.budget SET state = 'open';";
  const auto december = [&](const std::string& state) {
    return absl::StrCat("UPDATE ledger.period SET state = '", state,
                        "' WHERE period_no = 12 AND budget_id = '", year.budget, "';");
  };
  EXPECT_EQ(year.Stopped(open + december("closing") + "SET session_replication_role = origin;" +
                         december("closed")),
            "period_last_when_carried");
  ASSERT_TRUE(year.ledger.database().Sql(open).ok());
  EXPECT_THAT(year.ledger.Findings(),
              Contains(HasSubstr("its last period is closed, and it was not carried over")));
}

}  // namespace
}  // namespace smederij::ledger
