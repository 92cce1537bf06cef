#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/money.h"
#include "services/registry/domain/mistakes.h"

namespace smederij::registry {

// Voters counted under one rule.
struct VotingClass {
  uint32_t class_id = 0;
  std::string name = {};
  uint32_t age_from = 0;
  uint32_t age_to = 0;  // Inclusive.
  uint32_t weight = 1;

  bool operator==(const VotingClass&) const = default;
};

// What a ballot may hold. The numbers are those of the contract, and stand in hashed bytes.
enum class BallotKind : uint8_t {
  kUnspecified = 0,
  kApproval = 1,
  kChooseOne = 2,
  kKnapsack = 3,
  kPoints = 4,
  kRanking = 5,
};

struct BallotRule {
  BallotKind kind = BallotKind::kUnspecified;
  uint32_t choices_min = 0;
  uint32_t choices_max = 0;  // 0: as many as there are.
  uint32_t points_total_max = 0;
  uint32_t points_per_plan_max = 0;  // 0: as points_total_max.
  std::vector<uint32_t> points_ladder = {};

  bool operator==(const BallotRule&) const = default;
};

enum class TieBreak : uint8_t { kUnspecified = 0, kSupport = 1, kCost = 2, kNumber = 3, kLot = 4 };

struct CountRule {
  std::string rule = {};
  bool stop_at_first_misfit = false;
  bool partial_award = false;
  int64_t support_min = 1;
  uint32_t support_min_basis_points = 0;
  int64_t endowment_step_cents = 0;        // 0: 100.
  std::vector<TieBreak> tie_order = {};    // Empty: support, cost, number.
  uint32_t partial_award_percent_min = 0;  // 0: however little is left.

  bool operator==(const CountRule&) const = default;
};

struct Criterion {
  std::string criterion_id = {};
  std::string text = {};

  bool operator==(const Criterion&) const = default;
};

// The rules of one district.
struct Charter {
  std::vector<VotingClass> classes = {};
  BallotRule ballot_rule = {};
  CountRule count_rule = {};
  std::vector<Criterion> criteria = {};
  int64_t plan_cost_cents_max = 0;  // 0: no cap.
  uint32_t k_min = 0;

  bool operator==(const Charter&) const = default;
};

// Whether a count rule of this name exists and counts ballots of this kind.
bool CountsBallots(absl::string_view rule, BallotKind kind);

// Adds everything wrong with the classes, under "classes[i].…": also what a roll is opened with.
void CheckClasses(const std::vector<VotingClass>& classes, Mistakes& mistakes);

// Everything wrong with a charter. Refusal: BAD_CHARTER with every field.
absl::Status CheckCharter(const Charter& charter);

}  // namespace smederij::registry
