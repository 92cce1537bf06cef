// Any bytes as a proof of a log and as a bundle of entries: what can be read is written back to the
// same bytes, but for an `extra` line, and verified or refused.
#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "common/base/check.h"
#include "common/crypto/log_proof.h"
#include "common/crypto/merkle.h"
#include "common/crypto/tiles.h"

namespace smederij::crypto {
namespace {

void Fuzz(absl::string_view bytes) {
  const absl::StatusOr<LogProof> proof = ParseLogProof(bytes);
  if (proof.ok()) {
    CHECK(ToText(*proof) == bytes || absl::StrContains(bytes, "\nextra "));
    const auto size = static_cast<uint64_t>(bytes.size());
    (void)VerifyInclusion(proof->index, size, Hash{}, proof->hashes, Hash{});
    (void)VerifyConsistency(proof->index, size, Hash{}, Hash{}, proof->hashes);
  }
  for (uint64_t count = 0; count < 5; ++count) {
    const auto entries = DecodeEntries(bytes, count);
    if (entries.ok()) CHECK(EncodeEntries(*entries) == bytes);
  }
}

}  // namespace
}  // namespace smederij::crypto

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  smederij::crypto::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
