#include "common/config/log.h"

#include <algorithm>

#include "absl/strings/ascii.h"

// In a file of its own: only programs that call ReadLogHost have these flags.
ABSL_FLAG(std::string, checkpoint_key, "",
          "file with the 32-byte Ed25519 seed that signs the checkpoints of the log");
ABSL_FLAG(std::string, log_host, "localhost",
          "the name under which the world reaches the log; stands in all it signs");

namespace smederij::config {
namespace {

constexpr size_t kHostBytesMax = 253;

// The first part of a note signer's name: no white space, no plus.
bool IsHost(const std::string& host) {
  const auto fits = [](unsigned char c) { return absl::ascii_isgraph(c) && c != '+' && c != '/'; };
  return !host.empty() && host.size() <= kHostBytesMax &&
         std::all_of(host.begin(), host.end(), fits);
}

}  // namespace

std::string ReadLogHost(Source& source) {
  std::string host = absl::GetFlag(FLAGS_log_host);
  if (!IsHost(host)) source.Mistake("--log_host", "is not a host name");
  return host;
}

}  // namespace smederij::config
