#pragma once

#include <sodium.h>

#include "common/base/check.h"

namespace smederij::crypto {

// libsodium must be initialised before its first use, from any thread. Private to common/crypto.
inline void EnsureSodium() {
  static const int status = sodium_init();
  CHECK(status >= 0);
}

}  // namespace smederij::crypto
