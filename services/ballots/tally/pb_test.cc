#include "services/ballots/tally/pb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/ballots/tally/testing/small_pb.h"
#include "services/ballots/tally/utf8.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PbFile MustRead(absl::string_view text, const PbOptions& options = {}) {
  absl::StatusOr<PbFile> file = ReadPb(text, options);
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? *std::move(file) : PbFile();
}

// "12 vote: text" per warning.
std::vector<std::string> WarningsOf(const PbFile& file) {
  std::vector<std::string> warnings;
  for (const PbWarning& warning : file.warnings) {
    warnings.push_back(absl::StrCat(warning.line, " ", warning.field, ": ", warning.text));
  }
  return warnings;
}

std::string BallotsOf(const PbFile& file) {
  std::vector<std::string> rows;
  for (size_t row = 0; row < file.election.ballots.size(); ++row) {
    std::vector<std::string> choices;
    for (const Choice& choice : file.election.ballots[row].choices) {
      const std::string& id = file.election.plans[choice.plan].id;
      choices.push_back(choice.points == 0 ? id : absl::StrCat(id, "*", choice.points));
    }
    rows.push_back(absl::StrJoin(choices, ","));
  }
  return absl::StrJoin(rows, " ");
}

TEST(Pb, IsReadWhole) {
  const PbFile file = MustRead(kSmallPb, {.keep_voters = true});
  EXPECT_EQ(file.election.budget, 100);
  EXPECT_EQ(file.election.kind, BallotKind::kApproval);
  EXPECT_EQ(file.election.plans[0].cost, 60);
  EXPECT_EQ(file.plans[1].name, "Pool");
  EXPECT_EQ(BallotsOf(file), "10,9 9");
  EXPECT_EQ(file.voters[0].age, 30);
  EXPECT_EQ(file.voters[1].age, std::nullopt);
  EXPECT_EQ(file.voters[1].id, "v2");
  EXPECT_THAT(WarningsOf(file), IsEmpty());
}

TEST(Pb, PlansAreNumberedByTheBytesOfTheirIds) {
  const PbFile file = MustRead(kSmallPb);  // "10" < "9"
  EXPECT_EQ(file.election.plans[0].number, 1u);
  EXPECT_EQ(file.election.plans[1].number, 2u);
}

TEST(Pb, PointsGoWithTheirPlans) {
  EXPECT_EQ(BallotsOf(MustRead(SmallCumulativePb())), "10*3,9*1 9*2");
}

TEST(Pb, LineEndsMayBeMixedAndTheLastMissing) {
  std::string text = absl::StrReplaceAll(kSmallPb, {{"\n", "\r\n"}});
  text =
      absl::StrCat("\xEF\xBB\xBF", absl::StrReplaceAll(text, {{"9;40;Pool\r\n", "9;40;Pool\n"}}));
  text.resize(text.size() - 2);
  const PbFile file = MustRead(text);
  EXPECT_EQ(BallotsOf(file), "10,9 9");
  EXPECT_THAT(WarningsOf(file), IsEmpty());
}

struct Cell {
  std::string name;
  std::string written;
  std::string read;
};

class PbCells : public testing::TestWithParam<Cell> {};

TEST_P(PbCells, AreReadAsWritten) {
  const std::string text = absl::StrReplaceAll(kSmallPb, {{";Park", ";" + GetParam().written}});
  const PbFile file = MustRead(text);
  ASSERT_EQ(file.plans.size(), 2u);
  EXPECT_EQ(file.plans[0].name, GetParam().read);
  EXPECT_EQ(file.plans[1].name, "Pool");
}

INSTANTIATE_TEST_SUITE_P(All, PbCells,
                         testing::ValuesIn<Cell>({
                             {"plain", "Park", "Park"},
                             {"blanks", " \t Park ", "Park"},
                             {"quoted", "\"Park; and pool\"", "Park; and pool"},
                             {"doubled", "\"the \"\"big\"\" Park\"", "the \"big\" Park"},
                             {"inner_quotes", "the \"big\" Park", "the \"big\" Park"},
                             {"odd_quote", "5\" Park", "5\" Park"},
                             {"text_after_quote", "\"Odkupmy\" i my - zakup",
                              "Odkupmy i my - zakup"},
                             {"newline", "\"Park\nand pool\"", "Park\nand pool"},
                             {"empty_quotes", "\"\"", ""},
                             {"no_split_on_other_separators",
                              "a\xE2\x80\xA8"
                              "b\x0B"
                              "c\x0C"
                              "d\xC2\x85"
                              "e",
                              "a\xE2\x80\xA8"
                              "b\x0B"
                              "c\x0C"
                              "d\xC2\x85"
                              "e"},
                             {"no_normalising", "e\xCC\x81", "e\xCC\x81"},
                         }),
                         [](const auto& tested) { return tested.param.name; });

struct Dirt {
  std::string name;
  std::string from;
  std::string to;
  std::string warning;
  std::string ballots = "10,9 9";
};

class PbDirt : public testing::TestWithParam<Dirt> {};

TEST_P(PbDirt, IsReadWithAWarning) {
  const std::string text = absl::StrReplaceAll(kSmallPb, {{GetParam().from, GetParam().to}});
  const PbFile file = MustRead(text, {.keep_voters = true});
  EXPECT_THAT(WarningsOf(file), ElementsAre(GetParam().warning));
  EXPECT_EQ(file.warnings_total, 1u);
  EXPECT_EQ(BallotsOf(file), GetParam().ballots);
}

INSTANTIATE_TEST_SUITE_P(
    All, PbDirt,
    testing::ValuesIn<Dirt>({
        {"blank_line", "9;40", "\n9;40", "0 lines: 1 blank lines are passed over"},
        {"decimal_comma", "10;60;", "10;60,5;",
         "9 cost: \"60,5\": the comma is read as a decimal point"},
        {"blanks_in_list", "10,9;", "10, 9;", "13 vote: blanks around commas are dropped"},
        {"twice_on_a_ballot", "10,9;", "10,9,10;",
         "13 vote: plan \"10\" stands twice, counted once"},
        {"withdrawn", "10;60;", "10;999999999;", "9 cost: plan \"10\" is taken to be withdrawn"},
        {"dear", "10;60;", "10;101;", "9 cost: plan \"10\" costs more than the budget"},
        {"short_row", "v2;9;", "v2;9",
         "14 row: is shorter than its header; what is missing is taken to be empty"},
        {"long_row", "v2;9;", "v2;9;;x",
         "14 row: is longer than its header; the rest is passed over"},
        {"no_count", "num_votes;2\n", "", "6 num_votes: META does not have it"},
        {"pots", "num_votes;2\n", "num_votes;2\nbudget_per_category;a:1\n",
         "7 budget_per_category: is not applied"},
        {"odd_age", "9;30", "9;thirty", "13 age: \"thirty\" is no whole number, left out"},
        {"joined", ";Park", ";\"Pa\"rk",
         "9 quotes: text after a closing quote is taken to belong to the cell"},
    }),
    [](const auto& tested) { return tested.param.name; });

TEST(Pb, RepeatedPointsAreAddedOrTheLast) {
  const std::string text = absl::StrReplaceAll(SmallCumulativePb(), {{"10,9;3,1", "10,10;3,1"}});
  EXPECT_EQ(BallotsOf(MustRead(text)), "10*4 9*2");
  const PbFile last = MustRead(text, {.repeated_points = RepeatedPoints::kLast});
  EXPECT_EQ(BallotsOf(last), "10*1 9*2");
  EXPECT_EQ(last.repeated_choices, 1u);
  EXPECT_THAT(WarningsOf(last), ElementsAre(HasSubstr("last points")));
}

TEST(Pb, AnEmptyCellIsABlankBallot) {
  const std::string text = absl::StrReplaceAll(kSmallPb, {{"v2;9;", "v2;;"}});
  EXPECT_EQ(BallotsOf(MustRead(text)), "10,9 ");
}

TEST(Pb, AVoterMayBeCalledVotes) {
  const std::string text = absl::StrReplaceAll(kSmallPb, {{"v2;9;", "votes;9;"}});
  EXPECT_EQ(BallotsOf(MustRead(text)), "10,9 9");
}

TEST(Pb, WarningsAreCountedBeyondThoseKept) {
  std::string text =
      absl::StrReplaceAll(kSmallPb, {{"num_votes;2\n", ""}, {"v1;10,9;30\nv2;9;\n", ""}});
  for (int voter = 0; voter < 1'500; ++voter) absl::StrAppend(&text, voter, ";9,9;\n");
  const PbFile file = MustRead(text);
  EXPECT_EQ(file.warnings.size(), kPbWarningsMax);
  EXPECT_EQ(file.warnings_total, 1'501u);
  EXPECT_EQ(file.repeated_choices, 1'500u);
}

struct Told {
  std::string rule;
  std::string name;
  bool stop = false;
  uint32_t percent = 0;
  int64_t threshold = 0;
};

class OfficialRules : public testing::TestWithParam<Told> {};

TEST_P(OfficialRules, AreThoseOfTheCities) {
  const std::string meta =
      absl::StrCat("num_votes;2\nmin_project_score_threshold;5\nrule;", GetParam().rule, "\n");
  const PbFile file = MustRead(absl::StrReplaceAll(kSmallPb, {{"num_votes;2\n", meta}}));
  const std::optional<Rule> rule = OfficialRule(file);
  ASSERT_EQ(rule.has_value(), !GetParam().name.empty());
  if (!rule) return;
  EXPECT_EQ(rule->name, GetParam().name);
  EXPECT_EQ(rule->stop_at_first_misfit, GetParam().stop);
  EXPECT_EQ(rule->last_plan_percent_min, GetParam().percent);
  EXPECT_EQ(rule->support_min, GetParam().threshold);
  EXPECT_TRUE(CheckRule(*rule, file.election.kind).ok());
}

INSTANTIATE_TEST_SUITE_P(All, OfficialRules,
                         testing::ValuesIn<Told>({
                             {"greedy", "greedy_votes"},
                             {"greedy-threshold", "greedy_votes", false, 0, 5},
                             {"greedy-no-skip", "greedy_votes", true, 0, 5},
                             {"greedy-custom", "greedy_votes", true, 80},
                             {"greedy-exclusive", "greedy_votes"},
                             {"equalshares/add1", "mes_cost_add1_full"},
                             {"equalshares/add1-comparison", "mes_cost_add1_full"},
                             {"equalshares", ""},
                             {"unknown", ""},
                         }));

TEST(Utf8, TheFirstMalformedByteIsFound) {
  EXPECT_EQ(FirstInvalidUtf8("abc\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 and more text"),
            absl::string_view::npos);
  for (const char* bad : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_EQ(FirstInvalidUtf8(absl::StrCat("0123456789", bad)), 10u);
    EXPECT_EQ(FirstInvalidUtf8(absl::StrCat("0123456789", bad, "0123456789")), 10u);
  }
}

}  // namespace
}  // namespace smederij::ballots::tally
