#pragma once

#include "absl/time/time.h"

namespace smederij::cli {

// What one blind signature with a key of the services' size takes on one core of this machine,
// measured now: the least of several, so that what else runs here counts as little as may be.
absl::Duration BlindSigningTime();

}  // namespace smederij::cli
