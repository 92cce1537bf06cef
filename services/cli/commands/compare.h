#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij compare: counts Pabulib elections by every rule that goes with their ballots.
void AddCompare(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
