#pragma once

#include <cstdint>
#include <vector>

#include "services/ballots/tally/electorate.h"
#include "services/ballots/tally/race.h"
#include "services/ballots/tally/shares_run.h"

namespace smederij::ballots::tally {

// Tells whether a run would go exactly the same way with a larger endowment, and with every one
// between: the same plans in the same order, paid in the same way by the same voters.
//
// As long as the way is the same, all money and all prices are affine in the endowment. So are the
// bounds that show that nothing else goes first. What holds for affine functions at both ends holds
// between them; the run itself is the one end, here the other is looked at. Doubles with error
// bounds: where they do not tell, the answer is no, and the caller counts.
class SharesSkip {
 public:
  SharesSkip(const Race& race, const Electorate& electorate)
      : race_(race), electorate_(electorate) {}

  // `run` was made with numerator / denominator and ended by itself; asks about larger /
  // denominator.
  bool SameUpTo(const SharesRun& run, const Integer& numerator, const Integer& larger,
                const Integer& denominator);

 private:
  // One end: the endowment and what ballots hold there.
  struct End {
    std::vector<double> money{};  // By group; 0 is exactly nothing.
    double error = 0;
    double endowment = 0;
    double price = 0;  // Of the round being looked at.
  };
  // A plan that was not bought yet: lower bounds of its price at either end, and the price at
  // `near` by which its poor are told.
  struct Candidate {
    uint32_t plan = 0;
    double near_low = 0;
    double far_low = 0;
    double limit = 0;
  };

  static void Start(End& end, size_t groups, double endowment);
  void FindPrices(const SharesRun& run, const Integer& larger, const Integer& denominator);
  bool PaysTheSame(const SharesRun::Round& round);
  bool StaysBehind(Candidate& candidate, const SharesRun::Round& round);
  bool IsConstantlyBehind(uint32_t plan, const SharesRun::Round& round) const;
  bool IsBehind(const Candidate& candidate, uint32_t winner) const;
  bool StaysUnaffordable(uint32_t plan) const;
  void Pay(const SharesRun::Round& round, End& end) const;

  const Race& race_;
  const Electorate& electorate_;
  End near_{}, far_{};
  std::vector<Candidate> candidates_{};
  std::vector<double> far_prices_{};  // By round.
  std::vector<bool> is_poor_{};       // By group.
  std::vector<Integer> numerators_{};
};

}  // namespace smederij::ballots::tally
