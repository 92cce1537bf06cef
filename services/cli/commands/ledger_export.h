#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// ledger export: the journal of a budget as a file.
void AddLedgerExport(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
