#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/pg/transact.h"
#include "services/proposals/domain/round.h"

// SQL of rounds. Every function runs inside the caller's transaction.
namespace smederij::proposals {

// What a round is made of besides what the rules look at.
struct RoundOrigin {
  std::string charter;   // The charter's message as registry gave it.
  std::string currency;  // ISO 4217, of all its budgets.
  SubjectId created_by;
};

// Refusal: ROUND_EXISTS.
absl::Status InsertRound(pg::Tx& tx, const Round& round, const RoundOrigin& origin);

// Pots of a round, after the `before` it has.
absl::Status InsertPots(pg::Tx& tx, RoundId id, size_t before, const std::vector<Pot>& pots);

// Refusal: ROUND_NOT_FOUND.
absl::StatusOr<Round> GetRound(pg::Tx& tx, RoundId id);
absl::StatusOr<RoundOrigin> GetOrigin(pg::Tx& tx, RoundId id);

// Shared: many writers of ideas and plans beside each other. Alone: one that numbers plans, moves
// instants, or stores a step. Freezing waits for every writer that saw the clock before it.
enum class Lock { kShared, kAlone };

// A round under lock, and the database's clock read after the lock was had.
struct LockedRound {
  Round round;
  absl::Time now;
};
absl::StatusOr<LockedRound> LockRound(pg::Tx& tx, RoundId id, Lock lock);

// The round and the clock, without a lock: for reads.
absl::StatusOr<LockedRound> ReadRound(pg::Tx& tx, RoundId id);

// The day it is for the ledger, which judges by days whether money may still be awarded.
absl::StatusOr<absl::CivilDay> Today(pg::Tx& tx);

// A place in a list: what the last row shown is sorted by.
struct After {
  absl::Time at;
  Uuid id;
};
// A district's rounds, newest first.
absl::StatusOr<std::vector<Round>> ListRounds(pg::Tx& tx, DistrictId district,
                                              const std::optional<After>& after, int64_t limit);

// Each makes the reconciler look at the round at once.
absl::Status SetInstants(pg::Tx& tx, RoundId id, const Instants& instants);
absl::Status SetPotApproval(pg::Tx& tx, RoundId id, const PotApproval& approval);

// The number of the plan that is forged now. Under Lock::kAlone. Refusal: TOO_MANY_PLANS.
absl::StatusOr<uint32_t> NextPlanNumber(pg::Tx& tx, RoundId id);

// The reconciler looks at the round at once.
absl::Status LookNow(pg::Tx& tx, RoundId id);

absl::Span<const pg::AnyStatement> RoundStatements();

}  // namespace smederij::proposals
