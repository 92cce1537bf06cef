#include "services/registry/api/issuer_keys.h"

#include "common/base/status_macros.h"

namespace smederij::registry {

IssuerKeyRow IssuerKeys::Make(uint32_t class_id) const {
  const crypto::BlindPrivateKey key = crypto::BlindPrivateKey::Generate();
  return {.class_id = class_id,
          .spki = pg::Bytes(key.public_key().spki()),
          .key_id = key.public_key().issuer_key_id(),
          .sealed = pg::Bytes(key.Sealed(sealing_key_))};
}

std::optional<crypto::BlindPrivateKey> IssuerKeys::Find(const Hash& key_id) {
  const absl::MutexLock lock(&mutex_);
  const auto found = open_.find(key_id);
  if (found == open_.end()) return std::nullopt;
  return found->second;
}

absl::StatusOr<crypto::BlindPrivateKey> IssuerKeys::Open(const Hash& key_id,
                                                         absl::string_view sealed) {
  // A tenth of a second of computing: of all the voters who come first, one does it.
  const absl::MutexLock opening(&opening_);
  if (std::optional<crypto::BlindPrivateKey> found = Find(key_id)) return *std::move(found);
  ASSIGN_OR_RETURN(crypto::BlindPrivateKey key,
                   crypto::BlindPrivateKey::Unseal(sealed, key_id, sealing_key_));
  const absl::MutexLock lock(&mutex_);
  if (open_.size() >= kOpenMax) open_.clear();
  open_.insert_or_assign(key_id, key);
  return key;
}

void IssuerKeys::Forget(const Hash& key_id) {
  const absl::MutexLock lock(&mutex_);
  open_.erase(key_id);
}

}  // namespace smederij::registry
