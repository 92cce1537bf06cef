#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/obs/metrics.h"
#include "common/pg/pool.h"
#include "services/proposals/reconciler/ask.h"
#include "services/proposals/reconciler/material.h"
#include "services/proposals/reconciler/neighbours.h"

namespace smederij::proposals {

struct ReconcilerOptions {
  absl::Duration interval = absl::Seconds(1);  // How often people and machines are asked again.
  absl::Duration ask_max = absl::Seconds(5);   // What one call may take.
  int workers = 2;                             // Rounds worked on at once.
  // Who holds leases. A process that comes back under its name need not wait for its own leases to
  // run out; two under one name only work twice.
  std::string name = Uuid::Random().ToString();

  // A blocked round is tried again, since what blocks it is mended elsewhere, but not as often.
  absl::Duration blocked_interval() const {
    return std::max(interval, std::min(interval * 10, absl::Duration(absl::Seconds(30))));
  }
  // A machine that works on something is asked again soon.
  absl::Duration soon() const { return std::max(interval / 10, absl::Milliseconds(5)); }
};

// Brings every round that is not done to its end: looks at what is stored, performs the one next
// idempotent step, stores the answer; whatever is killed when, starting again continues. Any number
// of these may run beside each other, in one process or several: leases keep them from doing the
// same work twice, the steps' keys keep that from mattering.
class Reconciler {
 public:
  // `pool`, `neighbours` and `metrics` outlive it. Nothing runs before Start.
  Reconciler(pg::Pool& pool, const Neighbours& neighbours, obs::Registry& metrics,
             ReconcilerOptions options);
  ~Reconciler();  // Stops.
  Reconciler(const Reconciler&) = delete;
  Reconciler& operator=(const Reconciler&) = delete;

  void Start();
  // Lets the step under way finish, and joins. More than once is as once.
  void Stop();

  // Something was committed that may let a round go on: look now instead of after the interval.
  // Thread-safe, never blocks for long.
  void Wake();

  // What a worker does over and over: works on every round that is due until it waits for somebody.
  // Gives the time until the next is due. The database's refusals alone; a neighbour's stand in the
  // round.
  absl::StatusOr<absl::Duration> Pass();

 private:
  // What one look at a round came to.
  enum class Look { kAgain, kPause };

  void Run(int worker);
  absl::StatusOr<absl::Duration> PassAs(Uuid holder);
  absl::Status Work(RoundId round, Uuid holder);
  absl::StatusOr<Look> Advance(RoundId round, Uuid holder);
  absl::StatusOr<Look> Conclude(const Material& material, const absl::StatusOr<Learned>& learned,
                                Uuid holder);
  void Report(const Material& material, const absl::StatusOr<Learned>& learned) const;
  pg::TxOptions Soon() const;
  bool Stopped() const;

  pg::Pool& pool_;
  const Neighbours& neighbours_;
  const ReconcilerOptions options_;
  obs::Gauge open_;
  obs::Gauge blocked_;
  std::map<Step, obs::Counter> done_;
  std::map<Step, obs::Counter> refused_;

  mutable absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t wakes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::thread> threads_;
};

}  // namespace smederij::proposals
