#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/cli/document/phrase.h"
#include "smederij/ballots/v1/ballots.pb.h"
#include "smederij/registry/v1/polling.pb.h"

// What is printed for a polling evening: A4, large type, no scripts, nothing from elsewhere.
namespace smederij::cli {

// The roll of one station, by name: a box to tick before a paper is handed out; who votes another
// way is struck through. Holds personal data.
std::string RollHtml(const ballots::v1::Manifest& manifest, uint32_t station,
                     std::vector<registry::v1::RollLine> lines, absl::Time printed,
                     Language language);

// The paper ballot of one class: its colour, the plans with number, title and cost, and how to fill
// it in by the round's ballot rule.
std::string PaperHtml(const ballots::v1::Manifest& manifest,
                      const ballots::v1::ElectionClass& voters, Language language);

// How a class is recognised in the hall, by its place in the manifest: the colour's name, which
// stands on the page beside the colour itself.
std::string ColourName(const ballots::v1::Manifest& manifest, uint32_t class_id, Language language);

}  // namespace smederij::cli
