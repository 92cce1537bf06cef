#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/ballots/tally/testing/small_election.h"

// For tests: random small elections, full of ties. Every failure prints the seed; SMEDERIJ_SEED
// repeats it.
namespace smederij::ballots::tally {

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int Roll(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  template <class T>
  void Shuffle(std::vector<T>& items) {
    std::shuffle(items.begin(), items.end(), engine_);
  }

 private:
  std::mt19937 engine_;
};

inline unsigned FirstSeed() {
  const char* given = std::getenv("SMEDERIJ_SEED");
  return given == nullptr ? std::random_device()() : static_cast<unsigned>(std::stoul(given));
}

// Few plans, round costs and many equal ballots, so that ties and exact fits abound.
inline Election RandomElection(Dice& dice, BallotKind kind) {
  Election election;
  election.kind = kind;
  const int plans = dice.Roll(1, 7);
  const int step = dice.Roll(1, 3) == 1 ? 1 : 5;
  for (int p = 0; p < plans; ++p) {
    Plan plan;
    plan.id = absl::StrCat("p", p);
    plan.number = static_cast<uint32_t>(p + 1);
    plan.cost = Rational(dice.Roll(dice.Roll(0, 4) == 0 ? 0 : 1, 8) * step, dice.Roll(1, 2));
    plan.cost.canonicalize();
    election.plans.push_back(plan);
  }
  election.budget = dice.Roll(0, 30) * step;
  const int ballots = dice.Roll(0, 12);
  for (int row = 0; row < ballots; ++row) {
    std::vector<Choice> choices;
    for (int p = 0; p < plans; ++p) {
      choices.push_back({static_cast<uint32_t>(p), static_cast<uint32_t>(dice.Roll(0, 4))});
    }
    dice.Shuffle(choices);
    const int most = kind == BallotKind::kChooseOne ? 1 : plans;
    choices.resize(static_cast<size_t>(dice.Roll(0, most)));
    election.ballots.Add(choices, dice.Roll(0, 3) == 0 ? dice.Roll(2, 4) : 1);
  }
  return election;
}

inline std::set<uint32_t> SetOf(const Outcome& outcome) {
  return {outcome.selected.begin(), outcome.selected.end()};
}

inline std::string NameOfRule(const RuleInfo& info) {
  return std::string(info.name.data(), info.name.size());
}

// Calls `check(election, rule, dice)` for many elections of every rule.
template <class Check>
void ForRandomElections(int rounds, Check check) {
  const unsigned first = FirstSeed();
  if (std::getenv("SMEDERIJ_ALL") != nullptr) rounds *= 20;
  std::printf("%d rounds from seed %u\n", rounds, first);
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    const unsigned seed = first + static_cast<unsigned>(round);
    SCOPED_TRACE(testing::Message() << "SMEDERIJ_SEED=" << seed);
    for (const RuleInfo& info : Rules()) {
      SCOPED_TRACE(NameOfRule(info));
      Dice dice(seed);
      const int kind = dice.Roll(0, static_cast<int>(info.kinds.size()) - 1);
      const Election election = RandomElection(dice, info.kinds[static_cast<size_t>(kind)]);
      check(election, MakeRule(NameOfRule(info)), dice);
    }
  }
}

}  // namespace smederij::ballots::tally
