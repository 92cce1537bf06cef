#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij bundle export: a certified round as files that anybody can verify.
void AddBundle(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
