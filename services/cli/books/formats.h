#pragma once

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "services/cli/books/journal.h"

// The journal of a budget as a file: written as the entries come, whatever their number. Nothing in
// it tells who did something.
namespace smederij::cli {

// For people with a spreadsheet: UTF-8 with a byte order mark, ';' between cells, a row for every
// posting, its amount with a decimal comma and again as a whole number of cents.
absl::Status WriteCsv(const Journal& journal, const Entries& entries, std::ostream& out);

// For programs: a line of JSON about the budget, then one for each entry, with its bytes as they
// were hashed, in hex, from which everything else on the line follows.
absl::Status WriteJsonl(const Journal& journal, const Entries& entries, std::ostream& out);

// For auditors: an XML Auditfile Financieel, version 3.2. Two lines for every posting: debit what
// the money leaves, credit what it goes to. Reads the entries twice: totals come first, and what
// does not add up to the trial balance is not written. Refusal: ENTRIES_DIFFER.
struct XafOptions {
  std::string day;                  // Of making it, "2026-12-31".
  std::string tax_id = "onbekend";  // The municipality's fiscal number.
  std::string name;                 // As the books are called.
};
absl::Status WriteXaf(const Journal& journal, const Entries& entries, const XafOptions& options,
                      std::ostream& out);

}  // namespace smederij::cli
