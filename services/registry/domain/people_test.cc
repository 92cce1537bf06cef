#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/registry/domain/day.h"
#include "services/registry/domain/place.h"
#include "services/registry/domain/resident.h"
#include "services/registry/domain/text.h"

namespace smederij::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(Slug, FitsAHostNameLabel) {
  for (const char* good : {"a", "noord-veld", "wijk-12", "0"}) EXPECT_TRUE(IsSlug(good)) << good;
  for (const char* bad : {"", "-a", "a-", "a--b", "A", "a b", "é", "a_b"}) {
    EXPECT_FALSE(IsSlug(bad)) << bad;
  }
  EXPECT_TRUE(IsSlug(std::string(63, 'a')));
  EXPECT_FALSE(IsSlug(std::string(64, 'a')));
}

TEST(PlainText, IsWhatPeopleCanRead) {
  EXPECT_TRUE(IsPlainText("Noordscheschut – 't Haagje é 😀", 100));
  for (const absl::string_view bad :
       {absl::string_view(""), absl::string_view("  "), absl::string_view("a\tb"),
        absl::string_view("a\0b", 3), absl::string_view("\xc0\xaf"),
        absl::string_view("\xed\xa0\x80"), absl::string_view("a\xe2\x80\xae"),
        absl::string_view("a\xe2\x80\x8b"), absl::string_view("\xf4\x90\x80\x80"),
        absl::string_view("\xe2\x82"), absl::string_view("\xf8\x88\x80\x80\x80")}) {
    EXPECT_FALSE(IsPlainText(bad, 100)) << testing::PrintToString(std::string(bad));
  }
  EXPECT_TRUE(IsPlainText("abc", 3));
  EXPECT_FALSE(IsPlainText("abcd", 3));
}

TEST(Postcode, IsReadWithAndWithoutBlanks) {
  EXPECT_EQ(ParsePostcode("7901 AB"), "7901AB");
  EXPECT_EQ(ParsePostcode(" 7901ab "), "7901AB");
  EXPECT_EQ(ParsePostcode("7901"), "7901");
  for (const char* bad : {"", "790", "0901 AB", "79012", "7901 A", "7901 ABC", "7901 A1", "AB 7901",
                          "7901-AB", "٧٩٠١"}) {
    EXPECT_EQ(ParsePostcode(bad), std::nullopt) << bad;
  }
}

TEST(Area, AWholePostcodeGoesBeforeItsFourDigits) {
  const DistrictId town = DistrictId::Random(), village = DistrictId::Random();
  Area area;
  area.Add("7901", town);
  area.Add("7901AB", village);
  EXPECT_EQ(area.Find("7901AB"), village);
  EXPECT_EQ(area.Find("7901AC"), town);
  EXPECT_EQ(area.Find("7902AB"), std::nullopt);
}

TEST(District, IsPutInOrderOrToldAllMistakes) {
  District good{.slug = "noordveld", .name = "Noordveld", .postcodes = {"7902", "7901 ab"}};
  ASSERT_TRUE(Normalize(good).ok());
  EXPECT_THAT(good.postcodes, ElementsAre("7901AB", "7902"));
  District bad{.slug = "Noord veld", .name = "", .postcodes = {"x", "7901", "7901 "}};
  std::vector<std::string> fields;
  for (const auto& [field, wrong] : FieldsOf(Normalize(bad))) fields.push_back(field);
  EXPECT_THAT(fields, ElementsAre("district.name", "district.postcodes", "district.postcodes[0]",
                                  "district.slug"));
}

TEST(Day, IsOneThatExists) {
  EXPECT_EQ(ParseDay("2024-02-29"), absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(ToText(absl::CivilDay(2009, 5, 7)), "2009-05-07");
  for (const char* bad :
       {"", "2023-02-29", "2009-5-17", "2009-13-01", "2009-00-01", "2009-01-00", "0000-00-00",
        "9999-12-31", "2009/05/17", "+009-05-17", "2009-05-17 ", "1849-12-31"}) {
    EXPECT_EQ(ParseDay(bad), std::nullopt) << bad;
  }
}

TEST(Age, IsCountedInWholeYears) {
  const absl::CivilDay birth(2004, 2, 29);
  EXPECT_EQ(AgeOn(birth, absl::CivilDay(2022, 2, 28)), 17);
  EXPECT_EQ(AgeOn(birth, absl::CivilDay(2022, 3, 1)), 18);
  EXPECT_EQ(AgeOn(birth, absl::CivilDay(2024, 2, 29)), 20);
  EXPECT_EQ(AgeOn(birth, birth), 0);
  EXPECT_EQ(AgeOn(birth, absl::CivilDay(2004, 2, 28)), std::nullopt);
}

TEST(Resident, EveryMistakeOfALineIsTold) {
  Area area;
  area.Add("7901", DistrictId::Random());
  LineMistakes mistakes;
  const absl::CivilDay today(2026, 5, 1);
  const ResidentLine line =
      CheckResident(0, "a", "2009-05-17", "7901 ab", "Jansen, A.", area, today, mistakes);
  EXPECT_EQ(line.particulars, (Particulars{.name = "Jansen, A.",
                                           .birth_date = absl::CivilDay(2009, 5, 17),
                                           .postcode = "7901AB"}));
  CheckResident(1, "a", "2009-05-17", "7901AB", "", area, today, mistakes);
  EXPECT_TRUE(mistakes.empty());
  CheckResident(7, "a b", "2026-05-02", "7901", "a\nb", area, today, mistakes);
  CheckResident(8, std::string(129, 'a'), "2009-02-30", "9999 XX", std::string(201, 'a'), area,
                today, mistakes);
  EXPECT_EQ(ReasonOf(mistakes.status()), "BAD_RESIDENTS");
  EXPECT_THAT(FieldsOf(mistakes.status()),
              ElementsAre(Pair("residents[7].birth_date", "lies in the future"),
                          Pair("residents[7].name", "must be at most 200 bytes of plain text"),
                          Pair("residents[7].postcode", "must read 7901 AB"),
                          Pair("residents[7].subject", testing::_),
                          Pair("residents[8].birth_date", testing::_),
                          Pair("residents[8].name", testing::_),
                          Pair("residents[8].postcode", "lies in no district"),
                          Pair("residents[8].subject", testing::_)));
}

TEST(Resident, AHundredMistakesAreToldAndAllAreCounted) {
  LineMistakes mistakes;
  for (size_t i = 0; i < 250; ++i) mistakes.Add(i, "subject", "is wrong");
  EXPECT_THAT(FieldsOf(mistakes.status()), SizeIs(100));
  EXPECT_EQ(mistakes.status().message(), "250 mistakes; nothing was imported");
}

}  // namespace
}  // namespace smederij::registry
