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
#include "services/proposals/domain/award.h"
#include "services/proposals/domain/next.h"
#include "services/proposals/domain/plan.h"

// SQL of how far a round is: what the reconciler reads and stores. Every function runs inside the
// caller's transaction; those that write do so under the round's Lock::kAlone.
namespace smederij::proposals {

// All that NextStep decides by, and the database's clock.
struct RecordNow {
  Record record = {};
  absl::Time now = {};
};
absl::StatusOr<RecordNow> ReadRecord(pg::Tx& tx, RoundId id);  // Refusal: ROUND_NOT_FOUND.
absl::StatusOr<RecordNow> LockRecord(pg::Tx& tx, RoundId id);

// The message a step was answered with; nullopt when it was not done.
absl::StatusOr<std::optional<std::string>> AnswerOf(pg::Tx& tx, RoundId id, Step step,
                                                    uint32_t version);
// Stores that a step was done. Once: the primary key sees to it.
absl::Status InsertStep(pg::Tx& tx, RoundId id, Step step, uint32_t version,
                        const std::string& answer);

absl::Status SetManifestHash(pg::Tx& tx, RoundId id, const std::string& hash);
absl::Status SetApproved(pg::Tx& tx, RoundId id, absl::Time closes_at);
absl::Status SetClosesAt(pg::Tx& tx, RoundId id, absl::Time closes_at);
absl::Status SetOutcome(pg::Tx& tx, RoundId id, Outcome outcome);
absl::Status SetDone(pg::Tx& tx, RoundId id);

// Leaves out what was not admitted, and hashes every text as it stands now.
absl::Status FreezePlans(pg::Tx& tx, RoundId id);
// A round that ends without a vote: what was admitted is not selected, with `reason` and
// `sentence`; the rest is left out.
absl::Status EndPlans(pg::Tx& tx, RoundId id, const std::string& reason,
                      const std::string& sentence);
// What goes on the ballot, by number.
absl::StatusOr<std::vector<Plan>> AdmittedPlans(pg::Tx& tx, RoundId id);
// Every plan its outcome, and the round the result that decided it. CheckResult was OK.
absl::Status MarkPlans(pg::Tx& tx, RoundId id, const Result& result);
// What is to be paid, of all versions.
absl::StatusOr<std::vector<Award>> AwardsOf(pg::Tx& tx, RoundId id);
// The lines of a version are reserved, its plans funded.
absl::Status SetFunded(pg::Tx& tx, RoundId id, const std::vector<AwardLine>& lines);
// Offers that are still open count as declined.
absl::Status LapseOffers(pg::Tx& tx, RoundId id);

// When to look at the round again, and what was found when it was last looked at.
absl::Status Postpone(pg::Tx& tx, RoundId id, absl::Time look_at, const std::string& waits_for,
                      const std::string& blocked_reason);

// Rounds that are due, longest due first.
absl::StatusOr<std::vector<RoundId>> DueRounds(pg::Tx& tx, int64_t limit);
struct Backlog {
  int64_t open = 0;                             // Rounds not done.
  int64_t blocked = 0;                          // Of them blocked.
  std::optional<absl::Duration> next_due = {};  // From now until the first is due.
};
absl::StatusOr<Backlog> ReadBacklog(pg::Tx& tx);

// True when `holder` has the round to itself for `length`, until it gives it back.
absl::StatusOr<bool> TakeLease(pg::Tx& tx, RoundId id, Uuid holder, absl::Duration length);
// A lease is locked before its round, always: whoever will give one back while it holds the round
// locks it first.
absl::Status LockLease(pg::Tx& tx, RoundId id);
// Whether `holder` still has the round to itself, under LockLease.
absl::StatusOr<bool> HoldsLease(pg::Tx& tx, RoundId id, Uuid holder);
absl::Status GiveLease(pg::Tx& tx, RoundId id, Uuid holder);

absl::Span<const pg::AnyStatement> RecordStatements();

}  // namespace smederij::proposals
