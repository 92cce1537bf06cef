#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/ballots/tally/election.h"
#include "services/ballots/tally/outcome.h"
#include "services/ballots/tally/race.h"
#include "services/ballots/tally/rule.h"

// Inside Replay: the steps of one contest, gone through one by one.
namespace smederij::ballots::tally {

class ReplayStage {
 public:
  // `rank` is every plan's place in the tie order.
  ReplayStage(const Election& election, const Rule& rule, const Support& tally,
              const std::vector<uint32_t>& rank, const Outcome& outcome, const Contest& contest);

  const Election& election;
  const Rule& rule;
  const Support& tally;
  const Outcome& outcome;
  const Contest& contest;

  Rational left;              // Of the contest's money.
  size_t step = 0;            // How many steps were taken.
  std::set<uint32_t> open{};  // Plans that stand in the contest and have neither won nor lost.

  bool AtEnd() const { return step == contest.steps.size(); }
  const Step& next() const { return contest.steps[step]; }
  const Rational& CostOf(uint32_t plan) const { return election.plans[plan].cost; }
  bool Before(uint32_t a, uint32_t b) const { return rank_[a] < rank_[b]; }

  // The plan takes its award: the next step must say so, with the price and ties found here
  // (`tied` in any order). Closes it and those it excludes.
  absl::Status Take(uint32_t plan, Rational award, const Rational& price,
                    std::vector<uint32_t> tied);
  absl::Status Wrong(absl::string_view wrong) const;

 private:
  const std::vector<uint32_t>& rank_;
};

// Each goes through the steps its rule should take from where the stage stands.
absl::Status ReplayGreedy(ReplayStage& stage, absl::string_view rule);
absl::Status ReplayShares(ReplayStage& stage);
absl::Status ReplayPhragmen(ReplayStage& stage);

}  // namespace smederij::ballots::tally
