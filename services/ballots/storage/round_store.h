#pragma once

#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/transact.h"
#include "services/ballots/domain/election.h"

// Elections, what officials did to them, and lots.
namespace smederij::ballots {

enum class Lock { kNone, kShare, kUpdate };

// Refusal: ELECTION_NOT_FOUND.
absl::StatusOr<Round> GetRound(pg::Tx& tx, RoundId id, Lock lock);
absl::StatusOr<std::optional<Round>> FindRound(pg::Tx& tx, RoundId id, Lock lock);

// The rounds of a batch of casts, by id and in that order, locked FOR SHARE so that no close can
// pass in between. Unknown ones are left out.
absl::StatusOr<std::vector<Round>> ShareRounds(pg::Tx& tx, const std::vector<RoundId>& ids);

absl::Status InsertRound(pg::Tx& tx, const Round& round);
// Other content for a round nobody has approved.
absl::Status ReplaceRound(pg::Tx& tx, const Round& round);
absl::Status SetState(pg::Tx& tx, RoundId id, RoundState state);
absl::Status SetCastUntil(pg::Tx& tx, RoundId id, absl::Time cast_until);

// Who acted on a matter so far, in order. `version` is a tally's for certification, else 0.
absl::StatusOr<std::vector<SubjectId>> GetApprovals(pg::Tx& tx, RoundId id, Matter matter,
                                                    int32_t version = 0);
// Adds one more; `earlier` are those GetApprovals gave under the round's lock, at most one.
absl::Status AddApproval(pg::Tx& tx, RoundId id, Matter matter, int32_t version,
                         const std::vector<SubjectId>& earlier, SubjectId official);

absl::StatusOr<std::vector<uint32_t>> GetLot(pg::Tx& tx, RoundId id);  // Empty when none.
absl::Status PutLot(pg::Tx& tx, RoundId id, const std::vector<uint32_t>& numbers);

// Certified rounds whose rows still lie in the order of casting; and the end of that.
absl::StatusOr<std::vector<RoundId>> GetUnscrambled(pg::Tx& tx);
absl::Status Scramble(pg::Tx& tx, RoundId id);

// Manifests of rounds whose log or receipts this process may yet have to sign.
absl::StatusOr<std::vector<std::string>> GetLiveManifests(pg::Tx& tx);

std::vector<pg::AnyStatement> RoundStatements();

}  // namespace smederij::ballots
