#pragma once

#include "absl/status/status.h"
#include "common/pg/pool.h"
#include "services/ballots/domain/election.h"

namespace smederij::ballots {

// Counts what waits to be counted. A tally is a pure function of a closed log, so two replicas at
// the same one get the same bytes, and one that dies is simply counted again. Thread-safe.
class Counter {
 public:
  explicit Counter(pg::Pool& pool) : pool_(pool) {}

  // All tallies that are RUNNING now.
  absl::Status RunOnce();

 private:
  absl::Status CountOne(RoundId id, int32_t version);

  pg::Pool& pool_;
};

}  // namespace smederij::ballots
