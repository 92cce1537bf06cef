#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/ballots/tally/election.h"
#include "services/ballots/tally/outcome.h"
#include "services/ballots/tally/rule.h"

// Inside the count: one contest made ready, amounts as integers. Not for callers of Count.
namespace smederij::ballots::tally {

// The strict order in which ties are broken.
class TieOrder {
 public:
  TieOrder(const Rule& rule, const Election& election);

  // Whether plan `a` with `support_a` goes before `b` with `support_b`. Supports are arguments so
  // that "what if it had more" can be asked.
  bool Before(uint32_t a, int64_t support_a, uint32_t b, int64_t support_b) const;

  // What decides between the two: "support", "cost", "number" or "lot".
  absl::string_view DecidedBy(uint32_t a, int64_t support_a, uint32_t b, int64_t support_b) const;

 private:
  // Negative when `a` goes first by this criterion alone.
  int Compare(TieBreak by, uint32_t a, int64_t support_a, uint32_t b, int64_t support_b) const;

  std::vector<TieBreak> criteria_;
  std::vector<uint32_t> cost_rank_, number_, lot_rank_;  // By plan.
};

// Per plan: what all ballots together give it.
struct Support {
  std::vector<int64_t> support;  // Votes, points, or L-k on rankings.
  std::vector<int64_t> borda;    // Rankings: L-k-1. Otherwise empty.
  int64_t voters = 0;            // Weighted, blank ones included.
};
Support CountSupport(const Election& election);

// The support the charter asks.
int64_t ThresholdOf(const Rule& rule, int64_t voters);

// One contest: the whole election or one category of it. Amounts are integers: `scale` of them
// make a currency unit.
struct Race {
  const Election& election;
  const Rule& rule;
  const Support& tally;
  const TieOrder& ties;
  Integer scale{};
  std::string category{};
  int64_t budget = 0;
  std::vector<int64_t> cost{};       // By plan.
  std::vector<uint32_t> tie_rank{};  // By plan; smaller wins a tie.
  std::vector<bool> in{};            // By plan: stands in this contest and was not set aside.
  std::vector<int32_t> group{};      // By plan: exclusive group, or -1.
  int32_t groups = 0;

  size_t plans() const { return cost.size(); }
  Rational Amount(int64_t scaled) const;
  absl::string_view unit() const;  // "votes" or "points".
};

// As many of those that lost a tie as a step tells.
std::vector<uint32_t> FirstTied(absl::Span<const uint32_t> tied);

// Facts in name order.
std::vector<Fact> Facts(std::vector<Fact> facts);
Fact CountFact(absl::string_view name, int64_t value);
Fact AmountFact(absl::string_view name, const Rational& value);
Fact AmountFact(const Race& race, absl::string_view name, int64_t scaled);

}  // namespace smederij::ballots::tally
