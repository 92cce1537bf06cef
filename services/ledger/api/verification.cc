// The RPCs about trust, of ledger_api.h.
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/ledger_api.h"
#include "services/ledger/storage/verification_store.h"

namespace smederij::ledger {

absl::StatusOr<v1::Verification> LedgerApi::RequestVerification(
    const rpc::Call& call, const v1::RequestVerificationRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId id, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(const Place place, places_.Of(id, call.deadline));
  RETURN_IF_ERROR(call.MayActIn(place.municipality, place.district));
  const auto ask = [&](pg::Tx& tx) -> absl::StatusOr<Verification> {
    RETURN_IF_ERROR(ledger::RequestVerification(tx, id));
    return ledger::GetVerification(tx, id);
  };
  ASSIGN_OR_RETURN(const Verification verification,
                   pg::Transact(pool_, {.deadline = call.deadline}, ask));
  wake_verifier_();
  return ToProto(verification);
}

absl::StatusOr<v1::Verification> LedgerApi::GetVerification(
    const rpc::Call& call, const v1::GetVerificationRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId id, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  const auto read = [&](pg::Tx& tx) { return ledger::GetVerification(tx, id); };
  ASSIGN_OR_RETURN(const Verification verification,
                   pg::Transact(pool_, {.deadline = call.deadline, .read_only = true}, read));
  return ToProto(verification);
}

}  // namespace smederij::ledger
