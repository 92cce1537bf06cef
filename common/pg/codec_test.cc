#include "common/pg/codec.h"

#include <gtest/gtest.h>

#include <limits>

namespace smederij::pg {
namespace {

template <class T>
void RoundTrips(const T& value) {
  std::string bytes;
  Codec<T>::Encode(value, bytes);
  T back{};
  ASSERT_TRUE(Codec<T>::Decode(bytes, back));
  EXPECT_EQ(back, value);
  EXPECT_FALSE(Codec<T>::Decode(bytes + "x", back) && back == value);
}

TEST(Codec, IntegersRoundTripAtTheirEdges) {
  for (const int64_t edge : {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0},
                             int64_t{1}, std::numeric_limits<int64_t>::max()}) {
    RoundTrips(edge);
    RoundTrips(static_cast<int32_t>(edge));
    RoundTrips(static_cast<int16_t>(edge));
    RoundTrips(Money::Cents(edge));
  }
}

TEST(Codec, TimesKeepMicrosecondsAndInfinities) {
  RoundTrips(absl::FromUnixMicros(1'761'354'000'123'456));
  RoundTrips(absl::FromUnixMicros(-5));
  RoundTrips(absl::InfiniteFuture());
  RoundTrips(absl::InfinitePast());
}

TEST(Codec, ATimeIsRoundedDown) {
  std::string bytes;
  Codec<absl::Time>::Encode(absl::UnixEpoch() - absl::Nanoseconds(1), bytes);
  absl::Time back;
  ASSERT_TRUE(Codec<absl::Time>::Decode(bytes, back));
  EXPECT_EQ(back, absl::UnixEpoch() - absl::Microseconds(1));
}

TEST(Codec, DaysRoundTrip) {
  RoundTrips(absl::CivilDay(1999, 12, 31));
  RoundTrips(absl::CivilDay(2028, 2, 29));
}

TEST(Codec, ArraysRoundTrip) {
  RoundTrips(std::vector<int64_t>{});
  RoundTrips(std::vector<int64_t>{1, -2, 3});
  RoundTrips(std::vector<std::string>{"", "a", std::string(300, 'x')});
  RoundTrips(std::vector<std::optional<int32_t>>{1, std::nullopt, 3});
  RoundTrips(std::vector<RoundId>{RoundId::Random(), RoundId::Random()});
  RoundTrips(std::vector<bool>{true, false});
}

TEST(Codec, AnArrayIsParsedStrictly) {
  std::string bytes;
  Codec<std::vector<int64_t>>::Encode({1, 2}, bytes);
  std::vector<int64_t> back;
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Codec<std::vector<int64_t>>::Decode(bytes.substr(0, size), back)) << size;
  }
  std::vector<std::string> texts;
  EXPECT_FALSE(Codec<std::vector<std::string>>::Decode(bytes, texts));
  std::string null;
  Codec<std::vector<std::optional<int64_t>>>::Encode({std::nullopt}, null);
  EXPECT_FALSE(Codec<std::vector<int64_t>>::Decode(null, back));
}

}  // namespace
}  // namespace smederij::pg
