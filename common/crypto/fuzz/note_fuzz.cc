// Any bytes as a signed note, a checkpoint and a verifier key: read, or refused.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "common/crypto/note.h"

namespace smederij::crypto {
namespace {

void Fuzz(absl::string_view bytes) {
  const NoteSigner signer("log", SigningKey::FromSeed({7}));
  const NoteVerifier verifier("log", SigningKey::FromSeed({7}).verifying_key());
  const absl::StatusOr<std::string> opened = OpenNote(bytes, {verifier});
  // Only what the key signed opens, and nobody can sign here.
  if (opened.ok()) CHECK(OpenNote(signer.Sign(*opened), {verifier}).ok());
  const absl::StatusOr<Checkpoint> checkpoint = ParseCheckpoint(bytes);
  if (checkpoint.ok()) CHECK(*ParseCheckpoint(ToText(*checkpoint)) == *checkpoint);
  (void)NoteVerifier::Parse(bytes);
}

}  // namespace
}  // namespace smederij::crypto

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  smederij::crypto::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
