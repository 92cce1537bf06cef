#include "services/registry/api/pseudonyms.h"

#include <algorithm>

#include "common/crypto/bytes.h"
#include "common/crypto/hash.h"

namespace smederij::registry {
namespace {

constexpr absl::string_view kAudiences[] = {kOwnAudience, "smederij-proposals", "smederij-ballots",
                                            "smederij-ledger"};

}  // namespace

Hash Pseudonyms::PersonKey(absl::string_view subject) const {
  return crypto::HmacSha256(crypto::View(pepper_), subject);
}

Hash Pseudonyms::Keyed(absl::string_view label, absl::string_view bytes) const {
  crypto::ByteWriter message;  // A subject holds no NUL.
  message.Raw(label).U8(0).Raw(bytes);
  return crypto::HmacSha256(crypto::View(pepper_), message.bytes());
}

SubjectId Pseudonyms::For(absl::string_view audience, SubjectId person) const {
  if (audience == kOwnAudience) return person;
  crypto::ByteWriter message;
  message.Raw(audience).U8(0).Raw(person.uuid().bytes());
  const Hash mac = crypto::HmacSha256(crypto::View(pairwise_), message.bytes());
  Uuid::Bytes bytes;
  std::copy_n(mac.begin(), bytes.size(), bytes.begin());
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0f) | 0x80);  // Version 8: made our own way.
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3f) | 0x80);
  return SubjectId(Uuid(bytes));
}

bool IsAudience(absl::string_view audience) {
  return std::find(std::begin(kAudiences), std::end(kAudiences), audience) != std::end(kAudiences);
}

}  // namespace smederij::registry
