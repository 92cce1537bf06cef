#pragma once

#include <string>

#include "common/crypto/bytes.h"
#include "common/crypto/openssl.h"

namespace smederij::crypto {

// What stands behind BlindPublicKey and BlindPrivateKey. Private to common/crypto.
struct RsaKey {
  PkeyPtr pkey;  // With the private half, in a BlindPrivateKey's.
  std::string spki;
  Hash issuer_key_id;
  BnPtr n;
  BnPtr e;
  size_t modulus_bytes = 0;
};

// EMSA-PSS-ENCODE (RFC 8017 §9.1.1) with SHA-384, for a modulus of `modulus_bits` bits. RFC 9474
// writes bit_len(n); its own vectors hold only for bit_len(n) - 1, as RFC 8017 says.
std::string EncodePss(absl::string_view message, absl::string_view salt, int modulus_bits);

}  // namespace smederij::crypto
