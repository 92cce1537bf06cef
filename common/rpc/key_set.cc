#include "common/rpc/key_set.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "common/base/error.h"
#include "common/obs/log.h"
#include "common/rpc/rhonabwy.h"

namespace smederij::rpc {
namespace {

using nlohmann::json;

constexpr absl::Duration kLookEvery = absl::Seconds(1);
constexpr size_t kFileBytesMax = 1024 * 1024;
constexpr unsigned int kRsaBitsMin = 2048;

Error Unusable(absl::string_view path, absl::string_view why) {
  return Error(kFailedPrecondition, "JWKS_UNUSABLE", "the file with the token issuer's keys")
      .With("path", path)
      .With("why", why);
}

std::string Text(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The key if it may verify signatures; nullopt if it is for something else.
std::optional<KeySet::Key> ReadKey(const json& object) {
  KeySet::Key key{.algorithm = Text(object, "alg"), .type = Text(object, "kty"), .jwk = {}};
  const std::string use = Text(object, "use");
  const std::string curve = Text(object, "crv");
  if (!use.empty() && use != "sig") return std::nullopt;
  const bool known = (key.type == "EC" && curve == "P-256") ||
                     (key.type == "OKP" && curve == "Ed25519") || key.type == "RSA";
  if (!known) return std::nullopt;
  // Only what makes the key: certificates and addresses in it are never looked at.
  json bare = {{"kty", key.type}};
  for (const char* member : {"crv", "x", "y", "n", "e"}) {
    if (object.contains(member)) bare[member] = object[member];
  }
  key.jwk = bare.dump(-1, ' ', false, json::error_handler_t::replace);
  const internal::Jwk jwk = internal::JwkFromJson(key.jwk);
  if (jwk == nullptr) return std::nullopt;
  unsigned int bits = 0;
  const int type = r_jwk_key_type(jwk.get(), &bits, R_FLAG_IGNORE_REMOTE);
  if ((type & R_KEY_TYPE_PUBLIC) == 0) return std::nullopt;
  if (key.type == "RSA" && bits < kRsaBitsMin) return std::nullopt;
  return key;
}

absl::StatusOr<std::shared_ptr<const KeySet::Keys>> Read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kFileBytesMax, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
    return Unusable(path, file ? "too large" : "cannot be read");
  }
  text.resize(static_cast<size_t>(file.gcount()));
  const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("keys") || !document["keys"].is_array()) {
    return Unusable(path, "no JWKS");
  }
  auto keys = std::make_shared<KeySet::Keys>();
  for (const json& object : document["keys"]) {
    if (!object.is_object()) return Unusable(path, "no JWKS");
    // What is published as public must be public: refused whole, so that it is noticed.
    if (object.contains("d") || object.contains("k")) {
      return Unusable(path, "it holds a private or symmetric key");
    }
    const std::string kid = Text(object, "kid");
    std::optional<KeySet::Key> key = ReadKey(object);
    if (kid.empty() || !key) continue;
    if (!keys->emplace(kid, *std::move(key)).second) return Unusable(path, "a kid stands twice");
  }
  if (keys->empty()) return Unusable(path, "no usable key");
  return keys;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeySet>> KeySet::Open(absl::string_view path, const Clock& clock) {
  auto set = std::unique_ptr<KeySet>(new KeySet(path, clock));
  const Stamp stamp = set->Look();
  auto keys = Read(set->path_);
  if (!keys.ok()) return keys.status();
  const absl::MutexLock lock(&set->mutex_);
  set->keys_ = *std::move(keys);
  set->stamp_ = stamp;
  set->looked_ = clock.Now();
  return set;
}

std::shared_ptr<const KeySet::Keys> KeySet::Current() const {
  const absl::Time now = clock_.Now();
  const absl::MutexLock lock(&mutex_);
  if (now - looked_ < kLookEvery && now >= looked_) return keys_;
  looked_ = now;
  const Stamp stamp = Look();
  if (stamp == stamp_) return keys_;
  stamp_ = stamp;  // Before reading: a change during it is seen at the next look.
  auto keys = Read(path_);
  if (keys.ok()) {
    keys_ = *std::move(keys);
    obs::Log(obs::Level::kInfo, "jwks_reloaded", {{"path", path_}, {"keys", keys_->size()}});
  } else {
    std::vector<obs::Field> fields = obs::StatusFields(keys.status());
    fields.emplace_back("why", FactsOf(keys.status()).back().second);
    obs::Log(obs::Level::kError, "jwks_unusable", fields);
  }
  return keys_;
}

KeySet::Stamp KeySet::Look() const {
  struct stat file = {};
  if (stat(path_.c_str(), &file) != 0) return Stamp{};
  return Stamp{.modified_ns = file.st_mtim.tv_sec * int64_t{1'000'000'000} + file.st_mtim.tv_nsec,
               .size = file.st_size,
               .inode = file.st_ino};
}

}  // namespace smederij::rpc
