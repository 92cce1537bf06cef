#include "common/pg/codec.h"

#include <limits>

namespace smederij::pg {
namespace {

constexpr int64_t kInfinite = std::numeric_limits<int64_t>::max();
constexpr int64_t kMinusInfinite = std::numeric_limits<int64_t>::min();
constexpr absl::CivilDay kEpochDay(2000, 1, 1);

absl::Time Epoch() { return absl::FromUnixSeconds(946'684'800); }  // 2000-01-01 00:00:00 UTC

}  // namespace

void Codec<absl::Time>::Encode(absl::Time value, std::string& out) {
  int64_t micros;
  if (value == absl::InfiniteFuture()) {
    micros = kInfinite;
  } else if (value == absl::InfinitePast()) {
    micros = kMinusInfinite;
  } else {
    micros = absl::ToUnixMicros(value) - absl::ToUnixMicros(Epoch());
  }
  Codec<int64_t>::Encode(micros, out);
}

bool Codec<absl::Time>::Decode(absl::string_view bytes, absl::Time& value) {
  int64_t micros = 0;
  if (!Codec<int64_t>::Decode(bytes, micros)) return false;
  if (micros == kInfinite) {
    value = absl::InfiniteFuture();
  } else if (micros == kMinusInfinite) {
    value = absl::InfinitePast();
  } else {
    value = Epoch() + absl::Microseconds(micros);
  }
  return true;
}

void Codec<absl::CivilDay>::Encode(absl::CivilDay value, std::string& out) {
  Codec<int32_t>::Encode(static_cast<int32_t>(value - kEpochDay), out);
}

bool Codec<absl::CivilDay>::Decode(absl::string_view bytes, absl::CivilDay& value) {
  int32_t days = 0;
  if (!Codec<int32_t>::Decode(bytes, days)) return false;
  value = kEpochDay + days;
  return true;
}

}  // namespace smederij::pg
