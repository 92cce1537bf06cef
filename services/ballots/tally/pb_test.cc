#include "services/ballots/tally/pb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/utf8.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kApproval[] =
    "META\n"
    "key;value\n"
    "budget;100\n"
    "vote_type;approval\n"
    "num_projects;2\n"
    "num_votes;2\n"
    "PROJECTS\n"
    "project_id;cost;name\n"
    "10;60;Park\n"
    "9;40;Pool\n"
    "VOTES\n"
    "voter_id;vote;age\n"
    "v1;10,9;30\n"
    "v2;9;\n";

std::string Cumulative() {
  return absl::StrReplaceAll(kApproval, {{"approval", "cumulative"},
                                         {"voter_id;vote;age", "voter_id;vote;points"},
                                         {"10,9;30", "10,9;3,1"},
                                         {"v2;9;", "v2;9;2"}});
}

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
  const PbFile file = MustRead(kApproval, {.keep_voters = true});
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
  const PbFile file = MustRead(kApproval);  // "10" < "9"
  EXPECT_EQ(file.election.plans[0].number, 1u);
  EXPECT_EQ(file.election.plans[1].number, 2u);
}

TEST(Pb, PointsGoWithTheirPlans) { EXPECT_EQ(BallotsOf(MustRead(Cumulative())), "10*3,9*1 9*2"); }

TEST(Pb, LineEndsMayBeMixedAndTheLastMissing) {
  std::string text = absl::StrReplaceAll(kApproval, {{"\n", "\r\n"}});
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
  const std::string text = absl::StrReplaceAll(kApproval, {{";Park", ";" + GetParam().written}});
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
  const std::string text = absl::StrReplaceAll(kApproval, {{GetParam().from, GetParam().to}});
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
  const std::string text = absl::StrReplaceAll(Cumulative(), {{"10,9;3,1", "10,10;3,1"}});
  EXPECT_EQ(BallotsOf(MustRead(text)), "10*4 9*2");
  const PbFile last = MustRead(text, {.repeated_points = RepeatedPoints::kLast});
  EXPECT_EQ(BallotsOf(last), "10*1 9*2");
  EXPECT_EQ(last.repeated_choices, 1u);
  EXPECT_THAT(WarningsOf(last), ElementsAre(HasSubstr("last points")));
}

TEST(Pb, AnEmptyCellIsABlankBallot) {
  const std::string text = absl::StrReplaceAll(kApproval, {{"v2;9;", "v2;;"}});
  EXPECT_EQ(BallotsOf(MustRead(text)), "10,9 ");
}

TEST(Pb, AVoterMayBeCalledVotes) {
  const std::string text = absl::StrReplaceAll(kApproval, {{"v2;9;", "votes;9;"}});
  EXPECT_EQ(BallotsOf(MustRead(text)), "10,9 9");
}

struct Bad {
  std::string name;
  std::string from;
  std::string to;
  std::string line;
  std::string field;
};

class BadPb : public testing::TestWithParam<Bad> {};

TEST_P(BadPb, IsRefusedWithLineAndField) {
  std::string text = GetParam().name.starts_with("points") ? Cumulative() : kApproval;
  ASSERT_NE(text.find(GetParam().from), std::string::npos);
  text = absl::StrReplaceAll(text, {{GetParam().from, GetParam().to}});
  const absl::StatusOr<PbFile> file = ReadPb(text);
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(ReasonOf(file.status()), "PB_INVALID");
  std::string line, field;
  for (const Fact& fact : FactsOf(file.status())) {
    if (fact.first == "line") line = fact.second;
    if (fact.first == "field") field = fact.second;
  }
  EXPECT_EQ(line, GetParam().line) << file.status();
  EXPECT_EQ(field, GetParam().field) << file.status();
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPb,
    testing::ValuesIn<Bad>({
        {"empty", kApproval, "", "0", "META"},
        {"no_meta", "META\nkey;value\n", "", "1", "META"},
        {"no_projects", "PROJECTS\nproject_id;cost;name\n10;60;Park\n9;40;Pool\n", "", "7",
         "PROJECTS"},
        {"no_votes", "VOTES\nvoter_id;vote;age\nv1;10,9;30\nv2;9;\n", "", "10", "VOTES"},
        {"meta_twice", "VOTES", "META", "11", "META"},
        {"projects_twice", "9;40;Pool\n", "9;40;Pool\nPROJECTS\n", "11", "PROJECTS"},
        {"no_header", "project_id;cost;name\n10;60;Park\n9;40;Pool\n", "", "8", "PROJECTS"},
        {"no_cost_column", "project_id;cost", "project_id;price", "8", "cost"},
        {"column_twice", "project_id;cost;name", "project_id;cost;Cost", "8", "Cost"},
        {"no_budget", "budget;100\n", "", "6", "budget"},
        {"budget_twice", "budget;100\n", "budget;100\nbudget;100\n", "4", "budget"},
        {"budget_no_amount", "budget;100", "budget;1e6", "3", "budget"},
        {"budget_below_zero", "budget;100", "budget;-1", "3", "budget"},
        {"unknown_type", "approval", "Approvals", "4", "vote_type"},
        {"wrong_num_projects", "num_projects;2", "num_projects;3", "5", "num_projects"},
        {"wrong_num_votes", "num_votes;2", "num_votes;1", "6", "num_votes"},
        {"cost_empty", "10;60;", "10;;", "9", "cost"},
        {"cost_two_commas", "10;60;", "10;1,000,5;", "9", "cost"},
        {"plan_without_id", "10;60;", ";60;", "9", "project_id"},
        {"plan_twice", "9;40;", "10;40;", "10", "project_id"},
        {"plan_with_comma", "9;40;", "9,1;40;", "10", "project_id"},
        {"voter_without_id", "v2;", ";", "14", "voter_id"},
        {"voter_twice", "v2;", "v1;", "14", "voter_id"},
        {"cut_off_in_the_last_row", "v2;9;", "v2", "14", "vote"},
        {"unknown_plan", "v2;9", "v2;8", "14", "vote"},
        {"unknown_plan_by_zero", "v2;9", "v2;09", "14", "vote"},
        {"empty_item", "10,9", "10,,9", "13", "vote"},
        {"trailing_comma", "10,9", "10,9,", "13", "vote"},
        {"choose_two", "approval", "choose-1", "13", "vote"},
        {"quote_never_closed", ";Park", ";\"Park", "9", "cell 3"},
        {"not_utf8", "Pool", "P\xFFol", "10", "text"},
        {"points_column_missing", "vote;points", "vote;weight", "12", "points"},
        {"points_missing", "3,1", "3", "13", "points"},
        {"points_too_many", "3,1", "3,1,1", "13", "points"},
        {"points_below_zero", "3,1", "3,-1", "13", "points"},
        {"points_in_part", "3,1", "3,1.5", "13", "points"},
        {"points_huge", "3,1", "3,1000000001", "13", "points"},
    }),
    [](const auto& tested) { return tested.param.name; });

TEST(Pb, WarningsAreCountedBeyondThoseKept) {
  std::string text =
      absl::StrReplaceAll(kApproval, {{"num_votes;2\n", ""}, {"v1;10,9;30\nv2;9;\n", ""}});
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
  const PbFile file = MustRead(absl::StrReplaceAll(kApproval, {{"num_votes;2\n", meta}}));
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
