#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// `ledger bank order` and `ledger bank statement`: payments to the bank as a file, and what became
// of them as a file from the bank.
void AddBankFiles(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
