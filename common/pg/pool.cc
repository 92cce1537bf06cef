#include "common/pg/pool.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/pg/sqlstate.h"

namespace smederij::pg {
namespace {

constexpr absl::Duration kPauseMin = absl::Milliseconds(50), kPauseMax = absl::Seconds(1);

absl::Status Busy(int size) {
  return Error(kResourceExhausted, "DATABASE_BUSY",
               "no database connection came free before the deadline")
      .With("pool_size", size)
      .RetryAfter(absl::Milliseconds(100));
}

}  // namespace

Lease::~Lease() {
  if (connection_ != nullptr) pool_->Return(std::move(connection_));
}

Pool::Pool(PoolOptions options) : options_(std::move(options)) { CHECK(options_.size > 0); }

Pool::~Pool() {
  absl::MutexLock lock(&mutex_);
  CHECK(open_ == static_cast<int>(idle_.size()));
}

bool Pool::CanProceed() const {
  if (!idle_.empty()) return true;
  // While the server is down nobody waits for the one who tries.
  if (failures_ > 0 && (connecting_ || absl::Now() < try_again_)) return true;
  return open_ < options_.size && !connecting_;
}

absl::StatusOr<Lease> Pool::Acquire(absl::Time deadline) {
  const absl::Time start = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    for (;;) {
      const bool proceed =
          mutex_.AwaitWithDeadline(absl::Condition(this, &Pool::CanProceed), deadline);
      if (!idle_.empty()) {
        std::unique_ptr<Connection> connection = std::move(idle_.back());
        idle_.pop_back();
        if (!connection->Reusable()) {  // The server restarted while it lay idle.
          --open_;
          continue;
        }
        if (options_.observer.wait) options_.observer.wait(absl::Now() - start);
        return Lease(*this, std::move(connection));
      }
      if (!proceed) return Busy(options_.size);
      if (failures_ > 0 && (connecting_ || absl::Now() < try_again_)) return down_;
      if (open_ >= options_.size || connecting_) continue;
      connecting_ = true;
      ++open_;
      break;
    }
  }
  auto lease = Connect(deadline);
  if (lease.ok() && options_.observer.wait) options_.observer.wait(absl::Now() - start);
  return lease;
}

absl::StatusOr<Lease> Pool::Connect(absl::Time deadline) {
  // A caller in a hurry must not make the others believe that the server is down, so the attempt
  // has its own limit; only the caller's own answer may come a moment late.
  const absl::Time until = std::max(deadline, absl::Now() + kPauseMin);
  auto connection = Connection::Open(options_.conninfo, options_.connect_timeout, until,
                                     options_.observer, options_.schema);
  absl::MutexLock lock(&mutex_);
  connecting_ = false;
  if (connection.ok()) {
    failures_ = 0;
    return Lease(*this, *std::move(connection));
  }
  --open_;
  ++failures_;
  down_ = connection.status();
  try_again_ = absl::Now() + NextPause();
  return down_;
}

absl::Duration Pool::NextPause() {
  const absl::Duration longest =
      std::min(kPauseMax, kPauseMin * (int64_t{1} << std::min(failures_, 10)));
  absl::BitGen random;  // Replicas must not come back in step.
  return longest * absl::Uniform(random, 0.5, 1.0);
}

void Pool::Return(std::unique_ptr<Connection> connection) {
  const bool reusable = connection->Reusable();
  if (!reusable) connection.reset();  // Before the lock: closing may block for a moment.
  absl::MutexLock lock(&mutex_);
  if (reusable) {
    idle_.push_back(std::move(connection));
  } else {
    --open_;
  }
}

absl::Status Pool::Ping(absl::Time deadline) {
  ASSIGN_OR_RETURN(Lease lease, Acquire(deadline));
  RETURN_IF_ERROR(lease->Begin({.deadline = deadline, .read_only = true}));
  absl::Status status = lease->CheckSchema();
  return status.ok() ? lease->Commit() : lease->Rollback(std::move(status));
}

}  // namespace smederij::pg
