#include "services/ballots/domain/receipt.h"

#include "common/crypto/bytes.h"
#include "services/ballots/domain/errors.h"

namespace smederij::ballots {
namespace {

constexpr absl::string_view kLabel = "smederij-receipt-v1";

std::string Body(const Receipt& receipt) {
  return crypto::ByteWriter()
      .Raw(kLabel)
      .U16(static_cast<uint16_t>(receipt.origin.size()))
      .Raw(receipt.origin)
      .Raw(receipt.leaf_hash)
      .U64(static_cast<uint64_t>(absl::ToUnixMicros(receipt.include_by)))
      .bytes();
}

}  // namespace

std::string Sign(const Receipt& receipt, const crypto::SigningKey& key) {
  const std::string body = Body(receipt);
  return crypto::ByteWriter().Raw(body).Raw(key.Sign(body)).bytes();
}

absl::StatusOr<Receipt> OpenReceipt(absl::string_view bytes, const crypto::VerifyingKey& key) {
  crypto::ByteReader in(bytes);
  Receipt receipt;
  if (in.Raw(kLabel.size()) != kLabel) return BadReceipt();
  receipt.origin = std::string(in.Raw(in.U16()));
  receipt.leaf_hash = in.Array<32>();
  receipt.include_by = absl::FromUnixMicros(static_cast<int64_t>(in.U64()));
  const crypto::Signature signature = in.Array<64>();
  if (!in.AtEnd() || !crypto::Verify(key, Body(receipt), signature)) return BadReceipt();
  return receipt;
}

}  // namespace smederij::ballots
