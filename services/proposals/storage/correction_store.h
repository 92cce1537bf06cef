#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/pg/transact.h"
#include "services/proposals/domain/award.h"
#include "services/proposals/domain/correction.h"
#include "services/proposals/domain/next.h"

// SQL of corrections. Every function runs inside the caller's transaction; those that write do so
// under the round's Lock::kAlone.
namespace smederij::proposals {

absl::Status InsertCorrection(pg::Tx& tx, const Correction& correction);
// Refusal, of both: CORRECTION_NOT_FOUND.
absl::StatusOr<RoundId> RoundOfCorrection(pg::Tx& tx, CorrectionId id);
absl::StatusOr<Correction> GetCorrection(pg::Tx& tx, CorrectionId id);
absl::StatusOr<Correction> CorrectionNumbered(pg::Tx& tx, RoundId round, uint32_t number);
// By number, those above `after`.
absl::StatusOr<std::vector<Correction>> ListCorrections(pg::Tx& tx, RoundId round, uint32_t after,
                                                        int64_t limit);
// Those that somebody accepted, by number.
absl::StatusOr<std::vector<CorrectionNow>> AcceptedCorrections(pg::Tx& tx, RoundId round);

// Accepted, refused or withdrawn. Accepted, its round is not done any more.
absl::Status SetDecided(pg::Tx& tx, const Correction& correction, CorrectionState to, SubjectId by,
                        absl::Time at);

// What the ledger has reserved for the round's plans, by the order of pots.
absl::StatusOr<std::vector<AwardLine>> CurrentLines(pg::Tx& tx, RoundId round);
// The ledger made `lines` of the awards: plans get what the correction says.
absl::Status SetCorrected(pg::Tx& tx, const Correction& correction,
                          const std::vector<AwardLine>& lines);
absl::Status SetTurnedDown(pg::Tx& tx, const Correction& correction, const std::string& reason,
                           const std::string& sentence);

absl::Span<const pg::AnyStatement> CorrectionStatements();

}  // namespace smederij::proposals
