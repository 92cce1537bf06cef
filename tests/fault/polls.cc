#include "tests/fault/polls.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/log_proof.h"
#include "common/crypto/merkle.h"
#include "services/cli/play/cast.h"
#include "services/cli/play/choice.h"

namespace smederij::e2e {
namespace {

namespace rv1 = registry::v1;
namespace bv1 = ballots::v1;
using Registry = rv1::RegistryService::Stub;
using Ballots = bv1::BallotsService::Stub;
using cli::Audience;

constexpr uint32_t kEverybody = 1;
constexpr uint32_t kPlans = 3;

// Whole seconds are fine enough.
void Set(google::protobuf::Timestamp* field, absl::Time time) {
  field->set_seconds(absl::ToUnixSeconds(time));
}

}  // namespace

Polls::Polls(Town& town, PollsOptions options)
    : town_(town), options_(options), village_(town, options.voters, options.patience) {}

std::string Polls::SubjectOf(int voter) const { return Village::SubjectOf(voter); }

const cli::Endpoint& Polls::ballots(const std::string& where) const {
  return where == Town::kSecondBallots ? *second_ballots_ : village_.services().ballots;
}

template <class Req, class Res>
absl::StatusOr<Res> Polls::AsOfficial(const char* official, const std::string& where,
                                      grpc::Status (Ballots::*method)(grpc::ClientContext*,
                                                                      const Req&, Res*),
                                      const Req& request) const {
  return village_.As(official, Audience::kBallots, ballots(where), method, request);
}

rv1::Roll Polls::OpenRoll() {
  rv1::OpenRollRequest request;
  request.set_request_id(NewId());
  request.set_round_id(round_);
  request.set_district_id(village_.district());
  request.set_reference_date("2026-01-01");
  *request.mutable_classes() = Village::Rules().classes();
  Set(request.mutable_issue_from(), absl::Now() - absl::Minutes(1));
  Set(request.mutable_issue_until(), absl::Now() + options_.open);
  request.set_k_min(options_.k_min);
  for (const std::string& name : options_.stations) {
    rv1::Station& station = *request.add_stations();
    station.set_number(static_cast<uint32_t>(request.stations_size()));
    station.set_name(name);
    // With one station nobody needs to be told where to go.
    if (options_.stations.size() > 1) {
      station.add_postcodes(Village::kStreets.at(static_cast<size_t>(station.number() - 1)));
    }
  }
  const rpc::Peer registry = village_.PeerOf("registry");
  Must(village_.AsProposals(registry, &Registry::OpenRoll, request));
  rv1::GetRollRequest ask;
  ask.set_round_id(round_);
  while (true) {
    rv1::Roll roll = Must(village_.services().registry.Call(&Registry::GetRoll, ask));
    if (roll.state() != rv1::Roll::STATE_RUNNING) return roll;
    absl::SleepFor(absl::Milliseconds(10));
  }
}

void Polls::OpenRound() {
  if (!second_ballots_ && town_.Runs(Town::kSecondBallots)) {
    second_ballots_ = Must(cli::Endpoint::Open(town_.address(Town::kSecondBallots),
                                               town_.key("ca.pem"), options_.patience));
  }
  round_ = NewId();
  const rv1::Roll roll = OpenRoll();
  CHECK(roll.state() == rv1::Roll::STATE_OPEN);
  issuer_ = Must(crypto::BlindPublicKey::FromSpki(roll.classes(0).issuer_spki()));

  bv1::ProposeManifestRequest propose;
  propose.set_request_id(NewId());
  bv1::Manifest& m = *propose.mutable_manifest();
  m.set_round_id(round_);
  m.set_municipality_id(village_.municipality());
  m.set_district_id(village_.district());
  m.set_title("Noordveld");
  m.set_currency("EUR");
  m.set_charter_hash(std::string(32, 'c'));
  bv1::ElectionClass& everybody = *m.add_classes();
  everybody.set_class_id(kEverybody);
  everybody.set_name("everybody");
  everybody.set_age_to(120);
  everybody.set_weight(1);
  everybody.set_roll_size(roll.classes(0).size());
  everybody.set_issuer_spki(roll.classes(0).issuer_spki());
  for (uint32_t number = 1; number <= kPlans; ++number) {
    bv1::Option& option = *m.add_options();
    option.set_plan_id(NewId());
    option.set_number(number);
    option.set_title(absl::StrCat("plan ", number));
    option.set_cost_cents(1000);
    option.set_text_hash(std::string(32, 't'));
    option.set_horizon(bv1::HORIZON_SHORT_STRIKE);
  }
  *m.mutable_ballot_rule() = Village::Rules().ballot_rule();
  *m.mutable_count_rule() = Village::Rules().count_rule();
  bv1::PotLine& pot = *m.add_pots();
  pot.set_budget_id(NewId());
  pot.set_amount_cents(2500);
  pot.set_entry_hash(std::string(32, 'e'));
  for (const rv1::Station& station : roll.stations()) {
    bv1::ManifestStation& added = *m.add_stations();
    added.set_number(station.number());
    added.set_name(station.name());
  }
  *m.mutable_issue_from() = roll.issue_from();
  *m.mutable_issue_until() = roll.issue_until();
  Set(m.mutable_cast_from(), absl::Now() - absl::Minutes(1));
  Set(m.mutable_cast_until(),
      absl::FromUnixSeconds(roll.issue_until().seconds()) + options_.evening);
  m.set_k_min(options_.k_min);
  m.set_demonstration(options_.demonstration);

  const rpc::Peer ballots = village_.PeerOf("ballots");
  const bv1::Election proposed =
      Must(village_.AsProposals(ballots, &Ballots::ProposeManifest, propose));
  for (const char* official : {cli::kFirstOfficial, cli::kSecondOfficial}) {
    bv1::ApproveManifestRequest approve;
    approve.set_request_id(NewId());
    approve.set_round_id(round_);
    approve.set_manifest_hash(proposed.manifest_hash());
    election_ = Must(AsOfficial(official, "ballots", &Ballots::ApproveManifest, approve));
  }
  rv1::ConfirmManifestRequest confirm;
  confirm.set_request_id(NewId());
  confirm.set_round_id(round_);
  confirm.set_manifest_hash(proposed.manifest_hash());
  Must(village_.AsProposals(village_.PeerOf("registry"), &Registry::ConfirmManifest, confirm));
}

absl::StatusOr<cli::Voter> Polls::Fetch(int voter) const {
  const crypto::Hash secret = crypto::Sha256(absl::StrCat("device of ", voter));
  ASSIGN_OR_RETURN(const RoundId round, ParseId<RoundId>(round_, "round_id"));
  ASSIGN_OR_RETURN(cli::Voter device, cli::Voter::Make(secret, round, kEverybody, *issuer_));
  rv1::IssueCredentialRequest request;
  request.set_round_id(round_);
  request.set_class_id(kEverybody);
  request.set_issuer_key_id(crypto::ToBytes(issuer_->issuer_key_id()));
  request.set_blinded_message(device.blinded_message());
  ASSIGN_OR_RETURN(const std::string token, village_.Token(SubjectOf(voter), Audience::kRegistry));
  ASSIGN_OR_RETURN(const auto answer,
                   village_.services().registry.Call(&Registry::IssueCredential, request, token));
  RETURN_IF_ERROR(device.Accept(answer.blind_signature()));
  return device;
}

absl::StatusOr<cli::Voter> Polls::FetchWithTicket(int voter, const std::string& officer,
                                                  uint32_t station, const std::string& code) const {
  const crypto::Hash secret = crypto::Sha256(absl::StrCat("kiosk device for ", voter));
  ASSIGN_OR_RETURN(const RoundId round, ParseId<RoundId>(round_, "round_id"));
  ASSIGN_OR_RETURN(cli::Voter device, cli::Voter::Make(secret, round, kEverybody, *issuer_));
  rv1::IssueCredentialWithTicketRequest request;
  request.set_round_id(round_);
  request.set_station(station);
  request.set_code(code);
  request.set_class_id(kEverybody);
  request.set_issuer_key_id(crypto::ToBytes(issuer_->issuer_key_id()));
  request.set_blinded_message(device.blinded_message());
  ASSIGN_OR_RETURN(const auto answer,
                   village_.As(officer, Audience::kRegistry, village_.services().registry,
                               &rv1::PollingService::Stub::IssueCredentialWithTicket, request));
  RETURN_IF_ERROR(device.Accept(answer.blind_signature()));
  return device;
}

std::string Polls::FetchAnother(int voter) const {
  const auto round = ParseId<RoundId>(round_, "round_id");
  const auto device = cli::Voter::Make(crypto::Sha256(absl::StrCat("second device of ", voter)),
                                       *round, kEverybody, *issuer_);
  if (!device.ok()) return device.status().ToString();
  rv1::IssueCredentialRequest request;
  request.set_round_id(round_);
  request.set_class_id(kEverybody);
  request.set_issuer_key_id(crypto::ToBytes(issuer_->issuer_key_id()));
  request.set_blinded_message(device->blinded_message());
  const auto token = village_.Token(SubjectOf(voter), Audience::kRegistry);
  if (!token.ok()) return token.status().ToString();
  return std::string(ReasonOf(
      village_.services().registry.Call(&Registry::IssueCredential, request, *token).status()));
}

absl::StatusOr<Kept> Polls::Cast(const cli::Voter& device, uint32_t seq, uint32_t plan,
                                 const std::string& where) const {
  const cli::Voter::Ballot ballot =
      device.Fill(cli::EncodeChoice(rv1::BallotRule::KIND_APPROVAL, {{plan, 0}}), seq);
  bv1::CastBallotRequest request;
  request.set_leaf(ballot.leaf);
  request.set_choice(ballot.choice);
  request.set_nonce(ballot.nonce);
  ASSIGN_OR_RETURN(const auto answer, ballots(where).Call(&Ballots::CastBallot, request));
  const auto key = crypto::ToArray<32>(election_.manifest().receipt_key());
  CHECK(key.has_value());
  RETURN_IF_ERROR(cli::CheckReceipt(answer.receipt(), ballot.leaf, *key));
  return Kept{.leaf_hash = crypto::LeafHash(ballot.leaf), .leaf = ballot.leaf};
}

absl::Status Polls::BringForward(const std::string& where) const {
  for (const char* official : {cli::kFirstOfficial, cli::kSecondOfficial}) {
    bv1::BringForwardCloseRequest request;
    request.set_request_id(NewId());
    request.set_round_id(round_);
    RETURN_IF_ERROR(AsOfficial(official, where, &Ballots::BringForwardClose, request).status());
  }
  return absl::OkStatus();
}

absl::Status Polls::Close(const std::string& where) const {
  bv1::CloseElectionRequest request;
  request.set_request_id(NewId());
  request.set_round_id(round_);
  return village_.AsProposals(village_.PeerOf(where), &Ballots::CloseElection, request).status();
}

absl::Status Polls::CloseRoll() const {
  rv1::CloseRollRequest close;
  close.set_request_id(NewId());
  close.set_round_id(round_);
  return village_.AsProposals(village_.PeerOf("registry"), &Registry::CloseRoll, close).status();
}

absl::StatusOr<bv1::Tally> Polls::Count() const {
  bv1::CountElectionRequest count;
  count.set_request_id(NewId());
  count.set_round_id(round_);
  const rpc::Peer peer = village_.PeerOf("ballots");
  RETURN_IF_ERROR(village_.AsProposals(peer, &Ballots::CountElection, count).status());
  bv1::GetTallyRequest ask;
  ask.set_round_id(round_);
  while (true) {
    ASSIGN_OR_RETURN(const bv1::Tally tally, village_.AsProposals(peer, &Ballots::GetTally, ask));
    if (tally.state() != bv1::Tally::STATE_RUNNING) return tally;
    absl::SleepFor(absl::Milliseconds(10));
  }
}

absl::Status Polls::Certify(const bv1::Tally& tally) const {
  for (const char* official : {cli::kFirstOfficial, cli::kSecondOfficial}) {
    bv1::CertifyTallyRequest request;
    request.set_request_id(NewId());
    request.set_round_id(round_);
    request.set_version(tally.version());
    request.set_result_hash(tally.result_hash());
    RETURN_IF_ERROR(AsOfficial(official, "ballots", &Ballots::CertifyTally, request).status());
  }
  return absl::OkStatus();
}

absl::Status Polls::Prove(const Kept& kept) const {
  ASSIGN_OR_RETURN(const auto verifier,
                   crypto::NoteVerifier::Parse(election_.manifest().log_verifier_key()));
  bv1::StatusRequest request;
  request.set_round_id(round_);
  request.set_leaf_hash(crypto::ToBytes(kept.leaf_hash));
  for (const absl::Time until = absl::Now() + options_.patience;;) {
    ASSIGN_OR_RETURN(const auto status,
                     village_.services().ballots.Call(&Ballots::Status, request));
    if (status.state() != bv1::StatusResponse::STATE_PENDING) {
      return crypto::CheckLogProof(status.proof(), kept.leaf_hash, {verifier}).status();
    }
    if (absl::Now() > until) return absl::DeadlineExceededError("it stays out of the log");
    absl::SleepFor(absl::Milliseconds(10));
  }
}

}  // namespace smederij::e2e
