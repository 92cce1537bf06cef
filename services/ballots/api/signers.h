#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/id.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/note.h"

namespace smederij::ballots {

// What this service signs with: checkpoints of logs, and receipts.
struct Signers {
  std::string host;  // The name under which the world reaches the logs.
  crypto::SigningKey checkpoint_key;
  crypto::SigningKey receipt_key;

  std::string Origin(RoundId round) const {
    return absl::StrCat(host, "/ballots/", round.ToString());
  }
  crypto::NoteSigner Checkpoints(RoundId round) const {
    return crypto::NoteSigner(Origin(round), checkpoint_key);
  }
};

}  // namespace smederij::ballots
