// What is wrong with a file, where, and what to do about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/testing/small_pb.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr char kLong[] = "ééééééééééééééééééééééééééééééé1";

// `to` in place of `from` in a good file, and the whole refusal.
struct Bad {
  std::string name;
  std::string from;
  std::string to;
  std::string says;
};

class BadPb : public testing::TestWithParam<Bad> {};

TEST_P(BadPb, IsRefusedWithLineFieldMistakeAndRemedy) {
  std::string text = GetParam().name.starts_with("points") ? SmallCumulativePb() : kSmallPb;
  ASSERT_NE(text.find(GetParam().from), std::string::npos);
  text = absl::StrReplaceAll(text, {{GetParam().from, GetParam().to}});
  const absl::Status refusal = ReadPb(text).status();
  EXPECT_EQ(ReasonOf(refusal), "PB_INVALID");
  EXPECT_EQ(std::string(refusal.message()), GetParam().says);
  const std::vector<Fact> facts = FactsOf(refusal);
  ASSERT_THAT(facts, ElementsAre(Pair("field", testing::_), Pair("line", testing::_),
                                 Pair("remedy", testing::_), Pair("wrong", testing::_)));
  EXPECT_EQ(GetParam().says, absl::StrCat("line ", facts[1].second, ", ", facts[0].second, ": ",
                                          facts[3].second, "; ", facts[2].second));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPb,
    testing::ValuesIn<Bad>({
        {"empty_file", kSmallPb, "",
         "line 1, META: the section is missing; "
         "a file has META, PROJECTS and VOTES, each with a header"},
        {"only_blank_lines", kSmallPb, "\n\n",
         "line 2, META: the section is missing; "
         "a file has META, PROJECTS and VOTES, each with a header"},
        {"commas_instead", "key;value", "key,value",
         "line 2, key: the column is missing; "
         "name it in the header, between semicolons"},
        {"value_column_missing", "key;value", "key;text",
         "line 2, value: the column is missing; "
         "name it in the header, between semicolons"},
        {"cut_off_in_the_last_row", "v2;9;", "v2",
         "line 14, vote: the row ends before this column; "
         "fetch the whole file again, or end a blank ballot with a semicolon"},
        {"key_empty", "num_votes;2", ";2",
         "line 6, key: is empty; "
         "name the key or remove the row"},
        {"no_vote_type", "vote_type;approval\n", "",
         "line 6, vote_type: META does not have it; "
         "add a row such as vote_type;approval"},
        {"count_no_number", "num_votes;2", "num_votes;two",
         "line 6, num_votes: says \"two\", the file has 2; "
         "correct the number or look for what is missing"},
        {"votes_first", "PROJECTS", "VOTES",
         "line 7, PROJECTS: the section is missing; "
         "put it and its header after the rows of META"},
        {"votes_twice", "v2;9;\n", "v2;9;\nVOTES\n",
         "line 15, VOTES: the section stands twice; "
         "keep one, before the sections that follow it"},
        {"no_voter_column", "voter_id", "voter",
         "line 12, voter_id: the column is missing; "
         "name it in the header, between semicolons"},
        {"no_vote_column", "voter_id;vote", "voter_id;votes",
         "line 12, vote: the column is missing; "
         "name it in the header, between semicolons"},
        {"plan_number_twice", "name\n10;60;Park\n9;40;Pool", "plan_number\n10;60;1\n9;40;1",
         "line 10, plan_number: \"1\" stands twice; "
         "give every plan a number of its own, or leave the column out"},
        {"plan_number_no_number", "name\n10;60;Park\n9;40;Pool", "plan_number\n10;60;1\n9;40;",
         "line 10, plan_number: \"\" is no whole number; "
         "give every plan a number of its own, or leave the column out"},
        {"cost_below_zero", "10;60;", "10;-60;",
         "line 9, cost: \"-60\" is no amount; "
         "write digits with at most one decimal point, such as 1250.50"},
        {"long_text_is_cut", "10;60;", std::string("10;") + kLong + ";",
         absl::StrCat(
             "line 9, cost: \"", std::string(kLong, 60),
             "…\" is no amount; write digits with at most one decimal point, such as 1250.50")},
        {"one_line_however_written", "v2;9", "v2;\"9\n\"\"8\"",
         "line 14, vote: there is no plan \"9\\n\\\"8\"; "
         "add it to PROJECTS or take it off the ballot"},
        {"no_meta", "META\nkey;value\n", "",
         "line 1, META: the file does not start with this section; "
         "put a line with META alone before all others"},
        {"no_projects", "PROJECTS\nproject_id;cost;name\n10;60;Park\n9;40;Pool\n", "",
         "line 7, PROJECTS: the section is missing; "
         "put it and its header after the rows of META"},
        {"no_votes", "VOTES\nvoter_id;vote;age\nv1;10,9;30\nv2;9;\n", "",
         "line 10, VOTES: the section is missing; "
         "put it and its header after the rows of PROJECTS"},
        {"meta_twice", "VOTES", "META",
         "line 11, META: the section stands twice; "
         "keep one, before the sections that follow it"},
        {"projects_twice", "9;40;Pool\n", "9;40;Pool\nPROJECTS\n",
         "line 11, PROJECTS: the section stands twice; "
         "keep one, before the sections that follow it"},
        {"no_header", "project_id;cost;name\n10;60;Park\n9;40;Pool\n", "",
         "line 8, PROJECTS: the section has no header; "
         "name its columns on the line after its name"},
        {"no_cost_column", "project_id;cost", "project_id;price",
         "line 8, cost: the column is missing; "
         "name it in the header, between semicolons"},
        {"column_twice", "project_id;cost;name", "project_id;cost;Cost",
         "line 8, Cost: the column stands twice; "
         "rename or remove one of them"},
        {"no_budget", "budget;100\n", "",
         "line 6, budget: META does not have it; "
         "add a row such as budget;100000"},
        {"budget_twice", "budget;100\n", "budget;100\nbudget;100\n",
         "line 4, budget: the key stands twice; "
         "keep one of the rows"},
        {"budget_no_amount", "budget;100", "budget;1e6",
         "line 3, budget: \"1e6\" is no amount; "
         "write digits with at most one decimal point, such as 1250.50"},
        {"budget_below_zero", "budget;100", "budget;-1",
         "line 3, budget: \"-1\" is no amount; "
         "write digits with at most one decimal point, such as 1250.50"},
        {"unknown_type", "approval", "Approvals",
         "line 4, vote_type: \"Approvals\" is no known type; "
         "write approval, choose-1, cumulative, scoring or ordinal"},
        {"wrong_num_projects", "num_projects;2", "num_projects;3",
         "line 5, num_projects: says \"3\", the file has 2; "
         "correct the number or look for what is missing"},
        {"wrong_num_votes", "num_votes;2", "num_votes;1",
         "line 6, num_votes: says \"1\", the file has 2; "
         "correct the number or look for what is missing"},
        {"cost_empty", "10;60;", "10;;",
         "line 9, cost: \"\" is no amount; "
         "write digits with at most one decimal point, such as 1250.50"},
        {"cost_two_commas", "10;60;", "10;1,000,5;",
         "line 9, cost: \"1,000,5\" is no amount; "
         "write digits with at most one decimal point, such as 1250.50"},
        {"plan_without_id", "10;60;", ";60;",
         "line 9, project_id: is empty; "
         "give every plan an id"},
        {"plan_twice", "9;40;", "10;40;",
         "line 10, project_id: \"10\" stands twice; "
         "give every plan an id of its own"},
        {"plan_with_comma", "9;40;", "9,1;40;",
         "line 10, project_id: has a comma, so no ballot can name it; "
         "write the id without it, on the ballots too"},
        {"voter_without_id", "v2;", ";",
         "line 14, voter_id: is empty; "
         "give every voter an id"},
        {"voter_twice", "v2;", "v1;",
         "line 14, voter_id: \"v1\" stands twice; "
         "give every voter an id of its own"},
        {"unknown_plan", "v2;9", "v2;8",
         "line 14, vote: there is no plan \"8\"; "
         "add it to PROJECTS or take it off the ballot"},
        {"unknown_plan_by_zero", "v2;9", "v2;09",
         "line 14, vote: there is no plan \"09\"; "
         "add it to PROJECTS or take it off the ballot"},
        {"empty_item", "10,9", "10,,9",
         "line 13, vote: names no plan where a comma asks for one; "
         "remove the comma"},
        {"trailing_comma", "10,9", "10,9,",
         "line 13, vote: names no plan where a comma asks for one; "
         "remove the comma"},
        {"choose_two", "approval", "choose-1",
         "line 13, vote: has more than one plan; "
         "leave one, or say another vote_type in META"},
        {"quote_never_closed", ";Park", ";\"Park",
         "line 9, cell 3: a quote is never closed; "
         "close it, and double every quote inside the cell"},
        {"not_utf8", "Pool", "P\xFFol",
         "line 10, text: is not UTF-8; "
         "save the file as UTF-8"},
        {"points_column_missing", "vote;points", "vote;weight",
         "line 12, points: the column is missing; "
         "add it, or say another vote_type in META"},
        {"points_missing", "3,1", "3",
         "line 13, points: are fewer than the plans of the vote; "
         "give points for every plan, in the same sequence"},
        {"points_too_many", "3,1", "3,1,1",
         "line 13, points: are more than the plans of the vote; "
         "give points for every plan, in the same sequence"},
        {"points_below_zero", "3,1", "3,-1",
         "line 13, points: \"-1\" is no number of points; "
         "write whole numbers up to 1000000000"},
        {"points_in_part", "3,1", "3,1.5",
         "line 13, points: \"1.5\" is no number of points; "
         "write whole numbers up to 1000000000"},
        {"points_huge", "3,1", "3,1000000001",
         "line 13, points: \"1000000001\" is no number of points; "
         "write whole numbers up to 1000000000"},
    }),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace smederij::ballots::tally
