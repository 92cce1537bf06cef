#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/pg/guard.h"
#include "common/pg/pool.h"
#include "common/rpc/client.h"
#include "common/rpc/router.h"
#include "common/service/background.h"
#include "services/ballots/api/ballots_api.h"
#include "services/ballots/api/counter.h"
#include "services/ballots/api/paper_api.h"

namespace smederij::ballots {

struct ServiceOptions {
  // Casts have connections of their own: the rush of an evening cannot keep officials out, and no
  // metric counts their statements or times.
  std::string cast_database;
  std::string guard_directory;  // On a volume that is not the database's.
  bool guard_adopt = false;
  Signers signers;
  std::string software;
  // Who commits ballots: one writer is best on a fast disk. More share the voting keys out.
  int cast_writers = 1;
  size_t cast_batch_max = 512;  // Ballots in one commit.
  absl::Duration sequence_every = absl::Seconds(1);
  absl::Duration count_every = absl::Seconds(1);
};

// All of the service behind its RPCs, put together. Thread-safe.
class Service {
 public:
  // Refused, first that applies: those of the guard; KEYS_OF_ANOTHER when an election that is still
  // under way was published with other signing keys than these.
  static absl::StatusOr<std::unique_ptr<Service>> Open(pg::Pool& pool, rpc::Peer registry,
                                                       ServiceOptions options);

  // Mounts the RPCs and starts the background work; `router` outlives the service.
  void Start(rpc::Router& router);

  ~Service();  // Drains the casts that were taken in.

  BallotsApi& api() { return *api_; }
  // One turn of the background work each, for tests that do not want to wait.
  absl::Status SequenceNow() { return sequencer_.RunOnce(); }
  absl::Status CountNow() { return counter_.RunOnce(); }

 private:
  Service(pg::Pool& pool, rpc::Peer registry, ServiceOptions options,
          std::unique_ptr<pg::Guard> guard);

  const ServiceOptions options_;
  std::unique_ptr<pg::Guard> guard_;
  pg::Pool cast_pool_;
  pg::Pool status_pool_;  // Also unmeasured; its own, so that who asks holds up nobody who casts.
  std::function<void()> on_sequenced_;
  Registry registry_;
  Elections elections_;
  LogTrees trees_;
  Caster caster_;
  Sequencer sequencer_;
  Counter counter_;
  std::vector<std::unique_ptr<CastCommitter>> committers_;
  std::unique_ptr<BallotsApi> api_;
  std::unique_ptr<PaperApi> paper_api_;
  std::unique_ptr<service::Background> sequencing_;
  std::unique_ptr<service::Background> counting_;
};

}  // namespace smederij::ballots
