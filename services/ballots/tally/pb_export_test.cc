#include "services/ballots/tally/pb_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/testing/random_election.h"
#include "services/ballots/tally/testing/small_pb.h"
#include "services/ballots/tally/testing/written_pb.h"

namespace smederij::ballots::tally {
namespace {

using testing::ElementsAre;
using testing::Pair;

// "REASON award facts" by plan.
std::vector<std::string> Told(const Outcome& outcome) {
  std::vector<std::string> plans;
  for (const PlanOutcome& plan : outcome.plans) {
    std::string text = absl::StrCat(NameOf(plan.reason), " ", ToText(plan.award));
    for (const auto& [name, value] : plan.facts) absl::StrAppend(&text, " ", name, "=", value);
    plans.push_back(std::move(text));
  }
  return plans;
}

TEST(PbExport, AnElectionIsWrittenWithAllThatReadersAskFor) {
  Election election = MakeElection("100.50", {{"park", "60"}, {"pool", "40.25"}});
  AddBallot(election, {"park", "pool"}, 2);
  AddBallot(election, {});
  EXPECT_EQ(MustWrite(DocumentOf(FileOf(election))),
            "META\n"
            "key;value\n"
            "num_projects;2\n"
            "num_votes;3\n"
            "budget;100.5\n"
            "vote_type;approval\n"
            "rule;unknown\n"
            "currency;EUR\n"
            "PROJECTS\n"
            "project_id;cost\n"
            "park;60\n"
            "pool;40.25\n"
            "VOTES\n"
            "voter_id;vote\n"
            "1;park,pool\n"
            "2;park,pool\n"
            "3;\n");
}

TEST(PbExport, WhatAFileTellsIsWrittenBack) {
  const std::string text = absl::StrReplaceAll(
      kSmallPb, {{"num_votes;2\n", "num_votes;2\nrule;unknown\n"}, {"v2;9;\n", "v2;9;\n"}});
  EXPECT_EQ(MustWrite(DocumentOf(MustRead(text))), text);
}

TEST(PbExport, NumbersThatAreNotInTheOrderOfIdsAreWritten) {
  Election election = MakeElection("1", {{"b", "1"}, {"a", "1"}});
  AddBallot(election, {"a", "b"});
  const std::string text = MustWrite(DocumentOf(FileOf(election)));
  EXPECT_THAT(text, testing::HasSubstr("project_id;cost;plan_number\nb;1;1\na;1;2\n"));
  const PbFile again = MustRead(text);
  EXPECT_THAT(IdsOf(again.election, MustCount(again.election, MakeRule("greedy_votes"))),
              ElementsAre("b"));
}

TEST(PbExport, AWithdrawnPlanStaysWithdrawn) {
  const Election election = MakeElection("1", {{"a", "1", "", "", true}, {"b", "1"}});
  const PbFile again = MustRead(MustWrite(DocumentOf(FileOf(election))));
  EXPECT_TRUE(again.election.plans[0].withdrawn);
  EXPECT_FALSE(again.election.plans[1].withdrawn);
}

// What the format has no words for, and the field at fault.
struct Speechless {
  std::string name;
  void (*change)(PbFile&);
  std::string field;
};

class PbSpeechless : public testing::TestWithParam<Speechless> {};

TEST_P(PbSpeechless, IsRefusedWithTheField) {
  PbFile file = FileOf(MakeElection("10", {{"a", "1"}, {"b", "2"}}));
  AddBallot(file.election, {"a", "b"});
  AddBallot(file.election, {"a"}, 2);
  GetParam().change(file);
  const absl::Status refusal = DocumentOf(file).status();
  EXPECT_EQ(ReasonOf(refusal), "ELECTION_UNWRITABLE") << refusal;
  EXPECT_THAT(FieldsOf(refusal), ElementsAre(Pair(GetParam().field, testing::_)));
}

INSTANTIATE_TEST_SUITE_P(
    All, PbSpeechless,
    testing::ValuesIn<Speechless>({
        {"pots", [](PbFile& file) { file.election.pots.push_back({.category = "", .amount = 1}); },
         "pots"},
        {"group", [](PbFile& file) { file.election.plans[1].exclusive_group = "g"; },
         "plans[1].exclusive_group"},
        {"third", [](PbFile& file) { file.election.plans[0].cost = Rational(1, 3); },
         "plans[0].cost"},
        {"budget", [](PbFile& file) { file.election.budget = Rational(1, 7); }, "budget"},
        {"comma", [](PbFile& file) { file.election.plans[0].id = "a,b"; }, "plans[0].id"},
        {"blanks", [](PbFile& file) { file.election.plans[0].id = "a "; }, "plans[0].id"},
        {"no_id", [](PbFile& file) { file.election.plans[0].id.clear(); }, "plans[0].id"},
        {"looks_withdrawn", [](PbFile& file) { file.election.plans[0].cost = kPbWithdrawnCost; },
         "plans[0].cost"},
        {"cannot_withdraw",
         [](PbFile& file) {
           file.election.budget = kPbWithdrawnCost;
           file.election.plans[0].withdrawn = true;
         },
         "plans[0].withdrawn"},
        {"few_voters", [](PbFile& file) { file.voters.resize(1); }, "voters"},
        {"no_voter_id", [](PbFile& file) { file.voters.resize(2); }, "voters[0].id"},
        {"voter_twice", [](PbFile& file) { file.voters.assign(2, {.id = "v"}); }, "voters[1].id"},
        {"weight",
         [](PbFile& file) {
           file.voters = {{.id = "v"}, {.id = "w"}};
         },
         "ballots[1]"},
        {"too_many",
         [](PbFile& file) {
           for (int64_t row = 0; row <= kPbBallotsMax / kWeightMax; ++row) {
             AddBallot(file.election, {"a"}, kWeightMax);
           }
         },
         "ballots"},
        {"few_names", [](PbFile& file) { file.plans.resize(1); }, "plans"},
    }),
    [](const auto& tested) { return tested.param.name; });

// Texts that a careless writer or reader would change.
std::string NastyText(Dice& dice, bool as_id) {
  const std::vector<std::string> parts = {"\"",
                                          "\"\"",
                                          ";",
                                          "\n",
                                          "\r",
                                          "a",
                                          "Z9",
                                          "'",
                                          "é",
                                          "e\xCC\x81",
                                          "\u200B",
                                          "\u00A0",
                                          "\u2028",
                                          "\x0B",
                                          "votes",
                                          "META",
                                          "0",
                                          "-",
                                          "\t",
                                          " ",
                                          "\xEF\xBB\xBF",
                                          "…",
                                          "#1: ",
                                          "\\",
                                          "\"x\";y",
                                          "\r\nPROJECTS\n"};
  std::string text;
  for (int part = dice.Roll(as_id ? 1 : 0, 4); part > 0; --part) {
    text += parts[static_cast<size_t>(dice.Roll(0, static_cast<int>(parts.size()) - 1))];
  }
  if (as_id) text = std::string(PbTrim(absl::StripAsciiWhitespace(text)));
  return text;
}

Plan NastyPlan(Dice& dice, uint32_t number) {
  Plan plan;
  plan.id = absl::StrCat(number, NastyText(dice, true));
  plan.number = number;
  plan.cost = Rational(dice.Roll(0, 800), dice.Roll(0, 1) == 0 ? 1 : 100);
  plan.cost.canonicalize();
  plan.category = std::string(PbTrim(NastyText(dice, false)));
  return plan;
}

PbFile NastyFile(Dice& dice, BallotKind kind) {
  PbFile file;
  Election& election = file.election;
  election.kind = kind;
  election.budget = dice.Roll(0, 1500);
  const int plans = dice.Roll(0, 6), ballots = dice.Roll(0, 10);
  for (int at = 0; at < plans; ++at) {
    election.plans.push_back(NastyPlan(dice, static_cast<uint32_t>(at) + 1));
    file.plans.push_back({.name = NastyText(dice, false)});
  }
  dice.Shuffle(election.plans);
  const bool voters = dice.Roll(0, 1) == 0;
  for (int row = 0; row < ballots; ++row) {
    std::vector<Choice> choices;
    for (uint32_t plan = 0; plan < election.plans.size(); ++plan) {
      choices.push_back({plan, static_cast<uint32_t>(dice.Roll(0, 4))});
    }
    dice.Shuffle(choices);
    if (!choices.empty()) {
      const int most = kind == BallotKind::kChooseOne ? 1 : plans;
      choices.resize(static_cast<size_t>(dice.Roll(0, most)));
    }
    election.ballots.Add(choices, voters ? 1 : dice.Roll(1, 3));
    if (voters) file.voters.push_back({.id = absl::StrCat(row, NastyText(dice, true))});
  }
  file.meta = {{"description", NastyText(dice, false)}, {"comment", NastyText(dice, false)}};
  return file;
}

// The ballots one by one; points only where they count.
std::vector<std::vector<Choice>> RowsOf(const Election& election) {
  std::vector<std::vector<Choice>> rows;
  for (size_t row = 0; row < election.ballots.size(); ++row) {
    const BallotView ballot = election.ballots[row];
    std::vector<Choice> choices(ballot.choices.begin(), ballot.choices.end());
    for (Choice& choice : choices) {
      if (election.kind != BallotKind::kPoints) choice.points = 0;
    }
    for (int64_t copy = 0; copy < ballot.weight; ++copy) rows.push_back(choices);
  }
  return rows;
}

void ExpectSame(const PbFile& one, const PbFile& other) {
  EXPECT_EQ(one.election.budget, other.election.budget);
  EXPECT_EQ(NameOf(one.election.kind), NameOf(other.election.kind));
  ASSERT_EQ(one.election.plans.size(), other.election.plans.size());
  for (size_t at = 0; at < one.election.plans.size(); ++at) {
    const Plan &plan = one.election.plans[at], &again = other.election.plans[at];
    EXPECT_EQ(plan.id, again.id);
    EXPECT_EQ(plan.number, again.number);
    EXPECT_EQ(plan.cost, again.cost);
    EXPECT_EQ(plan.category, again.category);
    EXPECT_EQ(std::string(PbTrim(one.plans[at].name)), other.plans[at].name);
  }
  EXPECT_EQ(RowsOf(one.election), RowsOf(other.election));
  for (size_t row = 0; row < one.voters.size(); ++row) {
    EXPECT_EQ(one.voters[row].id, other.voters[row].id);
  }
}

TEST(PbExport, AnyElectionIsReadBackAndCountsTheSame) {
  const unsigned first = FirstSeed();
  const unsigned rounds = std::getenv("SMEDERIJ_ALL") != nullptr ? 2'000 : 100;
  std::printf("%u rounds from seed %u\n", rounds, first);
  for (unsigned seed = first; seed != first + rounds && !HasFailure(); ++seed) {
    SCOPED_TRACE(testing::Message() << "SMEDERIJ_SEED=" << seed);
    for (const RuleInfo& info : Rules()) {
      Dice dice(seed);
      BallotKind kind =
          info.kinds[static_cast<size_t>(dice.Roll(0, static_cast<int>(info.kinds.size()) - 1))];
      if (kind == BallotKind::kKnapsack) kind = BallotKind::kApproval;
      PbFile file = NastyFile(dice, kind);
      absl::StatusOr<PbDocument> document = DocumentOf(file);
      ASSERT_TRUE(document.ok()) << document.status();
      if (dice.Roll(0, 1) == 0) document->line_end = PbLineEnd::kCrLf;
      document->final_line_end = dice.Roll(0, 1) == 0;
      document->quotes_inner = dice.Roll(0, 1) == 0;
      const std::string text = MustWrite(document);
      const PbFile again = MustRead(text);
      ExpectSame(file, again);
      const Rule rule = MakeRule(std::string(info.name));
      EXPECT_EQ(Told(MustCount(file.election, rule)), Told(MustCount(again.election, rule)));
      const absl::StatusOr<PbDocument> parsed = ParsePbDocument(text);
      ASSERT_TRUE(parsed.ok()) << parsed.status();
      EXPECT_EQ(parsed->projects, document->projects);
      EXPECT_EQ(parsed->votes, document->votes);
      EXPECT_EQ(parsed->changes_total, 0u);
    }
  }
}

}  // namespace
}  // namespace smederij::ballots::tally
