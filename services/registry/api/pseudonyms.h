#pragma once

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "services/registry/domain/ids.h"
#include "services/registry/domain/roll.h"

namespace smederij::registry {

inline constexpr absl::string_view kOwnAudience = "smederij-registry";

// Turns names into keys and keys into names, one way only. Thread-safe.
class Pseudonyms {
 public:
  using Secret = std::array<uint8_t, 32>;
  // `pepper` keeps the names of the identity provider out of the database: without it, a stolen
  // dump could be tried against all names there are. `pairwise` keeps services' dumps from being
  // laid side by side.
  Pseudonyms(const Secret& pepper, const Secret& pairwise) : pepper_(pepper), pairwise_(pairwise) {}

  // HMAC-SHA-256 of the subject under which the identity provider knows a person.
  Hash PersonKey(absl::string_view subject) const;

  // HMAC-SHA-256 of `bytes` under a label that says what they are: what must be compared and never
  // read, or followed from a request and nothing else. Never equal to a person's key.
  Hash Keyed(absl::string_view label, absl::string_view bytes) const;

  // Under which id a service knows a person: for registry the person's own, for every other one
  // that does not follow from it without the secret.
  SubjectId For(absl::string_view audience, SubjectId person) const;

 private:
  const Secret pepper_, pairwise_;
};

// "smederij-registry", "smederij-proposals", "smederij-ballots", "smederij-ledger".
bool IsAudience(absl::string_view audience);

}  // namespace smederij::registry
