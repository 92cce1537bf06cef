#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij verify: counts a bundle again, from its files alone.
void AddVerify(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
