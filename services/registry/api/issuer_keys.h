#pragma once

#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/blind_rsa.h"
#include "common/crypto/seal.h"
#include "services/registry/storage/roll_store.h"

namespace smederij::registry {

// The private halves of issuer keys: sealed in the database, opened in memory while they are used.
// Thread-safe.
class IssuerKeys {
 public:
  explicit IssuerKeys(crypto::SealingKey sealing_key) : sealing_key_(std::move(sealing_key)) {}

  // A fresh key for a class; takes a fraction of a second.
  IssuerKeyRow Make(uint32_t class_id) const;

  // The key, if it is open already.
  std::optional<crypto::BlindPrivateKey> Find(const Hash& key_id);
  // Opens a sealed key and keeps it; waits while another is being opened. Refusal: SEAL_BROKEN.
  absl::StatusOr<crypto::BlindPrivateKey> Open(const Hash& key_id, absl::string_view sealed);
  // Drops a key that was destroyed in the database.
  void Forget(const Hash& key_id);

 private:
  // Rounds vote one after the other; more keys than this at once are opened anew.
  static constexpr size_t kOpenMax = 256;

  const crypto::SealingKey sealing_key_;
  absl::Mutex opening_;  // Taken before mutex_.
  absl::Mutex mutex_;
  absl::flat_hash_map<Hash, crypto::BlindPrivateKey> open_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::registry
