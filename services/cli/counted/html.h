#pragma once

#include <string>

#include "services/cli/counted/counted.h"

namespace smederij::cli {

// A page about a count for everybody: to read on a phone, to print on A4. One HTML file that needs
// nothing else and runs nothing; what the election's file says stands there as text, whatever it
// is. Its parts: in short, the rule, every plan with its reason, what groups of voters got, ties,
// every step.
std::string ToHtml(const Counted& counted, Language language);

}  // namespace smederij::cli
