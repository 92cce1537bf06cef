#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pg/transact.h"
#include "services/proposals/domain/award.h"
#include "services/proposals/domain/next.h"
#include "services/proposals/domain/plan.h"
#include "services/proposals/storage/round_store.h"

namespace smederij::proposals {

// What a step's request is made of and its answer is judged by, read in the transaction that
// decided on the step: nothing is read while a call is under way. Only what the step needs is set.
struct Material {
  Record record = {};
  Next next = {};
  RoundOrigin origin = {};              // open_roll, propose_manifest
  std::vector<std::string> holds = {};  // propose_manifest: the ledger's answers, by pot.
  std::string roll = {};                // propose_manifest: the registry's answer.
  std::string certified = {};           // mark_plans: the tally that was certified.
  std::vector<Plan> plans = {};         // propose_manifest, mark_plans: those admitted.
  std::vector<AwardLine> lines = {};    // reserve_awards: of this version; adjust_awards: all.
  Correction correction = {};           // adjust_awards
};

absl::StatusOr<Material> ReadMaterial(pg::Tx& tx, Record record, Next next);

}  // namespace smederij::proposals
