#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "services/ledger/domain/commitment.h"

namespace smederij::ledger {

// Whom the ledger pays, as far as decisions go: everything but the name and the numbers.
struct Payee {
  PayeeId id;
  MunicipalityId municipality;
  int32_t iban_version = 0;  // The valid one; counts up from 1.
  int32_t versions = 0;      // How many there ever were.
  int32_t proposed = 0;      // The one that waits for a second person; 0 when none does.
  SubjectId proposed_by;     // Who asked for that one.
};

// Whether another IBAN may be proposed now. Refusal: IBAN_CHANGE_PENDING.
absl::Status MayPropose(const Payee& payee);

// Whether `person` may accept, or refuse, version `version`. Refusals, first that applies:
// IBAN_NOT_PROPOSED, SELF_APPROVAL.
absl::Status MayDecide(const Payee& payee, int32_t version, bool accept, SubjectId person);

}  // namespace smederij::ledger
