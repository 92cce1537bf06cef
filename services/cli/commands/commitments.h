#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// `ledger commitments`: what is promised to suppliers.
void AddCommitments(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
