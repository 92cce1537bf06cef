#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace smederij::ledger {

// What an invoice is known by, however somebody spells its reference: "F2026-1" and "f2026 1" are
// one. ASCII letters in lower case, ASCII spaces and punctuation left out; a reference that has
// nothing else is its own key. The column payment.invoice_key is computed likewise.
std::string InvoiceKeyOf(absl::string_view invoice_ref);

}  // namespace smederij::ledger
