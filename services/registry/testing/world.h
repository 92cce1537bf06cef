#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/crypto/blind_rsa.h"
#include "common/pg/guard.h"
#include "common/pg/pool.h"
#include "common/rpc/token_signer.h"
#include "common/testing/pg_database.h"
#include "common/testing/test_identity.h"
#include "common/testing/test_server.h"
#include "services/registry/api/bootstrap.h"
#include "services/registry/api/service.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::registry::testing {

namespace v1 = smederij::registry::v1;
using smederij::testing::From;
using Stub = v1::RegistryService::Stub;

// A whole registry in the test's process, on a database of its own, met through its server; an
// identity provider beside it; and a municipality with its first administrator, "administrator".
class World {
 public:
  explicit World(CredentialApi::Options issuing = {});
  // Another replica on the database of `first`, with a server, an identity provider and a guard of
  // its own; whoever is known there signs in here as well.
  struct Beside {
    World& first;
  };
  explicit World(Beside beside);
  ~World();

  // A token of the identity provider, bent by `bend` where given (it changes the claims' JSON).
  std::string IdentityToken(const std::string& subject,
                            const std::function<void(std::string& claims)>& bend = {}) const;
  // Signs in through Exchange; fails the test when refused.
  From As(const std::string& subject, const std::string& audience = "smederij-registry");
  From AsProposals() const { return smederij::testing::TestServer::AsService("proposals"); }

  template <class Service, class Req, class Res>
  absl::StatusOr<Res> Ask(grpc::Status (Service::*method)(grpc::ClientContext*, const Req&, Res*),
                          const Req& request, const From& from = {}, bool* replayed = nullptr) {
    return server_->Ask(method, request, from, replayed);
  }

  // Another municipality, with its own administrator.
  Bootstrapped AddMunicipality(const std::string& name, const std::string& administrator);
  // These fail the test when refused.
  std::string CreateDistrict(const std::string& slug, std::vector<std::string> postcodes,
                             const std::string& administrator = "administrator");
  v1::RoleGrant Grant(const std::string& subject, policy::v1::Role role,
                      const std::string& district = "");
  absl::StatusOr<v1::ImportResidentsResponse> Import(
      const std::vector<v1::ImportResidentsRequest>& messages, const From& from,
      bool* replayed = nullptr);
  // Imports people as the registrar; subject, birth date, postcode each, and a name.
  void Settle(const std::vector<std::array<std::string, 3>>& people);
  void SettleNamed(const std::vector<std::array<std::string, 4>>& people, bool complete = false);
  // A roll over these ages that is open, confirmed, and issues from an hour ago for a day; with
  // stations where postcodes of them are given, the first of which is number 1.
  v1::Roll OpenRoll(const std::string& district, std::vector<std::pair<uint32_t, uint32_t>> ages,
                    const std::vector<std::vector<std::string>>& stations = {});
  v1::Roll WaitForRoll(const std::string& round);
  void CloseRoll(const std::string& round);

  smederij::testing::TestServer& server() { return *server_; }
  const smederij::testing::PgDatabase& database() const { return *database_; }
  pg::Pool& pool() { return pool_; }
  pg::Guard& guard() { return *guard_; }
  const Bootstrapped& made() const { return made_; }
  std::string municipality() const { return made_.municipality.ToString(); }
  const Pseudonyms& pseudonyms() const { return pseudonyms_; }
  const smederij::testing::TestIdentity& provider() const { return provider_; }

 private:
  static rpc::TokenSigner AnySigner();
  void Start(const CredentialApi::Options& issuing);

  std::shared_ptr<smederij::testing::PgDatabase> database_;
  pg::Pool pool_;
  SystemClock clock_;
  obs::Registry metrics_;
  smederij::testing::TestIdentity provider_;
  std::unique_ptr<rpc::KeySet> provider_keys_;
  rpc::TokenSigner signer_;
  std::string guard_directory_;
  std::unique_ptr<pg::Guard> guard_;
  Pseudonyms pseudonyms_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<smederij::testing::TestServer> server_;
  Bootstrapped made_;
};

std::string NewId();

// What the voter's device does.
struct Device {
  // For one class of a roll; the same seed makes the same credential.
  Device(const v1::Roll& roll, uint32_t class_id, const std::string& seed);
  v1::IssueCredentialRequest request;
  // Whether the answer unblinds to a signature on this device's key.
  bool Accepts(const v1::IssueCredentialResponse& response) const;

 private:
  std::string input_, inverse_, spki_;
};

}  // namespace smederij::registry::testing
