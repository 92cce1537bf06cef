#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// `smederij ledger checkpoint`, `ledger proof`, `ledger check-proof`: the log of all entries.
void AddEntryProof(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
