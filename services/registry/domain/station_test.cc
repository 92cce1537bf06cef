#include "services/registry/domain/station.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/base/error.h"

namespace smederij::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Stations, ArePutInOrder) {
  std::vector<Station> stations{{.number = 2, .name = "School", .postcodes = {"7902 ab", "7902"}},
                                {.number = 1, .name = "Dorpshuis Noordveld"}};
  ASSERT_TRUE(Normalize(stations).ok());
  EXPECT_EQ(stations[0].number, 1u);
  EXPECT_THAT(stations[1].postcodes, ElementsAre("7902", "7902AB"));
  std::vector<Station> none;
  EXPECT_TRUE(Normalize(none).ok());
}

TEST(Stations, EveryMistakeIsTold) {
  std::vector<Station> stations{{.number = 0, .name = "School", .postcodes = {"7901", "7901 "}},
                                {.number = 7, .name = " "},
                                {.number = 7, .name = "Hall", .postcodes = {"790", "7901"}},
                                {.number = 65536, .name = std::string(101, 'a')}};
  const absl::Status status = Normalize(stations);
  EXPECT_EQ(ReasonOf(status), "BAD_STATIONS");
  EXPECT_THAT(
      FieldsOf(status),
      ElementsAre(Pair("stations[0].number", "must be 1 to 65535"),
                  Pair("stations[0].postcodes[1]", "is the one of stations[0].postcodes[0]"),
                  Pair("stations[1].name", "must be 1 to 100 bytes of plain text"),
                  Pair("stations[2].number", "is the one of stations[1]"),
                  Pair("stations[2].postcodes[0]", "must read 7901 AB or 7901"),
                  Pair("stations[2].postcodes[1]", "is the one of stations[0].postcodes[0]"),
                  Pair("stations[3].name", "must be 1 to 100 bytes of plain text"),
                  Pair("stations[3].number", "must be 1 to 65535")));
}

TEST(Stations, AreNotWithoutEnd) {
  std::vector<Station> stations;
  for (uint32_t i = 1; i <= kStationsMax; ++i) stations.push_back({.number = i, .name = "Hall"});
  EXPECT_TRUE(Normalize(stations).ok());
  stations.push_back({.number = 60000, .name = "Hall"});
  EXPECT_THAT(FieldsOf(Normalize(stations)), ElementsAre(Pair("stations", "must be at most 200")));
}

TEST(StationFinder, AWholePostcodeGoesBeforeItsDigitsAndNobodyIsLeftOut) {
  const StationFinder finder({{.number = 3, .name = "Hall", .postcodes = {"7903"}},
                              {.number = 5, .name = "School", .postcodes = {"7901"}},
                              {.number = 9, .name = "Church", .postcodes = {"7901AB", "7902"}}});
  EXPECT_EQ(finder.Find("7901AB"), 9u);
  EXPECT_EQ(finder.Find("7901AC"), 5u);
  EXPECT_EQ(finder.Find("7902ZZ"), 9u);
  EXPECT_EQ(finder.Find("8000AA"), 3u);
  EXPECT_EQ(finder.Find(""), 3u);
}

TEST(NumberVoters, CountsFromOnePerStationInAnOrderOfTheRoundsOwn) {
  std::vector<SubjectId> voters;
  std::vector<uint32_t> stations;
  for (uint32_t i = 0; i < 200; ++i) {
    voters.push_back(SubjectId::Random());
    stations.push_back(i % 3 == 0 ? 8 : 4);
  }
  const RoundId round = RoundId::Random();
  const std::vector<uint32_t> numbers = NumberVoters(round, voters, stations);
  std::set<std::pair<uint32_t, uint32_t>> taken;
  for (size_t i = 0; i < numbers.size(); ++i) taken.emplace(stations[i], numbers[i]);
  EXPECT_EQ(taken.size(), 200u);
  EXPECT_EQ(taken.begin()->second, 1u);
  EXPECT_EQ(taken.rbegin()->second, 67u);
  EXPECT_EQ(NumberVoters(round, voters, stations), numbers);
  EXPECT_NE(NumberVoters(RoundId::Random(), voters, stations), numbers);
}

}  // namespace
}  // namespace smederij::registry
