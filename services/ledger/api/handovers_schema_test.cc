// What the schema itself refuses of handovers, and what the verifier finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/ledger/testing/test_closings.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A year of which all was carried over, and next year's.
struct Carried : Year {
  Carried() : Year("2027-01-15T12:00:00") { CHECK(CarryOver().ok()); }
};

TEST(HandoverSchema, WhatTwoPeopleDecideStays) {
  Carried year;
  EXPECT_EQ(year.Stopped("UPDATE ledger.handover SET carried = 1"), "handover_keeps_its_facts");
  EXPECT_EQ(year.Stopped("UPDATE ledger.handover SET plans = '{}'"), "handover_keeps_its_facts");
  EXPECT_EQ(year.Stopped("DELETE FROM ledger.handover"), "handover_never_removed");
  EXPECT_EQ(year.Stopped("TRUNCATE ledger.handover"), "handover_never_removed");
  EXPECT_EQ(year.Stopped("UPDATE ledger.handover SET state = 'refused', first_seq = NULL,"
                         " last_seq = NULL"),
            "handover_decided_once");
}

TEST(HandoverSchema, NobodyHandsOverAlone) {
  Carried year;
  const std::string columns =
      "INSERT INTO ledger.handover (budget_id, handover_id, to_budget_id, plans, rest, unmet,"
      " decision_ref, carried, returned, proposed_by, proposed_at, state, decided_by, decided_at)"
      " SELECT budget_id, gen_random_uuid(), ";
  const auto insert = [&](const std::string& rest) {
    return year.Stopped(absl::StrCat(columns, rest, " FROM ledger.handover"));
  };
  const std::string open = ", proposed_by, now(), 'proposed', NULL, NULL";
  const std::string all = "to_budget_id, '{}', 'carry', false, 'x', 1, 0";
  EXPECT_EQ(insert(all + ", proposed_by, now(), 'accepted', proposed_by, now()"),
            "handover_accepted_by_another");
  EXPECT_EQ(insert(all + ", proposed_by, now(), 'refused', NULL, NULL"),
            "handover_decided_by_somebody");
  EXPECT_EQ(insert(all + ", proposed_by, now(), 'accepted', decided_by, now()"), "handover_posts");
  EXPECT_EQ(insert(all + ", proposed_by, now(), 'done', decided_by, now()"),
            "handover_state_known");
  for (const char* half :
       {"NULL, '{}', NULL, false, 'x', 1, 0", "to_budget_id, '{}', NULL, false, 'x', 1, 0",
        "budget_id, '{}', 'carry', false, 'x', 1, 0",
        "to_budget_id, ARRAY[budget_id], 'carry', false, 'x', 1, 0",
        "to_budget_id, '{}', 'carry', true, 'x', 1, 0",
        "to_budget_id, '{}', 'carry', false, 'x', 1, 1"}) {
    EXPECT_EQ(insert(half + open), "handover_is_one") << half;
  }
  EXPECT_EQ(insert("to_budget_id, '{}', 'keep', false, 'x', 1, 0" + open), "handover_rest_known");
  EXPECT_EQ(insert("to_budget_id, '{}', 'carry', false, 'x', -1, 0" + open),
            "handover_amounts_not_negative");
  EXPECT_EQ(year.Stopped(absl::StrCat(columns, all, open, " FROM ledger.handover;", columns, all,
                                      open, " FROM ledger.handover LIMIT 1")),
            "handover_one_pending");
  EXPECT_EQ(insert(all + open), "") << "one that waits is right";
}

TEST(HandoverSchema, NoEntryHandsOverByOnePerson) {
  Carried year;
  for (const int type : {13, 14, 15}) {
    EXPECT_EQ(year.Stopped(absl::StrCat("ALTER TABLE ledger.entry DISABLE TRIGGER USER;"
                                        "UPDATE ledger.entry SET type = ",
                                        type, ", approver = NULL WHERE type = 13")),
              "entry_hands_over_by_two")
        << type;
  }
}

TEST(HandoverSchema, WhatTwoPeopleDidNotDecideIsFound) {
  const std::string told = "what it hands over is not what two people decided";
  const char* const tampering[] = {
      "DELETE FROM ledger.handover",
      "UPDATE ledger.handover SET carried = carried - 1",
      "UPDATE ledger.handover SET decided_by = gen_random_uuid()",
      "UPDATE ledger.handover SET proposed_by = gen_random_uuid()",
      "UPDATE ledger.handover SET decision_ref = 'another'",
      "UPDATE ledger.handover SET to_budget_id = NULL, rest = NULL, carried = 0, returned = 1000",
      "UPDATE ledger.handover SET first_seq = 1, last_seq = 1",
      "UPDATE ledger.handover SET state = 'refused', first_seq = NULL, last_seq = NULL",
      "UPDATE ledger.entry SET approver = 'person:' || gen_random_uuid() WHERE type = 14"};
  for (const char* const sql : tampering) {
    Carried year;
    ASSERT_THAT(year.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(year.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(year.ledger.Findings(), Contains(HasSubstr(told))) << sql;
  }
}

// Entries that one person made when that was enough stay as good as they were.
TEST(HandoverSchema, WhatOnePersonDidBeforeIsNotFound) {
  Carried year;
  const auto alone = [&](const std::string& recorded) {
    ASSERT_TRUE(year.ledger.database()
                    .Sql(absl::StrCat(
                        "SET session_replication_role = replica;"
                        "ALTER TABLE ledger.entry DROP CONSTRAINT entry_hands_over_by_two;"
                        "DELETE FROM ledger.handover;"
                        "UPDATE ledger.entry SET approver = NULL, recorded_at = ",
                        recorded,
                        " WHERE type IN (13, 14);"
                        "ALTER TABLE ledger.entry ADD CONSTRAINT entry_hands_over_by_two CHECK"
                        " (type NOT IN (13, 14, 15) OR approver IS NOT NULL) NOT VALID"))
                    .ok());
  };
  const char* const told = "what it hands over is not what two people decided";
  alone("(SELECT applied_at FROM ledger.migration WHERE name = 'handovers')");
  EXPECT_THAT(year.ledger.Findings(), ::testing::Not(Contains(HasSubstr(told))));
  alone("(SELECT applied_at + interval '1 s' FROM ledger.migration WHERE name = 'handovers')");
  EXPECT_THAT(year.ledger.Findings(), Contains(HasSubstr(told)));
}

}  // namespace
}  // namespace smederij::ledger
