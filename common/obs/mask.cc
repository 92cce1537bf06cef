#include "common/obs/mask.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace smederij::obs {

std::string MaskAddresses(absl::string_view text) {
  std::string masked;
  while (!text.empty()) {
    const size_t at = std::min(text.find("ipv4:"), text.find("ipv6:"));
    absl::StrAppend(&masked, text.substr(0, at));
    if (at == absl::string_view::npos) break;
    absl::StrAppend(&masked, text.substr(at, 5), "*");
    text.remove_prefix(at + 5);
    // What an address may be made of; anything else ends it.
    const size_t end = text.find_first_not_of("0123456789abcdefABCDEF.:[]%/");
    text.remove_prefix(std::min(end, text.size()));
  }
  return masked;
}

}  // namespace smederij::obs
