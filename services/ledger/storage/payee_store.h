#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/payee.h"

// Payees and their account numbers, sealed before they come here.
namespace smederij::ledger {

// Refusal: PAYEE_NOT_FOUND.
absl::StatusOr<Payee> GetPayee(pg::Tx& tx, PayeeId payee);

// What tells equal account numbers of a municipality, of the valid one of each payee.
using Fingerprint = std::array<uint8_t, 32>;

// Which payee has that account now; none that was registered before there were fingerprints.
absl::StatusOr<std::optional<PayeeId>> HolderOf(pg::Tx& tx, MunicipalityId municipality,
                                                const Fingerprint& iban);

// Both ask for a rerun when another payee got the account meanwhile.
absl::Status InsertPayee(pg::Tx& tx, const Payee& payee, std::string name_sealed,
                         const Fingerprint& iban, SubjectId by);
absl::Status HoldIban(pg::Tx& tx, PayeeId payee, const Fingerprint& iban);
// Version 1 is accepted as it comes; any other waits. Both ask for a rerun when somebody else was
// first: what they were decided on is no longer so.
absl::Status InsertIban(pg::Tx& tx, PayeeId payee, int32_t version, std::string iban_sealed,
                        SubjectId by);
absl::Status DecideIban(pg::Tx& tx, PayeeId payee, int32_t version, bool accept, SubjectId by);

// How an account number came, and what became of it.
struct SealedIban {
  int32_t version = 0;
  IbanState state = IbanState::kProposed;
  std::string iban;
  SubjectId proposed_by;
  absl::Time proposed_at;
  SubjectId decided_by;  // Nil when it waits, and of the first, which came with the payee;
  std::optional<absl::Time> decided_at = {};  // likewise none.
};
struct SealedPayee {
  Payee payee;
  std::string name;
  SubjectId registered_by;
  absl::Time registered_at;
  std::vector<SealedIban> ibans = {};  // By version.
};
SealedPayee Decode(pg::Columns& row, pg::As<SealedPayee>);

// A payee with its newest account numbers, at most kIbansShownMax, and the valid one; with
// `version` not 0 with that one too, if it is there. Refusal: PAYEE_NOT_FOUND.
absl::StatusOr<SealedPayee> GetSealed(pg::Tx& tx, PayeeId payee, int32_t version);

// The place of a payee in its municipality's list; nothing before the first.
struct PayeePlace {
  absl::Time registered_at = absl::UnixEpoch();
  PayeeId id;
};
// At most `limit` payees after `after`, likewise; with `waiting` those of whom a change of the
// account waits for a second person.
absl::StatusOr<std::vector<SealedPayee>> ListPayees(pg::Tx& tx, MunicipalityId municipality,
                                                    bool waiting, const PayeePlace& after,
                                                    int64_t limit);

absl::Span<const pg::AnyStatement> PayeeStatements();

}  // namespace smederij::ledger
