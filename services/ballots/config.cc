#include "services/ballots/config.h"

#include "absl/strings/str_cat.h"
#include "services/ballots/domain/text.h"

ABSL_FLAG(std::string, registry_address, "", "host:port of registry");
ABSL_FLAG(std::string, checkpoint_key, "",
          "file with the 32-byte Ed25519 seed that signs the logs' checkpoints");
ABSL_FLAG(std::string, receipt_key, "", "file with the 32-byte Ed25519 seed that signs receipts");
ABSL_FLAG(std::string, log_host, "localhost",
          "the name under which the world reaches the logs; stands in every manifest");

namespace smederij::ballots {
namespace {

constexpr size_t kHostBytesMax = 253;

std::optional<crypto::SigningKey> SigningKeyFile(const absl::Flag<std::string>& flag,
                                                 config::Source& source) {
  const std::string path = source.Required(flag);
  if (path.empty()) return std::nullopt;
  const absl::StatusOr<crypto::SigningKey> key = crypto::SigningKey::FromFile(path);
  if (!key.ok()) {
    source.Mistake(absl::StrCat("--", absl::GetFlagReflectionHandle(flag).Name()),
                   key.status().message());
    return std::nullopt;
  }
  return *key;
}

// The host is the first part of a note signer's name: no white space, no plus.
bool IsHost(const std::string& host) {
  return IsPlainText(host, kHostBytesMax) && host.find_first_of(" +/") == std::string::npos;
}

}  // namespace

Config ReadConfig(config::Source& source) {
  Config read;
  read.common = config::ReadCommon(source);
  read.guard = config::ReadGuard(source);
  config::RequireTokens(source);
  if (source.command() != "serve") return read;
  read.registry_address = source.Required(FLAGS_registry_address);
  source.CheckAddress(FLAGS_registry_address);
  const std::string host = absl::GetFlag(FLAGS_log_host);
  if (!IsHost(host)) source.Mistake("--log_host", "is not a host name");
  const auto checkpoint_key = SigningKeyFile(FLAGS_checkpoint_key, source);
  const auto receipt_key = SigningKeyFile(FLAGS_receipt_key, source);
  if (checkpoint_key && receipt_key) {
    read.signers =
        Signers{.host = host, .checkpoint_key = *checkpoint_key, .receipt_key = *receipt_key};
  }
  return read;
}

}  // namespace smederij::ballots
