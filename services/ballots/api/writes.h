#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/crash_point.h"
#include "common/pg/guard.h"
#include "common/pg/once.h"
#include "common/pg/pool.h"
#include "common/rpc/call.h"
#include "services/ballots/api/caster.h"
#include "services/ballots/api/convert.h"
#include "services/ballots/api/elections.h"
#include "services/ballots/api/log_trees.h"
#include "services/ballots/api/registry.h"
#include "services/ballots/api/sequencer.h"
#include "services/ballots/storage/cast_store.h"
#include "services/ballots/storage/log_store.h"

namespace smederij::ballots {

// What the handlers work with; everything outlives them.
struct Parts {
  pg::Pool& pool;
  pg::Guard* guard;  // Null only in tests without one.
  const Signers& signers;
  const Registry& registry;
  Elections& elections;
  pg::Pool& status_pool;
  LogTrees& trees;
  Caster& caster;
  const std::vector<std::unique_ptr<CastCommitter>>& committers;  // Each for its voting keys.
  Sequencer& sequencer;
  std::function<void()> wake_sequencer;
  std::function<void()> wake_counter;
  std::function<void()> on_sequenced;
  std::string software;
};

// How officials and services write: once per request id, and never answered before the guard knows.
class Writes {
 protected:
  explicit Writes(Parts parts) : p_(std::move(parts)), once_("ballots") {}

  // What a write did besides its answer.
  struct Effects {
    std::optional<pg::GuardRecord> record;  // Set by whoever appended to a log.
    std::optional<RoundId> grown;           // Whose head wants a signature.
    bool flushed = false;                   // All waiting ballots went into the log.
  };

  // One idempotent write: `body` (StatusOr<Res>(Tx&, Effects&)) runs once per request_id. The guard
  // is moved before the answer leaves.
  template <class Res, class Req, class Body>
  absl::StatusOr<Res> Write(const rpc::Call& call, absl::string_view method, const Req& request,
                            Body body);
  absl::Status Settle(const Effects& effects);

  // Appends to the round's log and counts the commit: the last step of a body.
  absl::Status Grow(pg::Tx& tx, RoundId id, const std::vector<std::string>& leaves,
                    Effects& effects);

  const Parts p_;
  const pg::Once once_;
};

// Rolls the transaction back so that registry can be asked without holding a connection; never
// leaves the handler.
inline absl::Status AskRegistryFirst() { return absl::UnknownError("ask registry first"); }

template <class Res, class Req, class Body>
absl::StatusOr<Res> Writes::Write(const rpc::Call& call, absl::string_view method,
                                  const Req& request, Body body) {
  ASSIGN_OR_RETURN(const RequestId id, ParseId<RequestId>(request.request_id(), "request_id"));
  const pg::OnceKey key{.request_id = id,
                        .method = method,
                        .caller = call.caller.subject,
                        .request_hash = rpc::RequestHash(request)};
  Effects effects;
  const auto run = [&](pg::Tx& tx) -> absl::StatusOr<pg::Answered<Res>> {
    effects = {};
    const auto once = [&] { return body(tx, effects); };
    ASSIGN_OR_RETURN(pg::Answered<Res> answered, once_.template Run<Res>(tx, key, once));
    // The first answer may have been lost before the guard knew of it.
    if (answered.replayed) {
      ASSIGN_OR_RETURN(effects.record, GetProgress(tx));
    }
    return answered;
  };
  ASSIGN_OR_RETURN(pg::Answered<Res> answered,
                   pg::Transact(p_.pool, {.deadline = call.deadline}, run));
  if (effects.flushed) CrashPoint("close.committed");
  RETURN_IF_ERROR(Settle(effects));
  if (answered.replayed) call.MarkReplayed();
  return std::move(answered.message);
}

}  // namespace smederij::ballots
