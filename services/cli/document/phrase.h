#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/strings/substitute.h"
#include "services/ballots/tally/sentence.h"

namespace smederij::cli {

using ballots::tally::Language;

}  // namespace smederij::cli

// A text of a page in both languages, for readers of twelve and up. "$0" is filled in.
namespace smederij::cli::words {

struct Phrase {
  absl::string_view english;
  absl::string_view dutch;
};

template <class... Parts>
std::string Say(const Phrase& phrase, Language language, const Parts&... parts) {
  return absl::Substitute(language == Language::kDutch ? phrase.dutch : phrase.english, parts...);
}

}  // namespace smederij::cli::words
