#pragma once

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "common/base/status_macros.h"
#include "common/crypto/bytes.h"
#include "common/pg/once.h"
#include "common/pg/transact.h"
#include "common/rpc/call.h"

namespace smederij::registry {

// What every handler works with. The pool outlives them all.
struct Database {
  pg::Pool& pool;
  pg::Once once{"registry"};

  // Runs `body` (StatusOr<T>(pg::Tx&)) in a read-only transaction.
  template <class Body>
  auto Read(absl::Time deadline, Body body) const {
    return pg::Transact(pool, {.deadline = deadline, .read_only = true}, std::move(body));
  }
};

// A write that carries a request_id: `body` (StatusOr<Res>(pg::Tx&)) runs once, and its answer is
// repeated to the same caller for the same request. `hash` is of the whole request. Refusals:
// BAD_ID, REQUEST_ID_REUSED, then the body's.
template <class Res, class Body>
absl::StatusOr<Res> WriteOnce(const Database& database, const rpc::Call& call,
                              absl::string_view request_id, const rpc::Hash& hash, Body body) {
  ASSIGN_OR_RETURN(const RequestId id, ParseId<RequestId>(request_id, "request_id"));
  const pg::OnceKey key{
      .request_id = id, .method = call.method, .caller = call.caller.subject, .request_hash = hash};
  const auto once = [&](pg::Tx& tx) {
    const auto run = [&] { return body(tx); };
    return database.once.Run<Res>(tx, key, run);
  };
  ASSIGN_OR_RETURN(pg::Answered<Res> answered,
                   pg::Transact(database.pool, {.deadline = call.deadline}, once));
  if (answered.replayed) call.MarkReplayed();
  return std::move(answered.message);
}

// The hash of a request as it is kept: over the keyed name instead of the name, which a plain hash
// would give away to whoever tries all names there are.
template <class Request>
rpc::Hash Nameless(Request request, const rpc::Hash& person_key) {
  request.set_subject(absl::BytesToHexString(crypto::View(person_key)));
  return rpc::RequestHash(request);
}

template <class Res, class Req, class Body>
absl::StatusOr<Res> WriteOnce(const Database& database, const rpc::Call& call, const Req& request,
                              Body body) {
  return WriteOnce<Res>(database, call, request.request_id(), rpc::RequestHash(request),
                        std::move(body));
}

}  // namespace smederij::registry
