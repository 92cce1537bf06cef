#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/cli/bank/camt053.h"
#include "smederij/ledger/v1/spending.pb.h"

namespace smederij::cli {

// What a statement means for the payments of a budget.
struct StatementMatch {
  enum class Fate {
    kSettled,   // The bank paid it.
    kFailed,    // It came back, and was not settled here.
    kReturned,  // It was, and all of it came back.
  };
  struct Outcome {
    std::string payment_id;
    std::string bank_ref;
    Fate fate = Fate::kFailed;
    std::string reason = {};  // Why it failed.
    std::string day = {};     // When, as the bank says, YYYY-MM-DD; empty when it does not.
    int64_t cents = 0, vat_cents = 0;  // Of what was settled and came back.
    std::string return_ref = {};       // What the line itself is known by, likewise.
    uint64_t line = 0;                 // Of the statement.
  };
  std::vector<Outcome> outcomes;  // In the order of the statement; each payment once.
  // Of the first line of ours that cannot be read: then nothing is to be done at all.
  absl::Status mistake = absl::OkStatus();
  std::vector<std::string> problems;  // Sentences; with any, nothing is to be done either.
  // Sentences: parts that came back of what the same statement settles, for a person to record once
  // the outcomes are.
  std::vector<std::string> afterwards;
  int64_t known = 0;    // Lines that tell again what the books have.
  int64_t pending = 0;  // Lines of ours that are not booked yet.
  int64_t foreign = 0;  // Lines of payments that are not these.
  // Why those of them that cannot be read, which are not counted as foreign, could not.
  std::vector<absl::Status> left_out;
};

// What came back of a payment, as the books have it.
struct RecordedReturn {
  int64_t cents = 0;
  std::string day = {};          // YYYY-MM-DD; empty when nobody said.
  std::string recorded_on = {};  // YYYY-MM-DD, in Amsterdam.
  std::string return_ref = {};   // The bank line it was recorded under.
};
using RecordedReturns = std::map<std::string, std::vector<RecordedReturn>>;  // By payment_id.

// Finds the payments that were handed to the bank by their references, and compares amounts. A line
// out settles, a line in means that it came back; both in one statement mean that it came back. A
// batch that was booked as one sum settles all that is left of it, when that is the sum. What was
// settled, is no advance and came back whole is returned; a person has to say what it is when a
// part came back, unless `returned` has that much under the line's own reference or on that day; of
// what was recorded without a day, that it was recorded that day or the next: a bank tells of a day
// when it is over.
StatementMatch MatchStatement(const std::vector<StatementLine>& statement,
                              const std::vector<ledger::v1::Payment>& payments,
                              const std::string& currency, RecordedReturns returned = {});

}  // namespace smederij::cli
