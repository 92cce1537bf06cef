#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/crypto/blind_rsa.h"
#include "services/ballots/domain/choice.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/manifest.h"

// What tests need of the other side: an issuer, a manifest to change, a voter.
namespace smederij::ballots::testing {

// Keys are slow to make, so a process has these two.
inline const crypto::BlindPrivateKey& Issuer(size_t which = 0) {
  static const std::array<crypto::BlindPrivateKey, 2> keys{crypto::BlindPrivateKey::Generate(),
                                                           crypto::BlindPrivateKey::Generate()};
  return keys[which];
}

// Approval, most votes first, three plans over a pot of 100 euro, adults and youth.
inline Manifest SampleManifest() {
  const absl::Time start = absl::FromUnixSeconds(1'790'000'000);
  Manifest m;
  m.origin = "ballots.example/ballots/1";
  m.round_id = RoundId::Random();
  m.municipality_id = MunicipalityId::Random();
  m.district_id = DistrictId::Random();
  m.title = "Noordveld 2026";
  m.currency = "EUR";
  m.charter_hash = Hash{1};
  m.classes = {{.class_id = 1,
                .name = "adults",
                .age_from = 18,
                .age_to = 120,
                .weight = 1,
                .roll_size = 900,
                .issuer_spki = Issuer(0).public_key().spki()},
               {.class_id = 2,
                .name = "youth",
                .age_from = 12,
                .age_to = 17,
                .weight = 1,
                .roll_size = 80,
                .issuer_spki = Issuer(1).public_key().spki()}};
  const std::array<std::pair<const char*, int64_t>, 3> plans{
      {{"Speeltuin", 60'00}, {"Jeu de boules", 40'00}, {"Muziekavond", 25'00}}};
  for (size_t i = 0; i < plans.size(); ++i) {
    m.options.push_back({.plan_id = PlanId::Random(),
                         .number = static_cast<uint32_t>(i + 1),
                         .title = plans[i].first,
                         .cost = Money::Cents(plans[i].second),
                         .horizon = Horizon::kShortStrike,
                         .category = "",
                         .exclusive_group = "",
                         .text_hash = Hash{static_cast<uint8_t>(i)}});
  }
  m.count_rule.rule = "greedy_votes";
  m.pots = {{.budget_id = BudgetId::Random(),
             .amount = Money::Cents(100'00),
             .entry_hash = {},
             .category = ""}};
  m.issue_from = start;
  m.issue_until = start + absl::Hours(48);
  m.cast_from = start;
  m.cast_until = start + absl::Hours(72);
  m.batch_min = 8;
  m.log_verifier_key = "log+00000000+AA==";
  m.software = "test";
  Normalise(m);
  return m;
}

inline std::string Approve(std::vector<uint32_t> numbers) {
  std::sort(numbers.begin(), numbers.end());
  Choice choice{.kind = BallotKind::kApproval, .lines = {}};
  for (const uint32_t number : numbers) choice.lines.push_back({.number = number, .points = 0});
  return Encode(choice);
}

// What goes over the wire for one ballot.
struct Envelope {
  std::string leaf;
  std::string choice;
  std::string nonce;
};

// One voter with a credential of one class: blinds, has it signed, unblinds.
class Voter {
 public:
  Voter(RoundId round, uint16_t class_id, const crypto::BlindPrivateKey& issuer)
      : round_(round), class_id_(class_id), key_(crypto::SigningKey::Random()) {
    const crypto::BlindPublicKey& public_key = issuer.public_key();
    issuer_key_id_ = public_key.issuer_key_id();
    prefix_ = *crypto::ToArray<32>(crypto::RandomBytes(32));
    const std::string input =
        CredentialInput(prefix_, round, class_id, issuer_key_id_, key_.verifying_key());
    const auto blinded = crypto::Blind(public_key, input, crypto::SystemRandom());
    CHECK(blinded.ok());
    const auto blind_signature = issuer.BlindSign(blinded->message);
    CHECK(blind_signature.ok());
    const auto credential = crypto::Finalize(public_key, input, *blind_signature, blinded->inverse);
    CHECK(credential.ok());
    credential_ = *credential;
  }

  const crypto::SigningKey& key() const { return key_; }

  // The unsigned leaf, for tests that bend it before signing.
  BallotLeaf Draft(uint32_t seq, absl::string_view choice, absl::string_view nonce) const {
    BallotLeaf leaf;
    leaf.round_id = round_;
    leaf.class_id = class_id_;
    leaf.voting_key = key_.verifying_key();
    leaf.issuer_key_id = issuer_key_id_;
    leaf.prefix = prefix_;
    leaf.credential = credential_;
    leaf.seq = seq;
    leaf.commitment = Commitment(round_, leaf.voting_key, seq, nonce, choice);
    return leaf;
  }

  std::string SignLeaf(BallotLeaf leaf) const {
    leaf.voter_signature = key_.Sign(CastMessage(Encode(leaf)));
    return Encode(leaf);
  }

  Envelope Cast(uint32_t seq, absl::string_view choice) const {
    Envelope envelope{.leaf = "", .choice = std::string(choice), .nonce = crypto::RandomBytes(32)};
    envelope.leaf = SignLeaf(Draft(seq, choice, envelope.nonce));
    return envelope;
  }

 private:
  RoundId round_;
  uint16_t class_id_;
  crypto::SigningKey key_;
  Hash issuer_key_id_{};
  std::array<uint8_t, 32> prefix_{};
  std::string credential_;
};

}  // namespace smederij::ballots::testing
