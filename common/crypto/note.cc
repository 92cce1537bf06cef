#include "common/crypto/note.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/strict_base64.h"

namespace smederij::crypto {
namespace {

constexpr char kEd25519[] = "\x01";  // The algorithm's number in keys and key ids.
constexpr absl::string_view kSignaturePrefix = "\xe2\x80\x94 ";  // An em dash and a space.
constexpr size_t kNoteBytesMax = 1 << 20;

uint32_t KeyId(absl::string_view name, const VerifyingKey& key) {
  const Hash hash = Sha256({name, "\n", kEd25519, View(key)});
  return ByteReader(View(hash)).U32();
}

bool ValidName(absl::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte == 0x7f || byte == '+') return false;
  }
  return true;
}

absl::Status MalformedNote(absl::string_view wrong) {
  return Error(kInvalidArgument, "NOTE_MALFORMED", "this is not a signed note")
      .With("wrong", wrong);
}

struct NoteSignature {
  std::string name;
  uint32_t key_id;
  std::string signature;
};

absl::StatusOr<NoteSignature> ParseSignature(absl::string_view line) {
  if (!absl::ConsumePrefix(&line, kSignaturePrefix)) return MalformedNote("a signature line");
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  if (parts.size() != 2 || !ValidName(parts[0])) return MalformedNote("a signature line");
  const std::optional<std::string> bytes = StrictBase64(parts[1]);
  if (!bytes || bytes->size() < 5) return MalformedNote("a signature's base64");
  ByteReader reader(*bytes);
  const uint32_t key_id = reader.U32();
  return NoteSignature{std::string(parts[0]), key_id, std::string(reader.Raw(reader.left()))};
}

}  // namespace

NoteSigner::NoteSigner(absl::string_view name, const SigningKey& key) : name_(name), key_(key) {
  CHECK(ValidName(name));
}

std::string NoteSigner::Sign(absl::string_view text) const {
  CHECK(!text.empty() && text.back() == '\n');
  const std::string line =
      ByteWriter().U32(KeyId(name_, key_.verifying_key())).Raw(key_.Sign(text)).bytes();
  return absl::StrCat(text, "\n", kSignaturePrefix, name_, " ", absl::Base64Escape(line), "\n");
}

std::string NoteSigner::VerifierKey() const {
  const VerifyingKey& key = key_.verifying_key();
  return absl::StrFormat("%s+%08x+%s", name_, KeyId(name_, key),
                         absl::Base64Escape(absl::StrCat(kEd25519, View(key))));
}

NoteVerifier::NoteVerifier(absl::string_view name, const VerifyingKey& key)
    : name_(name), key_id_(KeyId(name, key)), key_(key) {}

absl::StatusOr<NoteVerifier> NoteVerifier::Parse(absl::string_view verifier_key) {
  // The key's base64 may itself hold a plus: only the first two separate.
  const std::vector<absl::string_view> parts =
      absl::StrSplit(verifier_key, absl::MaxSplits('+', 2));
  const auto malformed = [] {
    return Error(kInvalidArgument, "VERIFIER_KEY_MALFORMED", "this is not a note verifier key");
  };
  if (parts.size() != 3 || !ValidName(parts[0])) return malformed();
  const std::optional<std::string> bytes = StrictBase64(parts[2]);
  if (!bytes || bytes->empty() || bytes->front() != kEd25519[0]) return malformed();
  const std::optional<VerifyingKey> key = ToArray<32>(absl::string_view(*bytes).substr(1));
  if (!key) return malformed();
  NoteVerifier verifier(parts[0], *key);
  if (absl::StrFormat("%08x", verifier.key_id_) != parts[1]) return malformed();
  return verifier;
}

absl::StatusOr<std::string> OpenNote(absl::string_view note,
                                     absl::Span<const NoteVerifier> verifiers) {
  if (note.size() > kNoteBytesMax) return MalformedNote("the length");
  for (const char c : note) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\n') {
      return MalformedNote("a control character");
    }
  }
  const size_t blank = note.rfind("\n\n");
  if (blank == absl::string_view::npos) return MalformedNote("no blank line before signatures");
  const absl::string_view text = note.substr(0, blank + 1);
  absl::string_view rest = note.substr(blank + 2);
  if (!absl::ConsumeSuffix(&rest, "\n")) return MalformedNote("no newline at the end");

  std::vector<NoteSignature> signatures;
  for (const absl::string_view line : absl::StrSplit(rest, '\n')) {
    ASSIGN_OR_RETURN(NoteSignature signature, ParseSignature(line));
    signatures.push_back(std::move(signature));
  }
  for (const NoteVerifier& verifier : verifiers) {
    bool signed_by = false;
    for (const NoteSignature& s : signatures) {
      if (s.name != verifier.name() || s.key_id != verifier.key_id()) continue;
      const std::optional<Signature> bytes = ToArray<64>(s.signature);
      // A known signer's wrong signature spoils the note, wherever a right one may stand.
      signed_by = bytes && Verify(verifier.key(), text, *bytes);
      if (!signed_by) break;
    }
    if (!signed_by) {
      return Error(kInvalidArgument, "NOTE_UNSIGNED", "a signature is missing or wrong")
          .With("signer", verifier.name());
    }
  }
  return std::string(text);
}

std::string ToText(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n",
                      absl::Base64Escape(View(checkpoint.root)), "\n");
}

absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  Checkpoint checkpoint;
  const auto malformed = [](absl::string_view wrong) {
    return Error(kInvalidArgument, "CHECKPOINT_MALFORMED", "this is not a log checkpoint")
        .With("wrong", wrong);
  };
  if (lines.size() < 4 || !lines.back().empty()) return malformed("the lines");
  if (lines[0].empty()) return malformed("the origin");
  checkpoint.origin = std::string(lines[0]);
  if (!absl::SimpleAtoi(lines[1], &checkpoint.size) || absl::StrCat(checkpoint.size) != lines[1]) {
    return malformed("the size");
  }
  const std::optional<std::string> root = StrictBase64(lines[2]);
  const std::optional<Hash> hash = root ? ToArray<32>(*root) : std::nullopt;
  if (!hash) return malformed("the root");
  checkpoint.root = *hash;
  for (size_t i = 3; i + 1 < lines.size(); ++i) {
    if (lines[i].empty()) return malformed("an extension line");
  }
  return checkpoint;
}

}  // namespace smederij::crypto
