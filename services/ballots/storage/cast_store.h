#pragma once

#include <array>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/group_committer.h"
#include "common/pg/guard.h"
#include "common/pg/transact.h"
#include "services/ballots/domain/election.h"

// The hot path: a batch of ballots in one transaction.
namespace smederij::ballots {

struct CastAnswer {
  std::string receipt;
  bool replayed = false;
};

using CastCommitter = pg::GroupCommitter<Cast, CastAnswer>;

// Decides and stores a batch, with at most one ballot per voting key in it: takes the rounds FOR
// SHARE, only then reads the clock, then the keys' heads FOR UPDATE in order. `guard` is where this
// database must already have come; null in tests without one.
absl::StatusOr<CastCommitter::Batch> CommitCasts(pg::Tx& tx, absl::Span<const Cast* const> casts,
                                                 const pg::Guard* guard);

// The last seq of a voting key, waiting ballots included; 0 when it has none.
absl::StatusOr<uint32_t> GetLastSeq(pg::Tx& tx, RoundId id,
                                    const std::array<uint8_t, 32>& voting_key);

std::vector<pg::AnyStatement> CastStatements();

}  // namespace smederij::ballots
