#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/seal.h"
#include "common/pg/bytes.h"
#include "services/registry/api/pseudonyms.h"
#include "services/registry/domain/resident.h"

namespace smederij::registry {

// Particulars on their way to the database and back. Bound to the person's key, not to their id: an
// import knows the one before the database tells the other, and both are one row's alone.
// Thread-safe.
class ParticularsSeal {
 public:
  // `pseudonyms` outlives it.
  ParticularsSeal(crypto::SealingKey key, const Pseudonyms& pseudonyms)
      : key_(std::move(key)), pseudonyms_(pseudonyms) {}

  pg::Bytes Seal(const Hash& person_key, const Particulars& particulars) const;
  // Refusal: SEAL_BROKEN (another key, another person's, or altered).
  absl::StatusOr<Particulars> Open(const Hash& person_key, absl::string_view sealed) const;
  // Equal for equal particulars of one person, and for nothing else: a seal is another one each
  // time.
  Hash Fingerprint(const Hash& person_key, const Particulars& particulars) const;

 private:
  const crypto::SealingKey key_;
  const Pseudonyms& pseudonyms_;
};

}  // namespace smederij::registry
