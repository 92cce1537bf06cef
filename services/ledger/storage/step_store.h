#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/payment.h"

// The steps of payments, for readers.
namespace smederij::ledger {

// A step as it was taken.
struct ListedStep {
  int16_t step_no = 0;
  int16_t from_state = 0;  // 0 of the request.
  int16_t to_state = 0;
  SubjectId person;
  absl::Time stepped_at;
  int64_t seq = 0;                          // The entry it posted; 0 when it moved no money.
  std::optional<absl::CivilDay> effective;  // The day the entry has of its own.
  std::string note;
  // A part of an advance, or one that came back, also when it was taken back; or all of the
  // payment; zero when it moved no money.
  Money moved;
  std::string receipt_ref;
  std::optional<Hash> document_hash;
  std::string return_ref;
  Money total;  // Of the document or the bank line; zero of what is no part.
  Money vat;    // In what came back of what was paid.
  int16_t takes_back = 0, taken_back_by = 0;  // Steps; 0 for none.
};
ListedStep Decode(pg::Columns& row, pg::As<ListedStep>);

// At most `limit` steps of the payment after number `after`, in their order; none when the budget
// has no such payment.
absl::StatusOr<std::vector<ListedStep>> ListSteps(pg::Tx& tx, BudgetId budget, PaymentId payment,
                                                  int16_t after, int64_t limit);

absl::Span<const pg::AnyStatement> StepStatements();

}  // namespace smederij::ledger
