#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/cli/bank/camt053.h"
#include "smederij/ledger/v1/spending.pb.h"

namespace smederij::cli {

// What a statement means for the payments of a budget.
struct StatementMatch {
  struct Outcome {
    std::string payment_id;
    std::string bank_ref;
    bool settled = false;  // Otherwise it came back.
    std::string reason;    // Why it came back.
    std::string day = {};  // When, as the bank says, YYYY-MM-DD; empty when it does not.
  };
  std::vector<Outcome> outcomes;  // In the order of the statement; each payment once.
  // Of the first line of ours that cannot be read: then nothing is to be done at all.
  absl::Status mistake = absl::OkStatus();
  std::vector<std::string> problems;  // Sentences; with any, nothing is to be done either.
  int64_t known = 0;                  // Lines that tell again what the books have.
  int64_t pending = 0;                // Lines of ours that are not booked yet.
  int64_t foreign = 0;                // Lines of payments that are not these.
  // Why those of them that cannot be read, which are not counted as foreign, could not.
  std::vector<absl::Status> left_out;
};

// Finds the payments that were handed to the bank by their references, and compares amounts. A line
// out settles, a line in means that it came back; both in one statement mean that it came back. A
// batch that was booked as one sum settles all that is left of it, when that is the sum.
StatementMatch MatchStatement(const std::vector<StatementLine>& statement,
                              const std::vector<ledger::v1::Payment>& payments,
                              const std::string& currency);

}  // namespace smederij::cli
