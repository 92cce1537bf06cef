#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace smederij::obs {

// `text` with every peer address as gRPC prints them ("ipv4:192.0.2.7:4711", "ipv6:%5B::1%5D:80")
// replaced by "ipv4:*": who called is nobody's business but the edge's.
std::string MaskAddresses(absl::string_view text);

}  // namespace smederij::obs
