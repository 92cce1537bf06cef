#pragma once

#include <grpcpp/server.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/pg/pool.h"
#include "common/testing/pg_database.h"
#include "common/testing/test_server.h"
#include "services/ballots/api/service.h"
#include "services/ballots/testing/election.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

// The whole service as it runs, against a real database, met through a channel.
namespace smederij::ballots::testing {

namespace v1 = smederij::ballots::v1;
using Stub = v1::BallotsService::Stub;
using smederij::testing::From;

// A registry that knows what it is told to.
class FakeRegistry final : public registry::v1::RegistryService::Service {
 public:
  FakeRegistry();
  ~FakeRegistry() override;

  rpc::Peer peer();
  // The roll a manifest would be right about.
  void OpenRoll(const v1::Manifest& manifest);
  // Issuing has ended with so many credentials per class.
  void CloseRoll(const std::map<uint32_t, int64_t>& issued);
  // What a closed roll tells of paper, besides; replaces what it told of the same station and
  // class.
  void Report(uint32_t station, uint32_t class_id, int64_t marked, int64_t spoiled,
              int64_t taken_home);

  grpc::Status GetRoll(grpc::ServerContext*, const registry::v1::GetRollRequest*,
                       registry::v1::Roll*) override;
  grpc::Status GetIssuance(grpc::ServerContext*, const registry::v1::GetIssuanceRequest*,
                           registry::v1::Issuance*) override;

 private:
  absl::Mutex mutex_;
  std::optional<registry::v1::Roll> roll_ ABSL_GUARDED_BY(mutex_);
  std::optional<registry::v1::Issuance> issuance_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<grpc::Server> server_;
};

// One process of the service; two on one database are two replicas.
struct Replica {
  std::filesystem::path guard_directory;
  std::unique_ptr<pg::Pool> pool;
  std::unique_ptr<smederij::ballots::Service> service;
  std::unique_ptr<smederij::testing::TestServer> server;

  ~Replica();
};

class PollingPlace {
 public:
  PollingPlace();
  ~PollingPlace();

  // How a process commits ballots.
  struct Committing {
    int writers = 1;
    size_t batch_max = 512;
  };

  // Starts a process on the database; its background work rests unless `working`. Dies on refusal.
  std::unique_ptr<Replica> Start(const std::string& guard, bool working = false);
  std::unique_ptr<Replica> Start(const std::string& guard, Committing committing);
  absl::StatusOr<std::unique_ptr<Replica>> TryStart(const std::string& guard, bool working = false,
                                                    bool adopt = false) {
    return TryStart(guard, working, adopt, Committing());
  }
  absl::StatusOr<std::unique_ptr<Replica>> TryStart(const std::string& guard, bool working,
                                                    bool adopt, Committing committing);

  // A demonstration over the sample's plans that is open for an hour from now.
  v1::Manifest Manifest(bool demonstration = false) const;

  // Proposed by proposals, approved by two officials.
  v1::Election Publish(Replica& replica, const v1::Manifest& manifest);
  absl::StatusOr<v1::Election> Propose(Replica& replica, const v1::Manifest& manifest);
  absl::StatusOr<v1::Election> Approve(Replica& replica, const v1::Election& election,
                                       int official);
  absl::StatusOr<v1::CastBallotResponse> Cast(Replica& replica, const Envelope& envelope);
  absl::StatusOr<v1::CastBallotsResponse> CastMany(Replica& replica,
                                                   const std::vector<Envelope>& envelopes);
  absl::StatusOr<v1::Election> BringForward(Replica& replica, int official);
  absl::StatusOr<v1::Election> Close(Replica& replica);
  absl::StatusOr<v1::Tally> Count(Replica& replica);
  absl::StatusOr<v1::Tally> Tally(Replica& replica, uint32_t version = 0);
  absl::StatusOr<v1::Tally> Certify(Replica& replica, const v1::Tally& tally, int official);
  absl::StatusOr<v1::Election> Election(Replica& replica);

  // Lets the close come: as if the hour had passed. Only as the superuser.
  void LetCloseCome();

  Voter NewVoter(uint16_t class_id = 1) const {
    return Voter(round_, class_id, Issuer(class_id - 1u));
  }
  RoundId round() const { return round_; }
  MunicipalityId municipality() const { return municipality_; }
  DistrictId district() const { return district_; }
  // A token of election official 0, 1, 2 … for `replica`.
  From Official(Replica& replica, int official) const;

  smederij::testing::PgDatabase& database() { return database_; }
  FakeRegistry& registry() { return registry_; }
  // A folder of this place's own, that goes with it.
  const std::filesystem::path& directory() const { return directory_; }
  const Signers& signers() const { return signers_; }
  // The one number a query gives, as the superuser.
  int64_t Number(const std::string& query);

 private:
  smederij::testing::PgDatabase database_;
  pg::Pool superuser_;
  FakeRegistry registry_;
  std::filesystem::path directory_;
  RoundId round_ = RoundId::Random();
  MunicipalityId municipality_ = MunicipalityId::Random();
  DistrictId district_ = DistrictId::Random();
  std::vector<SubjectId> officials_;
  Signers signers_;
};

}  // namespace smederij::ballots::testing
