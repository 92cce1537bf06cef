#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij token: signs in at a development identity provider and prints a bearer token for one
// service, to try methods by hand.
void AddToken(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
