#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "common/testing/pg_database.h"
#include "services/proposals/domain/sample.h"
#include "services/proposals/storage/correction_store.h"
#include "services/proposals/storage/forging_store.h"
#include "services/proposals/storage/migrations.h"
#include "services/proposals/storage/plan_store.h"
#include "services/proposals/storage/record_store.h"
#include "services/proposals/storage/round_store.h"

namespace smederij::proposals {
namespace {

using smederij::testing::PgDatabase;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Storage {
  PgDatabase database{Migrations()};
  pg::Pool pool{{.conninfo = database.app(), .size = 4}};

  template <class Body>
  auto Run(Body body) {
    return pg::Transact(pool, {.deadline = absl::Now() + absl::Seconds(30)}, body);
  }
};

const RoundOrigin kOrigin{.charter = std::string("\0charter", 8),
                          .currency = "EUR",
                          .created_by = Named<SubjectId>("director")};
const SubjectId kAnn = Named<SubjectId>("ann");

Group SampleGroup() {
  Group group;
  group.id = Named<GroupId>("group");
  group.round = SampleRound().id;
  group.name = "De Speeltuin";
  group.formed_at = Hour(1);
  group.members = {kAnn};
  return group;
}

Idea SampleIdea() {
  return {Named<IdeaId>("idea"), SampleRound().id, kAnn, "Een schommel", "Op het veldje.", Hour(1)};
}

Plan SamplePlan(uint32_t number, int64_t cents) {
  Plan plan;
  plan.id = Named<PlanId>(absl::StrCat("plan ", number));
  plan.round = SampleRound().id;
  plan.group = SampleGroup().id;
  plan.number = number;
  plan.title = absl::StrCat("Plan ", number);
  plan.text = "Wij bouwen het zelf.";
  plan.cost = Money::Cents(cents);
  plan.ideas = {SampleIdea().id};
  return plan;
}

// A round with a group, an idea and `plans` plans of ten euro each.
absl::Status Seed(pg::Tx& tx, uint32_t plans) {
  RETURN_IF_ERROR(InsertRound(tx, SampleRound(), kOrigin));
  RETURN_IF_ERROR(InsertGroup(tx, SampleGroup()));
  RETURN_IF_ERROR(InsertIdea(tx, SampleIdea()));
  for (uint32_t number = 1; number <= plans; ++number) {
    RETURN_IF_ERROR(InsertPlan(tx, SamplePlan(number, 10'00), kAnn, Hour(2)));
  }
  return absl::OkStatus();
}

TEST(Statements, FitTheSchema) {
  Storage storage;
  for (const auto statements : {RoundStatements(), ForgingStatements(), PlanStatements(),
                                RecordStatements(), CorrectionStatements()}) {
    const absl::Status status =
        pg::CheckStatements(storage.pool, absl::Now() + absl::Seconds(30), statements);
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST(Rounds, ComeBackAsTheyWereStored) {
  Storage storage;
  const auto run = [](pg::Tx& tx) -> absl::StatusOr<Round> {
    RETURN_IF_ERROR(InsertRound(tx, SampleRound(), kOrigin));
    RETURN_IF_ERROR(SetPotApproval(tx, SampleRound().id, {kAnn, "B-2026-7", Hour(3)}));
    return GetRound(tx, SampleRound().id);
  };
  const auto round = storage.Run(run);
  ASSERT_TRUE(round.ok()) << round.status();
  EXPECT_EQ(round->title, "Noordveld 2026");
  EXPECT_EQ(round->instants, SampleRound().instants);
  EXPECT_EQ(round->charter.criteria, SampleRound().charter.criteria);
  ASSERT_THAT(round->pots, SizeIs(2));
  EXPECT_EQ(round->pots[1].budget, SampleRound().pots[1].budget);
  EXPECT_EQ(round->pots[1].amount, SampleRound().pots[1].amount);
  ASSERT_TRUE(round->pot_approval.has_value());
  EXPECT_EQ(round->pot_approval->decision_ref, "B-2026-7");
  EXPECT_EQ(round->outcome, Outcome::kNone);
  const auto origin = storage.Run([](pg::Tx& tx) { return GetOrigin(tx, SampleRound().id); });
  EXPECT_EQ(origin->charter, kOrigin.charter);
}

TEST(Rounds, OneOfAName) {
  Storage storage;
  const auto insert = [](RoundId id, int32_t year) {
    return [id, year](pg::Tx& tx) {
      Round round = SampleRound();
      round.id = id;
      round.year = year;
      return InsertRound(tx, round, kOrigin);
    };
  };
  EXPECT_TRUE(storage.Run(insert(RoundId::Random(), 2026)).ok());
  EXPECT_EQ(ReasonOf(storage.Run(insert(RoundId::Random(), 2026))), "ROUND_EXISTS");
  EXPECT_TRUE(storage.Run(insert(RoundId::Random(), 2027)).ok());
}

TEST(Rounds, ListIsNewestFirstInPages) {
  Storage storage;
  for (int32_t year = 2020; year < 2025; ++year) {
    const auto insert = [year](pg::Tx& tx) {
      Round round = SampleRound();
      round.id = RoundId::Random();
      round.year = year;
      return InsertRound(tx, round, kOrigin);
    };
    ASSERT_TRUE(storage.Run(insert).ok());
  }
  std::optional<After> after;
  std::vector<int32_t> years;
  for (;;) {
    const auto page =
        storage.Run([&](pg::Tx& tx) { return ListRounds(tx, SampleRound().district, after, 2); });
    ASSERT_TRUE(page.ok()) << page.status();
    for (const Round& round : *page) years.push_back(round.year);
    if (page->size() < 2) break;
    after = After{page->back().created_at, page->back().id.uuid()};
  }
  EXPECT_THAT(years, ElementsAre(2024, 2023, 2022, 2021, 2020));
}

TEST(Rounds, TakeNineHundredPlans) {
  Storage storage;
  ASSERT_TRUE(storage.Run([](pg::Tx& tx) { return Seed(tx, 0); }).ok());
  ASSERT_TRUE(storage.database.Sql("UPDATE proposals.round SET plans_made = 899").ok());
  const auto next = [](pg::Tx& tx) { return NextPlanNumber(tx, SampleRound().id); };
  EXPECT_EQ(*storage.Run(next), 900u);
  EXPECT_EQ(ReasonOf(storage.Run(next).status()), "TOO_MANY_PLANS");
}

TEST(Schema, WhatIsFrozenCannotBeChangedByTheService) {
  Storage storage;
  ASSERT_TRUE(storage.Run([](pg::Tx& tx) { return Seed(tx, 1); }).ok());
  for (const char* sql :
       {"UPDATE proposals.plan SET cost_cents = 1", "UPDATE proposals.plan SET title = 'x'",
        "UPDATE proposals.round SET charter = 'x'", "UPDATE proposals.pot SET amount_cents = 1",
        "UPDATE proposals.step SET answer = 'x'", "UPDATE proposals.plan_check SET met = true",
        "DELETE FROM proposals.idea", "DELETE FROM proposals.step", "DELETE FROM proposals.round",
        "TRUNCATE proposals.award_line"}) {
    const absl::Status status = storage.Run([&](pg::Tx& tx) { return tx.Script(sql); });
    EXPECT_EQ(pg::SqlStateOf(status), "42501") << sql << ": " << status;
  }
}

TEST(Schema, RefusesWhatTheRulesNeverDo) {
  Storage storage;
  ASSERT_TRUE(storage.Run([](pg::Tx& tx) { return Seed(tx, 1); }).ok());
  const auto refused = [&](const char* sql, const char* constraint) {
    EXPECT_THAT(std::string(storage.database.Sql(sql).message()), HasSubstr(constraint)) << sql;
  };
  refused("UPDATE proposals.plan SET award_cents = 1001", "plan_award_within_cost");
  refused("UPDATE proposals.plan SET state = 8", "plan_");
  refused("UPDATE proposals.plan SET state = 2", "plan_admitted_by_somebody");
  refused("UPDATE proposals.round SET issue_from = freeze_at", "round_instants_in_order");
  refused("UPDATE proposals.round SET done_at = now()", "round_done_has_outcome");
  refused("UPDATE proposals.round SET outcome = 1", "round_voted_has_result");
  refused("UPDATE proposals.round SET pot_approved_at = now()", "round_pot_approval_whole");
}

TEST(Ideas, OfOtherRoundsAreToldFromMissingOnes) {
  Storage storage;
  Round other = SampleRound();
  other.id = Named<RoundId>("other");
  other.title = "Elders";
  const auto run = [&](pg::Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(Seed(tx, 0));
    return InsertRound(tx, other, kOrigin);
  };
  ASSERT_TRUE(storage.Run(run).ok());
  const auto check = [&](RoundId round, std::vector<IdeaId> ideas) {
    return ReasonOf(storage.Run([&](pg::Tx& tx) { return CheckIdeas(tx, round, ideas); }));
  };
  const IdeaId known = SampleIdea().id, unknown = Named<IdeaId>("nothing");
  EXPECT_EQ(check(SampleRound().id, {known}), "");
  EXPECT_EQ(check(other.id, {known}), "IDEA_OF_OTHER_ROUND");
  EXPECT_EQ(check(other.id, {known, unknown}), "IDEA_NOT_FOUND");
}

TEST(Groups, TakeAMemberOnce) {
  Storage storage;
  ASSERT_TRUE(storage.Run([](pg::Tx& tx) { return Seed(tx, 0); }).ok());
  const auto join = [](SubjectId who) {
    return [who](pg::Tx& tx) { return InsertMember(tx, SampleGroup(), who, Hour(2)); };
  };
  EXPECT_TRUE(storage.Run(join(Named<SubjectId>("bob"))).ok());
  EXPECT_EQ(ReasonOf(storage.Run(join(kAnn))), "ALREADY_MEMBER");
  const auto group = storage.Run([](pg::Tx& tx) { return GetGroup(tx, SampleGroup().id); });
  EXPECT_THAT(group->members, ElementsAre(kAnn, Named<SubjectId>("bob")));
}

TEST(Plans, NewestCheckHoldsAndAllAreKept) {
  Storage storage;
  const auto run = [](pg::Tx& tx) -> absl::StatusOr<Plan> {
    RETURN_IF_ERROR(Seed(tx, 1));
    const Plan plan = SamplePlan(1, 10'00);
    RETURN_IF_ERROR(InsertCheck(tx, plan, {"feasible", false, "no quote"}, kAnn, Hour(3)));
    RETURN_IF_ERROR(InsertCheck(tx, plan, {"open-to-all", true, "yes"}, kAnn, Hour(3)));
    RETURN_IF_ERROR(InsertCheck(tx, plan, {"feasible", true, "quote"}, kAnn, Hour(4)));
    RETURN_IF_ERROR(InsertAdvice(tx, plan, {kAnn, "Doen!", Hour(5)}));
    return GetPlan(tx, plan.id);
  };
  const auto plan = storage.Run(run);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_THAT(plan->checks, SizeIs(2));
  EXPECT_EQ(plan->checks[0].criterion, "feasible");
  EXPECT_TRUE(plan->checks[0].met);
  EXPECT_EQ(plan->checks[0].reason, "quote");
  ASSERT_THAT(plan->advice, SizeIs(1));
  EXPECT_EQ(plan->ideas, SamplePlan(1, 0).ideas);
}

// The freeze waits for a writer that saw the clock before it, and the writer after it sees the
// clock as it is when it gets through.
TEST(Locks, TheClockIsReadAfterTheLock) {
  Storage storage;
  ASSERT_TRUE(storage.Run([](pg::Tx& tx) { return Seed(tx, 0); }).ok());
  absl::Time shared_until, alone_at;
  absl::Notification shared, asking;
  std::thread freezer([&] {
    shared.WaitForNotification();
    const auto lock = [&](pg::Tx& tx) -> absl::Status {
      asking.Notify();
      ASSIGN_OR_RETURN(const LockedRound locked, LockRound(tx, SampleRound().id, Lock::kAlone));
      alone_at = locked.now;
      return absl::OkStatus();
    };
    EXPECT_TRUE(storage.Run(lock).ok());
  });
  const auto write = [&](pg::Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(LockRound(tx, SampleRound().id, Lock::kShared).status());
    shared.Notify();
    asking.WaitForNotification();
    for (;;) {  // Until the freezer's statement waits for this transaction.
      static constexpr pg::Statement<int64_t()> kWaiting{
          "test.waiting", "SELECT count(*) FROM pg_locks WHERE NOT granted"};
      ASSIGN_OR_RETURN(const int64_t waiting, tx.One(kWaiting));
      if (waiting > 0) break;
    }
    ASSIGN_OR_RETURN(const LockedRound again, ReadRound(tx, SampleRound().id));
    shared_until = again.now;
    return absl::OkStatus();
  };
  ASSERT_TRUE(storage.Run(write).ok());
  freezer.join();
  EXPECT_GT(alone_at, shared_until);
}

TEST(Records, CountWhatTheNextStepAsksFor) {
  Storage storage;
  const auto run = [](pg::Tx& tx) -> absl::StatusOr<RecordNow> {
    RETURN_IF_ERROR(Seed(tx, 3));
    for (const uint32_t number : {1u, 2u}) {
      RETURN_IF_ERROR(SetAdmitted(tx, SamplePlan(number, 0), kAnn, Hour(4)));
    }
    RETURN_IF_ERROR(FreezePlans(tx, SampleRound().id));
    RETURN_IF_ERROR(InsertStep(tx, SampleRound().id, Step::kHoldPot, 2, "answer"));
    Result result;
    result.hash = std::string(32, 'h');
    result.version = 1;
    result.plans = {{SamplePlan(1, 0).id, 1, Decision::kAwarded, Money::Cents(10'00), 9, "A", "a"},
                    {SamplePlan(2, 0).id, 2, Decision::kPartial, Money::Cents(5'00), 8, "B", "b"}};
    RETURN_IF_ERROR(MarkPlans(tx, SampleRound().id, result));
    return ReadRecord(tx, SampleRound().id);
  };
  const auto found = storage.Run(run);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->record.plans_admitted, 2u);
  EXPECT_EQ(found->record.offers_open, 1u);
  EXPECT_EQ(found->record.award_version, 1u);
  EXPECT_EQ(found->record.round.outcome, Outcome::kVoted);
  EXPECT_TRUE(found->record.Has(Step::kHoldPot, 2));
  EXPECT_FALSE(found->record.Has(Step::kHoldPot, 1));
  const auto plans = storage.Run([](pg::Tx& tx) { return ListPlans(tx, SampleRound().id, 0, 9); });
  EXPECT_EQ((*plans)[2].state, PlanState::kLeftOut);
  EXPECT_THAT((*plans)[0].text_hash, SizeIs(32));
  EXPECT_EQ((*plans)[1].support, 8);

  // Accepting makes the next version; funding touches its own version alone.
  const auto accept = [&](pg::Tx& tx) -> absl::StatusOr<std::vector<Award>> {
    RETURN_IF_ERROR(SetAnswered(tx, SamplePlan(2, 0), true, kAnn, Hour(55)));
    RETURN_IF_ERROR(
        SetFunded(tx, SampleRound().id,
                  {{1, SamplePlan(1, 0).id, SampleRound().pots[0].budget, Money::Cents(10'00)}}));
    return AwardsOf(tx, SampleRound().id);
  };
  const auto awards = storage.Run(accept);
  ASSERT_TRUE(awards.ok()) << awards.status();
  ASSERT_THAT(*awards, SizeIs(2));
  EXPECT_EQ((*awards)[1].version, 2u);
  EXPECT_EQ((*awards)[1].amount, Money::Cents(5'00));
  EXPECT_EQ(storage.Run([](pg::Tx& tx) { return GetPlan(tx, SamplePlan(1, 0).id); })->state,
            PlanState::kFunded);
  EXPECT_EQ(storage.Run([](pg::Tx& tx) { return GetPlan(tx, SamplePlan(2, 0).id); })->state,
            PlanState::kSelected);
}

TEST(Records, AStepIsStoredOnce) {
  Storage storage;
  ASSERT_TRUE(storage.Run([](pg::Tx& tx) { return Seed(tx, 0); }).ok());
  const auto store = [](pg::Tx& tx) {
    return InsertStep(tx, SampleRound().id, Step::kOpenRoll, 1, "answer");
  };
  EXPECT_TRUE(storage.Run(store).ok());
  EXPECT_TRUE(pg::Violates(storage.Run(store), "step_pkey"));
}

TEST(Leases, KeepOthersAwayUntilGivenBackOrRunOut) {
  Storage storage;
  ASSERT_TRUE(storage.Run([](pg::Tx& tx) { return Seed(tx, 0); }).ok());
  const Uuid mine = Uuid::Random(), theirs = Uuid::Random();
  const auto take = [&](Uuid holder, absl::Duration length) {
    return *storage.Run(
        [&](pg::Tx& tx) { return TakeLease(tx, SampleRound().id, holder, length); });
  };
  const auto holds = [&](Uuid holder) {
    return *storage.Run([&](pg::Tx& tx) { return HoldsLease(tx, SampleRound().id, holder); });
  };
  EXPECT_FALSE(holds(mine));
  EXPECT_TRUE(take(mine, absl::Hours(1)));
  EXPECT_TRUE(take(mine, absl::Hours(1)));
  EXPECT_FALSE(take(theirs, absl::Hours(1)));
  EXPECT_TRUE(holds(mine));
  EXPECT_FALSE(holds(theirs));
  ASSERT_TRUE(storage.Run([&](pg::Tx& tx) { return GiveLease(tx, SampleRound().id, mine); }).ok());
  EXPECT_TRUE(take(theirs, absl::ZeroDuration()));
  EXPECT_FALSE(holds(theirs)) << "run out";
  EXPECT_TRUE(take(mine, absl::Hours(1))) << "run out";
}

TEST(Due, RoundsComeUpWhenTheirTimeHasCome) {
  Storage storage;
  ASSERT_TRUE(storage.Run([](pg::Tx& tx) { return Seed(tx, 0); }).ok());
  const auto due = [](pg::Tx& tx) { return DueRounds(tx, 10); };
  const auto postpone = [](absl::Duration by, std::string blocked) {
    return [by, blocked](pg::Tx& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const LockedRound locked, LockRound(tx, SampleRound().id, Lock::kAlone));
      return Postpone(tx, SampleRound().id, locked.now + by, "somebody", blocked);
    };
  };
  EXPECT_THAT(*storage.Run(due), ElementsAre(SampleRound().id)) << "a new round is looked at";
  ASSERT_TRUE(storage.Run(postpone(absl::Hours(1), "INSUFFICIENT_FUNDS")).ok());
  EXPECT_THAT(*storage.Run(due), IsEmpty());
  const auto backlog = storage.Run([](pg::Tx& tx) { return ReadBacklog(tx); });
  EXPECT_EQ(backlog->open, 1);
  EXPECT_EQ(backlog->blocked, 1);
  EXPECT_GT(*backlog->next_due, absl::Minutes(59));
  ASSERT_TRUE(storage.Run([](pg::Tx& tx) { return LookNow(tx, SampleRound().id); }).ok());
  EXPECT_THAT(*storage.Run(due), ElementsAre(SampleRound().id));
  const auto finish = [](pg::Tx& tx) -> absl::Status {
    RETURN_IF_ERROR(SetOutcome(tx, SampleRound().id, Outcome::kNoPlanAdmitted));
    return SetDone(tx, SampleRound().id);
  };
  ASSERT_TRUE(storage.Run(finish).ok());
  EXPECT_THAT(*storage.Run(due), IsEmpty());
  EXPECT_EQ(storage.Run([](pg::Tx& tx) { return ReadBacklog(tx); })->open, 0);
}

}  // namespace
}  // namespace smederij::proposals
