#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/payee.h"

// Payees and their account numbers, sealed before they come here.
namespace smederij::ledger {

// Refusal: PAYEE_NOT_FOUND.
absl::StatusOr<Payee> GetPayee(pg::Tx& tx, PayeeId payee);

absl::Status InsertPayee(pg::Tx& tx, const Payee& payee, std::string name_sealed, SubjectId by);
// Version 1 is accepted as it comes; any other waits. Both ask for a rerun when somebody else was
// first: what they were decided on is no longer so.
absl::Status InsertIban(pg::Tx& tx, PayeeId payee, int32_t version, std::string iban_sealed,
                        SubjectId by);
absl::Status DecideIban(pg::Tx& tx, PayeeId payee, int32_t version, bool accept, SubjectId by);

struct SealedPayee {
  std::string name, iban;
  std::optional<std::string> proposed_iban;
};
absl::StatusOr<SealedPayee> GetSealed(pg::Tx& tx, const Payee& payee);

absl::Span<const pg::AnyStatement> PayeeStatements();

}  // namespace smederij::ledger
