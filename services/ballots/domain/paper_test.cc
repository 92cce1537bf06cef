#include "services/ballots/domain/paper.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "common/base/error.h"
#include "services/ballots/testing/election.h"

namespace smederij::ballots {
namespace {

using testing::SampleManifest;

std::string WrongIn(const absl::Status& status, absl::string_view reason) {
  if (status.ok()) return "";
  EXPECT_EQ(ReasonOf(status), reason) << status;
  for (const auto& [name, value] : FactsOf(status)) {
    if (name == "wrong") return value;
  }
  return "?";
}

PaperLeaf SampleLeaf() {
  return {.round_id = RoundId::Random(),
          .class_id = 2,
          .station = 3,
          .batch_id = BatchId::Random(),
          .supersedes = Hash{7},
          .ballots = 40,
          .invalid = 2,
          .commitment = Hash{9},
          .officials = {SubjectId::Random(), SubjectId::Random()}};
}

Choice Of(BallotKind kind, std::vector<Choice::Line> lines) {
  return {.kind = kind, .lines = std::move(lines)};
}

TEST(PaperLeaf, SurvivesItsBytesAndNothingElseIsRead) {
  const PaperLeaf leaf = SampleLeaf();
  const std::string bytes = Encode(leaf);
  const auto wrong = [](const std::string& bent) {
    return WrongIn(ParsePaperLeaf(bent).status(), "BAD_LEAF");
  };
  EXPECT_EQ(*ParsePaperLeaf(bytes), leaf);
  EXPECT_EQ(wrong(""), "TYPE");
  EXPECT_EQ(wrong("\x03\x02" + bytes.substr(2)), "VERSION");
  EXPECT_EQ(wrong(bytes + '\0'), "LENGTH");
  for (size_t length = 2; length < bytes.size(); ++length) {
    ASSERT_EQ(wrong(bytes.substr(0, length)), "LENGTH") << length;
  }
}

TEST(PaperLeaf, HoldsAStackThatTwoPeopleCanType) {
  PaperLeaf leaf = SampleLeaf();
  const auto wrong = [&] { return WrongIn(ParsePaperLeaf(Encode(leaf)).status(), "BAD_LEAF"); };
  leaf.ballots = kBatchBallotsMax;
  leaf.invalid = kBatchBallotsMax;
  EXPECT_EQ(wrong(), "");
  leaf.ballots = kBatchBallotsMax + 1;
  EXPECT_EQ(wrong(), "BALLOTS");
  leaf.ballots = 3;
  leaf.invalid = 4;
  EXPECT_EQ(wrong(), "BALLOTS");
  leaf.ballots = leaf.invalid = 0;
  EXPECT_EQ(wrong(), "BALLOTS");
}

TEST(PaperContent, IsTotalsOrBallotsAsTheRuleNeeds) {
  Manifest m = SampleManifest();
  EXPECT_EQ(PublishedAs(m), PaperContent::Kind::kTotals);
  m.count_rule.rule = "phragmen";
  EXPECT_EQ(PublishedAs(m), PaperContent::Kind::kBallots);
  m.count_rule.rule = "mes_cost_add1u";
  EXPECT_EQ(PublishedAs(m), PaperContent::Kind::kBallots);
  m.count_rule.rule = "greedy_points";
  m.ballot_rule.kind = BallotKind::kRanking;
  EXPECT_EQ(PublishedAs(m), PaperContent::Kind::kBallots);
}

TEST(PaperContent, SurvivesItsBytesAndNothingElseIsRead) {
  Manifest m = SampleManifest();
  const std::vector<Choice> choices = {Of(BallotKind::kApproval, {{1, 0}, {3, 0}}),
                                       Of(BallotKind::kApproval, {}),
                                       Of(BallotKind::kApproval, {{3, 0}})};
  const auto wrong = [](const std::string& bent) {
    return WrongIn(ParsePaperContent(bent).status(), "BAD_CONTENT");
  };
  for (const char* rule : {"greedy_votes", "phragmen"}) {
    m.count_rule.rule = rule;
    const PaperContent content = ToContent(choices, m);
    EXPECT_EQ(content.Blank(), 1u);
    const std::string bytes = Encode(content);
    EXPECT_EQ(*ParsePaperContent(bytes), content);
    EXPECT_EQ(wrong(bytes + '\0'), "LENGTH");
    for (size_t length = 2; length < bytes.size(); ++length) {
      ASSERT_NE(wrong(bytes.substr(0, length)), "") << length;
    }
    EXPECT_EQ(wrong("\x02" + bytes.substr(1)), "VERSION");
    EXPECT_EQ(wrong("\x01\x03" + bytes.substr(2)), "KIND");
  }
  EXPECT_EQ(wrong(Encode(PaperContent{
                .totals = {{.number = 2, .support = 1}, {.number = 1, .support = 1}}})),
            "ORDER");
  EXPECT_EQ(wrong(Encode(PaperContent{.totals = {{.number = 2, .support = 0}}})), "SUPPORT_ZERO");
  EXPECT_EQ(wrong(std::string("\1\2\0\0\0\1\0\2\1\1", 10)), "CHOICE");
}

struct Case {
  const char* name;
  std::function<void(Manifest&)> rule;
  PaperContent content;
  uint32_t valid;
  const char* wrong;
};

class Contents : public ::testing::TestWithParam<Case> {};

TEST_P(Contents, AreWhatSoManyBallotsCanSay) {
  Manifest m = SampleManifest();
  GetParam().rule(m);
  EXPECT_EQ(WrongIn(CheckContent(GetParam().content, GetParam().valid, m), "BAD_CONTENT"),
            GetParam().wrong);
}

void Approval(Manifest& m) { m.ballot_rule.choices_max = 2; }
void Points(Manifest& m) {
  m.count_rule.rule = "greedy_points";
  m.ballot_rule.kind = BallotKind::kPoints;
  m.ballot_rule.points_total_max = 5;
  m.ballot_rule.points_ladder = {3, 2, 1};
}
void Knapsack(Manifest& m) { m.ballot_rule.kind = BallotKind::kKnapsack; }
void Single(Manifest& m) { m.count_rule.rule = "phragmen"; }
PaperContent Totals(uint32_t blank, std::vector<PaperContent::Total> totals) {
  PaperContent content;
  content.blank = blank;
  content.totals = std::move(totals);
  return content;
}
PaperContent Ballots(std::vector<Choice> choices) {
  PaperContent content;
  content.kind = PaperContent::Kind::kBallots;
  content.choices = std::move(choices);
  return content;
}

INSTANTIATE_TEST_SUITE_P(
    Paper, Contents,
    ::testing::ValuesIn<Case>({
        {"all_they_can", Approval, Totals(1, {{1, 3}, {2, 3}}), 4, ""},
        {"none_at_all", Approval, Totals(0, {}), 0, ""},
        {"nothing_but_blank", Approval, Totals(4, {}), 4, ""},
        {"more_than_ballots", Approval, Totals(1, {{1, 4}}), 4, "SUPPORT"},
        {"more_than_choices", Approval, Totals(1, {{1, 3}, {2, 3}, {3, 1}}), 4, "SUPPORT"},
        {"fewer_than_one_each", Approval, Totals(0, {{1, 3}}), 4, "SUPPORT"},
        {"unknown_plan", Approval, Totals(0, {{9, 4}}), 4, "UNKNOWN_PLAN"},
        {"more_blank_than_ballots", Approval, Totals(5, {}), 4, "BLANK"},
        {"all_points", Points, Totals(0, {{1, 6}, {2, 4}}), 2, ""},
        {"above_the_ladder", Points, Totals(0, {{1, 7}}), 2, "SUPPORT"},
        {"above_the_total", Points, Totals(0, {{1, 6}, {2, 5}}), 2, "SUPPORT"},
        {"the_pot_each", Knapsack, Totals(0, {{1, 2}, {2, 2}}), 2, ""},
        {"above_the_pot", Knapsack, Totals(0, {{1, 2}, {2, 2}, {3, 1}}), 2, "SUPPORT"},
        {"single_where_sums_do", Approval, Ballots({}), 0, "KIND"},
        {"totals_where_single_count", Single, Totals(0, {}), 0, "KIND"},
        {"single", Single, Ballots({Of(BallotKind::kApproval, {{1, 0}})}), 1, ""},
        {"one_missing", Single, Ballots({Of(BallotKind::kApproval, {{1, 0}})}), 2, "BALLOTS"},
        {"breaks_the_rule", Single, Ballots({Of(BallotKind::kApproval, {{8, 0}})}), 1, "CHOICE"},
    }),
    [](const auto& test) { return std::string(test.param.name); });

TEST(PaperContent, WhateverBallotsSayHoldsInTotalsToo) {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  for (int round = 0; round < 300; ++round) {
    Manifest m = SampleManifest();
    (round % 2 == 0 ? Points : Knapsack)(m);
    std::vector<Choice> choices;
    for (uint64_t left = random() % 20; left > 0; --left) {
      Choice choice = Of(m.ballot_rule.kind, {});
      for (uint32_t number = 1; number <= 3; ++number) {
        if (random() % 2 == 0) continue;
        const uint32_t points = round % 2 == 0 ? 1 + static_cast<uint32_t>(random() % 3) : 0;
        choice.lines.push_back({.number = number, .points = points});
      }
      if (CheckChoice(choice, m).ok()) choices.push_back(std::move(choice));
    }
    const PaperContent content = ToContent(choices, m);
    EXPECT_TRUE(CheckContent(content, static_cast<uint32_t>(choices.size()), m).ok())
        << "seed " << seed;
  }
}

TEST(PaperCommitment, DependsOnEveryPart) {
  const RoundId round = RoundId::Random();
  const BatchId batch = BatchId::Random();
  const std::string nonce(32, 'n');
  const Hash hash = PaperCommitment(round, batch, nonce, "c");
  EXPECT_NE(hash, PaperCommitment(RoundId::Random(), batch, nonce, "c"));
  EXPECT_NE(hash, PaperCommitment(round, BatchId::Random(), nonce, "c"));
  EXPECT_NE(hash, PaperCommitment(round, batch, std::string(32, 'm'), "c"));
  EXPECT_NE(hash, PaperCommitment(round, batch, nonce, "d"));
}

}  // namespace
}  // namespace smederij::ballots
