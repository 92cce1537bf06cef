#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/ballots/tally/exact.h"

namespace smederij::ballots::tally {

// The shape of a choice. Knapsack ballots are counted as approvals.
enum class BallotKind { kApproval, kChooseOne, kKnapsack, kPoints, kRanking };

absl::string_view NameOf(BallotKind kind);  // "approval", "choose-1", …

// Something ballots can choose. Amounts are in whole currency units (use FromCents).
struct Plan {
  std::string id{};               // Unique; only handed through.
  uint32_t number = 0;            // Unique; decides ties in the end.
  Rational cost{};                // ≥ 0.
  std::string category{};         // Which pot pays, where the election has pots; else ignored.
  std::string exclusive_group{};  // Of plans with the same one at most one wins; empty for none.
  bool withdrawn = false;         // Stays on ballots; most-votes rules pass it by without stopping.
};

// A plan on a ballot: its index in Election::plans. `points` only means something on ballots with
// points; the order of choices only on rankings (best first).
struct Choice {
  uint32_t plan = 0;
  uint32_t points = 0;

  bool operator==(const Choice&) const = default;
};

struct BallotView {
  absl::Span<const Choice> choices{};
  int64_t weight = 1;
};

// The ballots of an election, stored flat. A ballot of weight w counts as w equal ballots.
class Ballots {
 public:
  void Add(absl::Span<const Choice> choices, int64_t weight = 1);
  size_t size() const { return rows_.size(); }
  BallotView operator[](size_t row) const;

 private:
  struct Row {
    size_t first;
    size_t size;
    int64_t weight;
  };
  std::vector<Choice> choices_;
  std::vector<Row> rows_;
};

// The part of the budget set aside for one category.
struct Pot {
  std::string category{};
  Rational amount{};
};

// Ballots of which only the sum is known, weighted: how many, and what they gave each plan. Rules
// that look at single ballots refuse them.
struct Sums {
  int64_t voters = 0;              // Blank ones included.
  std::vector<int64_t> support{};  // By plan: votes or points. Empty for none.

  bool empty() const { return voters == 0 && support.empty(); }
  // Adds `weight` times so many ballots; `given` as support.
  void Add(int64_t ballots, absl::Span<const int64_t> given, int64_t weight = 1);
};

// Everything that is counted. With pots, each category is a contest of its own over all ballots
// and `budget` is not looked at.
struct Election {
  std::string currency{};  // Only for sentences; may be empty.
  Rational budget{};
  BallotKind kind = BallotKind::kApproval;
  std::vector<Plan> plans{};
  std::vector<Pot> pots{};
  Ballots ballots{};
  Sums sums{};  // Counted besides `ballots`.
};

inline constexpr size_t kPlansMax = 100'000;
inline constexpr int64_t kWeightMax = 1'000'000;
// Over all amounts of the election, in the smallest unit any of them needs: every sum of costs
// then fits 64 bits and every single amount is an exact double.
inline constexpr int64_t kAmountMax = int64_t{1} << 53;
inline constexpr int64_t kSupportMax = int64_t{1} << 53;

// What makes an election uncountable, all mistakes together. Refusal: ELECTION_INVALID with the
// fields at fault ("plans[3].cost").
absl::Status CheckElection(const Election& election);

}  // namespace smederij::ballots::tally
