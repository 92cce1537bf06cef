#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij ledger statement|trial-balance: the books of a budget.
void AddLedger(CLI::App& program, int& exit_code);

}  // namespace smederij::cli
