#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"

namespace smederij::cli {

// --token-file, also from SMEDERIJ_TOKEN_FILE: where the bearer token of whoever acts lies, as
// `smederij token` prints it. Never on the command line itself, where other users would see it.
void AddTokenFile(CLI::App& command, std::string& path);

// The token in it. Refusals: ReadBytes'; TOKEN_MISSING when there is no file given, or nothing in
// it.
absl::StatusOr<std::string> ReadToken(const std::string& path);

}  // namespace smederij::cli
