#pragma once

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace smederij {

// Host time, for deadlines and token lifetimes. What decides a phase of a round is never this
// clock but the database's (`clock_timestamp()`), read inside the transaction that decides.
// Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace smederij
