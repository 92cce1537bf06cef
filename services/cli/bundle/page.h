#pragma once

#include <string>

#include "services/ballots/bundle/verify.h"

namespace smederij::cli {

// What a verification found, on one page: the verdict, every check, the result, and what to compare
// with paper.
std::string VerifyPage(const ballots::bundle::Report& report, ballots::tally::Language language);

// The same as one line of JSON: for programs.
std::string VerifyJson(const ballots::bundle::Report& report);

}  // namespace smederij::cli
