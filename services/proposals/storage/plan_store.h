#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/pg/transact.h"
#include "services/proposals/domain/plan.h"

// SQL of plans, as people work on them. Every function runs inside the caller's transaction.
namespace smederij::proposals {

absl::Status InsertPlan(pg::Tx& tx, const Plan& plan, SubjectId forged_by, absl::Time forged_at);

// Plans that exclude each other stand in one contest, whatever pots are added: `plan`, which is
// about to be forged, has the category of the others. Under Lock::kAlone. Refusal:
// CATEGORIES_DIFFER.
absl::Status CheckExclusive(pg::Tx& tx, RoundId round, const Plan& plan);

// With checks and advice. Refusal: PLAN_NOT_FOUND.
absl::StatusOr<Plan> GetPlan(pg::Tx& tx, PlanId id);
// The same, under a lock that keeps checks, advice and admission of one plan apart. The round is
// locked before it, never after.
absl::StatusOr<Plan> LockPlan(pg::Tx& tx, PlanId id);
// The round a plan belongs to, which never changes. Refusal: PLAN_NOT_FOUND.
absl::StatusOr<RoundId> RoundOfPlan(pg::Tx& tx, PlanId id);
// By number, those above `after`.
absl::StatusOr<std::vector<Plan>> ListPlans(pg::Tx& tx, RoundId round, uint32_t after,
                                            int64_t limit);

// Each under the plan's lock.
absl::Status InsertCheck(pg::Tx& tx, const Plan& plan, const Check& check, SubjectId by,
                         absl::Time at);
absl::Status InsertAdvice(pg::Tx& tx, const Plan& plan, const Advice& advice);  // TOO_MUCH_ADVICE.
absl::Status SetAdmitted(pg::Tx& tx, const Plan& plan, SubjectId by, absl::Time at);
// An answered offer: accepted, it becomes the next award version of its round.
absl::Status SetAnswered(pg::Tx& tx, const Plan& plan, bool accepted, SubjectId by, absl::Time at);

absl::Span<const pg::AnyStatement> PlanStatements();

}  // namespace smederij::proposals
