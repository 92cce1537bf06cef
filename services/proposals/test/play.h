#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/proposals/test/village.h"

// A whole round as people play it, for the tests of the reconciler.
namespace smederij::proposals {

// A round with two plans that go to the vote and one that does not; the pot is approved.
struct Play {
  std::string round;
  std::vector<std::string> plans;
};

inline Play Prepare(Village& village, bool demonstration = true) {
  Play play;
  play.round = village.MakeRound("Noordveld 2026", demonstration);
  const std::string idea = village.MakeIdea(play.round), group = village.MakeGroup(play.round);
  for (const bool admitted : {true, true, false}) {
    play.plans.push_back(village.MakePlan(group, idea, 900'00, admitted));
  }
  village.ApprovePot(play.round);
  // 1,500 euro in two pots: the first plan in full, what is left is offered to the second.
  village.ballots.awards = {{1, 900'00}, {2, 600'00}};
  return play;
}

inline void Answer(Village& village, const std::string& plan, bool accept) {
  v1::AnswerOfferRequest request;
  request.set_plan_id(plan);
  request.set_accept(accept);
  const auto answered = village.Write(&Village::Stub::AnswerOffer, request, village.ann);
  EXPECT_TRUE(answered.ok()) << answered.status();
}

// Does what people do, whenever it is their turn, until the round is done.
inline ::testing::AssertionResult PlayOn(Village& village, const Play& play, bool accept = true) {
  bool brought_forward = false, answered = false;
  const auto done = [&] {
    const ballots::v1::Election::State state = village.ballots.StateOf(play.round);
    if (state == ballots::v1::Election::STATE_PROPOSED) village.ballots.Approve(play.round);
    const bool confirmed = !village.registry.RollOf(play.round).manifest_hash().empty();
    if (state == ballots::v1::Election::STATE_PUBLISHED && confirmed && !brought_forward) {
      brought_forward = true;
      if (village.ballots.ManifestOf(play.round).demonstration()) {
        village.ballots.BringForwardClose(play.round);
      }
    }
    if (state == ballots::v1::Election::STATE_TALLIED) village.ballots.Certify(play.round);
    if (!answered && village.PlanOf(play.plans[1]).state() == v1::Plan::STATE_OFFERED) {
      answered = true;
      Answer(village, play.plans[1], accept);
    }
    return village.RoundOf(play.round).phase() == v1::Round::PHASE_DONE;
  };
  if (Village::Wait(done)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << village.RoundOf(play.round).DebugString();
}

// What a play has done to the neighbours in the end, in order.
inline const std::vector<std::string> kEffects = {"HoldPot general 100000",
                                                  "HoldPot corporation 50000",
                                                  "OpenRoll",
                                                  "ProposeManifest",
                                                  "ConfirmManifest",
                                                  "CloseRoll",
                                                  "CloseElection",
                                                  "CountElection",
                                                  "Reserve v1 general 90000",
                                                  "Reserve v2 general 10000",
                                                  "Reserve v2 corporation 50000",
                                                  "ReleasePot general 0",
                                                  "ReleasePot corporation 0"};

}  // namespace smederij::proposals
