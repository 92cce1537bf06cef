#include "services/proposals/storage/plan_store.h"

#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/base/status_macros.h"
#include "common/pg/bytes.h"
#include "services/proposals/domain/errors.h"

namespace smederij::proposals {

Plan Decode(pg::Columns& row, pg::As<Plan>);

namespace {

constexpr pg::Statement<void(RoundId, PlanId, int32_t, GroupId, std::string, std::string, Money,
                             int16_t, std::string, std::string, SubjectId, absl::Time)>
    kInsert{"proposals.insert_plan", R"sql(
  INSERT INTO proposals.plan (round_id, plan_id, number, group_id, title, text, cost_cents, horizon,
                              exclusive_group, category, forged_by, forged_at, state)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1))sql"};

constexpr pg::Statement<void(RoundId, PlanId, std::vector<IdeaId>)> kInsertIdeas{
    "proposals.insert_plan_ideas", R"sql(
  INSERT INTO proposals.plan_idea (round_id, plan_id, position, idea_id)
  SELECT $1, $2, position, idea_id
    FROM unnest($3::uuid[]) WITH ORDINALITY AS line (idea_id, position))sql"};

constexpr pg::Statement<Plan(PlanId)> kGet{"proposals.get_plan", R"sql(
  SELECT plan_id, round_id, group_id, number, title, text, cost_cents, horizon, exclusive_group,
         category,
         ARRAY(SELECT idea_id FROM proposals.plan_idea
                WHERE round_id = p.round_id AND plan_id = p.plan_id ORDER BY position),
         state, text_hash, support, award_cents, reason, sentence, sentence_nl
    FROM proposals.plan AS p WHERE plan_id = $1)sql"};

constexpr pg::Statement<Plan(RoundId, int32_t, int64_t)> kList{"proposals.list_plans", R"sql(
  SELECT plan_id, round_id, group_id, number, title, text, cost_cents, horizon, exclusive_group,
         category,
         ARRAY(SELECT idea_id FROM proposals.plan_idea
                WHERE round_id = p.round_id AND plan_id = p.plan_id ORDER BY position),
         state, text_hash, support, award_cents, reason, sentence, sentence_nl
    FROM proposals.plan AS p WHERE round_id = $1 AND number > $2 ORDER BY number LIMIT $3)sql"};

constexpr pg::Statement<std::string(RoundId, std::string)> kCategoryOfGroup{
    "proposals.category_of_exclusive_group", R"sql(
  SELECT category FROM proposals.plan WHERE round_id = $1 AND exclusive_group = $2 LIMIT 1)sql"};

constexpr pg::Statement<RoundId(PlanId)> kRoundOf{"proposals.round_of_plan", R"sql(
  SELECT round_id FROM proposals.plan WHERE plan_id = $1)sql"};

constexpr pg::Statement<PlanId(PlanId)> kLock{"proposals.lock_plan", R"sql(
  SELECT plan_id FROM proposals.plan WHERE plan_id = $1 FOR UPDATE)sql"};

constexpr pg::Statement<std::tuple<PlanId, std::string, bool, std::string>(RoundId,
                                                                           std::vector<PlanId>)>
    kChecks{"proposals.checks_of_plans", R"sql(
  SELECT DISTINCT ON (plan_id, criterion_id) plan_id, criterion_id, met, reason
    FROM proposals.plan_check WHERE round_id = $1 AND plan_id = ANY ($2::uuid[])
   ORDER BY plan_id, criterion_id, version DESC)sql"};

constexpr pg::Statement<std::tuple<PlanId, SubjectId, std::string, absl::Time>(RoundId,
                                                                               std::vector<PlanId>)>
    kAdvice{"proposals.advice_of_plans", R"sql(
  SELECT plan_id, author_id, text, advised_at
    FROM proposals.plan_advice WHERE round_id = $1 AND plan_id = ANY ($2::uuid[])
   ORDER BY plan_id, position)sql"};

constexpr pg::Statement<void(RoundId, PlanId, std::string, bool, std::string, SubjectId,
                             absl::Time)>
    kInsertCheck{"proposals.insert_check", R"sql(
  INSERT INTO proposals.plan_check (round_id, plan_id, criterion_id, version, met, reason,
                                    checked_by, checked_at)
  SELECT $1, $2, $3, count(*) + 1, $4, $5, $6, $7
    FROM proposals.plan_check WHERE round_id = $1 AND plan_id = $2 AND criterion_id = $3)sql"};

constexpr pg::Statement<void(RoundId, PlanId, int32_t, SubjectId, std::string, absl::Time)>
    kInsertAdvice{"proposals.insert_advice", R"sql(
  INSERT INTO proposals.plan_advice (round_id, plan_id, position, author_id, text, advised_at)
  VALUES ($1, $2, $3, $4, $5, $6))sql"};

constexpr pg::Statement<void(RoundId, PlanId, SubjectId, absl::Time)> kAdmit{"proposals.admit_plan",
                                                                             R"sql(
  UPDATE proposals.plan SET state = 2, admitted_by = $3, admitted_at = $4
   WHERE round_id = $1 AND plan_id = $2)sql"};

constexpr pg::Statement<void(RoundId, PlanId, SubjectId, absl::Time)> kAccept{
    "proposals.accept_offer", R"sql(
  UPDATE proposals.plan
     SET state = 4, answered_by = $3, answered_at = $4,
         award_version = 1 + coalesce((SELECT max(award_version) FROM proposals.plan
                                        WHERE round_id = $1), 0)
   WHERE round_id = $1 AND plan_id = $2)sql"};

constexpr pg::Statement<void(RoundId, PlanId, SubjectId, absl::Time)> kDecline{
    "proposals.decline_offer", R"sql(
  UPDATE proposals.plan SET state = 7, answered_by = $3, answered_at = $4
   WHERE round_id = $1 AND plan_id = $2)sql"};

// Adds checks and advice to plans of one round.
absl::Status Complete(pg::Tx& tx, std::vector<Plan>& plans) {
  if (plans.empty()) return absl::OkStatus();
  std::vector<PlanId> ids;
  absl::flat_hash_map<PlanId, Plan*> by_id;
  for (Plan& plan : plans) {
    ids.push_back(plan.id);
    by_id.emplace(plan.id, &plan);
  }
  ASSIGN_OR_RETURN(auto checks, tx.All(kChecks, plans[0].round, ids));
  for (auto& [id, criterion, met, reason] : checks) {
    by_id.at(id)->checks.push_back({std::move(criterion), met, std::move(reason)});
  }
  ASSIGN_OR_RETURN(auto advice, tx.All(kAdvice, plans[0].round, ids));
  for (auto& [id, author, text, at] : advice) {
    by_id.at(id)->advice.push_back({author, std::move(text), at});
  }
  return absl::OkStatus();
}

}  // namespace

Plan Decode(pg::Columns& row, pg::As<Plan>) {
  Plan plan{.id = row.Next<PlanId>(),
            .round = row.Next<RoundId>(),
            .group = row.Next<GroupId>(),
            .number = static_cast<uint32_t>(row.Next<int32_t>()),
            .title = row.Next<std::string>(),
            .text = row.Next<std::string>(),
            .cost = row.Next<Money>(),
            .horizon = static_cast<Horizon>(row.Next<int16_t>()),
            .exclusive_group = row.Next<std::string>(),
            .category = row.Next<std::string>(),
            .ideas = row.Next<std::vector<IdeaId>>(),
            .state = static_cast<PlanState>(row.Next<int16_t>())};
  plan.text_hash = row.Next<std::optional<pg::Bytes>>().value_or(pg::Bytes()).value;
  plan.support = row.Next<int64_t>();
  plan.award = row.Next<Money>();
  plan.reason = row.Next<std::string>();
  plan.sentence = row.Next<std::string>();
  plan.sentence_nl = row.Next<std::string>();
  return plan;
}

absl::Status InsertPlan(pg::Tx& tx, const Plan& plan, SubjectId forged_by, absl::Time forged_at) {
  RETURN_IF_ERROR(tx.Exec(kInsert, plan.round, plan.id, static_cast<int32_t>(plan.number),
                          plan.group, plan.title, plan.text, plan.cost,
                          static_cast<int16_t>(plan.horizon), plan.exclusive_group, plan.category,
                          forged_by, forged_at));
  return tx.Exec(kInsertIdeas, plan.round, plan.id, plan.ideas);
}

absl::Status CheckExclusive(pg::Tx& tx, RoundId round, const Plan& plan) {
  if (plan.exclusive_group.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<std::string> theirs,
                   tx.Maybe(kCategoryOfGroup, round, plan.exclusive_group));
  if (!theirs || *theirs == plan.category) return absl::OkStatus();
  return CategoriesDiffer(plan.exclusive_group, *theirs);
}

absl::StatusOr<Plan> GetPlan(pg::Tx& tx, PlanId id) {
  ASSIGN_OR_RETURN(std::vector<Plan> plans, tx.All(kGet, id));
  if (plans.empty()) return PlanNotFound(id);
  RETURN_IF_ERROR(Complete(tx, plans));
  return std::move(plans.front());
}

absl::StatusOr<Plan> LockPlan(pg::Tx& tx, PlanId id) {
  RETURN_IF_ERROR(tx.Maybe(kLock, id).status());
  return GetPlan(tx, id);  // A statement of its own: it sees what the lock had to wait for.
}

absl::StatusOr<RoundId> RoundOfPlan(pg::Tx& tx, PlanId id) {
  ASSIGN_OR_RETURN(const std::optional<RoundId> round, tx.Maybe(kRoundOf, id));
  if (!round) return PlanNotFound(id);
  return *round;
}

absl::StatusOr<std::vector<Plan>> ListPlans(pg::Tx& tx, RoundId round, uint32_t after,
                                            int64_t limit) {
  ASSIGN_OR_RETURN(std::vector<Plan> plans,
                   tx.All(kList, round, static_cast<int32_t>(after), limit));
  RETURN_IF_ERROR(Complete(tx, plans));
  return plans;
}

absl::Status InsertCheck(pg::Tx& tx, const Plan& plan, const Check& check, SubjectId by,
                         absl::Time at) {
  return tx.Exec(kInsertCheck, plan.round, plan.id, check.criterion, check.met, check.reason, by,
                 at);
}

absl::Status InsertAdvice(pg::Tx& tx, const Plan& plan, const Advice& advice) {
  const auto position = static_cast<int32_t>(plan.advice.size() + 1);
  if (position > kAdviceMax) return TooMuchAdvice(kAdviceMax);
  return tx.Exec(kInsertAdvice, plan.round, plan.id, position, advice.author, advice.text,
                 advice.at);
}

absl::Status SetAdmitted(pg::Tx& tx, const Plan& plan, SubjectId by, absl::Time at) {
  return tx.Exec(kAdmit, plan.round, plan.id, by, at);
}

absl::Status SetAnswered(pg::Tx& tx, const Plan& plan, bool accepted, SubjectId by, absl::Time at) {
  return tx.Exec(accepted ? kAccept : kDecline, plan.round, plan.id, by, at);
}

absl::Span<const pg::AnyStatement> PlanStatements() {
  static const pg::AnyStatement kAll[] = {
      kInsert, kInsertIdeas, kCategoryOfGroup, kGet,          kList,  kRoundOf, kLock,
      kChecks, kAdvice,      kInsertCheck,     kInsertAdvice, kAdmit, kAccept,  kDecline};
  return kAll;
}

}  // namespace smederij::proposals
