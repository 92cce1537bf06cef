#include "services/cli/books/entry_proof.h"

#include <limits>

#include "absl/strings/match.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/log_proof.h"
#include "common/crypto/merkle.h"

namespace smederij::cli {
namespace {

// What every version of an entry begins with; then come budget, number, type, period and time.
constexpr absl::string_view kEntry = "smederij-entry-v";

}  // namespace

absl::StatusOr<ProvedEntry> CheckEntryProof(absl::string_view text,
                                            absl::string_view verifier_key) {
  ASSIGN_OR_RETURN(const crypto::NoteVerifier verifier, crypto::NoteVerifier::Parse(verifier_key));
  ASSIGN_OR_RETURN(const crypto::LogProof proof, crypto::ParseLogProof(text));
  ProvedEntry entry;
  entry.hash = crypto::Sha256(proof.extra);
  entry.index = proof.index;
  ASSIGN_OR_RETURN(
      entry.checkpoint,
      crypto::CheckLogProof(text, crypto::LeafHash(crypto::View(entry.hash)), {verifier}));
  crypto::ByteReader reader(proof.extra);
  reader.Raw(entry.hash.size());  // The hash of the entry before.
  const absl::string_view version = reader.Raw(kEntry.size() + 1);
  entry.budget = Uuid(reader.Array<16>());
  const uint64_t seq = reader.U64();
  entry.type = reader.U8();
  reader.U8();
  entry.recorded_seconds = static_cast<int64_t>(reader.U64()) / 1'000'000;
  if (!reader.ok() || !absl::StartsWith(version, kEntry) || seq == 0 ||
      seq > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return Error(kInvalidArgument, "ENTRY_MALFORMED", "what stands in the log is not an entry");
  }
  entry.seq = static_cast<int64_t>(seq);
  return entry;
}

}  // namespace smederij::cli
