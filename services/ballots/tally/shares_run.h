#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "services/ballots/tally/electorate.h"
#include "services/ballots/tally/race.h"

namespace smederij::ballots::tally {

// The Method of Equal Shares with one given endowment, exact.
//
// Decisions are taken in doubles with error bounds and, where those do not tell two values apart,
// exactly. Exact values need no fraction per ballot: a ballot that is not yet out of money holds
// the endowment minus the prices of what it bought, so sums over ballots are small whole
// coefficients of those prices, and all prices of a run are kept over one common denominator.
class SharesRun {
 public:
  // How one plan was paid for.
  struct Round {
    uint32_t plan = 0;
    double price = 0;              // Per unit of value, rounded.
    int64_t value_sum = 0;         // Of those who paid the price.
    std::vector<uint32_t> tied{};  // Plans that cost the same and lost, in tie order.
  };

  SharesRun(const Race& race, const Electorate& electorate);

  // Runs with numerator / denominator (> 0) for every voter, in scaled money. Ends early, as soon
  // as more than `spent_max` is spent.
  void Run(const Integer& numerator, const Integer& denominator, int64_t spent_max);

  // A plan that a run bought, and what its price per unit of utility did not exceed.
  struct Purchase {
    uint32_t plan;
    double rank_max;
    bool in_full;  // All supporters paid the price: it is cost by value, whatever the endowment.
  };
  std::vector<Purchase> Purchases() const;

  // Runs with a larger endowment than the one of `purchases` (a run that ended by itself), and
  // tells whether this run and every one between buys the same plans in the same order. When the
  // answer is no, the run may be broken off.
  //
  // As long as the order is the same, more money for everybody makes no price higher: by induction
  // over the rounds nobody holds less, so no plan costs its supporters more, so nobody has less
  // left. Between the two endowments every price lies between those at the ends. So it is enough
  // that each winner was cheaper at the smaller end than every rival is at the larger one. Rivals
  // that are as good may also lose the tie, where the price is the same all the way.
  bool RunAlike(const Integer& numerator, const Integer& denominator,
                absl::Span<const Purchase> purchases);

  // Of the last run. Plans in order of purchase.
  const std::vector<uint32_t>& bought() const { return bought_; }
  absl::Span<const Round> rounds() const {
    return absl::MakeConstSpan(rounds_).subspan(0, bought_.size());
  }
  int64_t spent() const { return spent_; }
  bool Bought(uint32_t plan) const { return round_of_[plan] >= 0; }
  // Scaled money per unit of value that its supporters paid, or gave all they had.
  Rational PriceOf(size_t round) const;
  // What the supporters of `plan` hold at the end, scaled.
  Rational HeldFor(uint32_t plan) const;
  // The plan to which `plan` last lost a tie, or -1.
  int64_t LostTieTo(uint32_t plan) const { return lost_tie_to_[plan]; }
  // Whether an exclusive group keeps `plan` out, and by which winner (or -1).
  int64_t RivalOf(uint32_t plan) const;

 private:
  // A plan that may still be bought. `low` is a lower bound of its price, `rank` the same per unit
  // of utility: what candidates are ordered by. Prices never fall, so a bound stays one.
  struct Candidate {
    uint32_t plan;
    double low;
    double rank;
    bool gone = false;
  };
  // An exact price, numerator / (denominator_ * value_sum), and who gives all for it.
  struct Price {
    Integer numerator{};
    int64_t value_sum = 0;
    int64_t poor_size = 0;
    double rounded = 0;
    std::vector<int64_t> coefficients{};  // By round: how often its price is part of numerator.
    std::vector<uint32_t> poor{};
  };
  // What those who cannot pay a price hold together, and how much of the plan's value is theirs.
  struct Poor {
    double money = 0;
    double value_sum = 0;
  };

  void Start(const Integer& numerator, const Integer& denominator);
  bool BuyNext();
  void FindTwins();
  void RaiseRivals(const Purchase& purchase);
  bool BuyAlike(const Purchase& purchase);
  bool PaidInFull(const Round& round) const;
  size_t RaiseBounds();
  double Raise(Candidate& candidate, double rank_max);
  template <bool unit>
  Poor PoorAt(uint32_t plan, double price) const;
  void SortCandidates(size_t changed);
  void Improve(Candidate& candidate, double low) const;

  // Exact where doubles are not enough.
  bool FindPrice(const Candidate& candidate, Price& price);
  void LeaveOutBroke(uint32_t plan, Price& price) const;
  void ListUnsure(const Candidate& candidate, double certainly_rich, Price& price);
  bool SettleUnsure(Price& price);
  void AddPoor(uint32_t group, double value, Price& price);
  void Solve(uint32_t plan, Price& price);
  bool CannotPay(uint32_t group, double value, const Price& price);
  int Compare(uint32_t a, const Price& price_a, uint32_t b, const Price& price_b);
  void Buy(uint32_t plan, const Price& price);
  void Record(uint32_t plan, const Price& price);

  const Race& race_;
  const Electorate& electorate_;

  std::vector<double> money_;  // By group: what each of its ballots holds; 0 is exactly nothing.
  double money_error_ = 0;     // A bound on the error of every money_.
  double endowment_ = 0;
  std::vector<uint32_t> twin_;               // By plan: equal for equal cost and supporters.
  std::vector<Candidate> first_candidates_;  // By rank, with which every run starts.
  std::vector<Candidate> candidates_;        // By rank.

  Integer denominator_{}, endowment_numerator_{};
  std::vector<Integer> prices_{};    // By round, over denominator_.
  std::vector<int32_t> round_of_{};  // By plan, -1 until bought.
  std::vector<uint32_t> bought_{};
  std::vector<Round> rounds_{};         // Those of the run are as many as bought_.
  std::vector<int64_t> lost_tie_to_{};  // By plan.
  std::vector<int64_t> winner_{};       // By exclusive group.
  int64_t spent_ = 0;

  // Scratch, kept for its memory.
  std::vector<size_t> unsure_{};  // Supporters whom doubles cannot classify.
  std::vector<bool> is_poor_{};   // By group.
  std::vector<uint32_t> tied_{};
  std::vector<uint32_t> close_{};  // Rivals of a purchase that doubles do not tell from it.
  Price best_, other_;
  Integer left_{}, right_{};
};

}  // namespace smederij::ballots::tally
