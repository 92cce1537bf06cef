// What the schema itself refuses of corrections, also of the service's own role.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pg/sqlstate.h"
#include "common/pg/transact.h"
#include "common/testing/pg_database.h"
#include "services/proposals/domain/correction.h"
#include "services/proposals/domain/sample.h"
#include "services/proposals/storage/correction_store.h"
#include "services/proposals/storage/forging_store.h"
#include "services/proposals/storage/migrations.h"
#include "services/proposals/storage/plan_store.h"
#include "services/proposals/storage/round_store.h"

namespace smederij::proposals {
namespace {

const SubjectId kAnn = Named<SubjectId>("ann");

struct Storage {
  testing::PgDatabase database{Migrations()};
  pg::Pool pool{{.conninfo = database.app(), .size = 2}};

  template <class Body>
  auto Run(Body body) {
    return pg::Transact(pool, {.deadline = absl::Now() + absl::Seconds(30)}, body);
  }
  // The constraint that stops this SQL of the service's own role, "" when nothing does.
  std::string Stopped(const std::string& sql) {
    const absl::Status status = Run([&](pg::Tx& tx) { return tx.Script(sql); });
    const std::string constraint = pg::ConstraintOf(status);
    return status.ok() || !constraint.empty() ? constraint : status.ToString();
  }
};

// A round with a plan, and a correction of it that waits.
absl::Status Seeded(pg::Tx& tx) {
  const RoundOrigin origin{
      .charter = "charter", .currency = "EUR", .created_by = Named<SubjectId>("director")};
  RETURN_IF_ERROR(InsertRound(tx, SampleRound(), origin));
  Group group;
  group.id = Named<GroupId>("group");
  group.round = SampleRound().id;
  group.name = "De Speeltuin";
  group.formed_at = Hour(1);
  group.members = {kAnn};
  RETURN_IF_ERROR(InsertGroup(tx, group));
  Plan plan;
  plan.id = Named<PlanId>("plan");
  plan.round = SampleRound().id;
  plan.group = group.id;
  plan.number = 1;
  plan.title = "Een schommel";
  plan.text = "Wij bouwen het zelf.";
  plan.cost = Money::Cents(10'00);
  RETURN_IF_ERROR(InsertPlan(tx, plan, kAnn, Hour(2)));
  Correction correction;
  correction.id = Named<CorrectionId>("correction");
  correction.round = SampleRound().id;
  correction.number = 1;
  correction.decision_ref = "A-1";
  correction.proposed_by = kAnn;
  correction.proposed_at = Hour(70);
  return InsertCorrection(tx, correction);
}

TEST(CorrectionSchema, ItsStepsAreTheDomains) {
  Storage storage;
  constexpr pg::Statement<bool(int16_t, int16_t)> has{"test.has_transition", R"sql(
    SELECT EXISTS (SELECT FROM proposals.correction_transition
                    WHERE from_state = $1 AND to_state = $2))sql"};
  const auto compare = [&](pg::Tx& tx) -> absl::Status {
    for (int16_t from = 0; from <= 7; ++from) {
      for (int16_t to = 0; to <= 7; ++to) {
        ASSIGN_OR_RETURN(const bool stored, tx.One(has, from, to));
        EXPECT_EQ(stored,
                  MayFollow(static_cast<CorrectionState>(from), static_cast<CorrectionState>(to)))
            << from << " " << to;
      }
    }
    return absl::OkStatus();
  };
  EXPECT_TRUE(storage.Run(compare).ok());
}

TEST(CorrectionSchema, NoStepButThoseAndNobodyElseWithdrawsIt) {
  Storage storage;
  ASSERT_TRUE(storage.Run(Seeded).ok());
  const auto move = [](int state, const std::string& by) {
    return absl::StrCat("UPDATE proposals.correction SET state = ", state, ", decided_by = ", by,
                        ", decided_at = now();");
  };
  const std::string other = "gen_random_uuid()";
  EXPECT_EQ(storage.Stopped(move(4, other)), "correction_step_allowed");
  EXPECT_EQ(storage.Stopped(move(1, "NULL")), "correction_step_allowed");
  EXPECT_EQ(storage.Stopped(move(6, other)), "correction_withdrawn_by_proposer");
  EXPECT_EQ(storage.Stopped(move(6, "NULL")), "correction_decided_whole");
  EXPECT_EQ(storage.Stopped(move(2, "proposed_by")), "correction_accepted_by_another");
  EXPECT_EQ(storage.Stopped(move(2, other) + move(6, "proposed_by")), "correction_step_allowed");
  EXPECT_EQ(storage.Stopped(move(6, "proposed_by")), "");
  for (int state = 1; state <= 6; ++state) {
    EXPECT_EQ(storage.Stopped(move(state, "proposed_by")), "correction_step_allowed") << state;
  }
}

TEST(CorrectionSchema, OnlyAPotOfTheRoundPaysAndOnlySomething) {
  Storage storage;
  ASSERT_TRUE(storage.Run(Seeded).ok());
  const auto line = [](int64_t cents, const std::string& budget) {
    return absl::StrCat(
        "INSERT INTO proposals.correction_line (round_id, number, plan_id, amount_cents, "
        "budget_id) "
        "SELECT round_id, 1, plan.plan_id, ",
        cents, ", ", budget,
        " FROM proposals.plan JOIN proposals.pot USING (round_id) WHERE position = 2");
  };
  EXPECT_EQ(storage.Stopped(line(0, "budget_id")), "correction_line_pot_pays");
  EXPECT_EQ(storage.Stopped(line(1, "gen_random_uuid()")), "correction_line_of_pot");
  EXPECT_EQ(storage.Stopped(line(1, "budget_id")), "");
}

}  // namespace
}  // namespace smederij::proposals
