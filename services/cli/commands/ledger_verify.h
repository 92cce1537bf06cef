#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// ledger verify: has the service derive a budget's books again, or tells when it last did.
void AddLedgerVerify(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
