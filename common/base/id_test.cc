#include "common/base/id.h"

#include <gtest/gtest.h>

#include "common/base/error.h"

namespace smederij {
namespace {

TEST(Uuid, RoundTripsCanonicalText) {
  const auto id = Uuid::Parse("6BA7B810-9dad-11d1-80b4-00c04fd430c8");
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(id->ToString(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(id->bytes()[0], 0x6b);
}

TEST(Uuid, RefusesEverythingElse) {
  for (const char* bad :
       {"", "6ba7b810", "00000000-0000-0000-0000-000000000000", "6ba7b8109dad11d180b400c04fd430c8",
        "6ba7b810-9dad-11d1-80b4-00c04fd430cg", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}",
        "6ba7b810-9dad-11d1-80b4-00c04fd430c8 ", "6ba7b810+9dad-11d1-80b4-00c04fd430c8"}) {
    EXPECT_FALSE(Uuid::Parse(bad).has_value()) << bad;
  }
}

// RFC 9562, A.4: version 5 of "www.example.com" in the DNS namespace.
TEST(Uuid, DerivedIsVersion5) {
  const auto dns = Uuid::Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(Uuid::Derived(*dns, "www.example.com").ToString(),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Uuid, RandomOnesAreVersion4AndDiffer) {
  const Uuid a = Uuid::Random();
  EXPECT_NE(a, Uuid::Random());
  EXPECT_EQ(a.ToString()[14], '4');
}

TEST(Id, ParseNamesTheField) {
  const auto id = ParseId<RoundId>("nope", "round_id");
  ASSERT_FALSE(id.ok());
  EXPECT_EQ(ReasonOf(id.status()), "BAD_ID");
  EXPECT_EQ(FieldsOf(id.status())[0].first, "round_id");
}

}  // namespace
}  // namespace smederij
