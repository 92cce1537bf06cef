#pragma once

#include <string>

#include "services/cli/document/phrase.h"
#include "smederij/ballots/v1/ballots.pb.h"

namespace smederij::cli {

// A count as it may be shown in the hall before it is certified, and which says on every part of it
// that it is provisional: a text, and a page to project.
std::string ProvisionalText(const ballots::v1::Manifest& manifest, const ballots::v1::Tally& tally,
                            Language language);
std::string ProvisionalPage(const ballots::v1::Manifest& manifest, const ballots::v1::Tally& tally,
                            Language language);

}  // namespace smederij::cli
