#include "services/cli/commands/show.h"

#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/money.h"
#include "google/protobuf/util/json_util.h"

namespace smederij::cli {

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  CHECK(google::protobuf::util::MessageToJsonString(message, &json, options).ok());
  return json;
}

std::string Amount(int64_t cents) { return ToString(Money::Cents(cents)); }

std::string Instant(int64_t seconds) {
  if (seconds == 0) return "";
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", absl::FromUnixSeconds(seconds),
                          absl::UTCTimeZone());
}

}  // namespace smederij::cli
