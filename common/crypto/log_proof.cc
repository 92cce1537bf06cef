#include "common/crypto/log_proof.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/merkle.h"
#include "common/crypto/strict_base64.h"

namespace smederij::crypto {
namespace {

constexpr absl::string_view kHead = "c2sp.org/tlog-proof@v1\n", kExtra = "extra ";
constexpr size_t kHashesMax = 64;  // A tree is never higher.

Error Malformed(absl::string_view wrong) {
  return Error(kInvalidArgument, "PROOF_MALFORMED", "this is not a proof of a log")
      .With("wrong", wrong);
}

}  // namespace

std::string ToText(const LogProof& proof) {
  std::string text(kHead);
  if (!proof.extra.empty()) {
    absl::StrAppend(&text, kExtra, absl::Base64Escape(proof.extra), "\n");
  }
  absl::StrAppend(&text, "index ", proof.index, "\n");
  for (const Hash& hash : proof.hashes) {
    absl::StrAppend(&text, absl::Base64Escape(View(hash)), "\n");
  }
  return absl::StrCat(text, "\n", proof.checkpoint);
}

absl::StatusOr<LogProof> ParseLogProof(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kHead)) return Malformed("the first line");
  const size_t end = text.find("\n\n");
  if (end == absl::string_view::npos) return Malformed("it has no checkpoint");
  LogProof proof;
  proof.checkpoint = std::string(text.substr(end + 2));
  std::vector<absl::string_view> lines = absl::StrSplit(text.substr(0, end), '\n');
  size_t at = 0;
  if (absl::StartsWith(lines[0], kExtra)) {
    std::optional<std::string> extra = StrictBase64(lines[0].substr(kExtra.size()));
    if (!extra) return Malformed("the extra line");
    proof.extra = *std::move(extra);
    ++at;
  }
  if (at == lines.size() || !absl::ConsumePrefix(&lines[at], "index ") ||
      !absl::SimpleAtoi(lines[at], &proof.index) || absl::StrCat(proof.index) != lines[at]) {
    return Malformed("the index");
  }
  if (lines.size() - at - 1 > kHashesMax) return Malformed("more hashes than a tree has levels");
  while (++at < lines.size()) {
    const std::optional<std::string> bytes = StrictBase64(lines[at]);
    const std::optional<Hash> hash = bytes ? ToArray<32>(*bytes) : std::nullopt;
    if (!hash) return Malformed("a hash");
    proof.hashes.push_back(*hash);
  }
  return proof;
}

absl::StatusOr<Checkpoint> CheckLogProof(absl::string_view text, const Hash& leaf_hash,
                                         absl::Span<const NoteVerifier> verifiers) {
  ASSIGN_OR_RETURN(const LogProof proof, ParseLogProof(text));
  ASSIGN_OR_RETURN(const std::string note, OpenNote(proof.checkpoint, verifiers));
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, ParseCheckpoint(note));
  if (!VerifyInclusion(proof.index, checkpoint.size, leaf_hash, proof.hashes, checkpoint.root)) {
    return Error(kInvalidArgument, "PROOF_WRONG", "the entry does not stand there in this log")
        .With("index", proof.index);
  }
  return checkpoint;
}

}  // namespace smederij::crypto
