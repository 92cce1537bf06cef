#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/registry/domain/charter.h"
#include "services/registry/domain/ids.h"
#include "services/registry/domain/station.h"

namespace smederij::registry {

using Hash = std::array<uint8_t, 32>;

inline constexpr uint32_t kDefaultKMin = 20;
inline constexpr size_t kCredentialBytes = 384;  // RSA-3072.

// The numbers are those of the contract and of the database.
enum class RollState : int16_t { kRunning = 1, kOpen = 2, kClosed = 3, kFailed = 4 };
absl::string_view NameOf(RollState state);

// Who may vote in a round, as it is asked for.
struct RollOpening {
  RoundId round = {};
  DistrictId district = {};
  absl::CivilDay reference_date = {};
  std::vector<VotingClass> classes = {};
  absl::Time issue_from = {};
  absl::Time issue_until = {};
  uint32_t k_min = kDefaultKMin;
  std::vector<Station> stations = {};  // In order.
};

// Adds everything wrong with an opening whose days and instants could be read.
void CheckOpening(const RollOpening& opening, Mistakes& mistakes);

// A roll without its classes.
struct Roll {
  RoundId round = {};
  MunicipalityId municipality = {};
  DistrictId district = {};
  RollState state = RollState::kRunning;
  absl::CivilDay reference_date = {};
  absl::Time issue_from = {};
  absl::Time issue_until = {};
  uint32_t k_min = kDefaultKMin;
  std::optional<Hash> manifest_hash = {};  // Set once two officials approved.
  std::string failure = {};
};

// The manifest `hash` confirmed for `roll`. Refusals, first that applies: ROLL_NOT_OPEN,
// MANIFEST_DIFFERS. Confirming the same one again is OK, also after the roll was closed.
absl::Status MayConfirm(const Roll& roll, const Hash& hash);

// What registry knows of one voter who asks for a credential.
struct Entitlement {
  uint32_t class_id = 0;
  Hash issuer_key_id{};
  bool struck = false;  // On the polling evening, for paper or for the tablet.
};
// What was issued to them before, if anything was.
struct Issued {
  std::string blinded_message = {};
  std::string blind_signature = {};
};

// A voter's request for a credential.
struct Application {
  uint32_t class_id = 0;
  Hash issuer_key_id{};
  std::string blinded_message = {};
};

// Whether `application` is answered with what was issued before, decided at `now` of the database's
// clock: true means answer `earlier`, false means sign. Refusals, first that applies:
// ROLL_NOT_OPEN, NOT_ON_ROLL, WRONG_KEY, ALREADY_ISSUED, PAPER_GIVEN, WINDOW_CLOSED,
// MANIFEST_NOT_APPROVED. What was issued is repeated for ever: one entitlement never yields two
// credentials, and never loses the one it yielded.
absl::StatusOr<bool> DecideIssue(const Roll& roll, const std::optional<Entitlement>& entitlement,
                                 const std::optional<Issued>& earlier,
                                 const Application& application, absl::Time now);

}  // namespace smederij::registry
