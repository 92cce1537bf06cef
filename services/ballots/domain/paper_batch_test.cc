#include "services/ballots/domain/paper_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "common/base/error.h"
#include "services/ballots/testing/election.h"

namespace smederij::ballots {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Pair;
using testing::SampleManifest;
using Says = PaperDraft::Says;

PaperBatch OfBallots(uint32_t ballots) {
  PaperBatch batch;
  batch.ballots = ballots;
  batch.class_id = 1;
  batch.station = 1;
  return batch;
}
PaperDraft Chosen(uint32_t serial, std::vector<Choice::Line> lines) {
  return {.serial = serial, .says = Says::kChoice, .lines = std::move(lines)};
}

TEST(BatchStates, AreATable) {
  using V = BatchVerb;
  const std::map<V, std::string> allowed = {{V::kEnter, "123"},
                                            {V::kFinishPass, "2"},
                                            {V::kCompare, "34"},
                                            {V::kSeal, "4"},
                                            {V::kDiscard, "1234"}};
  for (const auto& [verb, states] : allowed) {
    for (char state = '1'; state <= '6'; ++state) {
      const absl::Status may = May(verb, static_cast<BatchState>(state - '0'));
      EXPECT_EQ(may.ok(), states.find(state) != std::string::npos) << state;
      EXPECT_EQ(ReasonOf(may), may.ok() ? "" : "WRONG_STATE");
    }
  }
}

TEST(PaperIsCounted, FromCastFromUntilTheResultIsCertified) {
  Round round;
  round.cast_from = absl::FromUnixSeconds(1'000);
  round.cast_until = absl::FromUnixSeconds(2'000);
  const auto counted = [&](RoundState state, int64_t now) {
    round.state = state;
    return PaperIsCounted(round, absl::FromUnixSeconds(now)).ok();
  };
  EXPECT_FALSE(counted(RoundState::kProposed, 1'500));
  EXPECT_FALSE(counted(RoundState::kPublished, 999));
  EXPECT_TRUE(counted(RoundState::kPublished, 1'000));
  EXPECT_TRUE(counted(RoundState::kPublished, 3'000));  // Waits for its close.
  EXPECT_TRUE(counted(RoundState::kClosed, 3'000));
  EXPECT_TRUE(counted(RoundState::kTallied, 3'000));
  EXPECT_FALSE(counted(RoundState::kCertified, 3'000));
}

TEST(MaySupersede, OneSealedBatchOfTheSameClassAndStation) {
  const PaperBatch batch = OfBallots(3);
  const auto wrong = [&](auto change, bool superseded) {
    PaperBatch earlier = OfBallots(9);
    earlier.state = BatchState::kSealed;
    change(earlier);
    const absl::Status status = MaySupersede(batch, earlier, superseded);
    return status.ok() ? "" : FactsOf(status).at(0).second;
  };
  EXPECT_EQ(wrong([](PaperBatch&) {}, false), "");
  EXPECT_EQ(wrong([](PaperBatch& b) { b.state = BatchState::kMatched; }, true), "NOT_SEALED");
  EXPECT_EQ(wrong([](PaperBatch& b) { b.class_id = 2; }, true), "OTHER_CLASS");
  EXPECT_EQ(wrong([](PaperBatch& b) { b.station = 2; }, true), "OTHER_STATION");
  EXPECT_EQ(wrong([](PaperBatch&) {}, true), "SUPERSEDED_ALREADY");
}

TEST(ReadDrafts, WhatWasReadFromThePaper) {
  const Manifest m = SampleManifest();
  const auto entries = ReadDrafts({Chosen(2, {{3, 0}, {1, 0}}),
                                   {.serial = 1, .says = Says::kBlank},
                                   {.serial = 3, .says = Says::kInvalid, .invalid = 7}},
                                  OfBallots(3), m, std::nullopt);
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_EQ(entries->size(), 3u);
  EXPECT_EQ(entries->at(0).choice.lines.at(0).number, 1u);  // In the order of the bytes.
  EXPECT_TRUE(entries->at(1).choice.blank());
  EXPECT_FALSE(entries->at(1).invalid);
  EXPECT_EQ(entries->at(2).invalid, InvalidReason::kIdentifies);
}

TEST(ReadDrafts, EveryMistakeOfEveryLineIsTold) {
  Manifest m = SampleManifest();
  m.ballot_rule.choices_min = 2;
  m.ballot_rule.choices_max = 2;
  const auto entries = ReadDrafts({Chosen(0, {{1, 0}, {9, 0}}),
                                   Chosen(4, {{1, 0}, {1, 0}, {8, 2}}),
                                   Chosen(1, {}),
                                   {.serial = 1, .says = Says::kBlank},
                                   {.serial = 2, .says = Says::kInvalid, .invalid = 9},
                                   {.serial = 3},
                                   Chosen(3, {{2, 1}})},
                                  OfBallots(3), m, std::nullopt);
  EXPECT_EQ(ReasonOf(entries.status()), "BAD_BALLOTS");
  EXPECT_THAT(
      FieldsOf(entries.status()),
      ElementsAre(Key("ballots[0].lines[1].number"), Key("ballots[0].serial"), Key("ballots[1]"),
                  Key("ballots[1].lines[1].number"), Key("ballots[1].lines[2].number"),
                  Key("ballots[1].serial"), Key("ballots[2]"), Key("ballots[3].serial"),
                  Key("ballots[4].invalid"), Key("ballots[5]"), Key("ballots[6]"),
                  Key("ballots[6].lines[0].points"), Key("ballots[6].serial")));
}

TEST(ReadDrafts, PointsThatBreakTheRuleInEveryWay) {
  Manifest m = SampleManifest();
  m.count_rule.rule = "greedy_points";
  m.ballot_rule.kind = BallotKind::kPoints;
  m.ballot_rule.points_total_max = 4;
  m.ballot_rule.points_per_plan_max = 3;
  m.ballot_rule.points_ladder = {3, 2, 1};
  const auto entries = ReadDrafts({Chosen(1, {{1, 4}, {2, 0}, {3, 2}}), Chosen(2, {{1, 2}, {2, 2}}),
                                   Chosen(3, {{1, 3}, {2, 1}})},
                                  OfBallots(3), m, std::nullopt);
  EXPECT_THAT(FieldsOf(entries.status()),
              ElementsAre(Key("ballots[0]"),
                          Pair("ballots[0].lines[0].points", HasSubstr("more than 3; are not")),
                          Key("ballots[0].lines[1].points"), Key("ballots[1].lines[1].points")));
  EXPECT_EQ(FactsOf(entries.status()).at(0), Fact("mistakes", "5"));
}

TEST(ReadDrafts, WherePassesDifferOnlyWhatDiffers) {
  const std::vector<uint32_t> differing = {2, 5};
  const auto entries =
      ReadDrafts({{.serial = 2, .says = Says::kBlank}, {.serial = 3, .says = Says::kBlank}},
                 OfBallots(5), SampleManifest(), differing);
  EXPECT_THAT(FieldsOf(entries.status()), ElementsAre(Key("ballots[1].serial")));
}

TEST(ReadDrafts, AgreesWithTheBallotRuleAboutEveryChoice) {
  const auto seed = std::random_device()();
  std::mt19937_64 random(seed);
  const auto below = [&](uint32_t bound) { return static_cast<uint32_t>(random() % bound); };
  int good = 0;
  for (int i = 0; i < 3'000; ++i) {
    Manifest m = SampleManifest();
    m.ballot_rule.kind = static_cast<BallotKind>(1 + below(5));
    m.ballot_rule.choices_min = below(2);
    m.ballot_rule.choices_max = below(4);
    const bool points = m.ballot_rule.kind == BallotKind::kPoints;
    if (points) {
      m.ballot_rule.points_total_max = below(6);
      m.ballot_rule.points_per_plan_max = below(4);
      if (below(2) == 0) m.ballot_rule.points_ladder = {3, 2, 1};
    }
    std::vector<Choice::Line> lines;
    for (uint32_t left = 1 + below(4); left > 0; --left) {
      lines.push_back({.number = 1 + below(4), .points = points ? below(5) : 0});
    }
    Choice choice{.kind = m.ballot_rule.kind, .lines = lines};
    if (choice.kind != BallotKind::kRanking) {
      std::sort(choice.lines.begin(), choice.lines.end(),
                [](const auto& a, const auto& b) { return a.number < b.number; });
    }
    const auto parsed = ParseChoice(Encode(choice));
    const bool holds = parsed.ok() && CheckChoice(*parsed, m).ok();
    const auto entries = ReadDrafts({Chosen(1, lines)}, OfBallots(1), m, std::nullopt);
    ASSERT_EQ(entries.ok(), holds) << "seed " << seed << " " << entries.status();
    ASSERT_TRUE(!holds || entries->at(0).choice == choice);
    good += holds ? 1 : 0;
  }
  EXPECT_GT(good, 100);
}

TEST(PassOf, TwoOfficersAndNoThird) {
  const SubjectId ann = SubjectId::Random(), bob = SubjectId::Random(), eve = SubjectId::Random();
  EXPECT_EQ(PassOf({}, ann)->pass, 1);
  const std::vector<PaperPass> one = {{.pass = 1, .officer = ann}};
  EXPECT_EQ(PassOf(one, ann)->pass, 1);
  EXPECT_EQ(PassOf(one, bob)->pass, 2);
  const std::vector<PaperPass> two = {{.pass = 1, .officer = ann}, {.pass = 2, .officer = bob}};
  EXPECT_EQ(PassOf(two, bob)->pass, 2);
  EXPECT_EQ(ReasonOf(PassOf(two, eve).status()), "PASSES_TAKEN");
}

TEST(MustBeComplete, NamesWhatIsMissing) {
  EXPECT_TRUE(MustBeComplete(std::vector<uint32_t>{1, 2, 3}, 3).ok());
  const absl::Status status = MustBeComplete(std::vector<uint32_t>{2, 5, 9}, 10);
  EXPECT_EQ(ReasonOf(status), "PASS_INCOMPLETE");
  EXPECT_THAT(FactsOf(status),
              ElementsAre(Fact("missing", "7"), Fact("serials", "1, 3-4, 6-8, 10")));
  // Of many the first are named, whole, and the others counted.
  std::vector<uint32_t> even;
  for (uint32_t serial = 2; serial <= kBatchBallotsMax; serial += 2) even.push_back(serial);
  const std::vector<Fact> facts = FactsOf(MustBeComplete(even, kBatchBallotsMax));
  ASSERT_EQ(facts.size(), 2u);
  EXPECT_THAT(facts[1].second, ::testing::MatchesRegex("1, 3, 5(, [0-9]+)+ and [0-9]+ more"));
}

}  // namespace
}  // namespace smederij::ballots
