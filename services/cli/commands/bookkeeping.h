#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij ledger reverse|period|handover|index|close-budget: corrections of the books, and
// the end of a month and of a year.
void AddBookkeeping(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
