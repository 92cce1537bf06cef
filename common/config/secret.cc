#include "common/config/secret.h"

#include <openssl/crypto.h>

namespace smederij::config {

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  Wipe();
  bytes_ = other.bytes_;
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this == &other) return *this;
  Wipe();
  bytes_ = std::move(other.bytes_);
  other.Wipe();
  return *this;
}

void Secret::Wipe() {
  // Up to the capacity: a move out of a short string leaves its bytes behind the new end.
  bytes_.resize(bytes_.capacity());
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
  bytes_.clear();
}

}  // namespace smederij::config
