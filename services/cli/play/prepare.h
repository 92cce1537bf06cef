#pragma once

#include "absl/status/status.h"
#include "services/cli/play/stage.h"

namespace smederij::cli {

// The acts before voting, in order. Each is safe to repeat and fills in what later ones need.

// Officials get their roles, the district its charter, the registry its residents.
absl::Status SetUpDistrict(Stage& stage);

// The treasurer opens the year's budget and records what the council appropriated.
absl::Status FillBudget(Stage& stage);

// The area director plans the round. An unfinished round of the same year is taken up where it was.
absl::Status PlanRound(Stage& stage);

// Ideas, a group and a plan for each; checked, advised on, admitted. The budget holder decides on
// the pots, those that are for one plan included; then the round is frozen.
absl::Status ForgePlans(Stage& stage);

// Two officials approve the manifest; returns when credentials are issued.
absl::Status ApproveManifest(Stage& stage);

}  // namespace smederij::cli
