#pragma once

#include "common/base/error.h"

// Refusals that concern the log of all entries.
namespace smederij::ledger {

inline Error LogNotReady() {
  return Error(kUnavailable, "LOG_NOT_READY",
               "this replica is still reading the log of entries, as after every start; ask again "
               "in a moment, or ask another")
      .RetryAfter(absl::Seconds(1));
}

inline Error LogDiffers() {
  return Error(kFailedPrecondition, "LOG_DIFFERS",
               "what is logged is not what was signed: nothing is proved until an auditor has "
               "looked; see GetVerification");
}

inline Error NotYetLogged() {
  return Error(kFailedPrecondition, "NOT_YET_LOGGED",
               "it has no place in the signed log yet; the next checkpoint gives it one");
}

}  // namespace smederij::ledger
