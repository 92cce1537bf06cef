#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/registry/domain/participation.h"
#include "services/registry/domain/roll.h"

// Rolls. All inside the caller's transaction.
namespace smederij::registry {

// One class on a roll. Size and key come when the roll is drawn up, `issued` when it is closed.
struct RollClass {
  VotingClass rule = {};
  int64_t size = 0;
  std::optional<pg::Bytes> issuer_spki = {};
  std::optional<Hash> issuer_key_id = {};
  std::optional<int64_t> issued = {};
};

// The issuer key of one class, as stored.
struct IssuerKeyRow {
  uint32_t class_id = 0;
  pg::Bytes spki = {};
  Hash key_id{};
  pg::Bytes sealed = {};
};

// A roll's columns in the order of the statements here, and of the one that looks up a credential.
Roll Decode(pg::Columns& row, pg::As<Roll>);

absl::StatusOr<Roll> GetRoll(pg::Tx& tx, RoundId round);  // ROLL_NOT_FOUND
// The same, locked until the transaction ends. Issuing holds a share of this lock, so whoever has
// it knows that no credential is between its decision and its commit.
absl::StatusOr<Roll> LockRoll(pg::Tx& tx, RoundId round);
absl::StatusOr<std::vector<RollClass>> ClassesOf(pg::Tx& tx, RoundId round);

// A roll that is RUNNING. `opening_hash` is of what was asked for; a roll that exists with the same
// hash is left as it is. Refusal: ROLL_EXISTS.
absl::Status InsertRoll(pg::Tx& tx, const RollOpening& opening, MunicipalityId municipality,
                        const Hash& opening_hash);
// A roll that is to be drawn up, the one asked for first.
absl::StatusOr<std::optional<RoundId>> NextRunning(pg::Tx& tx);
// Writes an entitlement for every resident who fits a class, on a roll without stations.
absl::Status Entitle(pg::Tx& tx, RoundId round);
// Stores sizes and keys, and opens the locked roll whose entitlements are written. Gives the number
// of voters.
absl::StatusOr<int64_t> Open(pg::Tx& tx, RoundId round, const std::vector<IssuerKeyRow>& keys);
absl::Status FailRoll(pg::Tx& tx, RoundId round, absl::string_view failure);
absl::Status StoreManifest(pg::Tx& tx, RoundId round, const Hash& manifest_hash);

// Closes a locked roll: fixes issued counts and participation, destroys the issuer keys, and undoes
// the order in which credentials were stored. Particulars that only this roll still needed go.
absl::Status CloseRoll(pg::Tx& tx, const Roll& roll, const std::vector<RollClass>& classes);

struct ParticipationRow {
  std::vector<Band> bands = {};
  bool first_round = false;
};
absl::StatusOr<ParticipationRow> GetParticipation(pg::Tx& tx, RoundId round);

// As the owner: deletes who could vote and what was issued to whom. Gives how many voters.
absl::StatusOr<int64_t> ForgetVoters(pg::Tx& tx, RoundId round);

absl::Span<const pg::AnyStatement> RollStatements();

}  // namespace smederij::registry
