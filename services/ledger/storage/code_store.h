#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/ledger_code.h"

// A municipality's ledger codes: every version there ever was.
namespace smederij::ledger {

// The newest version, 0 and empty when there is none; or the one that is named. Refusal:
// CODES_NOT_FOUND.
absl::StatusOr<LedgerCodes> GetCodes(pg::Tx& tx, MunicipalityId municipality, int32_t version = 0);

// Stores a version, and tells when. One that somebody stored meanwhile asks for a rerun.
absl::StatusOr<absl::Time> InsertCodes(pg::Tx& tx, const LedgerCodes& codes, SubjectId by);

absl::Span<const pg::AnyStatement> CodeStatements();

}  // namespace smederij::ledger
