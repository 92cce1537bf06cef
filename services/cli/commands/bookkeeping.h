#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij ledger reverse|period: corrections of the books, and the end of a month.
void AddBookkeeping(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
