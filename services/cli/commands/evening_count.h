#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// Under `smederij evening`: entering paper ballots twice, sealing them, closing stations, and the
// provisional result for the hall.
void AddEveningCount(CLI::App& evening, int& exit_code);

}  // namespace smederij::cli
