#include "services/registry/domain/participation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace smederij::registry {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

std::vector<std::pair<uint32_t, uint32_t>> Ages(const std::vector<Band>& bands) {
  std::vector<std::pair<uint32_t, uint32_t>> ages;
  for (const Band& band : bands) ages.emplace_back(band.age_from, band.age_to);
  return ages;
}

TEST(Bands, CutEachClassAndCoverItWholly) {
  EXPECT_THAT(Ages(BandsOf({{1, "adults", 18, 40, 1}, {2, "children", 4, 13, 1}})),
              ElementsAre(std::pair(4, 11), std::pair(12, 13), std::pair(18, 24), std::pair(25, 34),
                          std::pair(35, 40)));
  EXPECT_THAT(Ages(BandsOf({{1, "old", 80, 150, 1}})), ElementsAre(std::pair(80, 150)));
  EXPECT_THAT(Ages(BandsOf({{1, "one", 12, 12, 1}})), ElementsAre(std::pair(12, 12)));
}

TEST(Withhold, NothingWhenNothingIsSmall) {
  const Withheld held = Withhold({{20, 100}, {80, 100}, {0, 0}}, 20);
  EXPECT_THAT(held.cells, Each(false));
  EXPECT_TRUE(held.sum_safe);
}

TEST(Withhold, ASmallNumberTakesANeighbourWithIt) {
  // 5 alone would be the total less 30 and 40.
  const Withheld held = Withhold({{5, 100}, {40, 100}, {30, 100}}, 20);
  EXPECT_THAT(held.cells, ElementsAre(true, false, true));
  EXPECT_TRUE(held.sum_safe);
}

TEST(Withhold, TwoSmallOnesMustNotBeSmallTogether) {
  EXPECT_THAT(Withhold({{5, 100}, {6, 100}, {40, 100}, {30, 100}}, 20).cells,
              ElementsAre(true, true, false, true));
  EXPECT_THAT(Withhold({{12, 100}, {13, 100}, {40, 100}, {30, 100}}, 20).cells,
              ElementsAre(true, true, false, false));
}

TEST(Withhold, FewWhoStayedAwayAreFewToo) {
  EXPECT_THAT(Withhold({{95, 100}, {40, 100}, {50, 100}}, 20).cells,
              ElementsAre(true, true, false));
}

TEST(Withhold, TheSumGoesWhenAllTogetherAreTooFew) {
  const Withheld held = Withhold({{3, 10}, {4, 10}}, 20);
  EXPECT_THAT(held.cells, ElementsAre(true, true));
  EXPECT_FALSE(held.sum_safe);
}

std::vector<Band> Bands(std::vector<std::tuple<uint32_t, int64_t, int64_t, int64_t>> rows) {
  std::vector<Band> bands;
  for (const auto& [class_id, size, took_part, first_time] : rows) {
    bands.push_back({.class_id = class_id,
                     .roll_size = size,
                     .took_part = took_part,
                     .first_time = first_time});
  }
  return bands;
}

TEST(Publish, TellsWhatIsLargeEnough) {
  const PublishedParticipation told =
      Publish(Bands({{1, 200, 100, 50}, {2, 200, 60, 30}}), 20, false);
  EXPECT_EQ(told.bands[0].took_part, 100);
  EXPECT_EQ(told.bands[1].first_time, 30);
  EXPECT_EQ(told.total.took_part, 160);
  EXPECT_EQ(told.total.first_time, 80);
}

TEST(Publish, FirstTimersNeverTellOfAWithheldBand) {
  const PublishedParticipation told =
      Publish(Bands({{1, 200, 100, 50}, {1, 30, 25, 21}, {1, 300, 90, 45}}), 20, false);
  EXPECT_EQ(told.bands[1].took_part, std::nullopt);  // 5 stayed away.
  EXPECT_EQ(told.bands[1].first_time, std::nullopt);
}

TEST(Publish, InTheFirstRoundEverybodyIsThereForTheFirstTime) {
  const std::vector<Band> bands = Bands({{1, 200, 100, 100}, {1, 200, 60, 60}});
  EXPECT_EQ(Publish(bands, 20, true).bands[0].first_time, 100);
  EXPECT_EQ(Publish(bands, 20, true).total.first_time, 160);
  EXPECT_EQ(Publish(bands, 20, false).bands[0].first_time, std::nullopt);
  EXPECT_EQ(Publish(bands, 20, false).total.first_time, std::nullopt);
}

TEST(Publish, ASmallClassKeepsTheTotalBack) {
  // The other class's count is published with the result: total less that would be 7.
  const PublishedParticipation told = Publish(Bands({{1, 200, 100, 50}, {2, 40, 7, 3}}), 20, false);
  EXPECT_EQ(told.bands[0].took_part, 100);
  EXPECT_EQ(told.bands[1].took_part, std::nullopt);
  EXPECT_EQ(told.total.took_part, std::nullopt);
}

// Whoever knows every class's total and everything told must not learn a number below k_min.
TEST(Publish, NothingSmallFollowsBySubtraction) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto below = [&](int64_t bound) {
    return std::uniform_int_distribution<int64_t>(0, bound)(random);
  };
  constexpr int64_t kMin = 10;
  for (int trial = 0; trial < 20'000; ++trial) {
    std::vector<Band> bands;
    for (int64_t n = 1 + below(6); n > 0; --n) {
      Band band{.class_id = static_cast<uint32_t>(1 + below(1)), .roll_size = below(60)};
      band.took_part = below(band.roll_size);
      band.first_time = below(band.took_part);
      bands.push_back(band);
    }
    const PublishedParticipation told = Publish(bands, kMin, false);
    std::map<uint32_t, Cell> rest;  // Per class, what the told bands leave of it.
    std::map<uint32_t, int> held;
    for (size_t i = 0; i < bands.size(); ++i) {
      const Band& band = bands[i];
      if (band.roll_size > 0 && told.bands[i].took_part) {
        EXPECT_GE(band.took_part, kMin);
        EXPECT_GE(band.roll_size - band.took_part, kMin);
      }
      if (told.bands[i].took_part) continue;
      rest[band.class_id].count += band.took_part;
      rest[band.class_id].base += band.roll_size;
      ++held[band.class_id];
    }
    int64_t class_total[3] = {0, 0, 0};
    for (const Band& band : bands) class_total[band.class_id] += band.took_part;
    for (const auto& [class_id, cell] : rest) {
      if (class_total[class_id] < kMin) {  // Not published, so the total must not be either.
        EXPECT_EQ(told.total.took_part, std::nullopt);
        continue;
      }
      // One band alone is withheld only where it is the whole class.
      const bool whole = cell.count == class_total[class_id];
      EXPECT_TRUE(whole || (held[class_id] >= 2 && cell.count >= kMin));
    }
  }
}

}  // namespace
}  // namespace smederij::registry
