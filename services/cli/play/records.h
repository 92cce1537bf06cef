#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "services/cli/play/stage.h"
#include "smederij/ballots/v1/ballots.pb.h"
#include "smederij/ledger/v1/ledger.pb.h"
#include "smederij/proposals/v1/proposals.pb.h"
#include "smederij/registry/v1/registry.pb.h"

namespace smederij::cli {

// What the services hold of the stage's round, as anybody may read it.

absl::StatusOr<ballots::v1::Election> ElectionOf(const Stage& stage);
absl::StatusOr<registry::v1::Roll> RollOf(const Stage& stage);
absl::StatusOr<std::vector<proposals::v1::Plan>> PlansOf(const Stage& stage);  // By number.
absl::StatusOr<ballots::v1::Result> ResultOf(const Stage& stage);
absl::StatusOr<registry::v1::Participation> ParticipationOf(const Stage& stage);
absl::StatusOr<ledger::v1::TrialBalance> TrialBalanceOf(const Stage& stage);

}  // namespace smederij::cli
