#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij result: the certified result of a round, a reason for every plan.
void AddResult(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
