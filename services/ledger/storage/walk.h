#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/pool.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/audit.h"
#include "services/ledger/domain/closing.h"
#include "services/ledger/storage/verify_records.h"

namespace smederij::ledger {

// One budget's books being verified, some entries at a time: what was written is never changed, so
// the pieces of a walk need not be of one moment, only its end does. One thread at a time.
class Walk {
 public:
  explicit Walk(BudgetId budget) : budget_(budget) {}

  // Reads on: about `entries_max` entries, or to the end. True at the end. What cannot be read as
  // books, say an account without a head, is a finding; a status is about the database itself, and
  // after one the walk is void: begin another.
  absl::StatusOr<bool> Step(pg::Pool& pool, absl::Time deadline, int64_t entries_max);

  BudgetId budget() const { return budget_; }
  absl::Time begun_at() const { return begun_at_; }  // By the database's clock.
  int64_t seq() const { return audit_ ? audit_->entries() : 0; }
  const std::vector<Finding>& findings() const;  // At the end.

 private:
  absl::StatusOr<bool> Read(pg::Tx& tx, int64_t entries_max);
  absl::StatusOr<size_t> ReadPage(pg::Tx& tx, int64_t limit);
  absl::Status ReadClosings(pg::Tx& tx);
  absl::Status ComparePeriods(pg::Tx& tx, Budget::State state);
  absl::Status CompareCarried(pg::Tx& tx, const Budget& budget);
  absl::Status CompareIndexed(pg::Tx& tx);
  absl::Status ReadReversals(pg::Tx& tx, const std::vector<Entry>& entries);

  const BudgetId budget_;
  absl::Time begun_at_;
  std::optional<Audit> audit_;
  std::vector<Account> accounts_;                // As the tables have them in this step, by number.
  std::map<int64_t, RecordedEntry> recorded_{};  // Entries that rest on a record.
  std::vector<Closing> closings_{};              // As the tables have them in this step,
  std::set<ClosingId> expected_{};               // and those whose trial balance is compared.
  std::vector<Finding> unreadable_{};            // When there is nothing to audit.
};

absl::Span<const pg::AnyStatement> WalkStatements();

}  // namespace smederij::ledger
