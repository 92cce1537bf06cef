#pragma once

#include <cstdint>
#include <optional>

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

// Where an IBAN of a payee stands. The numbers stand in the API, and never change.
enum class IbanState : int16_t {
  kProposed = 1,  // Waits for a second person.
  kAccepted = 2,  // Valid until the next that is accepted.
  kRefused = 3,   // Never was.
};

// Of a payee's IBANs so many are shown, the newest; an older one when it is asked for.
inline constexpr int32_t kIbansShownMax = 20;

// Whether another IBAN may be proposed now. Refusal: IBAN_CHANGE_PENDING.
absl::Status MayPropose(const Payee& payee);

// Whether an IBAN may become the payee's that is `holder`'s now, if anybody's of the municipality.
// Refusal: PAYEE_EXISTS.
absl::Status MayTake(PayeeId payee, std::optional<PayeeId> holder);

// Whether `person` may accept, or refuse, version `version`. Refusals, first that applies:
// IBAN_NOT_PROPOSED, SELF_APPROVAL.
absl::Status MayDecide(const Payee& payee, int32_t version, bool accept, SubjectId person);

}  // namespace smederij::ledger
