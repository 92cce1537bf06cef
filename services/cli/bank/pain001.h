#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace smederij::cli {

// One payment as the bank is asked for it.
struct Transfer {
  std::string
      end_to_end_id;  // What it is known by from here to the statement; at most 35 characters.
  int64_t cents = 0;
  std::string name;  // Of whom is paid.
  std::string iban;
  std::string invoice;
};

// What is handed to the bank.
struct TransferOrder {
  std::string message_id;     // At most 35 characters; the bank takes each once.
  std::string made_at;        // "2026-11-25T10:00:00".
  std::string execution_day;  // "2026-11-27".
  std::string debtor_name;    // The municipality, as the bank knows it.
  std::string debtor_iban;
  std::vector<Transfer> transfers;
};

// Whether the check digits of an account number, in capitals without spaces, hold (ISO 13616).
bool IbanHolds(absl::string_view iban);

// An ISO 20022 customer credit transfer, pain.001.001.09, one batch of SEPA transfers in euro, of
// which the bank is asked to book each by itself.
void WritePain001(const TransferOrder& order, std::ostream& out);

}  // namespace smederij::cli
