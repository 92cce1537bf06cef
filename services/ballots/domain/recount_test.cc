#include "services/ballots/domain/recount.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/crypto/hash.h"
#include "common/crypto/merkle.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/testing/election.h"

namespace smederij::ballots {
namespace {

using testing::Approve;
using ::testing::ElementsAre;
using testing::Envelope;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Issuer;
using testing::SampleManifest;
using testing::Voter;

// A log and its openings, as a closed election leaves them.
struct Box {
  Manifest manifest = SampleManifest();
  std::vector<std::string> leaves{Encode(manifest)};
  std::map<Hash, Envelope> openings;

  Voter NewVoter(uint16_t class_id = 1) const {
    return Voter(manifest.round_id, class_id, Issuer(class_id - 1u));
  }
  void Put(const Envelope& envelope) {
    leaves.push_back(envelope.leaf);
    openings[crypto::LeafHash(envelope.leaf)] = envelope;
  }
  void Vote(std::vector<uint32_t> numbers, uint16_t class_id = 1) {
    Put(NewVoter(class_id).Cast(1, Approve(std::move(numbers))));
  }
  void Close() { leaves.push_back(ClosedEvent(manifest.round_id, 0)); }

  absl::StatusOr<Count> Finish(const Issued& issued = {{1, 900}, {2, 80}}) const {
    Recount recount(manifest, crypto::Sha256(leaves[0]));
    for (const std::string& leaf : leaves) recount.AddLeaf(crypto::LeafHash(leaf), leaf);
    for (const auto& [hash, o] : openings) recount.AddOpening(hash, o.choice, o.nonce);
    return recount.Finish(1, issued, {});
  }
};

const PlanResult& Plan(const Result& result, uint32_t number) {
  for (const PlanResult& plan : result.plans) {
    if (plan.number == number) return plan;
  }
  CHECK(false);
}

// Everybody has a credential, and nobody votes on paper.
ClassTurnout Online(uint16_t class_id, int64_t roll_size, int64_t ballots, int64_t blank) {
  return {.class_id = class_id,
          .roll_size = roll_size,
          .issued = roll_size,
          .ballots = ballots,
          .blank = blank};
}

TEST(Recount, CountsWhatWasOpenedAndSaysWhy) {
  Box box;
  box.manifest.classes[1].weight = 2;
  box.leaves[0] = Encode(box.manifest);
  box.Vote({1});
  box.Vote({1, 2});
  box.Vote({});
  box.Vote({2, 3}, /*class_id=*/2);
  box.Close();
  const auto count = box.Finish();
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_THAT(count->imbalances, IsEmpty());
  const Result& result = count->result;
  EXPECT_EQ(Plan(result, 1).support, 2);
  EXPECT_EQ(Plan(result, 2).support, 3);
  EXPECT_EQ(Plan(result, 3).support, 2);
  EXPECT_THAT(result.turnout, ElementsAre(Online(1, 900, 3, 1), Online(2, 80, 1, 0)));
  // Pot 10000: 2 costs 4000; 1 and 3 have equal support, 3 is cheaper; 6000 no longer fits.
  EXPECT_EQ(result.plans[0].number, 2u);
  EXPECT_EQ(result.plans[1].number, 3u);
  EXPECT_EQ(result.awarded, Money::Cents(65'00));
  EXPECT_EQ(Plan(result, 1).decision, Decision::kNotAwarded);
  EXPECT_FALSE(Plan(result, 1).reason.empty());
  EXPECT_FALSE(SentenceOf(Plan(result, 1), "EUR", tally::Language::kEnglish).empty());
  EXPECT_FALSE(SentenceOf(Plan(result, 1), "EUR", tally::Language::kDutch).empty());
  ASSERT_EQ(result.contests.size(), 1u);
  EXPECT_THAT(
      result.contests[0].steps,
      ElementsAre(CountStep{.number = 2, .price = "0", .left = Money::Cents(60'00)},
                  CountStep{.number = 3, .price = "0", .left = Money::Cents(35'00), .tied = {1}}));
  EXPECT_EQ(*DecodeResult(Encode(result)), result);
}

TEST(Recount, AClassBelowKMinDoesNotTellItsBlankBallots) {
  Box box;
  box.manifest.k_min = 2;
  box.leaves[0] = Encode(box.manifest);
  box.Vote({});
  box.Vote({1});
  box.Vote({}, /*class_id=*/2);
  box.Close();
  EXPECT_THAT(box.Finish()->result.turnout, ElementsAre(Online(1, 900, 2, 1), Online(2, 80, 1, 0)));
}

TEST(Recount, TheHighestSeqCountsWhateverTheOrderOfTheLog) {
  Box box;
  const Voter voter = box.NewVoter();
  const Envelope last = voter.Cast(9, Approve({3}));
  box.Put(last);
  box.leaves.push_back(voter.Cast(2, Approve({1})).leaf);
  box.Close();
  const auto count = box.Finish();
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_THAT(count->imbalances, IsEmpty());
  EXPECT_EQ(Plan(count->result, 3).support, 1);
  EXPECT_EQ(Plan(count->result, 1).support, 0);
}

TEST(Recount, AnEmptyElectionIsAResultToo) {
  Box box;
  box.Close();
  const auto count = box.Finish();
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_THAT(count->imbalances, IsEmpty());
  EXPECT_EQ(count->result.awarded, Money());
}

TEST(Recount, EverythingThatDoesNotBalanceIsTold) {
  Box missing;
  missing.Vote({1});
  missing.openings.clear();
  missing.Close();
  EXPECT_THAT(missing.Finish()->imbalances, ElementsAre("1 ballots have no opening"));

  Box bent;
  bent.Vote({1});
  bent.openings.begin()->second.choice = Approve({2});
  bent.Close();
  EXPECT_THAT(bent.Finish()->imbalances,
              ElementsAre("1 openings are not what their ballots commit to"));

  Box broken;
  broken.Put(broken.NewVoter().Cast(1, Approve({77})));
  broken.Close();
  EXPECT_THAT(broken.Finish()->imbalances, ElementsAre("1 opened choices break the ballot rule"));

  Box stray;
  const Voter voter = stray.NewVoter();
  stray.Put(voter.Cast(1, Approve({1})));
  stray.Put(voter.Cast(2, Approve({2})));
  stray.Close();
  EXPECT_THAT(stray.Finish()->imbalances,
              ElementsAre("1 openings belong to no ballot that counts"));

  Box late;
  late.Vote({1});
  late.Close();
  late.leaves.push_back(late.NewVoter().Cast(1, Approve({1})).leaf);
  EXPECT_THAT(late.Finish()->imbalances,
              ElementsAre("1 ballots stand in the log behind its close"));

  Box foreign;
  foreign.leaves.push_back(Voter(RoundId::Random(), 1, Issuer()).Cast(1, Approve({})).leaf);
  foreign.Close();
  EXPECT_THAT(foreign.Finish()->imbalances,
              ElementsAre("1 leaves in the log are no ballots of this election"));

  EXPECT_THAT(Box().Finish()->imbalances, ElementsAre("the log has no closing leaf"));
}

TEST(Recount, NoMoreKeysThanCredentialsNoMoreCredentialsThanVoters) {
  Box box;
  box.Vote({1});
  box.Vote({1});
  box.Close();
  EXPECT_THAT(box.Finish({{1, 2}, {2, 0}})->imbalances, IsEmpty());
  EXPECT_THAT(box.Finish({{1, 1}, {2, 0}})->imbalances,
              ElementsAre(HasSubstr("2 voting keys cast, 1 credentials issued")));
  EXPECT_THAT(box.Finish({{1, 901}, {2, 0}})->imbalances,
              ElementsAre(HasSubstr("901 credentials issued to a roll of 900")));
}

TEST(Recount, ShortAndLongStrikesAreContestsOfTheirOwn) {
  Box box;
  box.manifest.options[0].horizon = Horizon::kLongStrike;
  box.manifest.pots = {{.budget_id = BudgetId::Random(),
                        .amount = Money::Cents(40'00),
                        .entry_hash = {},
                        .horizon = Horizon::kShortStrike},
                       {.budget_id = BudgetId::Random(),
                        .amount = Money::Cents(70'00),
                        .entry_hash = {},
                        .horizon = Horizon::kLongStrike}};
  Normalise(box.manifest);
  ASSERT_TRUE(Check(box.manifest).ok()) << Check(box.manifest);
  box.leaves[0] = Encode(box.manifest);
  EXPECT_EQ(*DecodeManifest(box.leaves[0]), box.manifest);
  box.Vote({2, 3});
  box.Vote({1, 2});
  box.Close();
  const auto count = box.Finish();
  ASSERT_TRUE(count.ok()) << count.status();
  // 2 takes all of the short strikes' 4000; 1 is alone among the long ones.
  EXPECT_EQ(Plan(count->result, 1).decision, Decision::kAwarded);
  EXPECT_EQ(Plan(count->result, 2).decision, Decision::kAwarded);
  EXPECT_EQ(Plan(count->result, 3).decision, Decision::kNotAwarded);
  ASSERT_EQ(count->result.contests.size(), 2u);
  EXPECT_EQ(count->result.contests[0].category, "long_strike");
  EXPECT_EQ(count->result.contests[1].category, "short_strike");
}

TEST(Recount, CategoriesAreContestsOfTheirOwn) {
  Box box;
  box.manifest.options[0].category = "groen";
  box.manifest.options[1].category = "groen";
  box.manifest.options[2].category = "grijs";
  box.manifest.pots = {{.budget_id = BudgetId::Random(),
                        .amount = Money::Cents(40'00),
                        .entry_hash = {},
                        .category = "groen"},
                       {.budget_id = BudgetId::Random(),
                        .amount = Money::Cents(25'00),
                        .entry_hash = {},
                        .category = "grijs"}};
  Normalise(box.manifest);
  ASSERT_TRUE(Check(box.manifest).ok()) << Check(box.manifest);
  box.leaves[0] = Encode(box.manifest);
  EXPECT_EQ(*DecodeManifest(box.leaves[0]), box.manifest);
  box.Vote({1, 2, 3});
  box.Close();
  const auto count = box.Finish();
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(Plan(count->result, 1).decision, Decision::kNotAwarded);
  EXPECT_EQ(Plan(count->result, 2).decision, Decision::kAwarded);
  EXPECT_EQ(Plan(count->result, 3).decision, Decision::kAwarded);
}

TEST(Result, OnlyBytesThatWereWrittenAreRead) {
  Box box;
  box.Vote({1});
  box.Close();
  const std::string bytes = Encode(box.Finish()->result);
  EXPECT_FALSE(DecodeResult(bytes + '\0').ok());
  for (size_t length = 0; length < bytes.size(); ++length) {
    ASSERT_FALSE(DecodeResult(bytes.substr(0, length)).ok()) << length;
  }
}

}  // namespace
}  // namespace smederij::ballots
