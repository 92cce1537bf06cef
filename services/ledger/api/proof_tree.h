#pragma once

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/crypto/log_proof.h"
#include "common/crypto/merkle.h"
#include "common/pg/pool.h"
#include "services/ledger/domain/entry.h"
#include "services/ledger/storage/log_store.h"

namespace smederij::ledger {

// The tree of the log in memory, for proofs: 64 bytes an entry. The sequencer fills it in its
// turns, so whoever asks for a proof neither reads the log nor waits for it to be read. Proofs are
// given under a signed head of which this tree has the root, or not at all. Thread-safe; Fill,
// Publish and Distrust are called by one thread.
class ProofTree {
 public:
  // Reads what it lacks of the log up to `head`, a committed one: all of it after a start, then
  // what was appended. False when the root of what is there is not the head's: then nothing is
  // proved, and the next call begins with the first entry again. A status is about the database
  // itself; what was read before it is kept.
  absl::StatusOr<bool> Fill(pg::Pool& pool, const LogHead& head);

  // From now on proofs are under this checkpoint, of the head that was filled to.
  void Publish(LogCheckpoint checkpoint);

  // Nothing is proved until the next checkpoint is published: what is in the database is not what
  // was signed before.
  void Distrust();

  struct Proof {
    crypto::LogProof proof;
    uint64_t size = 0;  // Of the log that it is in.
  };
  // That the entry with this hash is in the log, at the place it was given. Refusals, first that
  // applies:
  //   LOG_NOT_READY   the log is still being read, as after every start
  //   LOG_DIFFERS     what is logged is not what was signed; or this entry is not the logged one
  //   NOT_YET_LOGGED  it has no place, or none under a head that was signed
  absl::StatusOr<Proof> Prove(std::optional<int64_t> place, const Hash& entry) const;

 private:
  enum class State { kReading, kReady, kDiffers };

  mutable absl::Mutex mutex_;  // Held for moments only, also while the log is read.
  State state_ ABSL_GUARDED_BY(mutex_) = State::kReading;
  crypto::MerkleTree tree_ ABSL_GUARDED_BY(mutex_);
  LogCheckpoint checkpoint_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace smederij::ledger
