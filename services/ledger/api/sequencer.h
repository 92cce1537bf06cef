#pragma once

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/crypto/note.h"
#include "common/obs/metrics.h"
#include "common/pg/guard.h"
#include "common/pg/pool.h"
#include "services/ledger/api/proof_tree.h"
#include "services/ledger/storage/log_store.h"

namespace smederij::ledger {

// Who signs the log of the ledger that the world reaches under `host`.
crypto::NoteSigner LogSigner(absl::string_view host, const crypto::SigningKey& key);

// Gives every committed entry its place in the log, and signs what is committed. Several replicas
// may run one each: the log is locked by whoever appends to it, and any may be the next. One
// thread.
class Sequencer {
 public:
  // References outlive it. `guard`, of the log alone, remembers what was signed; it may be null in
  // tests. Without a `clock` the database says what time it is; only tests give one.
  Sequencer(pg::Pool& pool, pg::Guard* guard, const crypto::NoteSigner& signer, ProofTree& tree,
            obs::Registry& metrics, const Clock* clock = nullptr);

  // One turn: everything that is not logged is, `tree` is filled up to the head, and the head is
  // signed. Refusals, first that applies; nothing is signed until somebody has looked:
  //   LOG_BEHIND_GUARD  the database has forgotten entries of the log that were signed, or has
  //                     others
  //   LOG_DIFFERS       the entries of the log do not lead to its head; an alarm is raised, as the
  //                     verifier does
  absl::Status RunOnce();

 private:
  absl::Status Turn();
  absl::StatusOr<bool> Append();
  absl::Status Conclude();
  absl::Status Compare(const LogHead& head);  // With what the guard remembers.
  absl::Status FillTree(const LogHead& head);
  absl::Status Sign(const LogHead& head);
  absl::Status Tell();

  pg::Pool& pool_;
  pg::Guard* const guard_;
  const crypto::NoteSigner& signer_;
  ProofTree& tree_;
  const Clock* const clock_;
  obs::Gauge logged_, unlogged_;
};

}  // namespace smederij::ledger
