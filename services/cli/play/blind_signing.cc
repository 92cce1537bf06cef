#include "services/cli/play/blind_signing.h"

#include <algorithm>
#include <string>

#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/crypto/blind_rsa.h"

namespace smederij::cli {
namespace {

constexpr int kSignatures = 30;

}  // namespace

absl::Duration BlindSigningTime() {
  const crypto::BlindPrivateKey key = crypto::BlindPrivateKey::Generate();
  std::string message(crypto::kIssuerModulusBytes, '\x5a');
  message[0] = 0;  // Below every modulus.
  absl::Duration least = absl::InfiniteDuration();
  for (int i = 0; i < kSignatures; ++i) {
    const absl::Time begun = absl::Now();
    CHECK(key.BlindSign(message).ok());
    least = std::min(least, absl::Now() - begun);
  }
  return least;
}

}  // namespace smederij::cli
