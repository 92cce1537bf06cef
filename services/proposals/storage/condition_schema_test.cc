// What the schema itself refuses of money with a condition.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pg/sqlstate.h"
#include "common/pg/transact.h"
#include "common/testing/pg_database.h"
#include "services/proposals/domain/sample.h"
#include "services/proposals/storage/forging_store.h"
#include "services/proposals/storage/migrations.h"
#include "services/proposals/storage/plan_store.h"
#include "services/proposals/storage/round_store.h"

namespace smederij::proposals {
namespace {

const absl::CivilDay kFar(2999, 12, 31);

struct Storage {
  testing::PgDatabase database{Migrations()};
  pg::Pool pool{{.conninfo = database.app(), .size = 2}};

  template <class Body>
  auto Run(Body body) {
    return pg::Transact(pool, {.deadline = absl::Now() + absl::Seconds(30)}, body);
  }
  std::string Stopped(const Pot& pot) {
    const absl::Status status =
        Run([&](pg::Tx& tx) { return InsertPots(tx, SampleRound().id, 2, {pot}); });
    const std::string constraint = pg::ConstraintOf(status);
    return status.ok() || !constraint.empty() ? constraint : status.ToString();
  }
};

Plan SamplePlan(const std::string& category) {
  Plan plan;
  plan.id = PlanId::Random();
  plan.round = SampleRound().id;
  plan.group = Named<GroupId>("group");
  plan.number = 1;
  plan.title = "Een schommel";
  plan.text = "Wij bouwen het zelf.";
  plan.cost = Money::Cents(10'00);
  plan.category = category;
  return plan;
}

absl::Status Seeded(pg::Tx& tx) {
  RETURN_IF_ERROR(InsertRound(
      tx, SampleRound(),
      {.charter = "charter", .currency = "EUR", .created_by = Named<SubjectId>("director")}));
  Group group;
  group.id = Named<GroupId>("group");
  group.round = SampleRound().id;
  group.name = "De Speeltuin";
  group.formed_at = Hour(1);
  return InsertGroup(tx, group);
}

TEST(ConditionSchema, APotIsForOneThingUntilADay) {
  Storage storage;
  ASSERT_TRUE(storage.Run(Seeded).ok());
  const Plan plan = SamplePlan("green");
  const auto insert = [&](pg::Tx& tx) {
    return InsertPlan(tx, plan, Named<SubjectId>("ann"), Hour(2));
  };
  ASSERT_TRUE(storage.Run(insert).ok());
  const Pot pot{Named<BudgetId>("sponsor"), Money::Cents(5), "", plan.id, kFar};
  Pot wrong = pot;
  wrong.category = "green";
  EXPECT_EQ(storage.Stopped(wrong), "pot_for_one_thing");
  wrong = pot;
  wrong.deadline.reset();
  EXPECT_EQ(storage.Stopped(wrong), "pot_condition_whole");
  wrong = {pot.budget, pot.amount, "", PlanId(), kFar};
  EXPECT_EQ(storage.Stopped(wrong), "pot_condition_whole");
  wrong = {pot.budget, pot.amount, "green--play", PlanId(), kFar};
  EXPECT_EQ(storage.Stopped(wrong), "pot_category_form");
  wrong = pot;
  wrong.plan = PlanId::Random();
  EXPECT_EQ(storage.Stopped(wrong), "pot_of_plan");
  EXPECT_EQ(storage.Stopped(pot), "");
  EXPECT_EQ(storage.Stopped(pot), "pot_pkey");
  const auto read = storage.Run([](pg::Tx& tx) { return GetRound(tx, SampleRound().id); });
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->pots.size(), 3u);
  EXPECT_EQ(read->pots[0].plan, PlanId());
  EXPECT_EQ(read->pots[0].deadline, std::nullopt);
  EXPECT_EQ(read->pots[2].plan, plan.id);
  EXPECT_EQ(read->pots[2].deadline, kFar);
  const auto kept = storage.Run([&](pg::Tx& tx) { return GetPlan(tx, plan.id); });
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(kept->category, "green");
}

TEST(ConditionSchema, ACategoryHasTheLedgersForm) {
  Storage storage;
  ASSERT_TRUE(storage.Run(Seeded).ok());
  for (const std::string& category :
       {std::string("Green"), std::string("-a"), std::string("a-"), std::string(61, 'a')}) {
    const auto insert = [&](pg::Tx& tx) {
      return InsertPlan(tx, SamplePlan(category), Named<SubjectId>("ann"), Hour(2));
    };
    EXPECT_EQ(pg::ConstraintOf(storage.Run(insert)), "plan_category_form") << category;
  }
}

}  // namespace
}  // namespace smederij::proposals
