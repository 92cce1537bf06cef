#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// `smederij evening assign|roll|find|mark|cancel|import|ticket|report|papers`: the polling evening,
// and what comes after it (evening_count.h).
void AddEvening(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
