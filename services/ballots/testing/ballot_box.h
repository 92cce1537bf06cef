#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/crypto/hash.h"
#include "common/crypto/merkle.h"
#include "common/crypto/note.h"
#include "services/ballots/bundle/bundle.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/recount.h"
#include "services/ballots/testing/election.h"

namespace smederij::ballots::testing {

// An election held in memory, as the service leaves it: for bundles and for whatever a test does to
// them. Its log may be bent and its head signed again, as a dishonest operator could.
class BallotBox {
 public:
  explicit BallotBox(Manifest manifest = SampleManifest()) : manifest_(std::move(manifest)) {
    manifest_.origin = absl::StrCat("ballots.example/ballots/", manifest_.round_id.ToString());
    manifest_.log_verifier_key = signer().VerifierKey();
    Normalise(manifest_);
    CHECK(Check(manifest_).ok());
    leaves = {Encode(manifest_)};
    leaves.push_back(ApprovedEvent(manifest_.round_id, crypto::Sha256(leaves[0]), officials_));
  }

  const Manifest& manifest() const { return manifest_; }
  crypto::NoteSigner signer() const { return crypto::NoteSigner(manifest_.origin, key_); }

  Voter NewVoter(uint16_t class_id = 1) const {
    return Voter(manifest_.round_id, class_id, Issuer(class_id - 1u));
  }
  // A ballot of this voter; the last one put in is the one that is opened.
  void Put(const Envelope& envelope) {
    const auto leaf = ParseLeaf(envelope.leaf);
    leaves.push_back(envelope.leaf);
    if (!leaf.ok()) return;
    heads_[leaf->voting_key] = {crypto::LeafHash(envelope.leaf), envelope.choice, envelope.nonce};
    ++ballots_;
  }
  void Vote(std::vector<uint32_t> numbers, uint16_t class_id = 1) {
    Put(NewVoter(class_id).Cast(1, Approve(std::move(numbers))));
  }

  void Close() { leaves.push_back(ClosedEvent(manifest_.round_id, ballots_)); }
  void DrawLot(const std::vector<uint32_t>& numbers) {
    lot_ = numbers;
    leaves.push_back(LotEvent(manifest_.round_id, numbers, officials_));
  }

  // Counts, certifies, signs: what the auditor gets.
  bundle::Contents Certify(const Issued& issued) {
    Recount recount(manifest_, crypto::Sha256(leaves[0]));
    for (const std::string& leaf : leaves) recount.AddLeaf(crypto::LeafHash(leaf), leaf);
    bundle::Contents contents{.checkpoint = "", .leaves = {}, .openings = Openings(), .result = ""};
    for (const bundle::Opening& o : contents.openings) {
      recount.AddOpening(o.leaf_hash, o.choice, o.nonce);
    }
    const auto count = recount.Finish(1, issued, lot_);
    CHECK(count.ok());
    contents.result = Encode(count->result);
    leaves.push_back(OpeningsLeaf(manifest_.round_id, 1, count->result.openings_digest));
    leaves.push_back(TallyLeaf(manifest_.round_id, 1, crypto::Sha256(contents.result), officials_));
    contents.leaves = leaves;
    contents.checkpoint = SignHead(leaves);
    return contents;
  }

  // The checkpoint over these leaves, whatever they are.
  std::string SignHead(const std::vector<std::string>& log) const {
    crypto::Frontier frontier;
    for (const std::string& leaf : log) frontier.Append(crypto::LeafHash(leaf));
    return signer().Sign(crypto::ToText(crypto::Checkpoint{
        .origin = manifest_.origin, .size = frontier.size(), .root = frontier.Root()}));
  }

  std::vector<bundle::Opening> Openings() const {
    std::map<Hash, bundle::Opening> by_hash;
    for (const auto& [key, opening] : heads_) by_hash[opening.leaf_hash] = opening;
    std::vector<bundle::Opening> openings;
    for (const auto& [hash, opening] : by_hash) openings.push_back(opening);
    return openings;
  }

  const std::vector<SubjectId>& officials() const { return officials_; }

  std::vector<std::string> leaves;

 private:
  Manifest manifest_;
  crypto::SigningKey key_ = crypto::SigningKey::Random();
  std::vector<SubjectId> officials_{SubjectId::Random(), SubjectId::Random()};
  std::map<crypto::VerifyingKey, bundle::Opening> heads_;
  std::vector<uint32_t> lot_;
  int64_t ballots_ = 0;
};

// A small election that has everything: two classes, a blank ballot, one that was replaced.
inline BallotBox SampleBox(Manifest manifest = SampleManifest()) {
  BallotBox box(std::move(manifest));
  box.Vote({1, 2});
  box.Vote({2});
  box.Vote({});
  box.Vote({2, 3}, /*class_id=*/2);
  const Voter changes_mind = box.NewVoter();
  box.Put(changes_mind.Cast(1, Approve({1})));
  box.Put(changes_mind.Cast(2, Approve({3})));
  box.Close();
  return box;
}
inline Issued SampleIssued() { return {{1, 6}, {2, 3}}; }

}  // namespace smederij::ballots::testing
