#pragma once

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/rpc/client.h"
#include "services/cli/play/stage.h"
#include "services/cli/remote/deployment.h"
#include "services/cli/remote/tokens.h"
#include "smederij/registry/v1/charter.pb.h"
#include "tests/e2e/town.h"

namespace smederij::e2e {

// What a test cannot go on without.
template <class T>
T Must(absl::StatusOr<T> answer) {
  if (!answer.ok()) fprintf(stderr, "%s\n", answer.status().ToString().c_str());
  CHECK(answer.ok());
  return *std::move(answer);
}

std::string NewId();

// A district of a town with its people: residents, officials of every role, and the way to all four
// services, as any of them or as proposals. Calls are repeated over crashes until they are
// answered.
class Village {
 public:
  // Once per town: residents "resident:0" … are imported and roles granted; they live in three
  // streets in turn. Dies when refused.
  Village(Town& town, int residents, absl::Duration patience = absl::Seconds(60));
  static constexpr std::array<const char*, 3> kStreets = {"9999 NA", "9999 NB", "9999 NC"};

  static std::string SubjectOf(int resident);
  // One class of everybody, who approve of plans; most votes first.
  static registry::v1::Charter Rules();

  const std::string& municipality() const { return municipality_; }
  const std::string& district() const { return district_; }
  const cli::Deployment& services() const { return *services_; }
  Town& town() { return town_; }
  absl::Duration patience() const { return patience_; }

  absl::StatusOr<std::string> Token(const std::string& subject, cli::Audience audience) const {
    return tokens_->For(subject, audience);
  }
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> As(const std::string& subject, cli::Audience audience,
                         const cli::Endpoint& endpoint,
                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                         const Req& request) const {
    ASSIGN_OR_RETURN(const std::string token, Token(subject, audience));
    return endpoint.Call(method, request, token);
  }

  // `service` with the certificate of proposals.
  rpc::Peer PeerOf(const std::string& service) const;
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> AsProposals(const rpc::Peer& peer,
                                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&,
                                                               Res*),
                                  const Req& request) const {
    for (const absl::Time until = absl::Now() + patience_;;) {
      rpc::Outgoing outgoing;
      outgoing.deadline = absl::Now() + absl::Seconds(5);
      absl::StatusOr<Res> answer = peer.Ask(method, request, outgoing);
      const bool away =
          absl::IsUnavailable(answer.status()) || absl::IsDeadlineExceeded(answer.status());
      if (!away || absl::Now() > until) return answer;
      absl::SleepFor(absl::Milliseconds(10));
    }
  }

 private:
  Town& town_;
  const absl::Duration patience_;
  std::optional<cli::Deployment> services_;
  std::unique_ptr<cli::Tokens> tokens_;
  std::string municipality_, district_;
};

}  // namespace smederij::e2e
