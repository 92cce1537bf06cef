#include "services/ballots/api/caster.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/merkle.h"
#include "services/ballots/domain/choice.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/receipt.h"

namespace smederij::ballots {
namespace {

absl::Status CheckSize(absl::string_view field, const std::string& bytes, size_t bytes_max) {
  if (bytes.size() <= bytes_max) return absl::OkStatus();
  return TooLarge(field, bytes.size(), bytes_max);
}

absl::Status CheckOpening(const BallotLeaf& leaf, const std::string& choice_bytes,
                          const std::string& nonce, const Manifest& manifest) {
  if (nonce.size() != kNonceBytes || Commitment(leaf.round_id, leaf.voting_key, leaf.seq, nonce,
                                                choice_bytes) != leaf.commitment) {
    return BadOpening();
  }
  ASSIGN_OR_RETURN(const Choice choice, ParseChoice(choice_bytes));
  return CheckChoice(choice, manifest);
}

}  // namespace

absl::StatusOr<Cast> Caster::Verify(const std::string& leaf_bytes, const std::string& choice,
                                    const std::string& nonce, absl::Time deadline) {
  RETURN_IF_ERROR(CheckSize("leaf", leaf_bytes, kLeafBytesMax));
  RETURN_IF_ERROR(CheckSize("choice", choice, kChoiceBytesMax));
  RETURN_IF_ERROR(CheckSize("nonce", nonce, kNonceBytes));
  ASSIGN_OR_RETURN(const BallotLeaf leaf, ParseLeaf(leaf_bytes));
  ASSIGN_OR_RETURN(const std::shared_ptr<const Election> election,
                   elections_.Get(leaf.round_id, deadline));
  const auto issuer = election->issuers.find(leaf.class_id);
  if (issuer == election->issuers.end() || !CredentialHolds(leaf, issuer->second)) {
    return BadCredential();
  }
  if (!VoterSignatureHolds(leaf, leaf_bytes)) return BadSignature();

  Cast cast;
  cast.round_id = leaf.round_id;
  cast.class_id = leaf.class_id;
  cast.voting_key = leaf.voting_key;
  cast.seq = leaf.seq;
  cast.leaf_hash = crypto::LeafHash(leaf_bytes);
  cast.leaf = leaf_bytes;
  cast.choice = choice;
  cast.nonce = nonce;
  cast.at_once = election->manifest.batch_min == 1;
  cast.opening = CheckOpening(leaf, choice, nonce, election->manifest);
  cast.receipt = Sign({.origin = election->manifest.origin,
                       .leaf_hash = cast.leaf_hash,
                       .include_by = election->manifest.cast_until + kIncludeWithin},
                      signers_.receipt_key);
  return cast;
}

std::string KeyOf(const Cast& cast) {
  return absl::StrCat(crypto::View(cast.round_id.uuid().bytes()), crypto::View(cast.voting_key));
}

}  // namespace smederij::ballots
