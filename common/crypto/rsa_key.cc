#include "common/crypto/rsa_key.h"

#include <algorithm>
#include <array>

#include "common/base/check.h"

namespace smederij::crypto {
namespace {

constexpr size_t kHashBytes = 48;
using Sha384Hash = std::array<uint8_t, kHashBytes>;

Sha384Hash Sha384(std::initializer_list<absl::string_view> parts) {
  const MdCtxPtr context(EVP_MD_CTX_new());
  CHECK(context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha384(), nullptr) == 1);
  for (const absl::string_view part : parts) {
    CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  }
  Sha384Hash hash;
  CHECK(EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) == 1);
  return hash;
}

// RFC 8017 B.2.1, xored into `target`.
void XorMask(const Sha384Hash& seed, std::string& target) {
  for (size_t done = 0; done < target.size(); done += kHashBytes) {
    const std::string counter = ByteWriter().U32(static_cast<uint32_t>(done / kHashBytes)).bytes();
    const Sha384Hash block = Sha384({View(seed), counter});
    for (size_t i = 0; i < std::min(kHashBytes, target.size() - done); ++i) {
      target[done + i] = static_cast<char>(target[done + i] ^ block[i]);
    }
  }
}

}  // namespace

std::string EncodePss(absl::string_view message, absl::string_view salt, int modulus_bits) {
  const int encoded_bits = modulus_bits - 1;
  const size_t encoded_bytes = static_cast<size_t>(encoded_bits + 7) / 8;
  CHECK(encoded_bytes >= kHashBytes + salt.size() + 2);

  const std::string zeros(8, '\0');
  const Sha384Hash hash = Sha384({zeros, View(Sha384({message})), salt});
  std::string encoded(encoded_bytes - kHashBytes - salt.size() - 2, '\0');
  encoded.push_back('\x01');
  encoded.append(salt.data(), salt.size());
  XorMask(hash, encoded);
  const int unused_bits = static_cast<int>(8 * encoded_bytes) - encoded_bits;
  encoded[0] = static_cast<char>(static_cast<uint8_t>(encoded[0]) & (0xff >> unused_bits));
  encoded.append(View(hash).data(), kHashBytes);
  encoded.push_back('\xbc');
  return encoded;
}

}  // namespace smederij::crypto
