#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij play: a whole round through the public API, as a demonstration.
void AddPlay(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
