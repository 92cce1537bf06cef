#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/proposals/domain/round.h"

namespace smederij::proposals {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(Stations, ArePutInOrder) {
  const auto stations = InOrder({{.number = 2, .name = "School", .postcodes = {"7902 ab", " 7902"}},
                                 {.number = 1, .name = "Dorpshuis Noordveld"}});
  ASSERT_TRUE(stations.ok()) << stations.status();
  EXPECT_EQ((*stations)[0].name, "Dorpshuis Noordveld");
  EXPECT_THAT((*stations)[1].postcodes, ElementsAre("7902", "7902AB"));
  EXPECT_TRUE(InOrder({}).ok());
}

TEST(Stations, EveryMistakeIsTold) {
  const auto refused = InOrder({{.number = 0, .name = "School", .postcodes = {"7901", "7901 "}},
                                {.number = 7, .name = " "},
                                {.number = 7, .name = "Hall", .postcodes = {"790", "7901"}},
                                {.number = 65536, .name = std::string(101, 'a')}});
  EXPECT_EQ(ReasonOf(refused.status()), "BAD_STATIONS");
  EXPECT_THAT(
      FieldsOf(refused.status()),
      ElementsAre(Pair("stations[0].number", "must be 1 to 65535"),
                  Pair("stations[0].postcodes[1]", "is the one of stations[0].postcodes[0]"),
                  Pair("stations[1].name", "must be 1 to 100 bytes of plain text"),
                  Pair("stations[2].number", "is the one of stations[1]"),
                  Pair("stations[2].postcodes[0]", "must read 7901 AB or 7901"),
                  Pair("stations[2].postcodes[1]", "is the one of stations[0].postcodes[0]"),
                  Pair("stations[3].name", "must be 1 to 100 bytes of plain text"),
                  Pair("stations[3].number", "must be 1 to 65535")));
  std::vector<Station> many;
  for (uint32_t i = 1; i <= kStationsMax; ++i) many.push_back({.number = i, .name = "Hall"});
  EXPECT_TRUE(InOrder(many).ok());
  many.push_back({.number = 60000, .name = "Hall"});
  EXPECT_THAT(FieldsOf(InOrder(many).status()),
              ElementsAre(Pair("stations", "must be at most 200")));
}

}  // namespace
}  // namespace smederij::proposals
