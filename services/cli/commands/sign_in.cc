#include "services/cli/commands/sign_in.h"

#include "absl/strings/ascii.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/files/pabulib_file.h"

namespace smederij::cli {

void AddTokenFile(CLI::App& command, std::string& path) {
  command.add_option("--token-file", path, "file with the bearer token of whoever acts")
      ->envname("SMEDERIJ_TOKEN_FILE");
}

absl::StatusOr<std::string> ReadToken(const std::string& path) {
  std::string token;
  if (!path.empty()) {
    ASSIGN_OR_RETURN(const std::string bytes, ReadBytes(path));
    token = std::string(absl::StripAsciiWhitespace(bytes));
  }
  if (token.empty()) {
    return Error(kUnauthenticated, "TOKEN_MISSING",
                 "only a person may do this: --token-file must name a file with their token");
  }
  return token;
}

}  // namespace smederij::cli
