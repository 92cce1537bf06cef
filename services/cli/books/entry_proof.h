#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/id.h"
#include "common/crypto/bytes.h"
#include "common/crypto/note.h"

namespace smederij::cli {

// An entry of a ledger's books, as a proof carries it, that stands in the signed log.
struct ProvedEntry {
  Uuid budget;
  int64_t seq = 0;
  int type = 0;                  // As smederij.ledger.v1.EntryType.
  int64_t recorded_seconds = 0;  // Since 1970.
  crypto::Hash hash{};
  uint64_t index = 0;
  crypto::Checkpoint checkpoint;
};

// Checks a proof of GetEntryProof without asking anyone: the entry's hash is that of the bytes in
// the proof, it stands in the log, and `verifier_key` signed the log's head. Refusals, first that
// applies: VERIFIER_KEY_MALFORMED; those of crypto::CheckLogProof; ENTRY_MALFORMED (what stands in
// the log is not an entry).
absl::StatusOr<ProvedEntry> CheckEntryProof(absl::string_view text, absl::string_view verifier_key);

}  // namespace smederij::cli
