#include "services/cli/evening/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"

namespace smederij::cli {
namespace {

using registry::v1::BallotRule;
using registry::v1::RollLine;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ballots::v1::Manifest Sample() {
  ballots::v1::Manifest manifest;
  manifest.set_title("Noordveld <2026> & \"co\"");
  manifest.set_currency("EUR");
  for (const auto& [id, name] :
       std::vector<std::pair<uint32_t, std::string>>{{7, "children"}, {9, "<b>adults</b>"}}) {
    auto& voters = *manifest.add_classes();
    voters.set_class_id(id);
    voters.set_name(name);
    voters.set_age_from(id == 7 ? 6 : 18);
    voters.set_age_to(id == 7 ? 11 : 120);
  }
  auto& swing = *manifest.add_options();
  swing.set_number(1);
  swing.set_title("A swing <script>alert(1)</script>");
  swing.set_cost_cents(123'450);
  swing.set_exclusive_group("green-or-grey");
  auto& bench = *manifest.add_options();
  bench.set_number(12);
  bench.set_title("Een bankje");
  bench.set_cost_cents(90'000);
  manifest.add_pots()->set_amount_cents(150'000);
  manifest.add_pots()->set_amount_cents(50'000);
  auto& station = *manifest.add_stations();
  station.set_number(3);
  station.set_name("Dorpshuis 't Haagje");
  return manifest;
}

RollLine Line(uint32_t number, const std::string& name, RollLine::State state, uint32_t class_id) {
  RollLine line;
  line.set_roll_number(number);
  line.set_name(name);
  line.set_birth_date("1990-01-02");
  line.set_class_id(class_id);
  line.set_state(state);
  return line;
}

TEST(RollHtml, IsByNameAndStrikesThroughWhoVotesAnotherWay) {
  const std::string page = RollHtml(
      Sample(), 3,
      {Line(1, "Zwart, Z.", RollLine::STATE_OPEN, 9),
       Line(2, "Aalders <i>", RollLine::STATE_DIGITAL, 9), Line(3, "", RollLine::STATE_OPEN, 7),
       Line(4, "Kok", RollLine::STATE_KIOSK, 7), Line(5, "Bos", RollLine::STATE_PAPER, 9)},
      absl::FromUnixSeconds(1'800'000'000), Language::kEnglish);
  EXPECT_THAT(
      page,
      AllOf(HasSubstr("Dorpshuis &#39;t Haagje"), HasSubstr("5 voters, of whom 3"),
            HasSubstr("Aalders &lt;i&gt;"), HasSubstr("1990-01-02"), HasSubstr("name not known"),
            HasSubstr("&lt;b&gt;adults&lt;/b&gt; – Green"), HasSubstr("children – Yellow")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_LT(page.find("Aalders"), page.find("Bos"));
  EXPECT_LT(page.find("Kok"), page.find("Zwart"));
  // A box to tick for who may have paper, and for nobody else.
  size_t boxes = 0;
  for (size_t at = page.find("class=\"box\""); at != std::string::npos;
       at = page.find("class=\"box\"", at + 1)) {
    ++boxes;
  }
  EXPECT_EQ(boxes, 2u);
  EXPECT_THAT(page, AllOf(HasSubstr("votes online"), HasSubstr("votes on the tablet"),
                          HasSubstr("was given paper")));
}

TEST(PaperHtml, ShowsEveryPlanEscapedAndNoScript) {
  const ballots::v1::Manifest manifest = Sample();
  const std::string page = PaperHtml(manifest, manifest.classes(0), Language::kDutch);
  EXPECT_THAT(page,
              AllOf(HasSubstr("lang=\"nl\""), HasSubstr("Geel – voor children, 6 tot en met 11"),
                    HasSubstr("A swing &lt;script&gt;"), HasSubstr("(A)"), HasSubstr("€"),
                    HasSubstr("1.234,50"), HasSubstr(">12<"), HasSubstr("blanco"),
                    HasSubstr("Noordveld &lt;2026&gt; &amp; &quot;co&quot;")));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("http://")),
                          Not(HasSubstr("https://"))));
  EXPECT_THAT(PaperHtml(manifest, manifest.classes(1), Language::kEnglish),
              HasSubstr("Green – for &lt;b&gt;adults"));
}

TEST(PaperHtml, SaysHowToFillItInByTheRule) {
  ballots::v1::Manifest manifest = Sample();
  const auto page = [&] { return PaperHtml(manifest, manifest.classes(0), Language::kEnglish); };
  BallotRule& rule = *manifest.mutable_ballot_rule();
  rule.set_kind(BallotRule::KIND_APPROVAL);
  rule.set_choices_min(2);
  rule.set_choices_max(3);
  EXPECT_THAT(page(), AllOf(HasSubstr("every plan you choose"), HasSubstr("at least 2 plans"),
                            HasSubstr("at most 3 plans")));
  rule.set_kind(BallotRule::KIND_CHOOSE_ONE);
  EXPECT_THAT(page(), AllOf(HasSubstr("one plan, no more"), Not(HasSubstr("at least"))));
  rule.Clear();
  rule.set_kind(BallotRule::KIND_KNAPSACK);
  EXPECT_THAT(page(), HasSubstr("may cost at most €2,000"));
  rule.set_kind(BallotRule::KIND_RANKING);
  EXPECT_THAT(page(), AllOf(HasSubstr("Write 1 in the box"), HasSubstr("box wide")));
  rule.set_kind(BallotRule::KIND_POINTS);
  rule.set_points_total_max(6);
  rule.set_points_per_plan_max(3);
  for (const uint32_t step : {3u, 2u, 1u}) rule.add_points_ladder(step);
  EXPECT_THAT(page(), AllOf(HasSubstr("at most 6 in all"), HasSubstr("At most 3 points"),
                            HasSubstr("at most once: 3, 2, 1")));
}

TEST(ColourName, IsOneOfTheClassAlone) {
  ballots::v1::Manifest manifest = Sample();
  EXPECT_EQ(ColourName(manifest, 7, Language::kEnglish), "Yellow");
  EXPECT_EQ(ColourName(manifest, 9, Language::kDutch), "Groen");
  for (uint32_t id = 20; id < 30; ++id) manifest.add_classes()->set_class_id(id);
  EXPECT_EQ(ColourName(manifest, 29, Language::kEnglish), "White");
  EXPECT_EQ(ColourName(manifest, 999, Language::kEnglish), "White");
}

}  // namespace
}  // namespace smederij::cli
