#pragma once

#include <functional>

#include "absl/status/status.h"
#include "common/pg/guard.h"
#include "common/pg/pool.h"
#include "services/ballots/api/signers.h"
#include "services/ballots/domain/election.h"

namespace smederij::ballots {

// Moves acknowledged ballots into their logs in shuffled batches, and signs what is committed.
// Several replicas may run one each: a log is locked by whoever appends to it. Thread-safe.
class Sequencer {
 public:
  // `guard` may be null; `on_sequenced` is called after every batch, for counters that must not
  // move with single casts.
  Sequencer(pg::Pool& pool, pg::Guard* guard, const Signers& signers,
            std::function<void()> on_sequenced)
      : pool_(pool), guard_(guard), signers_(signers), on_sequenced_(std::move(on_sequenced)) {}

  // One turn over all rounds: batches that are large enough, heads without a signature, certified
  // rounds whose rows still lie in the order of casting.
  absl::Status RunOnce();

  // Signs and stores the checkpoint of a round's committed head, if it has none yet. Ed25519 is
  // deterministic: signing again after a crash gives the same note.
  absl::Status SignHead(RoundId id);

 private:
  absl::Status Sequence(RoundId id);

  pg::Pool& pool_;
  pg::Guard* const guard_;
  const Signers& signers_;
  const std::function<void()> on_sequenced_;
};

}  // namespace smederij::ballots
