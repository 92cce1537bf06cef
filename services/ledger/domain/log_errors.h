#pragma once

#include "common/base/error.h"

// Refusals that concern the log of all entries.
namespace smederij::ledger {

inline Error NotYetLogged() {
  return Error(kFailedPrecondition, "NOT_YET_LOGGED",
               "it has no place in the signed log yet; the next checkpoint gives it one");
}

}  // namespace smederij::ledger
