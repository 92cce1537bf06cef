#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/base/error.h"
#include "services/proposals/test/correct.h"

namespace smederij::proposals {
namespace {

using Stub = Village::Stub;
using v1::Correction;

// A round whose plans have their outcome, without having been played: the first got its 900 euro,
// the offer to the second was declined.
struct Voted : Corrected {
  Voted() {
    village.Sql(
        "UPDATE proposals.round SET outcome = 1, done_at = clock_timestamp(),"
        " result_hash = sha256('result'), result_version = 1");
    village.Sql(
        "UPDATE proposals.plan SET state = 8, award_version = 1, award_cents = 90000"
        " WHERE number = 1");
    village.Sql("UPDATE proposals.plan SET state = 7, award_cents = 60000 WHERE number = 2");
    village.Sql("UPDATE proposals.plan SET state = 3 WHERE number = 3");
  }
  std::string Reason(const v1::ProposeCorrectionRequest& request, const testing::Person& who) {
    return std::string(ReasonOf(village.Ask(&Stub::ProposeCorrection, request, who).status()));
  }
  std::string Reason(const std::string& id, bool accept, const testing::Person& who) {
    return std::string(ReasonOf(Decide(id, accept, who).status()));
  }
};

testing::Person Another(const testing::Person& like) {
  return {.municipality = like.municipality, .grants = like.grants};
}

TEST(ProposeCorrection, ChangesNothingUntilSomebodyElseAccepts) {
  Voted voted;
  bool replayed = false;
  const auto request = voted.Request({{2, 600'00}, {1, 0}});
  const auto proposed =
      voted.village.Ask(&Stub::ProposeCorrection, request, voted.village.director, &replayed);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->number(), 1u);
  EXPECT_EQ(proposed->state(), Correction::STATE_PROPOSED);
  EXPECT_EQ(proposed->decision_ref(), "A-2026-3");
  EXPECT_EQ(proposed->decided_by(), "");
  ASSERT_EQ(proposed->lines_size(), 2);
  EXPECT_EQ(proposed->lines(0).plan_id(), voted.play.plans[0]) << "by number";
  EXPECT_EQ(proposed->lines(1).amount_cents(), 600'00);
  EXPECT_EQ(voted.village.RoundOf(voted.play.round).phase(), v1::Round::PHASE_DONE);
  const auto again =
      voted.village.Ask(&Stub::ProposeCorrection, request, voted.village.director, &replayed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), proposed->SerializeAsString());

  ASSERT_TRUE(voted.Accept(proposed->correction_id()));
  EXPECT_EQ(voted.All()[0].state(), Correction::STATE_ACCEPTED);
  EXPECT_NE(voted.All()[0].decided_by(), voted.All()[0].proposed_by());
  EXPECT_EQ(voted.village.RoundOf(voted.play.round).phase(), v1::Round::PHASE_AWARDING);
  EXPECT_EQ(voted.village.PlanOf(voted.play.plans[0]).award_cents(), 900'00)
      << "until the ledger has done it";
}

TEST(ProposeCorrection, KeepsThePotThatItNames) {
  Voted voted;
  auto request = voted.Request({{1, 0}, {2, 600'00}});
  const std::string corporation = voted.village.corporation.ToString();
  request.mutable_lines(1)->set_budget_id(corporation);
  const auto proposed =
      voted.village.Ask(&Stub::ProposeCorrection, request, voted.village.director);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  ASSERT_EQ(proposed->lines_size(), 2);
  EXPECT_EQ(proposed->lines(0).budget_id(), "");
  EXPECT_EQ(proposed->lines(1).budget_id(), corporation);
  EXPECT_EQ(voted.All()[0].lines(1).budget_id(), corporation);
  // Another pot is another request.
  request.mutable_lines(1)->set_budget_id(voted.village.general.ToString());
  EXPECT_EQ(voted.Reason(request, voted.village.director), "REQUEST_ID_REUSED");
}

TEST(ProposeCorrection, RefusesInOrderOfPrecedence) {
  Voted voted;
  const auto& director = voted.village.director;
  auto request = voted.Request({{1, -1}, {1, 1}});
  request.set_decision_ref("two\nlines");
  request.set_round_id("no id");
  EXPECT_EQ(voted.Reason(request, voted.village.ann), "ROLE_NOT_HELD");
  EXPECT_EQ(voted.Reason(request, director), "BAD_ID");
  request.set_round_id(Uuid::Random().ToString());
  EXPECT_EQ(voted.Reason(request, director), "BAD_TEXT");
  request.set_decision_ref("A-1");
  EXPECT_EQ(voted.Reason(request, director), "BAD_CORRECTION");
  request.mutable_lines()->RemoveLast();
  for (const int64_t cents : {int64_t{-1}, INT64_MIN, INT64_MAX, Money::kCentsMax + 1}) {
    request.mutable_lines(0)->set_amount_cents(cents);
    EXPECT_EQ(voted.Reason(request, director), "AMOUNT_OUT_OF_RANGE") << cents;
  }
  request.mutable_lines(0)->set_amount_cents(Money::kCentsMax);
  EXPECT_EQ(voted.Reason(request, director), "ROUND_NOT_FOUND");
  request.set_round_id(voted.play.round);
  testing::Person elsewhere = director;
  elsewhere.grants[0].district = voted.village.elsewhere;
  EXPECT_EQ(voted.Reason(request, elsewhere), "ROLE_NOT_HELD_THERE");
  voted.village.Sql("UPDATE proposals.round SET done_at = NULL, outcome = 0");
  EXPECT_EQ(voted.Reason(request, director), "WRONG_PHASE");
  voted.village.Sql("UPDATE proposals.round SET outcome = 1");
  voted.village.Sql("UPDATE proposals.plan SET state = 5 WHERE number = 2");
  EXPECT_EQ(voted.Reason(request, director), "OFFERS_OPEN");
  voted.village.Sql("UPDATE proposals.plan SET state = 7 WHERE number = 2");
  const std::string pending = voted.Propose({{1, 1}});
  EXPECT_EQ(voted.Reason(request, director), "CORRECTION_PENDING");
  EXPECT_EQ(voted.Reason(pending, false, voted.village.holder), "");
  request.mutable_lines(0)->set_plan_id(Uuid::Random().ToString());
  request.mutable_lines(0)->set_budget_id(Uuid::Random().ToString());
  EXPECT_EQ(voted.Reason(request, director), "PLAN_NOT_FOUND");
  request.mutable_lines(0)->set_plan_id(voted.play.plans[2]);
  EXPECT_EQ(voted.Reason(request, director), "POT_NOT_FOUND");
  request.mutable_lines(0)->set_budget_id("no id");
  EXPECT_EQ(voted.Reason(request, director), "BAD_ID");
  request.mutable_lines(0)->set_budget_id(voted.village.corporation.ToString());
  EXPECT_EQ(voted.Reason(request, director), "NOT_ON_THE_BALLOT");
  request.mutable_lines(0)->set_plan_id(voted.play.plans[0]);
  EXPECT_EQ(voted.Reason(request, director), "OVER_COST");
  request.mutable_lines(0)->set_amount_cents(900'00);
  EXPECT_EQ(voted.Reason(request, director), "NOTHING_CORRECTED");
  request.mutable_lines(0)->set_amount_cents(899'99);
  EXPECT_EQ(voted.Reason(request, director), "POT_NOT_NEEDED");
  request.mutable_lines(0)->clear_budget_id();
  EXPECT_EQ(voted.Reason(request, director), "");
}

TEST(DecideCorrection, RefusesInOrderOfPrecedence) {
  Voted voted;
  testing::Person holder = Another(voted.village.holder);
  holder.grants[0].limit_cents = 599'99;
  EXPECT_EQ(voted.Reason("no id", true, holder), "BAD_ID");
  EXPECT_EQ(voted.Reason(Uuid::Random().ToString(), true, holder), "CORRECTION_NOT_FOUND");
  auto request = voted.Request({{1, 0}, {2, 600'00}});
  const auto proposed = voted.village.Ask(&Stub::ProposeCorrection, request, holder);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const std::string id = proposed->correction_id();
  EXPECT_EQ(voted.Reason(id, true, voted.village.director), "ROLE_NOT_HELD");
  testing::Person elsewhere = voted.village.holder;
  elsewhere.grants[0].district = voted.village.elsewhere;
  EXPECT_EQ(voted.Reason(id, true, elsewhere), "ROLE_NOT_HELD_THERE");
  EXPECT_EQ(voted.Reason(id, true, holder), "SELF_APPROVAL");
  testing::Person limited = Another(holder);
  EXPECT_EQ(voted.Reason(id, true, limited), "OVER_LIMIT");
  EXPECT_EQ(voted.Reason(id, false, holder), "") << "whoever proposed it may take it back";
  EXPECT_EQ(voted.Reason(id, true, voted.village.holder), "CORRECTION_DECIDED");
  EXPECT_EQ(voted.All()[0].state(), Correction::STATE_REFUSED);
  EXPECT_EQ(voted.village.RoundOf(voted.play.round).phase(), v1::Round::PHASE_DONE);
}

TEST(DecideCorrection, OneOfManyAtOnceDecides) {
  Voted voted;
  const std::string id = voted.Propose({{1, 0}});
  constexpr int kPeople = 8;
  std::array<std::string, kPeople> reasons;
  std::vector<std::thread> threads;
  voted.village.server->Channel();
  for (int i = 0; i < kPeople; ++i) {
    threads.emplace_back([&, i] {
      reasons[static_cast<size_t>(i)] = voted.Reason(id, i % 2 == 0, Another(voted.village.holder));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(reasons.begin(), reasons.end(), ""), 1);
  EXPECT_EQ(std::count(reasons.begin(), reasons.end(), "CORRECTION_DECIDED"), kPeople - 1);
}

TEST(WithdrawCorrection, TakesBackWhatOneProposedAndMakesRoomForAnother) {
  Voted voted;
  const std::string id = voted.Propose({{1, 0}});
  v1::WithdrawCorrectionRequest request;
  request.set_request_id(Uuid::Random().ToString());
  request.set_correction_id(id);
  bool replayed = false;
  const auto withdrawn =
      voted.village.Ask(&Stub::WithdrawCorrection, request, voted.village.director, &replayed);
  ASSERT_TRUE(withdrawn.ok()) << withdrawn.status();
  EXPECT_FALSE(replayed);
  EXPECT_EQ(withdrawn->state(), Correction::STATE_WITHDRAWN);
  EXPECT_EQ(withdrawn->decided_by(), withdrawn->proposed_by());
  EXPECT_EQ(voted.All()[0].state(), Correction::STATE_WITHDRAWN);
  EXPECT_EQ(voted.village.RoundOf(voted.play.round).phase(), v1::Round::PHASE_DONE);
  EXPECT_EQ(voted.village.PlanOf(voted.play.plans[0]).award_cents(), 900'00);
  EXPECT_EQ(voted.Reason(id, true, voted.village.holder), "CORRECTION_DECIDED");
  const std::string next = voted.Propose({{1, 1}});
  EXPECT_EQ(voted.All()[1].number(), 2u);
  // Again: the first answer, and not the next one taken back.
  const auto again =
      voted.village.Ask(&Stub::WithdrawCorrection, request, voted.village.director, &replayed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), withdrawn->SerializeAsString());
  EXPECT_TRUE(voted.Accept(next));
  request.set_correction_id(next);
  EXPECT_EQ(
      ReasonOf(
          voted.village.Ask(&Stub::WithdrawCorrection, request, voted.village.director).status()),
      "REQUEST_ID_REUSED");
}

TEST(WithdrawCorrection, RefusesInOrderOfPrecedence) {
  Voted voted;
  const auto reason = [&](const std::string& id, const testing::Person& who) {
    return std::string(ReasonOf(voted.Withdraw(id, who).status()));
  };
  const auto& director = voted.village.director;
  EXPECT_EQ(reason("no id", voted.village.ann), "ROLE_NOT_HELD");
  EXPECT_EQ(reason("no id", director), "BAD_ID");
  EXPECT_EQ(reason(Uuid::Random().ToString(), director), "CORRECTION_NOT_FOUND");
  const std::string id = voted.Propose({{1, 0}});
  testing::Person elsewhere = director;
  elsewhere.grants[0].district = voted.village.elsewhere;
  EXPECT_EQ(reason(id, elsewhere), "ROLE_NOT_HELD_THERE");
  EXPECT_EQ(reason(id, Another(director)), "NOT_PROPOSER");
  EXPECT_EQ(reason(id, voted.village.holder), "NOT_PROPOSER");
  ASSERT_TRUE(voted.Accept(id));
  EXPECT_EQ(reason(id, Another(director)), "CORRECTION_DECIDED");
  EXPECT_EQ(reason(id, director), "CORRECTION_DECIDED");
  EXPECT_EQ(voted.All()[0].state(), Correction::STATE_ACCEPTED);
}

TEST(WithdrawCorrection, OneOfManyAtOnceDecides) {
  Voted voted;
  const std::string id = voted.Propose({{1, 0}});
  constexpr int kCalls = 8;
  std::array<std::string, kCalls> reasons;
  std::vector<std::thread> threads;
  voted.village.server->Channel();
  for (int i = 0; i < kCalls; ++i) {
    threads.emplace_back([&, i] {
      reasons[static_cast<size_t>(i)] =
          i % 2 == 0 ? voted.Reason(id, true, voted.village.holder)
                     : std::string(ReasonOf(voted.Withdraw(id, voted.village.director).status()));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(reasons.begin(), reasons.end(), ""), 1);
  EXPECT_EQ(std::count(reasons.begin(), reasons.end(), "CORRECTION_DECIDED"), kCalls - 1);
  const bool accepted = voted.All()[0].state() == Correction::STATE_ACCEPTED;
  EXPECT_EQ(voted.village.RoundOf(voted.play.round).phase(),
            accepted ? v1::Round::PHASE_AWARDING : v1::Round::PHASE_DONE);
}

TEST(ListCorrections, ArePublicAndPagedByNumber) {
  Voted voted;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(voted.Reason(voted.Propose({{1, i + 1}}), false, voted.village.holder), "");
  }
  v1::ListCorrectionsRequest request;
  request.set_round_id(voted.play.round);
  request.set_page_size(2);
  std::vector<uint32_t> numbers;
  do {
    const auto page = voted.village.Ask(&Stub::ListCorrections, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const Correction& correction : page->corrections()) numbers.push_back(correction.number());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(numbers, (std::vector<uint32_t>{1, 2, 3}));
  request.set_page_token("no token");
  EXPECT_EQ(ReasonOf(voted.village.Ask(&Stub::ListCorrections, request).status()), "BAD_PAGE");
  request.clear_page_token();
  request.set_round_id(Uuid::Random().ToString());
  EXPECT_EQ(ReasonOf(voted.village.Ask(&Stub::ListCorrections, request).status()),
            "ROUND_NOT_FOUND");
}

}  // namespace
}  // namespace smederij::proposals
