#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/pg/connection.h"
#include "common/pg/observer.h"
#include "common/pg/schema.h"

namespace smederij::pg {

class Pool;

// A connection on loan. Going out of scope returns it; a broken one, or one with a transaction
// still open, is closed instead.
class Lease {
 public:
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease();

  Connection* operator->() { return connection_.get(); }
  Connection& operator*() { return *connection_; }

 private:
  friend class Pool;
  Lease(Pool& pool, std::unique_ptr<Connection> connection)
      : pool_(&pool), connection_(std::move(connection)) {}

  Pool* pool_;
  std::unique_ptr<Connection> connection_;
};

struct PoolOptions {
  std::string conninfo;  // libpq's; may list several hosts.
  int size = 8;
  absl::Duration connect_timeout = absl::Seconds(2);  // Per host.
  Observer observer = {};
  Schema schema = {};  // Once the database has a newer one, nothing is written.
};

// At most `size` connections, opened when first needed. Connecting is done by one caller at a time;
// while the server is down one caller in turn tries, with growing pauses, and the others are told
// UNAVAILABLE at once, so the pool heals by itself when the server is back and never storms it.
// Thread-safe. Every lease must be back before the pool is destroyed.
class Pool {
 public:
  explicit Pool(PoolOptions options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // RESOURCE_EXHAUSTED DATABASE_BUSY when every connection stays in use until the deadline,
  // UNAVAILABLE DATABASE_UNAVAILABLE when the server cannot be reached.
  absl::StatusOr<Lease> Acquire(absl::Time deadline);

  // For health: a round trip to the server, which waits for no migration. DATABASE_BUSY means busy,
  // not ill; SCHEMA_NEWER, that this program is too old for it.
  absl::Status Ping(absl::Time deadline);

  int size() const { return options_.size; }
  const Observer& observer() const { return options_.observer; }

 private:
  friend class Lease;
  void Return(std::unique_ptr<Connection> connection);
  absl::StatusOr<Lease> Connect(absl::Time deadline);
  bool CanProceed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration NextPause() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const PoolOptions options_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_ ABSL_GUARDED_BY(mutex_);  // Last in, first out.
  int open_ ABSL_GUARDED_BY(mutex_) = 0;  // Idle, on loan, or being opened.
  bool connecting_ ABSL_GUARDED_BY(mutex_) = false;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;  // Attempts to connect that failed in a row.
  absl::Time try_again_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Status down_ ABSL_GUARDED_BY(mutex_);  // Why the last attempt failed.
};

}  // namespace smederij::pg
