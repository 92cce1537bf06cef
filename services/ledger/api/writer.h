#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/obs/metrics.h"
#include "common/pg/group_committer.h"
#include "common/pg/guard.h"
#include "common/pg/pool.h"
#include "services/ledger/domain/books.h"

namespace smederij::ledger {

// A command as it came in, and what to answer when it is accepted.
struct Write {
  Command command;
  std::string method;  // With caller and hash, what a repeated request_id is compared by.
  std::string caller;
  Hash request_hash{};
  // The answer's bytes; stored, and given again to whoever repeats the request. Pure: it may run
  // more than once.
  std::function<std::string(const Effect&)> render;
};

struct WriteAnswer {
  std::string response;
  bool replayed = false;
};

// Everything that changes the books goes through here: commands of all callers, in the order they
// came, many to a transaction. Thread-safe.
class Writer {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<WriteAnswer>)>;

  // All references outlive it; `guard` may be null in tests. Without a `clock` the
  // database's own says what time it is, as it must in production; only tests give one.
  Writer(pg::Pool& pool, pg::Guard* guard, obs::Registry& metrics, Rules rules = {},
         const Clock* clock = nullptr);

  // `done` is called exactly once: with the answer after its commit, the domain's refusal,
  // REQUEST_ID_REUSED, or what pg::GroupCommitter refuses with.
  void Submit(Write write, absl::Time deadline, Done done);

  void Shutdown() { committer_->Shutdown(); }

 private:
  using Committer = pg::GroupCommitter<Write, WriteAnswer>;

  std::unique_ptr<Committer> committer_;
};

}  // namespace smederij::ledger
