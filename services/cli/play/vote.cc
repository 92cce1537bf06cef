#include "services/cli/play/vote.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "services/cli/play/choice.h"
#include "services/cli/play/records.h"
#include "services/cli/play/voter.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::cli {
namespace {

using Registry = registry::v1::RegistryService::Stub;
using Ballots = ballots::v1::BallotsService::Stub;
using ballots::v1::Election;

constexpr int kVotersAtOnce = 8;

// What every voter has looked up before voting.
struct PollingPlace {
  Election election;
  RoundId round;
  std::map<uint32_t, crypto::BlindPublicKey> issuers;  // By class.
  crypto::VerifyingKey receipt_key{};
};

// The class somebody votes in, by age in whole years on the reference date; 0 for none.
uint32_t ClassOf(const Stage& stage, const ScriptResident& resident) {
  absl::CivilDay birth, on;
  if (!absl::ParseCivilTime(resident.birth_date, &birth) ||
      !absl::ParseCivilTime(stage.script.reference_date, &on)) {
    return 0;
  }
  int64_t age = on.year() - birth.year();
  if (std::make_pair(on.month(), on.day()) < std::make_pair(birth.month(), birth.day())) --age;
  for (const registry::v1::VotingClass& voters : stage.script.charter.classes()) {
    if (age >= voters.age_from() && age <= voters.age_to()) return voters.class_id();
  }
  return 0;
}

absl::StatusOr<PollingPlace> LookUp(const Stage& stage) {
  PollingPlace place;
  ASSIGN_OR_RETURN(place.election, ElectionOf(stage));
  ASSIGN_OR_RETURN(place.round, ParseId<RoundId>(stage.round_id, "round_id"));
  for (const auto& voters : place.election.manifest().classes()) {
    ASSIGN_OR_RETURN(const auto key, crypto::BlindPublicKey::FromSpki(voters.issuer_spki()));
    place.issuers.emplace(voters.class_id(), key);
  }
  const auto key = crypto::ToArray<32>(place.election.manifest().receipt_key());
  if (!key) return Error(kFailedPrecondition, "NO_RECEIPT_KEY", "the manifest has no receipt key");
  place.receipt_key = *key;
  return place;
}

absl::Status VoteOnce(const Stage& stage, const PollingPlace& place, const ScriptBallot& ballot,
                      VotingTime& spent) {
  const ScriptResident& resident = stage.script.residents[ballot.voter];
  const uint32_t class_id = ClassOf(stage, resident);
  const auto issuer = place.issuers.find(class_id);
  if (issuer == place.issuers.end()) {
    return Error(kFailedPrecondition, "NO_CLASS", "the charter has no class for this voter's age");
  }
  const crypto::Hash secret = crypto::HmacSha256(stage.voters_secret, resident.subject);
  ASSIGN_OR_RETURN(Voter voter, Voter::Make(secret, place.round, static_cast<uint16_t>(class_id),
                                            issuer->second));

  const absl::Time start = absl::Now();
  registry::v1::IssueCredentialRequest wish;
  wish.set_round_id(stage.round_id);
  wish.set_class_id(class_id);
  wish.set_issuer_key_id(crypto::ToBytes(issuer->second.issuer_key_id()));
  wish.set_blinded_message(voter.blinded_message());
  ASSIGN_OR_RETURN(const auto credential, stage.As(resident.subject, Audience::kRegistry,
                                                   &Registry::IssueCredential, wish));
  RETURN_IF_ERROR(voter.Accept(credential.blind_signature()));
  const absl::Time issued = absl::Now();

  std::vector<std::pair<uint32_t, uint32_t>> choices;
  for (const auto& [plan, points] : ballot.choices) {
    choices.emplace_back(static_cast<uint32_t>(plan + 1), points);  // Numbered in this order.
  }
  const Voter::Ballot filled =
      voter.Fill(EncodeChoice(stage.script.charter.ballot_rule().kind(), choices), /*seq=*/1);
  ballots::v1::CastBallotRequest request;
  request.set_leaf(filled.leaf);
  request.set_choice(filled.choice);
  request.set_nonce(filled.nonce);
  ASSIGN_OR_RETURN(const auto answer, stage.deployment.ballots.Call(&Ballots::CastBallot, request));
  RETURN_IF_ERROR(CheckReceipt(answer.receipt(), filled.leaf, place.receipt_key));
  spent.issuing += issued - start;
  spent.casting += absl::Now() - issued;
  ++spent.ballots;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<VotingTime> Vote(Stage& stage) {
  ASSIGN_OR_RETURN(const PollingPlace place, LookUp(stage));
  constexpr uint32_t kBothOfficials = 2;
  if (place.election.state() != Election::STATE_PUBLISHED ||
      place.election.bring_forward_requests() >= kBothOfficials) {
    return VotingTime();
  }
  const absl::Time start = absl::Now();
  absl::Mutex mutex;
  VotingTime total;            // Guarded by mutex.
  absl::Status first_failure;  // Likewise.
  std::atomic<size_t> next = 0;
  std::atomic<bool> failed = false;
  const auto work = [&] {
    VotingTime mine;
    for (size_t i = next++; i < stage.script.ballots.size() && !failed; i = next++) {
      absl::Status status = VoteOnce(stage, place, stage.script.ballots[i], mine);
      if (status.ok()) continue;
      failed = true;
      const absl::MutexLock lock(&mutex);
      if (first_failure.ok()) first_failure = std::move(status);
    }
    const absl::MutexLock lock(&mutex);
    total.ballots += mine.ballots;
    total.issuing += mine.issuing;
    total.casting += mine.casting;
  };
  std::vector<std::thread> voters;
  for (int i = 0; i < kVotersAtOnce; ++i) voters.emplace_back(work);
  for (std::thread& voter : voters) voter.join();
  RETURN_IF_ERROR(first_failure);
  total.elapsed = absl::Now() - start;
  total.at_once = kVotersAtOnce;
  stage.tell(absl::StrCat(total.ballots, " ballots were cast in ",
                          absl::FormatDuration(absl::Trunc(total.elapsed, absl::Milliseconds(1)))));
  return total;
}

}  // namespace smederij::cli
