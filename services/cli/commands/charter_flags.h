#pragma once

#include <CLI/CLI.hpp>

#include "services/cli/counted/charter.h"
#include "services/cli/counted/counted.h"

namespace smederij::cli {

// The flags of a rule and of what a charter adds to it.
void AddCharterFlags(CLI::App& command, CharterFlags& flags);

// --language.
void AddLanguage(CLI::App& command, Language& language);

}  // namespace smederij::cli
