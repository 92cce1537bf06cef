#include "services/ballots/tally/sentence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/ballots/tally/testing/small_election.h"

namespace smederij::ballots::tally {
namespace {

std::string Say(const Outcome& outcome, uint32_t plan, Language language) {
  return SentenceOf(outcome.plans[plan].reason, outcome.plans[plan].facts, "EUR", language);
}

TEST(Sentence, TellsWhyAVoteWasEnoughOrNot) {
  Election election = MakeElection("1000", {{"a", "600"}, {"b", "550.5"}});
  AddBallot(election, {"a"}, 3);
  AddBallot(election, {"b"}, 2);
  const Outcome outcome = MustCount(election, MakeRule("greedy_votes"));
  EXPECT_EQ(Say(outcome, 0, Language::kEnglish),
            "Funded: with 3 votes its turn came, and the €600 it costs fitted in the €1,000 that "
            "was left.");
  EXPECT_EQ(Say(outcome, 1, Language::kEnglish),
            "Not funded: when its turn came only €400 was left, and it costs €550.50. With 1 vote "
            "more it would have gone before plan 1, and been funded.");
  EXPECT_EQ(Say(outcome, 0, Language::kDutch),
            "Toegekend: met 3 stemmen was dit plan aan de beurt, en de € 600 die het kost paste in "
            "de € 1.000 die over was.");
  EXPECT_EQ(Say(outcome, 1, Language::kDutch),
            "Niet toegekend: toen dit plan aan de beurt was, was er nog maar € 400 over, en het "
            "kost € 550,50. Met 1 stem meer was het vóór plan 1 gegaan en wel toegekend.");
}

TEST(Sentence, TellsWhatSharesPaidAndWhatWasMissing) {
  Election election = MakeElection("12", {{"a", "8"}, {"b", "5"}});
  AddBallot(election, {"a", "b"}, 2);
  AddBallot(election, {"a"});
  const Outcome outcome = MustCount(election, MakeRule("mes_cost"));
  EXPECT_EQ(Say(outcome, 0, Language::kEnglish),
            "Funded: every voter had the same share to spend. The 3 voters who chose this plan "
            "paid the €8 together: at most €2.67 each.");
  EXPECT_EQ(Say(outcome, 1, Language::kDutch),
            "Niet toegekend: iedere kiezer had € 4 te besteden. Aan het eind hadden de 2 kiezers "
            "van dit plan samen nog € 2,67, en het kost € 5: € 2,33 te weinig.");
}

TEST(Sentence, TellsWhatDecidedATie) {
  Election election = MakeElection("4", {{"a", "4"}, {"b", "4"}});
  AddBallot(election, {"a", "b"});
  const Outcome outcome = MustCount(election, MakeRule("greedy_votes"));
  EXPECT_EQ(Say(outcome, 1, Language::kEnglish),
            "Not funded: it was exactly as good as plan 1. That plan went first because it has the "
            "lower number, and then too little was left. With 1 vote more this plan would have "
            "gone first.");
  EXPECT_EQ(Say(outcome, 1, Language::kDutch),
            "Niet toegekend: dit plan was precies even goed als plan 1. Dat ging voor omdat het "
            "het laagste nummer heeft, en daarna was er te weinig over. Met 1 stem meer was dit "
            "plan voorgegaan.");
}

TEST(Sentence, SaysThatAFreePlanCostsNothing) {
  Election election = MakeElection("4", {{"a", "0"}});
  AddBallot(election, {"a"});
  const Outcome outcome = MustCount(election, MakeRule("mes_card"));
  EXPECT_EQ(Say(outcome, 0, Language::kEnglish),
            "Funded: it costs nothing, and at least one voter chose it.");
}

TEST(Sentence, WritesManyVotesAsPeopleDo) {
  Election election = MakeElection("4", {{"a", "4"}});
  AddBallot(election, {"a"}, 12'345);
  const Outcome outcome = MustCount(election, MakeRule("greedy_votes"));
  EXPECT_THAT(Say(outcome, 0, Language::kEnglish), testing::HasSubstr("12,345 votes"));
  EXPECT_THAT(Say(outcome, 0, Language::kDutch), testing::HasSubstr("12.345 stemmen"));
}

TEST(Sentence, WritesAmountsAsPeopleDo) {
  const auto english = [](absl::string_view amount, absl::string_view currency) {
    return MoneyText(FromText(amount), currency, Language::kEnglish);
  };
  const auto dutch = [](absl::string_view amount, absl::string_view currency) {
    return MoneyText(FromText(amount), currency, Language::kDutch);
  };
  EXPECT_EQ(english("0", "EUR"), "€0");
  EXPECT_EQ(english("999", "PLN"), "999 PLN");
  EXPECT_EQ(english("1000", "PLN"), "1,000 PLN");
  EXPECT_EQ(english("1234567.5", ""), "1,234,567.50");
  EXPECT_EQ(english("100/3", "EUR"), "€33.33");
  EXPECT_EQ(english("1999.999", "EUR"), "€2,000.00");
  EXPECT_EQ(dutch("1234567.5", "EUR"), "€ 1.234.567,50");
  EXPECT_EQ(dutch("100000", "HUF"), "100.000 HUF");
}

TEST(Sentence, KnowsEveryReasonByName) {
  for (int i = 0; i <= static_cast<int>(Reason::kSharesFellShort); ++i) {
    const Reason reason = static_cast<Reason>(i);
    EXPECT_EQ(ReasonNamed(NameOf(reason)), reason);
  }
  EXPECT_EQ(ReasonNamed("NO_REASON"), std::nullopt);
}

}  // namespace
}  // namespace smederij::ballots::tally
