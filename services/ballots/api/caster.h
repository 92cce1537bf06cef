#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ballots/api/elections.h"
#include "services/ballots/api/signers.h"
#include "services/ballots/domain/election.h"

namespace smederij::ballots {

// Verifies a ballot as far as its own bytes and the frozen manifest go, dear checks last, and signs
// the receipt it will get once it is durable. Thread-safe; runs on the executor.
class Caster {
 public:
  Caster(Elections& elections, const Signers& signers) : elections_(elections), signers_(signers) {}

  // Refusals, first that applies: TOO_LARGE, BAD_LEAF, ELECTION_NOT_FOUND, BAD_CREDENTIAL,
  // BAD_SIGNATURE. What is wrong with the opening comes back in Cast::opening: a leaf that was cast
  // before is answered before that matters.
  absl::StatusOr<Cast> Verify(const std::string& leaf, const std::string& choice,
                              const std::string& nonce, absl::Time deadline);

 private:
  Elections& elections_;
  const Signers& signers_;
};

// At most one ballot of a key is in a batch.
std::string KeyOf(const Cast& cast);

}  // namespace smederij::ballots
