#pragma once

#include <ostream>
#include <string>

#include "services/ballots/tally/count.h"
#include "services/ballots/tally/pb.h"

namespace smederij::cli {

// A file that was counted.
struct Counted {
  std::string path;
  ballots::tally::PbFile file;
  ballots::tally::Rule rule;
  ballots::tally::Outcome outcome;
};

// A table for people. With `explain` every plan has its reason.
void PrintCounted(const Counted& counted, bool explain, std::ostream& out);

// One line of JSON for programs: file, rule, selected (ids in code point order), order (the same in
// order of selection), budget, spent, left, ballots, warnings; with `explain` also plans. Amounts
// are exact decimals in strings.
std::string ToJson(const Counted& counted, bool explain);

}  // namespace smederij::cli
