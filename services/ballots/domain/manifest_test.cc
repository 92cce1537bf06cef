#include "services/ballots/domain/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/base/error.h"
#include "common/crypto/random.h"
#include "services/ballots/domain/text.h"
#include "services/ballots/testing/election.h"

namespace smederij::ballots {
namespace {

using testing::SampleManifest;

TEST(Manifest, SurvivesItsBytesAndEqualContentHasEqualBytes) {
  Manifest m = SampleManifest();
  m.ballot_rule.points_ladder = {3, 2, 1};
  m.options[1].category = "groen";
  m.options[2].exclusive_group = "plein";
  m.demonstration = true;
  m.stations = {{.number = 3, .name = "Dorpshuis"}, {.number = 7, .name = "Sporthal"}};
  const std::string bytes = Encode(m);
  const auto decoded = DecodeManifest(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, m);

  std::reverse(m.options.begin(), m.options.end());
  std::reverse(m.classes.begin(), m.classes.end());
  std::reverse(m.stations.begin(), m.stations.end());
  m.count_rule.tie_order.clear();
  Normalise(m);
  EXPECT_EQ(Encode(m), bytes);
}

TEST(Manifest, OnlyBytesThatWereWrittenAreRead) {
  const std::string bytes = Encode(SampleManifest());
  EXPECT_FALSE(DecodeManifest(bytes + '\0').ok());
  for (size_t length = 0; length < bytes.size(); ++length) {
    ASSERT_FALSE(DecodeManifest(bytes.substr(0, length)).ok()) << length;
  }
  EXPECT_EQ(ReasonOf(DecodeManifest("").status()), "MANIFEST_UNREADABLE");
  // Whatever a flipped bit makes of it: refused, or other content; never the same.
  const Manifest original = *DecodeManifest(bytes);
  for (size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string bent = bytes;
    bent[i / 8] = static_cast<char>(bent[i / 8] ^ (1 << (i % 8)));
    const auto decoded = DecodeManifest(bent);
    ASSERT_FALSE(decoded.ok() && *decoded == original) << i;
  }
}

TEST(Manifest, TiesNeverStayUndecided) {
  Manifest m = SampleManifest();
  m.count_rule.tie_order = {TieBreak::kCost};
  Normalise(m);
  EXPECT_THAT(m.count_rule.tie_order, ::testing::ElementsAre(TieBreak::kCost, TieBreak::kNumber));
  m.count_rule.tie_order = {TieBreak::kSupport, TieBreak::kLot};
  Normalise(m);
  EXPECT_THAT(m.count_rule.tie_order, ::testing::ElementsAre(TieBreak::kSupport, TieBreak::kLot));
  EXPECT_TRUE(m.HasLot());
}

struct Mistake {
  const char* name;
  std::function<void(Manifest&)> make;
  const char* field;
};

class ManifestMistakes : public ::testing::TestWithParam<Mistake> {};

TEST_P(ManifestMistakes, AreToldAtTheirField) {
  Manifest m = SampleManifest();
  ASSERT_TRUE(Check(m).ok()) << Check(m);
  GetParam().make(m);
  const absl::Status status = Check(m);
  EXPECT_EQ(ReasonOf(status), "BAD_MANIFEST");
  EXPECT_THAT(FieldsOf(status), ::testing::Contains(::testing::Key(GetParam().field)));
}

INSTANTIATE_TEST_SUITE_P(
    All, ManifestMistakes,
    ::testing::ValuesIn<Mistake>({
        {"empty_title", [](Manifest& m) { m.title.clear(); }, "title"},
        {"reversed_title",
         [](Manifest& m) {
           m.title =
               "a\u202e"
               "b";
         },
         "title"},
        {"small_currency", [](Manifest& m) { m.currency = "eur"; }, "currency"},
        {"no_class", [](Manifest& m) { m.classes.clear(); }, "classes"},
        {"class_zero", [](Manifest& m) { m.classes[0].class_id = 0; }, "classes[0].class_id"},
        {"class_twice", [](Manifest& m) { m.classes[1].class_id = 1; }, "classes[1].class_id"},
        {"ages_overlap", [](Manifest& m) { m.classes[1].age_to = 18; }, "classes[1].age_from"},
        {"ages_backwards", [](Manifest& m) { m.classes[0].age_from = 121; }, "classes[0].age_to"},
        {"weight_zero", [](Manifest& m) { m.classes[0].weight = 0; }, "classes[0].weight"},
        {"roll_negative", [](Manifest& m) { m.classes[0].roll_size = -1; }, "classes[0].roll_size"},
        {"one_key_for_two_classes",
         [](Manifest& m) { m.classes[1].issuer_spki = m.classes[0].issuer_spki; },
         "classes[1].issuer_spki"},
        {"small_key",
         [](Manifest& m) {
           m.classes[0].issuer_spki = crypto::BlindPrivateKey::Generate(2048).public_key().spki();
         },
         "classes[0].issuer_spki"},
        {"no_plan", [](Manifest& m) { m.options.clear(); }, "options"},
        {"plan_twice", [](Manifest& m) { m.options[1].plan_id = m.options[0].plan_id; },
         "options[1].plan_id"},
        {"number_twice", [](Manifest& m) { m.options[1].number = 1; }, "options[1].number"},
        {"free_plan", [](Manifest& m) { m.options[0].cost = Money(); }, "options[0].cost_cents"},
        {"above_the_cap", [](Manifest& m) { m.plan_cost_max = Money::Cents(59'99); },
         "options[0].cost_cents"},
        {"min_above_max",
         [](Manifest& m) {
           m.ballot_rule.choices_min = 3;
           m.ballot_rule.choices_max = 2;
         },
         "ballot_rule.choices_min"},
        {"points_on_approval", [](Manifest& m) { m.ballot_rule.points_total_max = 6; },
         "ballot_rule.points_total_max"},
        {"points_without_a_total", [](Manifest& m) { m.ballot_rule.kind = BallotKind::kPoints; },
         "ballot_rule.points_total_max"},
        {"two_of_choose_one",
         [](Manifest& m) {
           m.ballot_rule.kind = BallotKind::kChooseOne;
           m.ballot_rule.choices_max = 2;
         },
         "ballot_rule.choices_max"},
        {"tie_twice",
         [](Manifest& m) {
           m.count_rule.tie_order = {TieBreak::kCost, TieBreak::kCost};
         },
         "count_rule.tie_order"},
        {"a_rule_nobody_knows", [](Manifest& m) { m.count_rule.rule = "loudest_voice"; },
         "count_rule.rule"},
        {"a_rule_for_other_ballots", [](Manifest& m) { m.count_rule.rule = "mes_points"; },
         "count_rule.rule"},
        {"category_without_a_pot", [](Manifest& m) { m.pots[0].category = "groen"; },
         "options[0].category"},
        {"horizon_without_a_pot",
         [](Manifest& m) {
           m.pots[0].horizon = Horizon::kShortStrike;
           m.options[1].horizon = Horizon::kLongStrike;
         },
         "options[1].horizon"},
        {"split_two_ways",
         [](Manifest& m) {
           for (BallotOption& option : m.options) option.category = "groen";
           m.pots[0].category = "groen";
           m.pots[0].horizon = Horizon::kShortStrike;
         },
         "pots[0].horizon"},
        {"least_share_of_nothing", [](Manifest& m) { m.count_rule.partial_award_percent_min = 80; },
         "count_rule.partial_award_percent_min"},
        {"more_than_a_whole_plan",
         [](Manifest& m) {
           m.count_rule.partial_award = true;
           m.count_rule.partial_award_percent_min = 101;
         },
         "count_rule.partial_award_percent_min"},
        {"more_than_all_support",
         [](Manifest& m) { m.count_rule.support_min_basis_points = 10'001; },
         "count_rule.support_min_basis_points"},
        {"no_pot", [](Manifest& m) { m.pots.clear(); }, "pots"},
        {"empty_pot", [](Manifest& m) { m.pots[0].amount = Money(); }, "pots[0].amount_cents"},
        {"issue_past_casting", [](Manifest& m) { m.issue_until = m.cast_until + absl::Seconds(1); },
         "issue_until"},
        {"no_time_to_cast", [](Manifest& m) { m.cast_from = m.cast_until; }, "cast_until"},
        {"finer_than_stored", [](Manifest& m) { m.cast_until += absl::Nanoseconds(1); },
         "cast_until"},
        {"never", [](Manifest& m) { m.cast_until = absl::InfiniteFuture(); }, "cast_until"},
        {"station_zero", [](Manifest& m) { m.stations = {{.number = 0, .name = "Dorpshuis"}}; },
         "stations[0].number"},
        {"station_twice",
         [](Manifest& m) {
           m.stations = {{.number = 1, .name = "Dorpshuis"}, {.number = 1, .name = "Sporthal"}};
         },
         "stations[1].number"},
        {"nameless_station", [](Manifest& m) { m.stations = {{.number = 1, .name = ""}}; },
         "stations[0].name"},
        {"too_many_stations",
         [](Manifest& m) {
           for (uint16_t number = 1; number <= kStationsMax + 1; ++number) {
             m.stations.push_back({.number = number, .name = "Dorpshuis"});
           }
         },
         "stations"},
        {"k_min_zero", [](Manifest& m) { m.k_min = 0; }, "k_min"},
    }),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Manifest, AllMistakesAreToldTogether) {
  Manifest m = SampleManifest();
  m.title.clear();
  m.currency = "euro";
  m.pots.clear();
  EXPECT_EQ(FieldsOf(Check(m)).size(), 3u);
}

TEST(PlainText, LooksTheSameToEverybody) {
  for (const char* good : {"a", "Één € voor de speeltuin", "日本", "👍"}) {
    EXPECT_TRUE(IsPlainText(good, 100)) << good;
  }
  for (const absl::string_view bad :
       {absl::string_view(""), absl::string_view(" a"), absl::string_view("a "),
        absl::string_view("a\nb"), absl::string_view("a\0b", 3), absl::string_view("\xc0\xaf"),
        absl::string_view("\xed\xa0\x80"), absl::string_view("\xf5\x80\x80\x80"),
        absl::string_view("\xe2\x80"), absl::string_view("\x80"),
        absl::string_view("a\xe2\x80\xae"
                          "b"),
        absl::string_view("\xef\xbb\xbf"
                          "a")}) {
    EXPECT_FALSE(IsPlainText(bad, 100)) << bad;
  }
  EXPECT_TRUE(IsPlainText("abc", 3));
  EXPECT_FALSE(IsPlainText("abcd", 3));
}

}  // namespace
}  // namespace smederij::ballots
