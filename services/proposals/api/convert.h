#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/proposals/domain/correction.h"
#include "services/proposals/domain/explain.h"
#include "services/proposals/domain/plan.h"
#include "services/proposals/domain/round.h"
#include "services/proposals/storage/round_store.h"
#include "smederij/proposals/v1/proposals.pb.h"

// Between messages and values. What comes in is checked for shape here, what may be done with it is
// domain's.
namespace smederij::proposals {

// What of CreateRound can be judged without asking anybody; ids of what exists are still to be
// looked up. Refusals, in order: BAD_ID, BAD_TEXT, BAD_YEAR, AMOUNT_OUT_OF_RANGE, BAD_POTS,
// BAD_STATIONS, BAD_INSTANTS.
absl::StatusOr<Round> ParseRound(const v1::CreateRoundRequest& request);

// A day that cannot be read becomes one that CheckInstants refuses.
Instants ParseInstants(const v1::Instants& message);

// Refusals, in order: BAD_TEXT, AMOUNT_OUT_OF_RANGE, BAD_ID, BAD_PLAN.
absl::StatusOr<Plan> ParsePlan(const v1::ForgePlanRequest& request);

// Refusals, in order: BAD_ID, BAD_TEXT, BAD_CORRECTION, AMOUNT_OUT_OF_RANGE.
absl::StatusOr<Correction> ParseCorrection(const v1::ProposeCorrectionRequest& request);

v1::Round ToProto(const Round& round, absl::Time now);
inline v1::Round ToProto(const LockedRound& found) { return ToProto(found.round, found.now); }
v1::Idea ToProto(const Idea& idea);
v1::InitiativeGroup ToProto(const Group& group);
v1::Plan ToProto(const Plan& plan);
v1::Correction ToProto(const Correction& correction);
v1::RoundExplanation ToProto(const Round& round, const std::vector<StepExplanation>& steps,
                             absl::Time now);

}  // namespace smederij::proposals
