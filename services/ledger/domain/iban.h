#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij::ledger {

// An international bank account number (ISO 13616) without spaces, in capitals. Only its form and
// its check digits are known to be right: whose it is, two people have to know.
// Refusal: BAD_IBAN at `field`, without the number.
absl::StatusOr<std::string> ParseIban(absl::string_view text, absl::string_view field);

}  // namespace smederij::ledger
