#pragma once

#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "services/ledger/domain/commitment.h"

// Refusals that concern payees. No fact of them is a name or an account number.
namespace smederij::ledger {

inline Error BadIban(absl::string_view field) {
  return Error(kInvalidArgument, "BAD_IBAN", "an account number is not right")
      .At(field, "must be an IBAN (ISO 13616) with right check digits");
}

inline Error PayeeNotFound(PayeeId payee) {
  return Error(kNotFound, "PAYEE_NOT_FOUND", "there is no such payee")
      .With("payee_id", payee.ToString());
}

inline Error PayeeExists(PayeeId holder) {
  return Error(kAlreadyExists, "PAYEE_EXISTS",
               "another payee of the municipality has this account number")
      .With("payee_id", holder.ToString());
}

inline Error IbanNotFound(PayeeId payee, int32_t version) {
  return Error(kNotFound, "IBAN_NOT_FOUND", "the payee has no such version of its IBAN")
      .With("payee_id", payee.ToString())
      .With("version", version);
}

inline Error IbanChangePending(PayeeId payee, int32_t version) {
  return Error(kFailedPrecondition, "IBAN_CHANGE_PENDING",
               "another change of the payee's IBAN waits for a second person")
      .With("payee_id", payee.ToString())
      .With("proposed_version", version);
}

inline Error IbanNotProposed(PayeeId payee, int32_t version) {
  return Error(kFailedPrecondition, "IBAN_NOT_PROPOSED",
               "this change of the payee's IBAN does not wait for anybody")
      .With("payee_id", payee.ToString())
      .With("version", version);
}

// Of a payment, or of a change that needs four eyes.
inline Error SelfApproval(absl::string_view kind, absl::string_view id) {
  return Error(kPermissionDenied, "SELF_APPROVAL",
               "whoever asked for it cannot be the one who approves it, in any role")
      .With(kind, id);
}

}  // namespace smederij::ledger
