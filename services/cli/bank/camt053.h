#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace smederij::cli {

// What a bank statement says of one transaction that names a reference of ours or anybody's, or of
// a batch that the bank booked as one sum.
struct StatementLine {
  uint64_t line = 0;               // Where it begins in the file.
  std::string end_to_end_id = {};  // "NOTPROVIDED" lines are left out. Empty for a batch,
  std::string message_id = {};  // which is known by the message, or its block, that asked for it.
  // What the bank knows the transaction by (AcctSvcrRef), as it stands; that of its entry when it
  // is alone in it. Empty when it does not say. No NtryRef: many banks number anew per statement.
  std::string bank_ref = {};
  int64_t cents = 0;
  std::string currency;
  bool debit = false;       // Money left the account; otherwise it came in.
  bool booked = false;      // Final; otherwise it is pending and may yet change.
  std::string reason = {};  // Of a return: the bank's code, "AC04"; else empty.
  // YYYY-MM-DD in `zone`: its value date, or the day it was booked when that is earlier.
  std::string day = {};
  // Why it cannot be read, when it cannot: STATEMENT_AMOUNT (an amount that is not one, or is
  // missing), STATEMENT_DIRECTION (money neither came nor went); with the fact `field`:
  // STATEMENT_DATE (a day that is none; one that is missing is empty), STATEMENT_DATE_AHEAD (what
  // is final was booked, or took place, on a day that is still to come). All have the fact `line`.
  // Then `cents` and `day` mean nothing.
  absl::Status mistake = absl::OkStatus();

  bool operator==(const StatementLine&) const = default;
};

inline constexpr size_t kStatementBytesMax = 64 * 1024 * 1024;

// Reads an ISO 20022 bank-to-customer statement, camt.053.001 of any version. No document type, no
// entities of its own, no other encoding than it says. A date with its time is the day it then is
// in `zone`, where it is `today` now; one without is the day as written. Refusals, fact `line`
// where there is one: STATEMENT_TOO_LARGE, STATEMENT_NOT_XML, STATEMENT_NOT_CAMT053. A transaction
// that cannot be read is told with it: it may be nobody's business.
absl::StatusOr<std::vector<StatementLine>> ReadCamt053(absl::string_view xml, absl::TimeZone zone,
                                                       absl::CivilDay today);

}  // namespace smederij::cli
