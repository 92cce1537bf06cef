#pragma once

#include <CLI/CLI.hpp>

namespace smederij::cli {

// smederij ledger money|payments: where a plan's money is, and which payments wait for whom.
void AddPlanMoney(CLI::App& ledger, int& exit_code);

}  // namespace smederij::cli
