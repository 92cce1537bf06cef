#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace smederij::cli {

// A service's answer as one line of JSON, as the protobuf JSON mapping has it: for programs.
std::string ToJson(const google::protobuf::Message& message);

// "1234.50"; for people.
std::string Amount(int64_t cents);

// "2026-03-21 19:30:00 UTC"; empty for no time.
std::string Instant(int64_t seconds);

}  // namespace smederij::cli
