#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// `smederij ledger payee`: whom the ledger pays, and on which account.
void AddPayees(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
