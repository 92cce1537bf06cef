#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "common/crypto/bytes.h"
#include "common/crypto/ed25519.h"

namespace smederij::ballots {

using crypto::Hash;

// The numbers stand in hashed bytes: they never change.
enum class BallotKind : uint8_t {
  kApproval = 1,
  kChooseOne = 2,
  kKnapsack = 3,
  kPoints = 4,
  kRanking = 5
};
enum class TieBreak : uint8_t { kSupport = 1, kCost = 2, kNumber = 3, kLot = 4 };
enum class Horizon : uint8_t { kShortStrike = 1, kLongStrike = 2 };

struct VoterClass {
  uint16_t class_id = 0;
  std::string name;
  uint16_t age_from = 0;
  uint16_t age_to = 0;
  uint16_t weight = 1;
  int64_t roll_size = 0;
  std::string issuer_spki;  // DER.

  bool operator==(const VoterClass&) const = default;
};

struct BallotOption {
  PlanId plan_id;
  uint32_t number = 0;
  std::string title;
  Money cost;
  Horizon horizon = Horizon::kShortStrike;
  std::string category;         // Empty for none.
  std::string exclusive_group;  // Empty for none.
  Hash text_hash{};

  bool operator==(const BallotOption&) const = default;
};

struct BallotRule {
  BallotKind kind = BallotKind::kApproval;
  uint32_t choices_min = 0;
  uint32_t choices_max = 0;          // 0: as many as there are plans.
  uint32_t points_total_max = 0;     // Points only.
  uint32_t points_per_plan_max = 0;  // 0: points_total_max.
  std::vector<uint32_t> points_ladder;

  bool operator==(const BallotRule&) const = default;
};

struct CountRule {
  std::string rule;
  bool stop_at_first_misfit = false;
  bool partial_award = false;
  uint32_t partial_award_percent_min = 0;  // Of its cost that must be left for that; 0: any.
  int64_t support_min = 1;
  uint32_t support_min_basis_points = 0;
  Money endowment_step = Money::Cents(100);
  std::vector<TieBreak> tie_order;  // Never empty once normalised.

  bool operator==(const CountRule&) const = default;
};

struct PotLine {
  BudgetId budget_id;
  Money amount;
  Hash entry_hash{};
  // Pays for plans of this category, or of this horizon, alone, in a contest of its own. All lines
  // have a category, or all have a horizon, or none has either.
  std::string category{};
  std::optional<Horizon> horizon{};

  bool operator==(const PotLine&) const = default;
};

// Where people vote on paper.
struct Station {
  uint16_t number = 0;  // As in the roll, from 1.
  std::string name;     // As printed.

  bool operator==(const Station&) const = default;
};

// Everything about an election that is frozen when voting opens. Normalise, then Check, then
// Encode: from then on the bytes are what is stored, hashed and shown, never a re-encoding.
struct Manifest {
  std::string origin;
  RoundId round_id;
  MunicipalityId municipality_id;
  DistrictId district_id;
  std::string title;
  std::string currency;
  Hash charter_hash{};
  std::vector<VoterClass> classes;
  std::vector<BallotOption> options;
  BallotRule ballot_rule;
  CountRule count_rule;
  Money plan_cost_max;  // Zero for no cap.
  std::vector<PotLine> pots;
  std::vector<Station> stations;  // None where nobody votes on paper.
  absl::Time issue_from, issue_until, cast_from, cast_until;
  uint32_t k_min = 1;
  bool demonstration = false;
  uint32_t batch_min = 1;
  std::string log_verifier_key;
  crypto::VerifyingKey receipt_key{};
  uint8_t witness_quorum = 0;
  std::string software;

  bool operator==(const Manifest&) const = default;

  Money pot() const;  // All lines together.
  const VoterClass* FindClass(uint32_t class_id) const;
  const BallotOption* FindOption(uint32_t number) const;
  const Station* FindStation(uint32_t number) const;
  bool HasLot() const;
};

absl::string_view NameOf(Horizon horizon);  // "short_strike", "long_strike".

// The contest whose money this is, and the one a plan stands in: a category, the name of a horizon,
// or empty where one pot pays all plans.
std::string ContestOf(const PotLine& pot);
std::string ContestOf(const BallotOption& option, const Manifest& manifest);

inline constexpr size_t kClassesMax = 64;
inline constexpr size_t kOptionsMax = 500;
inline constexpr size_t kPotsMax = 64;
inline constexpr size_t kStationsMax = 200;

// Puts lists in their one order (classes by id, options by number, pots by budget, stations
// by number) and writes defaults out (tie order, endowment step, batch size), so that equal content
// has equal bytes.
void Normalise(Manifest& manifest);

// All mistakes at once: BAD_MANIFEST with a field for each.
absl::Status Check(const Manifest& manifest);

// The canonical bytes of a normalised manifest, and its inverse. Refusal: MANIFEST_UNREADABLE
// (bytes that Encode does not write).
std::string Encode(const Manifest& manifest);
absl::StatusOr<Manifest> DecodeManifest(absl::string_view bytes);

}  // namespace smederij::ballots
