#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij check: whether an election from a file can be played, without a service to ask.
void AddCheck(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
