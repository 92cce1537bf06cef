#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/cli/bank/match.h"
#include "smederij/ledger/v1/spending.pb.h"

// Between what a statement means and the ledger that is told.
namespace smederij::cli {

// What came back of a payment by its steps, and was not taken back; when each was recorded, in
// `zone`.
std::vector<RecordedReturn> ReturnsIn(const std::vector<ledger::v1::PaymentStep>& steps,
                                      absl::TimeZone zone);

// What the request that records a return on `day`, YYYY-MM-DD, of a payment with these steps is
// called: the same until a part of the payment is taken back, which may come back again.
std::string ReturnName(absl::string_view day, const std::vector<ledger::v1::PaymentStep>& steps);

// "the sentence (REASON) fact=value …".
std::string SentenceOf(const absl::Status& refusal);

// Which lines of others could not be read, and why, the first twenty; nobody here waits for them.
void TellLeftOut(const std::vector<absl::Status>& left_out, std::ostream& out);

// What became of the outcomes of a statement.
struct Recording {
  std::map<StatementMatch::Fate, int64_t> recorded;
  std::vector<std::string> refused;  // A sentence each.
};

// Records each outcome, in their order. One that is refused holds up none of the others; where it
// is not the outcome that is at fault, but the ledger that cannot be reached in time, or does not
// know who asks, it ends there, with that. `recording` has what was done until then.
absl::Status RecordAll(const std::vector<StatementMatch::Outcome>& outcomes,
                       absl::FunctionRef<absl::Status(const StatementMatch::Outcome&)> record,
                       Recording& recording);

}  // namespace smederij::cli
