#include "services/ballots/api/elections.h"

#include <utility>

#include "services/ballots/storage/round_store.h"

namespace smederij::ballots {

absl::StatusOr<std::shared_ptr<const Election>> MakeElection(const Round& round) {
  absl::StatusOr<Manifest> manifest = DecodeManifest(round.manifest);
  if (!manifest.ok()) return absl::InternalError("a stored manifest cannot be read");
  auto election = std::make_shared<Election>();
  election->manifest = *std::move(manifest);
  election->manifest_hash = round.manifest_hash;
  for (const VoterClass& c : election->manifest.classes) {
    absl::StatusOr<crypto::BlindPublicKey> key = crypto::BlindPublicKey::FromSpki(c.issuer_spki);
    if (!key.ok()) return absl::InternalError("a stored issuer key cannot be read");
    election->issuers.emplace(c.class_id, *std::move(key));
  }
  return election;
}

absl::StatusOr<std::shared_ptr<const Election>> Elections::Get(RoundId id, absl::Time deadline) {
  {
    absl::MutexLock lock(&mutex_);
    const auto at = known_.find(id);
    if (at != known_.end()) return at->second;
  }
  const auto read = [&](pg::Tx& tx) { return GetRound(tx, id, Lock::kNone); };
  ASSIGN_OR_RETURN(const Round round,
                   pg::Transact(pool_, {.deadline = deadline, .read_only = true}, read));
  ASSIGN_OR_RETURN(std::shared_ptr<const Election> election, MakeElection(round));
  if (round.state == RoundState::kProposed) return election;  // May still be replaced.
  absl::MutexLock lock(&mutex_);
  known_.emplace(id, election);
  return election;
}

}  // namespace smederij::ballots
