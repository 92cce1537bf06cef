#include "services/ballots/domain/leaf.h"

#include "common/crypto/hash.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/leaf_type.h"

namespace smederij::ballots {
namespace {

using crypto::ByteReader;
using crypto::ByteWriter;

constexpr size_t kSignatureBytes = sizeof(crypto::Signature);

}  // namespace

absl::StatusOr<BallotLeaf> ParseLeaf(absl::string_view bytes) {
  ByteReader in(bytes);
  BallotLeaf leaf;
  if (in.U8() != static_cast<uint8_t>(LeafType::kBallot)) return BadLeaf("TYPE");
  leaf.round_id = RoundId(Uuid(in.Array<16>()));
  leaf.class_id = in.U16();
  leaf.voting_key = in.Array<32>();
  if (in.U8() != 1) return BadLeaf("CREDENTIALS");
  leaf.issuer_key_id = in.Array<32>();
  leaf.prefix = in.Array<32>();
  if (in.U16() != crypto::kIssuerModulusBytes) return BadLeaf("CREDENTIAL_LENGTH");
  leaf.credential = std::string(in.Raw(crypto::kIssuerModulusBytes));
  leaf.seq = in.U32();
  leaf.commitment = in.Array<32>();
  leaf.voter_signature = in.Array<64>();
  if (!in.AtEnd()) return BadLeaf("LENGTH");
  if (leaf.round_id.uuid().nil()) return BadLeaf("ROUND");
  if (leaf.seq == 0) return BadLeaf("SEQ");
  return leaf;
}

std::string Encode(const BallotLeaf& leaf) {
  ByteWriter out;
  out.U8(static_cast<uint8_t>(LeafType::kBallot)).Raw(leaf.round_id.uuid().bytes());
  out.U16(leaf.class_id).Raw(leaf.voting_key).U8(1).Raw(leaf.issuer_key_id).Raw(leaf.prefix);
  out.U16(static_cast<uint16_t>(leaf.credential.size())).Raw(leaf.credential);
  out.U32(leaf.seq).Raw(leaf.commitment).Raw(leaf.voter_signature);
  return std::move(out).bytes();
}

std::string CredentialInput(const std::array<uint8_t, 32>& prefix, RoundId round_id,
                            uint16_t class_id, const Hash& issuer_key_id,
                            const crypto::VerifyingKey& voting_key) {
  const std::string message = ByteWriter()
                                  .Raw("smederij-cred-v1")
                                  .Raw(round_id.uuid().bytes())
                                  .U16(class_id)
                                  .Raw(issuer_key_id)
                                  .Raw(voting_key)
                                  .bytes();
  return crypto::PrepareRandomize(prefix, message);
}

Hash Commitment(RoundId round_id, const crypto::VerifyingKey& voting_key, uint32_t seq,
                absl::string_view nonce, absl::string_view choice) {
  return crypto::Sha256(ByteWriter()
                            .Raw("smederij-commit-v1")
                            .Raw(round_id.uuid().bytes())
                            .Raw(voting_key)
                            .U32(seq)
                            .Raw(nonce)
                            .Raw(choice)
                            .bytes());
}

std::string CastMessage(absl::string_view leaf_bytes) {
  leaf_bytes.remove_suffix(kSignatureBytes);
  return ByteWriter().Raw("smederij-cast-v1").Raw(leaf_bytes).bytes();
}

bool CredentialHolds(const BallotLeaf& leaf, const crypto::BlindPublicKey& issuer) {
  return leaf.issuer_key_id == issuer.issuer_key_id() &&
         issuer.Verify(CredentialInput(leaf.prefix, leaf.round_id, leaf.class_id,
                                       leaf.issuer_key_id, leaf.voting_key),
                       leaf.credential);
}

bool VoterSignatureHolds(const BallotLeaf& leaf, absl::string_view bytes) {
  return crypto::Verify(leaf.voting_key, CastMessage(bytes), leaf.voter_signature);
}

}  // namespace smederij::ballots
