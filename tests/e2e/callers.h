#pragma once

#include <google/protobuf/descriptor.h>
#include <grpcpp/channel.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/rpc/call.h"
#include "common/rpc/token_signer.h"
#include "smederij/policy/v1/access.pb.h"
#include "tests/e2e/town.h"

namespace smederij::e2e {

using Method = google::protobuf::MethodDescriptor;

// Every method of our services, as proto/ declares them. Dies when a service that stands there is
// not linked in: nobody is to be left out.
std::vector<const Method*> AllMethods();
const policy::v1::Access& AccessOf(const Method& method);
// "registry", of "smederij.registry.v1.PollingService.ListStations".
std::string ServiceOf(const Method& method);

// Who calls: at most one of the two.
struct Identity {
  std::string token = {};
  std::string service = {};  // Whose certificate is presented.
};

// Calls any method of a town as anybody. One thread at a time.
class Callers {
 public:
  explicit Callers(const Town& town);

  // A token for the method's service, signed by the town's own issuer.
  std::string Token(const Method& method, MunicipalityId municipality,
                    const std::vector<rpc::Grant>& grants,
                    absl::Duration age = absl::ZeroDuration()) const;
  // As that of a person with the role in a place of its own.
  Identity Holder(const Method& method, rpc::Role role) const;

  // What comes of a request of these bytes; OK or the refusal.
  absl::Status Call(const Method& method, const Identity& who, const std::string& request = "");

 private:
  const std::shared_ptr<grpc::Channel>& ChannelTo(const std::string& service,
                                                  const std::string& as);

  const Town& town_;
  const rpc::TokenSigner signer_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<grpc::Channel>> channels_;
};

}  // namespace smederij::e2e
