#pragma once

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "common/crypto/bytes.h"

namespace smederij::crypto {

Hash Sha256(absl::string_view bytes);

// Of the parts one after the other. Nothing separates them: formats that need a boundary write it.
Hash Sha256(std::initializer_list<absl::string_view> parts);

// HMAC-SHA-256 under `key`.
Hash HmacSha256(absl::string_view key, absl::string_view message);

// HKDF-SHA-256 (RFC 5869), extract and expand. At most 8160 bytes.
std::string HkdfSha256(absl::string_view secret, absl::string_view salt, absl::string_view info,
                       size_t length);

std::string ToHex(const Hash& hash);  // Lower case.

// Takes as long for unequal bytes as for equal ones of the same length.
bool EqualInConstantTime(absl::string_view a, absl::string_view b);

}  // namespace smederij::crypto
