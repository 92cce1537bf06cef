#pragma once

#include "common/rpc/client.h"

namespace smederij::proposals {

// The services a round is driven through. Thread-safe.
struct Neighbours {
  rpc::Peer registry;
  rpc::Peer ballots;
  rpc::Peer ledger;
};

}  // namespace smederij::proposals
