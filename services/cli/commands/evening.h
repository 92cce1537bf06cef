#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// `smederij evening`: the polling evening.
void AddEvening(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
