#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/proposals/domain/award.h"
#include "services/proposals/reconciler/material.h"
#include "services/proposals/reconciler/neighbours.h"

namespace smederij::proposals {

// What a neighbour's answer comes down to.
struct Learned {
  // Whether the step is done. If not, nothing is wrong: people or a machine are not ready yet.
  bool settled = true;
  bool soon = false;  // Not settled: a machine works on it, so asking again soon is worth it.
  std::string sentence =
      {};  // Not settled: what is waited for, where it is more than NextStep knew.

  std::string answer = {};                   // Settled: the message to store.
  std::string manifest_hash = {};            // propose_manifest
  std::optional<absl::Time> closes_at = {};  // await_approval, await_close
  std::optional<Result> result = {};         // mark_plans
  absl::Status turned_down = {};             // adjust_awards: the ledger's refusal, for good.
};

// Performs the one call or question that `material.next` stands for, under the step's own
// request_id. Touches no database. The status is the neighbour's refusal, or UNAVAILABLE and its
// like when nobody knows what became of the call; or one of ours:
//   ROLL_FAILED, ROLL_CLOSED, MANIFEST_DIFFERS, TALLY_FAILED, COUNT_DOES_NOT_BALANCE,
//   RESULT_DIFFERS, RESULT_NOT_CREDIBLE
absl::StatusOr<Learned> Ask(const Neighbours& neighbours, const Material& material,
                            absl::Time deadline);

}  // namespace smederij::proposals
