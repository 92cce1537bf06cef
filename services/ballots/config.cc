#include "services/ballots/config.h"

#include "common/config/key_file.h"
#include "common/config/log.h"

ABSL_FLAG(std::string, registry_address, "", "host:port of registry");
ABSL_FLAG(std::string, receipt_key, "", "file with the 32-byte Ed25519 seed that signs receipts");
namespace smederij::ballots {
Config ReadConfig(config::Source& source) {
  Config read;
  read.common = config::ReadCommon(source);
  read.guard = config::ReadGuard(source, {"ballots"});
  config::RequireTokens(source);
  if (source.command() != "serve") return read;
  read.registry_address = source.Required(FLAGS_registry_address);
  source.CheckAddress(FLAGS_registry_address);
  const std::string host = config::ReadLogHost(source);
  const auto checkpoint_key = config::RequiredKey<crypto::SigningKey>(FLAGS_checkpoint_key, source);
  const auto receipt_key = config::RequiredKey<crypto::SigningKey>(FLAGS_receipt_key, source);
  if (checkpoint_key && receipt_key) {
    read.signers =
        Signers{.host = host, .checkpoint_key = *checkpoint_key, .receipt_key = *receipt_key};
  }
  return read;
}

}  // namespace smederij::ballots
