#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij round explain|show: where a round is, and what it waits for.
void AddRound(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
