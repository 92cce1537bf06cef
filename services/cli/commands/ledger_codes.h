#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// Adds `ledger codes`: what a municipality calls accounts and entries.
void AddLedgerCodes(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
