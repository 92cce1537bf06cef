#include "services/registry/testing/world.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/base/check.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "services/registry/api/convert.h"
#include "services/registry/api/import.h"
#include "services/registry/storage/migrations.h"

namespace smederij::registry::testing {
namespace {

using nlohmann::json;
using smederij::testing::TestServer;

Pseudonyms::Secret Filled(uint8_t byte) {
  Pseudonyms::Secret secret;
  secret.fill(byte);
  return secret;
}

std::string MakeDirectory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "smederij-guard-XXXXXX").string();
  CHECK(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

template <class T>
T Must(absl::StatusOr<T> result) {
  EXPECT_TRUE(result.ok()) << result.status();
  CHECK(result.ok());
  return *std::move(result);
}

}  // namespace

std::string NewId() { return Uuid::Random().ToString(); }

rpc::TokenSigner World::AnySigner() {
  return Must(rpc::TokenSigner::FromPem(smederij::testing::MakePrivateKeyPem("P-256")));
}

World::World(CredentialApi::Options issuing)
    : database_(std::make_shared<smederij::testing::PgDatabase>(Migrations())),
      pool_({.conninfo = database_->app(), .size = 12}),
      provider_keys_(Must(rpc::KeySet::Open(provider_.jwks_path(), clock_))),
      signer_(AnySigner()),
      guard_directory_(MakeDirectory()),
      guard_(
          Must(pg::Guard::Open(guard_directory_, "registry", {.root = crypto::Sha256("")}, false))),
      pseudonyms_(Filled(1), Filled(2)) {
  Start(issuing);
  made_ = Must(Bootstrap(pool_, pseudonyms_, "Noorderland", "administrator", false,
                         absl::Now() + absl::Seconds(10)));
}

World::World(Beside beside)
    : database_(beside.first.database_),
      pool_({.conninfo = database_->app(), .size = 12}),
      provider_keys_(Must(rpc::KeySet::Open(provider_.jwks_path(), clock_))),
      signer_(AnySigner()),
      guard_directory_(MakeDirectory()),
      guard_(
          Must(pg::Guard::Open(guard_directory_, "registry", {.root = crypto::Sha256("")}, false))),
      pseudonyms_(Filled(1), Filled(2)),
      made_(beside.first.made_) {
  Start({});
}

void World::Start(const CredentialApi::Options& issuing) {
  SignInRules rules;
  rules.identity.issuer = "https://provider.test";
  rules.identity.audience = "smederij-registry";
  rules.identity.types = {"JWT"};
  rules.acr = {"", "substantial"};
  rules.token_issuer = "https://identity.test";
  service_ = std::make_unique<Service>(Foundation{.pool = pool_,
                                                  .guard = guard_.get(),
                                                  .identity_keys = *provider_keys_,
                                                  .signer = signer_,
                                                  .clock = clock_,
                                                  .metrics = metrics_},
                                       pseudonyms_,
                                       SealingKeys{.issuer_keys = crypto::SealingKey(Filled(3)),
                                                   .particulars = crypto::SealingKey(Filled(4))},
                                       rules, issuing);
  const auto mount = [this](rpc::Router& router) { service_->Mount(router); };
  server_ = std::make_unique<TestServer>("registry", mount);
  signer_ = server_->identity().signer();  // What the server was told to trust.
  CHECK(rules.token_issuer == server_->identity().issuer());
}

World::~World() {
  server_.reset();
  service_.reset();
  guard_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(guard_directory_, ignored);
}

std::string World::IdentityToken(const std::string& subject,
                                 const std::function<void(std::string&)>& bend) const {
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  std::string claims = json{
      {"iss", "https://provider.test"},
      {"aud", "smederij-registry"},
      {"sub", subject},
      {"iat", now},
      {"exp", now + 300}}.dump();
  if (bend) bend(claims);
  return Must(provider_.signer().Sign(claims, "JWT"));
}

From World::As(const std::string& subject, const std::string& audience) {
  v1::ExchangeRequest request;
  request.set_subject_token(IdentityToken(subject));
  request.set_audience(audience);
  return {.token = Must(Ask(&Stub::Exchange, request)).access_token()};
}

Bootstrapped World::AddMunicipality(const std::string& name, const std::string& administrator) {
  return Must(
      Bootstrap(pool_, pseudonyms_, name, administrator, true, absl::Now() + absl::Seconds(10)));
}

std::string World::CreateDistrict(const std::string& slug, std::vector<std::string> postcodes,
                                  const std::string& administrator) {
  v1::CreateDistrictRequest request;
  request.set_request_id(NewId());
  request.mutable_district()->set_slug(slug);
  request.mutable_district()->set_name(slug);
  for (const std::string& postcode : postcodes) request.mutable_district()->add_postcodes(postcode);
  return Must(Ask(&Stub::CreateDistrict, request, As(administrator))).district_id();
}

v1::RoleGrant World::Grant(const std::string& subject, policy::v1::Role role,
                           const std::string& district) {
  v1::GrantRoleRequest request;
  request.set_request_id(NewId());
  request.set_subject(subject);
  request.set_role(role);
  request.set_district_id(district);
  return Must(Ask(&Stub::GrantRole, request, As("administrator")));
}

absl::StatusOr<v1::ImportResidentsResponse> World::Import(
    const std::vector<v1::ImportResidentsRequest>& messages, const From& from, bool* replayed) {
  Stub stub(server_->Channel());
  grpc::ClientContext context;
  TestServer::Prepare(context, from);
  v1::ImportResidentsResponse response;
  const auto writer = stub.ImportResidents(&context, &response);
  for (const v1::ImportResidentsRequest& message : messages) {
    if (!writer->Write(message)) break;  // The server has made up its mind.
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (replayed != nullptr) {
    *replayed = context.GetServerTrailingMetadata().count(rpc::kReplayed) > 0;
  }
  if (!status.ok()) return rpc::FromGrpc(status);
  return response;
}

void World::Settle(const std::vector<std::array<std::string, 3>>& people) {
  std::vector<std::array<std::string, 4>> nameless;
  for (const auto& [subject, birth_date, postcode] : people) {
    nameless.push_back({subject, birth_date, postcode, ""});
  }
  SettleNamed(nameless);
}

void World::SettleNamed(const std::vector<std::array<std::string, 4>>& people, bool complete) {
  v1::ImportResidentsRequest header;
  header.mutable_header()->set_request_id(NewId());
  header.mutable_header()->set_complete(complete);
  std::vector<v1::ImportResidentsRequest> messages{header};
  for (size_t i = 0; i < people.size(); ++i) {
    if (i % kResidentsPerMessageMax == 0) messages.emplace_back();
    v1::Resident& resident = *messages.back().mutable_batch()->add_residents();
    resident.set_subject(people[i][0]);
    resident.set_birth_date(people[i][1]);
    resident.set_postcode(people[i][2]);
    resident.set_name(people[i][3]);
  }
  const std::string registrar = absl::StrCat("registrar-", NewId());
  Grant(registrar, policy::v1::ROLE_REGISTRAR);
  Must(Import(messages, As(registrar)));
}

v1::Roll World::OpenRoll(const std::string& district,
                         std::vector<std::pair<uint32_t, uint32_t>> ages,
                         const std::vector<std::vector<std::string>>& stations) {
  v1::OpenRollRequest request;
  for (const std::vector<std::string>& postcodes : stations) {
    v1::Station& station = *request.add_stations();
    station.set_number(static_cast<uint32_t>(request.stations_size()));
    station.set_name(absl::StrCat("Hall ", request.stations_size()));
    for (const std::string& postcode : postcodes) station.add_postcodes(postcode);
  }
  request.set_request_id(NewId());
  request.set_round_id(NewId());
  request.set_district_id(district);
  request.set_reference_date("2026-05-01");
  *request.mutable_issue_from() = ToProto(absl::Now() - absl::Hours(1));
  *request.mutable_issue_until() = ToProto(absl::Now() + absl::Hours(24));
  for (size_t i = 0; i < ages.size(); ++i) {
    v1::VotingClass& one = *request.add_classes();
    one.set_class_id(static_cast<uint32_t>(i + 1));
    one.set_name(absl::StrCat("class ", i + 1));
    one.set_age_from(ages[i].first);
    one.set_age_to(ages[i].second);
    one.set_weight(1);
  }
  Must(Ask(&Stub::OpenRoll, request, AsProposals()));
  const v1::Roll roll = WaitForRoll(request.round_id());
  EXPECT_EQ(roll.state(), v1::Roll::STATE_OPEN) << roll.failure();
  v1::ConfirmManifestRequest confirm;
  confirm.set_request_id(NewId());
  confirm.set_round_id(request.round_id());
  confirm.set_manifest_hash(std::string(32, 'm'));
  return Must(Ask(&Stub::ConfirmManifest, confirm, AsProposals()));
}

v1::Roll World::WaitForRoll(const std::string& round) {
  v1::GetRollRequest request;
  request.set_round_id(round);
  for (const absl::Time until = absl::Now() + absl::Minutes(1);;) {
    CHECK(absl::Now() < until);
    v1::Roll roll = Must(Ask(&Stub::GetRoll, request));
    if (roll.state() != v1::Roll::STATE_RUNNING) return roll;
    absl::SleepFor(absl::Milliseconds(5));
  }
}

void World::CloseRoll(const std::string& round) {
  v1::CloseRollRequest request;
  request.set_request_id(NewId());
  request.set_round_id(round);
  Must(Ask(&Stub::CloseRoll, request, AsProposals()));
}

Device::Device(const v1::Roll& roll, uint32_t class_id, const std::string& seed) {
  for (const v1::RollClass& one : roll.classes()) {
    if (one.class_id() != class_id) continue;
    spki_ = one.issuer_spki();
    request.set_issuer_key_id(one.issuer_key_id());
  }
  const auto key = Must(crypto::BlindPublicKey::FromSpki(spki_));
  const crypto::Hash secret = crypto::Sha256(seed);
  input_ = crypto::PrepareRandomize(secret, absl::StrCat("voting key of ", seed));
  const crypto::Blinded blinded = Must(crypto::Blind(key, input_, crypto::SeededRandom(secret)));
  inverse_ = blinded.inverse;
  request.set_round_id(roll.round_id());
  request.set_class_id(class_id);
  request.set_blinded_message(blinded.message);
}

bool Device::Accepts(const v1::IssueCredentialResponse& response) const {
  const auto key = Must(crypto::BlindPublicKey::FromSpki(spki_));
  return crypto::Finalize(key, input_, response.blind_signature(), inverse_).ok();
}

}  // namespace smederij::registry::testing
