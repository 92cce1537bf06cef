#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/id.h"
#include "services/cli/play/script.h"
#include "services/cli/remote/deployment.h"
#include "services/cli/remote/tokens.h"

namespace smederij::cli {

// What every act of a played round needs: where to call, who signs in, and what is being played.
// Every request_id is derived from the play and the act's name, so a play that was broken off, by a
// crash on either side, goes on where it was when it is started again.
struct Stage {
  const Deployment& deployment;
  Tokens& tokens;
  const Script& script;
  int year = 0;
  std::string title;
  Uuid play;                  // Names this play; request ids are derived from it.
  std::string voters_secret;  // 32 bytes; stands in for the secrets on the voters' devices.
  std::function<void(absl::string_view)> tell;  // One line of progress, for people.

  // Filled in on the way.
  std::string municipality_id;
  std::string district_id;
  std::string charter_id;
  std::string budget_id;
  std::string round_id;

  // The request_id of the act named `act`.
  std::string RequestIdOf(absl::string_view act) const {
    return Uuid::Derived(play, act).ToString();
  }

  // Calls a service as `subject`. Refusals are registry's or the service's own.
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> As(const std::string& subject, Audience audience,
                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                         const Req& request) const {
    absl::StatusOr<std::string> token = tokens.For(subject, audience);
    if (!token.ok()) return token.status();
    return EndpointOf(audience).Call(method, request, *token);
  }

  const Endpoint& EndpointOf(Audience audience) const;
};

// Asks again and again, for at most `patience`, until `ready` says yes to the answer.
// Refusals: those of `ask`; DEADLINE_EXCEEDED with `what` and the round's own word on what it waits
// for.
absl::Status WaitUntil(const Stage& stage, absl::string_view what,
                       const std::function<absl::StatusOr<bool>()>& ready);

}  // namespace smederij::cli
