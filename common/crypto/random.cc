#include "common/crypto/random.h"

#include <algorithm>
#include <array>

#include "common/crypto/sodium.h"

namespace smederij::crypto {
namespace {

// Keystream block by block, so that the bytes do not depend on how they are asked for.
class Keystream {
 public:
  explicit Keystream(const Hash& key) : key_(key) {}

  void operator()(absl::Span<uint8_t> out) {
    for (uint8_t& byte : out) {
      if (used_ == block_.size()) Next();
      byte = block_[used_++];
    }
  }

 private:
  void Next() {
    static constexpr std::array<uint8_t, crypto_stream_chacha20_ietf_NONCEBYTES> kNonce{};
    block_.fill(0);
    CHECK(counter_ != UINT32_MAX);
    CHECK(crypto_stream_chacha20_ietf_xor_ic(block_.data(), block_.data(), block_.size(),
                                             kNonce.data(), counter_++, key_.data()) == 0);
    used_ = 0;
  }

  Hash key_;
  std::array<uint8_t, 64> block_{};
  size_t used_ = 64;
  uint32_t counter_ = 0;
};

}  // namespace

RandomSource SystemRandom() {
  EnsureSodium();
  return [](absl::Span<uint8_t> out) { randombytes_buf(out.data(), out.size()); };
}

RandomSource SeededRandom(const Hash& key) {
  EnsureSodium();
  return Keystream(key);
}

std::string RandomBytes(size_t length) {
  EnsureSodium();
  std::string bytes(length, '\0');
  randombytes_buf(bytes.data(), length);
  return bytes;
}

uint32_t RandomBelow(uint32_t bound) {
  EnsureSodium();
  CHECK(bound > 0);
  return randombytes_uniform(bound);
}

void Wipe(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

}  // namespace smederij::crypto
