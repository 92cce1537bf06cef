#include "services/ledger/domain/payee.h"

#include "services/ledger/domain/payee_errors.h"

namespace smederij::ledger {

absl::Status MayPropose(const Payee& payee) {
  if (payee.proposed != 0) return IbanChangePending(payee.id, payee.proposed);
  return absl::OkStatus();
}

absl::Status MayTake(PayeeId payee, std::optional<PayeeId> holder) {
  if (holder && *holder != payee) return PayeeExists(*holder);
  return absl::OkStatus();
}

absl::Status MayDecide(const Payee& payee, int32_t version, bool accept, SubjectId person) {
  if (payee.proposed == 0 || payee.proposed != version) return IbanNotProposed(payee.id, version);
  if (accept && payee.proposed_by == person) return SelfApproval("payee_id", payee.id.ToString());
  return absl::OkStatus();
}

}  // namespace smederij::ledger
