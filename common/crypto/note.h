#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/crypto/bytes.h"
#include "common/crypto/ed25519.h"

// C2SP signed notes (c2sp.org/signed-note) with Ed25519 keys, and the checkpoints of a log
// (c2sp.org/tlog-checkpoint) that they carry.
namespace smederij::crypto {

// Who signs: a name without white space or plus, and a key.
class NoteSigner {
 public:
  NoteSigner(absl::string_view name, const SigningKey& key);

  const std::string& name() const { return name_; }
  std::string Sign(absl::string_view text) const;  // `text` ends in a newline; the whole note.
  std::string VerifierKey() const;                 // "name+key id+key", as people publish it.

 private:
  std::string name_;
  SigningKey key_;
};

class NoteVerifier {
 public:
  NoteVerifier(absl::string_view name, const VerifyingKey& key);
  // From the published form. Refusal: VERIFIER_KEY_MALFORMED.
  static absl::StatusOr<NoteVerifier> Parse(absl::string_view verifier_key);

  const std::string& name() const { return name_; }
  uint32_t key_id() const { return key_id_; }
  const VerifyingKey& key() const { return key_; }

 private:
  std::string name_;
  uint32_t key_id_;
  VerifyingKey key_;
};

// The text of a note that every one of `verifiers` has signed. Lines of unknown signers are passed
// over. Refusals: NOTE_MALFORMED, NOTE_UNSIGNED (a signature is missing or wrong).
absl::StatusOr<std::string> OpenNote(absl::string_view note,
                                     absl::Span<const NoteVerifier> verifiers);

// The head of a log.
struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Hash root{};

  bool operator==(const Checkpoint&) const = default;
};

std::string ToText(const Checkpoint& checkpoint);  // The note text: three lines.

// Extension lines after the third are accepted and dropped. Refusal: CHECKPOINT_MALFORMED.
absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text);

}  // namespace smederij::crypto
