#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/cli/bank/camt053.h"

namespace smederij::cli {

// Whether a reference of the bank's can stand as it is in the books, 1 … 35 bytes, and in a command
// that a person pastes: letters, digits and "-/:.+_".
bool CanStand(absl::string_view reference);

// What each line of a statement is known by, in the order of the lines: not by the payment's own
// reference, under which money may come back more than once. It is the bank's reference of the
// transaction where that can stand and is of no other line; else the payment's, shortened, with the
// day, the cents and a number that tells alike lines apart. 1 … 35 bytes; the same for the same
// statement, whatever the books have by then.
std::vector<std::string> ReferencesOf(const std::vector<StatementLine>& statement);

}  // namespace smederij::cli
