#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij tally: counts Pabulib elections from files, without any service.
void AddTally(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
