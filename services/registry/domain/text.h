#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace smederij::registry {

// 1 … 63 lower case letters, digits and single hyphens, none at the ends: fits a host name label.
bool IsSlug(absl::string_view text);

// 1 … `bytes_max` bytes of UTF-8, more than blanks, without control characters and without the
// invisible ones that make a name read as another (bidirectional overrides, zero-width marks).
bool IsPlainText(absl::string_view text, size_t bytes_max);

}  // namespace smederij::registry
