#include "services/ledger/domain/invoice.h"

#include "absl/strings/ascii.h"

namespace smederij::ledger {

std::string InvoiceKeyOf(absl::string_view invoice_ref) {
  std::string key;
  for (const char c : invoice_ref) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == ' ' || absl::ascii_ispunct(byte)) continue;
    key.push_back(absl::ascii_tolower(byte));
  }
  return key.empty() ? std::string(invoice_ref) : key;
}

}  // namespace smederij::ledger
