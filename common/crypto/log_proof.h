#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/bytes.h"
#include "common/crypto/note.h"

// A proof that somebody can keep, c2sp.org/tlog-proof: that an entry stands in a log, checkable
// without asking anyone.
//
//   c2sp.org/tlog-proof@v1
//   extra <what the log's users put there, in base64>, when there is any
//   index 17
//   <a hash in base64, from the leaf upwards>, one a line
//
//   <the signed checkpoint>
namespace smederij::crypto {

struct LogProof {
  uint64_t index = 0;
  std::vector<Hash> hashes;
  std::string checkpoint;  // The note, as signed.
  std::string extra = {};  // Proves nothing by itself.

  bool operator==(const LogProof&) const = default;
};

std::string ToText(const LogProof& proof);

// Refusal: PROOF_MALFORMED.
absl::StatusOr<LogProof> ParseLogProof(absl::string_view text);

// The checkpoint under which the entry with this leaf hash stands in the log, when every one of
// `verifiers` signed it. Refusals, first that applies: PROOF_MALFORMED, those of OpenNote and
// ParseCheckpoint, PROOF_WRONG.
absl::StatusOr<Checkpoint> CheckLogProof(absl::string_view text, const Hash& leaf_hash,
                                         absl::Span<const NoteVerifier> verifiers);

}  // namespace smederij::crypto
