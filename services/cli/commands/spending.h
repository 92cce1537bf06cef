#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij ledger commit|close|release|pay|commitments|payments|plan: what becomes of an
// award.
void AddSpending(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
