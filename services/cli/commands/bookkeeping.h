#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij ledger reverse: corrections of the books.
void AddBookkeeping(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
