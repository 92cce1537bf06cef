#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// ledger report: a page about a district's money of a year.
void AddLedgerReport(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
