#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"
#include "services/ballots/domain/manifest.h"
#include "services/ballots/tally/sentence.h"

namespace smederij::ballots {

struct ClassTurnout {
  uint16_t class_id = 0;
  int64_t roll_size = 0;
  int64_t issued = 0;   // Credentials.
  int64_t marked = 0;   // Names struck off for a paper ballot.
  int64_t ballots = 0;  // That count, online and on paper, blank ones included.
  int64_t paper = 0;    // Of them on paper.
  int64_t invalid = 0;  // On paper besides; they do not count.
  int64_t blank = 0;    // Zero where it is not told: see MayTellBlank.

  bool operator==(const ClassTurnout&) const = default;
};

// The numbers stand in hashed bytes: they never change.
enum class Decision : uint8_t { kAwarded = 1, kPartial = 2, kNotAwarded = 3 };

struct PlanResult {
  PlanId plan_id;
  uint32_t number = 0;
  Decision decision = Decision::kNotAwarded;
  Money award;
  int64_t support = 0;
  std::string reason;       // UPPER_SNAKE.
  std::vector<Fact> facts;  // In name order.

  bool operator==(const PlanResult&) const = default;
};

// One choice of the rule, enough to check it by hand.
struct CountStep {
  uint32_t number = 0;           // The plan's.
  std::string price{};           // Exact: "33.5", "100/3"; see tally::Step.
  Money left{};                  // Of the pot, after it.
  std::vector<uint32_t> tied{};  // Numbers of plans as good as this one, that lost the tie.

  bool operator==(const CountStep&) const = default;
};

// How the rule went through one pot: all of it, or that of a category.
struct Contest {
  std::string category;
  Money budget;
  std::string endowment;    // Equal Shares: exact, per voter, in the run that counts; else "0".
  uint64_t endowments = 0;  // Equal Shares: how many were tried.
  std::vector<CountStep> steps;

  bool operator==(const Contest&) const = default;
};

// What an election decided. The same manifest, ballots and lot give the same bytes everywhere.
struct Result {
  RoundId round_id;
  uint32_t version = 0;
  Hash manifest_hash{};
  Hash openings_digest{};
  std::string rule;
  std::string currency;
  bool demonstration = false;
  std::vector<ClassTurnout> turnout;
  std::vector<PlanResult> plans;  // Winners in order of selection, then by support, then number.
  std::vector<Contest> contests;  // The trace: how the winners were found.
  Money awarded;
  Money pot;

  bool operator==(const Result&) const = default;
};

// The canonical bytes, of which the result's hash is taken, and their inverse (refusal:
// RESULT_UNREADABLE). Big-endian; text as in a manifest:
//
//   "smederij-result-v3" · round_id[16] · u32 version · manifest_hash[32] · openings_digest[32] ·
//   text rule · text currency · u8 demonstration ·
//   u16 classes × (u16 class_id · u64 roll_size · u64 issued · u64 marked · u64 ballots ·
//                  u64 paper · u64 invalid · u64 blank) ·
//   u16 plans × (plan_id[16] · u32 number · u8 decision · u64 award · u64 support · text reason ·
//                u16 facts × (text name · text value)) ·
//   u16 contests × (text category · u64 budget · text endowment · u64 endowments ·
//                   u16 steps × (u32 number · text price · u64 left · u16 tied × u32 number)) ·
//   u64 awarded · u64 pot
std::string Encode(const Result& result);
absl::StatusOr<Result> DecodeResult(absl::string_view bytes);

// The reason as a sentence for people, made from reason and facts alone.
std::string SentenceOf(const PlanResult& plan, absl::string_view currency,
                       tally::Language language);

}  // namespace smederij::ballots
