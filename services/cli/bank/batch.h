#pragma once

#include <string>

#include "absl/strings/string_view.h"

// A batch: the payments that the bank is asked for in one file. It goes by six letters and digits,
// which stand in the references of its payments. So the books alone tell which file a payment was
// in, and that file can be made again as it was: a bank takes the same message once.
namespace smederij::cli {

// One that hardly anything was called before: 30 random bits.
std::string NewBatch();

// What a payment is known by between ledger and bank, 35 characters, which is what EndToEndId
// takes: "ABC234-" and the first 28 hexadecimal digits of its id.
std::string EndToEndIdOf(absl::string_view batch, absl::string_view payment_id);

// The batch that such a reference names; empty when it is another's.
std::string BatchOf(absl::string_view end_to_end_id);

// What the bank knows the batch by, as a message and as a block of payments: "SMEDERIJ-ABC234".
std::string MessageIdOf(absl::string_view batch);
// The way back; empty when it is another's.
std::string BatchOfMessage(absl::string_view message_id);

}  // namespace smederij::cli
