#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/pg/guard.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/registry/domain/polling.h"
#include "services/registry/domain/roll.h"

// Credentials. All inside the caller's transaction.
namespace smederij::registry {

// Everything DecideIssue asks about one voter in one round.
struct IssueCase {
  std::optional<Entitlement> entitlement = {};
  std::optional<Issued> earlier = {};
  std::optional<Channel> channel = {};  // nullopt: no way yet.
};
struct RollCase {
  Roll roll = {};
  IssueCase of_voter = {};
  absl::Time now = {};  // Of the database's clock.
};

struct Voter {
  RoundId round = {};
  SubjectId person = {};

  auto operator<=>(const Voter&) const = default;
};

// As things stand, without a lock: enough to refuse by, not to issue by. Refusal: ROLL_NOT_FOUND.
absl::StatusOr<RollCase> LookUp(pg::Tx& tx, const Voter& voter);

// The private key of a class under its seal. nullopt once it is destroyed.
absl::StatusOr<std::optional<pg::Bytes>> SealedKey(pg::Tx& tx, RoundId round, const Hash& key_id);

// Takes a share of every roll's lock, in one order; what is decided after it stands until commit.
absl::StatusOr<std::vector<Roll>> ShareRolls(pg::Tx& tx, const std::vector<RoundId>& rounds);
// One case per voter, in order.
absl::StatusOr<std::vector<IssueCase>> LookUpAll(pg::Tx& tx, const std::vector<Voter>& voters);

struct NewCredential {
  Voter voter = {};
  std::string blinded_message = {};
  std::string blind_signature = {};
  bool at_kiosk = false;  // The name was struck off for it.
};
// Stores all of them, or asks for a rerun when another replica or a desk was first with one.
absl::Status InsertCredentials(pg::Tx& tx, const std::vector<NewCredential>& credentials);

// Counts a commit of `issued` credentials, and where issuing stands then; with nothing issued it
// only tells.
absl::StatusOr<pg::GuardRecord> AdvanceIssuance(pg::Tx& tx,
                                                const std::vector<NewCredential>& issued);
absl::StatusOr<pg::GuardRecord> IssuanceRecord(pg::Tx& tx);

absl::Span<const pg::AnyStatement> CredentialStatements();

}  // namespace smederij::registry
