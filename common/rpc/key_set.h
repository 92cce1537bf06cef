#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"

namespace smederij::rpc {

// The public keys of a token issuer: a JWKS file (RFC 7517) that is looked at again when it
// changes, at most once a second, so keys rotate without a restart. Thread-safe.
class KeySet {
 public:
  struct Key {
    std::string algorithm;  // The only one it may be used with; empty: any of its type's.
    std::string type;       // "EC" (P-256), "OKP" (Ed25519) or "RSA".
    std::string jwk;        // JSON.
  };
  using Keys = std::map<std::string, Key>;  // By `kid`.

  // Keys of other types, without `kid`, meant for encryption, or shorter than RSA 2048 are left
  // out. Refusal: FAILED_PRECONDITION JWKS_UNUSABLE when the file cannot be read, is no JWKS, holds
  // a private or symmetric key or the same kid twice, or has no usable key.
  static absl::StatusOr<std::unique_ptr<KeySet>> Open(absl::string_view path, const Clock& clock);

  // The keys as of less than a second ago. A file that became unreadable is logged and changes
  // nothing: signing in goes on with the keys that were.
  std::shared_ptr<const Keys> Current() const;

 private:
  struct Stamp {
    int64_t modified_ns = 0;
    int64_t size = 0;
    uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };

  KeySet(absl::string_view path, const Clock& clock) : path_(path), clock_(clock) {}
  Stamp Look() const;

  const std::string path_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  mutable std::shared_ptr<const Keys> keys_ ABSL_GUARDED_BY(mutex_);
  mutable Stamp stamp_ ABSL_GUARDED_BY(mutex_);
  mutable absl::Time looked_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::rpc
