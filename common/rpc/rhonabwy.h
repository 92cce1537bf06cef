#pragma once

extern "C" {
#include <rhonabwy.h>
}

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

// Owners for librhonabwy's handles. Each is used by one thread: keys are kept as JSON and imported
// for each use, since nothing says that the library's handles may be shared.
namespace smederij::rpc::internal {

struct Free {
  void operator()(jwk_t* jwk) const { r_jwk_free(jwk); }
  void operator()(jws_t* jws) const { r_jws_free(jws); }
  void operator()(char* text) const { r_free(text); }
};
using Jwk = std::unique_ptr<jwk_t, Free>;
using Jws = std::unique_ptr<jws_t, Free>;
using Text = std::unique_ptr<char, Free>;

// Null when the input is no key.
inline Jwk JwkFromJson(const std::string& json) {
  jwk_t* raw = nullptr;
  if (r_jwk_init(&raw) != RHN_OK) return nullptr;
  Jwk jwk(raw);
  if (r_jwk_import_from_json_str(raw, json.c_str()) != RHN_OK) return nullptr;
  return jwk;
}

inline Jws MakeJws() {
  jws_t* raw = nullptr;
  if (r_jws_init(&raw) != RHN_OK) return nullptr;
  return Jws(raw);
}

}  // namespace smederij::rpc::internal
