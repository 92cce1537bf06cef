#include "services/ballots/testing/polling_place.h"

#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/crypto/hash.h"
#include "common/rpc/status.h"
#include "services/ballots/storage/migrations.h"

namespace smederij::ballots::testing {
namespace {

v1::CastBallotRequest ToProto(const Envelope& envelope) {
  v1::CastBallotRequest request;
  request.set_leaf(envelope.leaf);
  request.set_choice(envelope.choice);
  request.set_nonce(envelope.nonce);
  return request;
}

using smederij::testing::PgDatabase;
using smederij::testing::TestServer;

pg::TxOptions Soon() { return {.deadline = absl::Now() + absl::Seconds(30)}; }

std::string NewId() { return Uuid::Random().ToString(); }

void Set(google::protobuf::Timestamp* out, absl::Time time) {
  out->set_seconds(absl::ToUnixSeconds(time));
}

grpc::Status Refused(absl::string_view reason) {
  return rpc::ToGrpc(Error(kFailedPrecondition, reason, "refused"), "registry");
}

}  // namespace

FakeRegistry::FakeRegistry() {
  grpc::ServerBuilder builder;
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
  CHECK(server_ != nullptr);
}

FakeRegistry::~FakeRegistry() { server_->Shutdown(); }

rpc::Peer FakeRegistry::peer() { return rpc::Peer(server_->InProcessChannel({})); }

void FakeRegistry::OpenRoll(const v1::Manifest& manifest) {
  absl::MutexLock lock(&mutex_);
  roll_.emplace();
  roll_->set_round_id(manifest.round_id());
  for (const v1::ElectionClass& c : manifest.classes()) {
    auto& out = *roll_->add_classes();
    out.set_class_id(c.class_id());
    out.set_size(c.roll_size());
    out.set_issuer_spki(c.issuer_spki());
  }
  for (const v1::ManifestStation& station : manifest.stations()) {
    auto& out = *roll_->add_stations();
    out.set_number(station.number());
    out.set_name(station.name());
  }
}

void FakeRegistry::CloseRoll(const std::map<uint32_t, int64_t>& issued) {
  absl::MutexLock lock(&mutex_);
  issuance_.emplace();
  for (const auto& [class_id, count] : issued) {
    auto& out = *issuance_->add_classes();
    out.set_class_id(class_id);
    out.set_issued(count);
  }
}

void FakeRegistry::Report(uint32_t station, uint32_t class_id, int64_t marked, int64_t spoiled,
                          int64_t taken_home) {
  absl::MutexLock lock(&mutex_);
  registry::v1::Issuance::StationCount* line = nullptr;
  for (auto& known : *issuance_->mutable_stations()) {
    if (known.station() == station && known.class_id() == class_id) line = &known;
  }
  if (line == nullptr) line = issuance_->add_stations();
  line->set_station(station);
  line->set_class_id(class_id);
  line->set_marked(marked);
  line->set_spoiled(spoiled);
  line->set_taken_home(taken_home);
}

grpc::Status FakeRegistry::GetRoll(grpc::ServerContext*, const registry::v1::GetRollRequest*,
                                   registry::v1::Roll* roll) {
  absl::MutexLock lock(&mutex_);
  if (!roll_) return Refused("ROLL_NOT_FOUND");
  *roll = *roll_;
  return grpc::Status::OK;
}

grpc::Status FakeRegistry::GetIssuance(grpc::ServerContext*,
                                       const registry::v1::GetIssuanceRequest*,
                                       registry::v1::Issuance* issuance) {
  absl::MutexLock lock(&mutex_);
  if (!issuance_) return Refused("ROLL_NOT_CLOSED");
  *issuance = *issuance_;
  return grpc::Status::OK;
}

Replica::~Replica() {
  if (server) server->server().Drain();
  service.reset();  // Before the router it flushes; after the calls that use it.
  server.reset();
}

PollingPlace::PollingPlace()
    : database_(Migrations()),
      superuser_({.conninfo = database_.superuser(), .size = 1}),
      officials_({SubjectId::Random(), SubjectId::Random(), SubjectId::Random()}),
      signers_({.host = "ballots.example",
                .checkpoint_key = crypto::SigningKey::Random(),
                .receipt_key = crypto::SigningKey::Random()}) {
  std::string pattern = (std::filesystem::temp_directory_path() / "ballots-XXXXXX").string();
  CHECK(mkdtemp(pattern.data()) != nullptr);
  directory_ = pattern;
}

PollingPlace::~PollingPlace() { std::filesystem::remove_all(directory_); }

absl::StatusOr<std::unique_ptr<Replica>> PollingPlace::TryStart(const std::string& guard,
                                                                bool working, bool adopt,
                                                                Committing committing) {
  auto replica = std::make_unique<Replica>();
  replica->guard_directory = directory_ / guard;
  std::filesystem::create_directories(replica->guard_directory);
  replica->pool = std::make_unique<pg::Pool>(pg::PoolOptions{.conninfo = database_.app()});
  const absl::Duration pause = working ? absl::Milliseconds(20) : absl::Hours(24);
  auto service = smederij::ballots::Service::Open(*replica->pool, registry_.peer(),
                                                  {.cast_database = database_.app(),
                                                   .guard_directory = replica->guard_directory,
                                                   .guard_adopt = adopt,
                                                   .signers = signers_,
                                                   .software = "test",
                                                   .cast_writers = committing.writers,
                                                   .cast_batch_max = committing.batch_max,
                                                   .sequence_every = pause,
                                                   .count_every = pause});
  if (!service.ok()) return service.status();
  replica->service = *std::move(service);
  replica->server = std::make_unique<TestServer>(
      "ballots", [&](rpc::Router& router) { replica->service->Start(router); });
  return replica;
}

namespace {

std::unique_ptr<Replica> OrDie(absl::StatusOr<std::unique_ptr<Replica>> replica) {
  if (!replica.ok()) std::fprintf(stderr, "%s\n", replica.status().ToString().c_str());
  CHECK(replica.ok());
  return *std::move(replica);
}

}  // namespace

std::unique_ptr<Replica> PollingPlace::Start(const std::string& guard, bool working) {
  return OrDie(TryStart(guard, working));
}

std::unique_ptr<Replica> PollingPlace::Start(const std::string& guard, Committing committing) {
  return OrDie(TryStart(guard, /*working=*/false, /*adopt=*/true, committing));
}

v1::Manifest PollingPlace::Manifest(bool demonstration) const {
  smederij::ballots::Manifest sample = SampleManifest();
  sample.round_id = round_;
  sample.municipality_id = municipality_;
  sample.district_id = district_;
  sample.demonstration = demonstration;
  v1::Manifest manifest = ToProto(sample);
  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  Set(manifest.mutable_issue_from(), now - absl::Hours(2));
  Set(manifest.mutable_issue_until(), now);
  Set(manifest.mutable_cast_from(), now - absl::Hours(1));
  Set(manifest.mutable_cast_until(), now + absl::Hours(1));
  return manifest;
}

absl::StatusOr<v1::Election> PollingPlace::Propose(Replica& replica, const v1::Manifest& manifest) {
  v1::ProposeManifestRequest request;
  request.set_request_id(NewId());
  *request.mutable_manifest() = manifest;
  return replica.server->Ask(&Stub::ProposeManifest, request, TestServer::AsService("proposals"));
}

From PollingPlace::Official(Replica& replica, int official) const {
  return replica.server->As(
      {.subject = officials_[static_cast<size_t>(official)],
       .municipality = municipality_,
       .grants = {{.role = policy::v1::ROLE_ELECTION_OFFICIAL, .district = district_}}});
}

absl::StatusOr<v1::Election> PollingPlace::Approve(Replica& replica, const v1::Election& election,
                                                   int official) {
  v1::ApproveManifestRequest request;
  request.set_request_id(NewId());
  request.set_round_id(round_.ToString());
  request.set_manifest_hash(election.manifest_hash());
  return replica.server->Ask(&Stub::ApproveManifest, request, Official(replica, official));
}

v1::Election PollingPlace::Publish(Replica& replica, const v1::Manifest& manifest) {
  registry_.OpenRoll(manifest);
  const auto proposed = Propose(replica, manifest);
  EXPECT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_TRUE(Approve(replica, *proposed, 0).ok());
  const auto published = Approve(replica, *proposed, 1);
  EXPECT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->state(), v1::Election::STATE_PUBLISHED);
  return *published;
}

absl::StatusOr<v1::CastBallotResponse> PollingPlace::Cast(Replica& replica,
                                                          const Envelope& envelope) {
  return replica.server->Ask(&Stub::CastBallot, ToProto(envelope));
}

absl::StatusOr<v1::CastBallotsResponse> PollingPlace::CastMany(
    Replica& replica, const std::vector<Envelope>& envelopes) {
  v1::CastBallotsRequest request;
  for (const Envelope& envelope : envelopes) *request.add_ballots() = ToProto(envelope);
  return replica.server->Ask(&Stub::CastBallots, request);
}

absl::StatusOr<v1::Election> PollingPlace::BringForward(Replica& replica, int official) {
  v1::BringForwardCloseRequest request;
  request.set_request_id(NewId());
  request.set_round_id(round_.ToString());
  return replica.server->Ask(&Stub::BringForwardClose, request, Official(replica, official));
}

absl::StatusOr<v1::Election> PollingPlace::Close(Replica& replica) {
  v1::CloseElectionRequest request;
  request.set_request_id(NewId());
  request.set_round_id(round_.ToString());
  return replica.server->Ask(&Stub::CloseElection, request, TestServer::AsService("proposals"));
}

absl::StatusOr<v1::Tally> PollingPlace::Count(Replica& replica) {
  v1::CountElectionRequest request;
  request.set_request_id(NewId());
  request.set_round_id(round_.ToString());
  return replica.server->Ask(&Stub::CountElection, request, TestServer::AsService("proposals"));
}

absl::StatusOr<v1::Tally> PollingPlace::Tally(Replica& replica, uint32_t version) {
  v1::GetTallyRequest request;
  request.set_round_id(round_.ToString());
  request.set_version(version);
  return replica.server->Ask(&Stub::GetTally, request, TestServer::AsService("proposals"));
}

absl::StatusOr<v1::Tally> PollingPlace::Certify(Replica& replica, const v1::Tally& tally,
                                                int official) {
  v1::CertifyTallyRequest request;
  request.set_request_id(NewId());
  request.set_round_id(round_.ToString());
  request.set_version(tally.version());
  request.set_result_hash(tally.result_hash());
  return replica.server->Ask(&Stub::CertifyTally, request, Official(replica, official));
}

absl::StatusOr<v1::Election> PollingPlace::Election(Replica& replica) {
  v1::GetElectionRequest request;
  request.set_round_id(round_.ToString());
  return replica.server->Ask(&Stub::GetElection, request);
}

void PollingPlace::LetCloseCome() {
  const absl::Status status =
      database_.Sql("UPDATE ballots.round SET cast_until = clock_timestamp()");
  CHECK(status.ok());
}

int64_t PollingPlace::Number(const std::string& query) {
  // PostgreSQL cuts names after 63 bytes.
  const std::string name = crypto::ToHex(crypto::Sha256(query)).substr(0, 32);
  const pg::Statement<int64_t()> statement{name, query};
  const auto read = [&](pg::Tx& tx) { return tx.One(statement); };
  const absl::StatusOr<int64_t> number = pg::Transact(superuser_, Soon(), read);
  if (!number.ok()) std::fprintf(stderr, "%s\n", number.status().ToString().c_str());
  CHECK(number.ok());
  return *number;
}

}  // namespace smederij::ballots::testing
