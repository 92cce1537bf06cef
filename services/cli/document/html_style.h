#pragma once

#include "absl/strings/string_view.h"

namespace smederij::cli {

// The style sheet of the page about a count: phone first, then wider, dark, and paper.
absl::string_view HtmlStyle();

}  // namespace smederij::cli
