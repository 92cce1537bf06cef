#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/sentence.h"
#include "services/cli/document/phrase.h"

namespace smederij::cli {

// A file that was counted.
struct Counted {
  std::string path{};
  std::string text{};             // As it was read.
  ballots::tally::PbFile file{};  // As the charter changed it; with its voters.
  ballots::tally::Rule rule{};
  ballots::tally::Outcome outcome{};
  std::string again{};                 // The flags that count it the same way again.
  std::vector<std::string> weights{};  // Ballots that count more than once, as typed.
};

// A number as an amount, to divide exactly.
inline ballots::tally::Rational Whole(int64_t number) {
  return ballots::tally::Rational(static_cast<long>(number));
}

absl::string_view NameOf(ballots::tally::Decision decision);  // "funded", "not_funded", …

// Winners in order of selection, then the rest by support.
std::vector<uint32_t> InOrder(const Counted& counted);

// Why a plan was or was not funded. Facts and sentence call other plans by their ids in the file.
std::vector<Fact> FactsById(const Counted& counted, uint32_t plan);
std::string SentenceFor(const Counted& counted, uint32_t plan, Language language);

// Of two plans that were equally good, what made `first` go first: "support", "cost", "number" or
// "lot".
absl::string_view DecidedBy(const Counted& counted, uint32_t first, uint32_t second);

}  // namespace smederij::cli
