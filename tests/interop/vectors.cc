#include "tests/interop/vectors.h"

#include <array>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "common/crypto/merkle.h"
#include "services/ballots/domain/choice.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/receipt.h"
#include "services/cli/play/voter.h"

namespace smederij::interop {
namespace {

using Json = nlohmann::ordered_json;
using ballots::BallotKind;
using ballots::Choice;

constexpr char kRound[] = "5f8f0ee8-9f0f-4a70-8a54-3f0d5b6f2a11";
constexpr uint16_t kClass = 3;

RoundId Round() { return *ParseId<RoundId>(kRound, "round_id"); }

template <class Bytes>
std::string Hex(const Bytes& bytes) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

crypto::Hash Secret(int i) { return crypto::Sha256(absl::StrCat("smederij test device ", i)); }

crypto::BlindPrivateKey Issuer(const std::string& pkcs8) {
  auto key = crypto::BlindPrivateKey::FromPkcs8(pkcs8);
  CHECK(key.ok());
  return *std::move(key);
}

// A voter whose credential is signed.
cli::Voter VoterOf(const crypto::Hash& secret, const crypto::BlindPrivateKey& issuer,
                   std::string* blind_signature = nullptr) {
  auto voter = cli::Voter::Make(secret, Round(), kClass, issuer.public_key());
  CHECK(voter.ok());
  const auto signature = issuer.BlindSign(voter->blinded_message());
  CHECK(signature.ok() && voter->Accept(*signature).ok());
  if (blind_signature != nullptr) *blind_signature = *signature;
  return *std::move(voter);
}

ballots::BallotLeaf LeafOf(const cli::Voter::Ballot& ballot) {
  auto leaf = ballots::ParseLeaf(ballot.leaf);
  CHECK(leaf.ok());
  return *std::move(leaf);
}

std::string Points(std::vector<Choice::Line> lines) {
  return Encode(Choice{.kind = BallotKind::kPoints, .lines = std::move(lines)});
}

Json BadLeaf(const char* what, const std::string& leaf) {
  return {{"what", what}, {"leaf", Hex(leaf)}};
}

}  // namespace

Json CredentialVectors(const std::string& issuer_pkcs8) {
  const crypto::BlindPrivateKey issuer = Issuer(issuer_pkcs8);
  Json file = {
      {"about",
       "From a device's secret to its credential: the stream key is HKDF-SHA-256(device_secret, no "
       "salt, info), the stream ChaCha20 with a zero nonce from block 0. It gives, in this order, "
       "the Ed25519 seed, the prefix, the nonce key (32 bytes each), the PSS salt (48) and the "
       "blinding factor (384 at a time, until it is below the modulus and invertible)."},
      {"issuer_private_key_pkcs8", Hex(issuer_pkcs8)},
      {"issuer_spki", Hex(issuer.public_key().spki())},
      {"issuer_key_id", Hex(issuer.public_key().issuer_key_id())},
      {"round_id", kRound},
      {"class_id", kClass},
      {"cases", Json::array()}};
  for (int i = 1; i <= 3; ++i) {
    const crypto::Hash secret = Secret(i);
    std::string blind_signature;
    const cli::Voter voter = VoterOf(secret, issuer, &blind_signature);
    const ballots::BallotLeaf leaf = LeafOf(voter.Fill(Points({}), 1));
    file["cases"].push_back(
        {{"device_secret", Hex(secret)},
         {"voting_key", Hex(leaf.voting_key)},
         {"prefix", Hex(leaf.prefix)},
         {"input", Hex(ballots::CredentialInput(leaf.prefix, Round(), kClass, leaf.issuer_key_id,
                                                leaf.voting_key))},
         {"blinded_message", Hex(voter.blinded_message())},
         {"blind_signature", Hex(blind_signature)},
         {"credential", Hex(leaf.credential)}});
  }
  return file;
}

Json BallotVectors(const std::string& issuer_pkcs8) {
  const crypto::BlindPrivateKey issuer = Issuer(issuer_pkcs8);
  Json file = {{"about",
                "Ballots of the devices of credential.json. Of one voting key the highest seq "
                "counts; a nonce is HMAC-SHA-256(nonce key, seq). `bad` leaves are no ballots of "
                "this round, whatever else they are."},
               {"issuer_spki", Hex(issuer.public_key().spki())},
               {"round_id", kRound},
               {"class_id", kClass},
               {"cases", Json::array()},
               {"bad", Json::array()}};
  const struct {
    int device;
    uint32_t seq;
    std::string choice;
  } cases[] = {{1, 1, Points({{1, 3}, {2, 2}, {7, 1}})},
               {1, 2, Points({{4, 3}})},
               {1, 4'294'967'295, Points({})},
               {2, 1, Points({})},
               {3, 20, Points({{4'294'967'295, 1}})}};
  for (const auto& c : cases) {
    const cli::Voter::Ballot ballot = VoterOf(Secret(c.device), issuer).Fill(c.choice, c.seq);
    const ballots::BallotLeaf leaf = LeafOf(ballot);
    CHECK(ballots::VoterSignatureHolds(leaf, ballot.leaf));
    CHECK(ballots::Commitment(Round(), leaf.voting_key, c.seq, ballot.nonce, c.choice) ==
          leaf.commitment);
    file["cases"].push_back({{"device_secret", Hex(Secret(c.device))},
                             {"seq", c.seq},
                             {"choice", Hex(c.choice)},
                             {"nonce", Hex(ballot.nonce)},
                             {"commitment", Hex(leaf.commitment)},
                             {"leaf", Hex(ballot.leaf)},
                             {"leaf_hash", Hex(crypto::LeafHash(ballot.leaf))}});
  }

  const std::string good = VoterOf(Secret(1), issuer).Fill(Points({{1, 3}}), 1).leaf;
  const auto bent = [&good](size_t at, char by) {
    std::string leaf = good;
    leaf[at] = static_cast<char>(leaf[at] ^ by);
    return leaf;
  };
  // Where things stand in a leaf: README of ballots.
  constexpr size_t kKey = 19, kCredentials = 51, kPrefix = 84, kCredential = 118, kSeq = 502;
  std::string seq_zero = good;
  seq_zero.replace(kSeq, 4, std::string(4, '\0'));
  std::string small_order = good;
  small_order.replace(kKey, 32, std::string(1, '\1') + std::string(31, '\0'));
  file["bad"] = {BadLeaf("nothing", ""),
                 BadLeaf("one byte", good.substr(0, 1)),
                 BadLeaf("the last byte is missing", good.substr(0, good.size() - 1)),
                 BadLeaf("a byte is left over", good + std::string(1, '\0')),
                 BadLeaf("another type", bent(0, 1)),
                 BadLeaf("another round", bent(1, 1)),
                 BadLeaf("another class", bent(18, 1)),
                 BadLeaf("a voting key that was not signed", bent(kKey, 1)),
                 BadLeaf("a voting key of small order", small_order),
                 BadLeaf("two credentials announced", bent(kCredentials, 3)),
                 BadLeaf("another prefix", bent(kPrefix, 1)),
                 BadLeaf("another credential", bent(kCredential, 1)),
                 BadLeaf("seq 0", seq_zero),
                 BadLeaf("another seq than was signed", bent(kSeq + 3, 2)),
                 BadLeaf("another commitment", bent(kSeq + 4, 1)),
                 BadLeaf("another signature", bent(good.size() - 1, 1))};
  return file;
}

Json ChoiceVectors() {
  Json file = {{"about",
                "Choices as bytes. kind: 1 approval, 2 choose one, 3 knapsack, 4 points, 5 "
                "ranking; a line is a plan number, and points where kind is 4."},
               {"good", Json::array()},
               {"bad", Json::array()}};
  const std::vector<Choice> good = {
      {.kind = BallotKind::kApproval, .lines = {}},
      {.kind = BallotKind::kApproval, .lines = {{1, 0}, {5, 0}, {4'294'967'295, 0}}},
      {.kind = BallotKind::kChooseOne, .lines = {{7, 0}}},
      {.kind = BallotKind::kKnapsack, .lines = {{2, 0}, {3, 0}}},
      {.kind = BallotKind::kPoints, .lines = {{1, 2}, {2, 3}, {9, 1}}},
      {.kind = BallotKind::kRanking, .lines = {{9, 0}, {1, 0}, {4, 0}}}};
  for (const Choice& choice : good) {
    Json lines = Json::array();
    for (const Choice::Line& line : choice.lines) lines.push_back({line.number, line.points});
    file["good"].push_back({{"kind", static_cast<int>(choice.kind)},
                            {"lines", std::move(lines)},
                            {"bytes", Hex(Encode(choice))}});
  }
  for (const char* bytes :
       {"", "01", "0101", "010100", "0201 0000", "0001 0000", "0100 0000", "0106 0000", "0101 0001",
        "0101 0001 000000", "0101 0000 00", "0101 0001 00000001 00", "0101 0002 00000002 00000001",
        "0101 0002 00000001 00000001", "0105 0002 00000001 00000001", "0104 0001 00000001",
        "0104 0001 00000001 00000000"}) {
    std::string hex;
    for (const char* c = bytes; *c != '\0'; ++c) hex += *c == ' ' ? "" : std::string(1, *c);
    const auto choice = ballots::ParseChoice(absl::HexStringToBytes(hex));
    CHECK(!choice.ok());
    file["bad"].push_back({{"bytes", hex}, {"wrong", FactsOf(choice.status()).at(0).second}});
  }
  return file;
}

Json ReceiptVectors() {
  const crypto::Hash seed = Secret(100);
  const auto key = crypto::SigningKey::FromSeed(seed);
  Json file = {{"about", "Receipts; include_by in microseconds since 1970."},
               {"receipt_key", Hex(key.verifying_key())},
               {"good", Json::array()},
               {"bad", Json::array()}};
  std::string last;
  for (const int64_t micros : {int64_t{0}, int64_t{1'795'647'600'000'000}}) {
    const ballots::Receipt receipt{.origin = absl::StrCat("ballots.example/ballots/", kRound),
                                   .leaf_hash = crypto::Sha256(absl::StrCat("leaf ", micros)),
                                   .include_by = absl::FromUnixMicros(micros)};
    last = Sign(receipt, key);
    file["good"].push_back({{"origin", receipt.origin},
                            {"leaf_hash", Hex(receipt.leaf_hash)},
                            {"include_by", micros},
                            {"bytes", Hex(last)}});
  }
  const auto bad = [&](const char* what, const std::string& bytes) {
    CHECK(!ballots::OpenReceipt(bytes, key.verifying_key()).ok());
    file["bad"].push_back({{"what", what}, {"bytes", Hex(bytes)}});
  };
  const auto bent = [&last](size_t at) {
    std::string bytes = last;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    return bytes;
  };
  bad("nothing", "");
  bad("another version", bent(18));
  bad("another origin", bent(25));
  bad("another leaf", bent(last.size() - 64 - 8 - 1));
  bad("another instant", bent(last.size() - 64 - 1));
  bad("another signature", bent(last.size() - 1));
  bad("the last byte is missing", last.substr(0, last.size() - 1));
  bad("a byte is left over", last + std::string(1, '\0'));
  return file;
}

}  // namespace smederij::interop
