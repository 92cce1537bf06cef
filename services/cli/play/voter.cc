#include "services/cli/play/voter.h"

#include <array>
#include <utility>

#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"

namespace smederij::cli {
namespace {

constexpr uint8_t kBallotLeaf = 0x02;

std::string CredentialMessage(RoundId round, uint16_t class_id, const crypto::Hash& issuer_key_id,
                              const crypto::VerifyingKey& key) {
  return crypto::ByteWriter()
      .Raw("smederij-cred-v1")
      .Raw(round.uuid().bytes())
      .U16(class_id)
      .Raw(issuer_key_id)
      .Raw(key)
      .bytes();
}

}  // namespace

absl::StatusOr<Voter> Voter::Make(const crypto::Hash& device_secret, RoundId round,
                                  uint16_t class_id, const crypto::BlindPublicKey& issuer) {
  const std::string info = crypto::ByteWriter()
                               .Raw("smederij-device-v1")
                               .Raw(round.uuid().bytes())
                               .U16(class_id)
                               .Raw(issuer.issuer_key_id())
                               .bytes();
  const auto key =
      crypto::ToArray<32>(crypto::HkdfSha256(crypto::View(device_secret), /*salt=*/"", info, 32));
  const crypto::RandomSource random = crypto::SeededRandom(*key);
  std::array<uint8_t, 32> seed;
  random(absl::MakeSpan(seed));
  Voter voter(round, class_id, issuer, crypto::SigningKey::FromSeed(seed));
  random(absl::MakeSpan(voter.prefix_));
  random(absl::MakeSpan(voter.nonce_key_));
  voter.input_ = crypto::PrepareRandomize(
      voter.prefix_,
      CredentialMessage(round, class_id, issuer.issuer_key_id(), voter.key_.verifying_key()));
  ASSIGN_OR_RETURN(voter.blinded_, crypto::Blind(issuer, voter.input_, random));
  return voter;
}

absl::Status Voter::Accept(absl::string_view blind_signature) {
  ASSIGN_OR_RETURN(credential_,
                   crypto::Finalize(issuer_, input_, blind_signature, blinded_.inverse));
  return absl::OkStatus();
}

Voter::Ballot Voter::Fill(absl::string_view choice, uint32_t seq) const {
  CHECK(!credential_.empty());
  const std::string counter = crypto::ByteWriter().U32(seq).bytes();
  const crypto::Hash nonce = crypto::HmacSha256(crypto::View(nonce_key_), counter);
  const crypto::Hash commitment =
      crypto::Sha256({"smederij-commit-v1", crypto::View(round_.uuid().bytes()),
                      crypto::View(key_.verifying_key()), counter, crypto::View(nonce), choice});
  std::string leaf = crypto::ByteWriter()
                         .U8(kBallotLeaf)
                         .Raw(round_.uuid().bytes())
                         .U16(class_id_)
                         .Raw(key_.verifying_key())
                         .U8(1)
                         .Raw(issuer_.issuer_key_id())
                         .Raw(prefix_)
                         .U16(static_cast<uint16_t>(credential_.size()))
                         .Raw(credential_)
                         .U32(seq)
                         .Raw(commitment)
                         .bytes();
  const crypto::Signature signature = key_.Sign("smederij-cast-v1" + leaf);
  leaf.append(crypto::View(signature).data(), signature.size());
  return {.leaf = std::move(leaf), .choice = std::string(choice), .nonce = crypto::ToBytes(nonce)};
}

absl::Status CheckReceipt(absl::string_view receipt, absl::string_view leaf,
                          const crypto::VerifyingKey& receipt_key) {
  constexpr absl::string_view kHead = "smederij-receipt-v1";
  crypto::ByteReader in(receipt);
  const bool headed = in.Raw(kHead.size()) == kHead;
  in.Raw(in.U16());  // The log's origin.
  const crypto::Hash leaf_hash = in.Array<32>();
  in.U64();  // include_by.
  const size_t signed_bytes = receipt.size() - in.left();
  const crypto::Signature signature = in.Array<64>();
  if (!in.AtEnd() || !headed || leaf_hash != crypto::Sha256({absl::string_view("\0", 1), leaf}) ||
      !crypto::Verify(receipt_key, receipt.substr(0, signed_bytes), signature)) {
    return Error(kFailedPrecondition, "BAD_RECEIPT", "the receipt does not promise this ballot");
  }
  return absl::OkStatus();
}

}  // namespace smederij::cli
