#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/base/id.h"
#include "common/pg/guard.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/audit.h"

// What was verified and what was found: see 0002_verification.sql.
namespace smederij::ledger {

struct StoredFinding {
  Finding finding;  // A nil budget: it is about the ledger as a whole.
  absl::Time found_at;
};
StoredFinding Decode(pg::Columns& row, pg::As<StoredFinding>);

struct Verification {
  BudgetId budget;
  bool requested = false;              // Somebody waits for a walk that has not ended yet.
  std::optional<absl::Time> begun_at;  // The newest walk that ended,
  int64_t seq = 0;                     // and the entry it came to.
  std::vector<StoredFinding> findings;
};

// Refusal: BUDGET_NOT_FOUND.
absl::StatusOr<Verification> GetVerification(pg::Tx& tx, BudgetId budget);

// From now on somebody waits for a walk that begins after this.
absl::Status RequestVerification(pg::Tx& tx, BudgetId budget);

// The budget whose turn it is: one that somebody waits for, one never verified, one that changed
// since its walk of more than `changed` ago, one not looked at for `unchanged`.
absl::StatusOr<std::optional<BudgetId>> NextToVerify(pg::Tx& tx, absl::Duration changed,
                                                     absl::Duration unchanged);

// A walk has ended. Findings freeze the budget: its head is taken first, so whoever posts does so
// before it, or sees it. Those of an earlier walk stand; gives how many are new.
absl::StatusOr<int64_t> StoreWalk(pg::Tx& tx, BudgetId budget, absl::Time begun_at, int64_t seq,
                                  const std::vector<Finding>& findings);
// What was found outside of a walk, about budgets or the ledger as a whole, in the same way.
absl::StatusOr<int64_t> StoreFindings(pg::Tx& tx, const std::vector<Finding>& findings);

// Which of these budgets take no entries. Under their heads' locks it stays that way.
pg::Asked<BudgetId> AskFrozen(pg::Tx& tx, const std::vector<BudgetId>& ids);

struct Soundness {
  int64_t frozen_budgets = 0;      // Every one, when the finding is about the ledger as a whole.
  int64_t unverified_seconds = 0;  // Since the walk of the budget that waits longest.
};
Soundness Decode(pg::Columns& row, pg::As<Soundness>);
absl::StatusOr<Soundness> GetSoundness(pg::Tx& tx);

// What is wrong with the ledger as a whole, "" when nothing is: records that were never counted or
// are missing; with a guard's record, read before, a database that has forgotten what it knows.
absl::StatusOr<std::string> CheckRecords(pg::Tx& tx);
absl::StatusOr<std::string> CheckGuard(pg::Tx& tx, const pg::GuardRecord& guard);

absl::Span<const pg::AnyStatement> VerificationStatements();

}  // namespace smederij::ledger
