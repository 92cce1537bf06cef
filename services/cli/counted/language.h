#pragma once

#include "services/ballots/tally/outcome.h"

namespace smederij::cli {

// What people are spoken to in.
enum class Language { kEnglish, kDutch };

}  // namespace smederij::cli
