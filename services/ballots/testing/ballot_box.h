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
#include "services/ballots/domain/paper.h"
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
    bundle::Contents contents{
        .checkpoint = "", .leaves = {}, .openings = Openings(), .papers = Papers(), .result = ""};
    for (const bundle::Opening& o : contents.openings) {
      recount.AddOpening(o.leaf_hash, o.choice, o.nonce);
    }
    for (const bundle::PaperOpening& p : contents.papers) {
      recount.AddPaperOpening(p.leaf_hash, p.content, p.nonce);
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

  // A sealed batch of valid ballots, each the numbers it approves, and invalid ones besides; it
  // counts instead of the one with leaf hash `supersedes`. Answers its leaf hash.
  Hash Paper(uint16_t class_id, uint16_t station, const std::vector<std::vector<uint32_t>>& ballots,
             uint32_t invalid = 0, const Hash& supersedes = {}) {
    std::vector<Choice> choices;
    for (const std::vector<uint32_t>& numbers : ballots) {
      choices.push_back(*ParseChoice(Approve(numbers)));
    }
    PaperLeaf leaf{.round_id = manifest_.round_id,
                   .class_id = class_id,
                   .station = station,
                   .batch_id = BatchId::Random(),
                   .supersedes = supersedes,
                   .ballots = static_cast<uint32_t>(ballots.size()) + invalid,
                   .invalid = invalid,
                   .commitment = {},
                   .officials = officials_};
    bundle::PaperOpening opening{.leaf_hash = {},
                                 .content = Encode(ToContent(choices, manifest_)),
                                 .nonce = crypto::RandomBytes(kNonceBytes)};
    leaf.commitment =
        PaperCommitment(manifest_.round_id, leaf.batch_id, opening.nonce, opening.content);
    leaves.push_back(Encode(leaf));
    opening.leaf_hash = crypto::LeafHash(leaves.back());
    papers_.erase(supersedes);
    boxes_[{station, class_id}] += leaf.ballots;
    if (supersedes != Hash{}) boxes_[{station, class_id}] -= stacks_.at(supersedes);
    stacks_[opening.leaf_hash] = leaf.ballots;
    papers_[opening.leaf_hash] = opening;
    return opening.leaf_hash;
  }
  // Closes every station over what is in its box; `lost` papers more were handed out to class 1.
  void CloseStations(uint32_t lost = 0, const std::string& reason = "") {
    for (const Station& station : manifest_.stations) {
      std::vector<StationLine> lines;
      for (const VoterClass& c : manifest_.classes) {
        const uint32_t in_box = boxes_[{station.number, c.class_id}];
        const uint32_t extra = c.class_id == 1 ? lost : 0;
        lines.push_back({.class_id = c.class_id,
                         .marked = in_box + 2 + extra,
                         .spoiled = 1,
                         .taken_home = 1,
                         .in_box = in_box});
      }
      leaves.push_back(StationEvent(manifest_.round_id, station.number, lines, reason, officials_));
    }
  }

  std::vector<bundle::PaperOpening> Papers() const {
    std::vector<bundle::PaperOpening> papers;
    for (const auto& [hash, opening] : papers_) papers.push_back(opening);
    return papers;
  }

  const std::vector<SubjectId>& officials() const { return officials_; }

  std::vector<std::string> leaves;

 private:
  Manifest manifest_;
  crypto::SigningKey key_ = crypto::SigningKey::Random();
  std::vector<SubjectId> officials_{SubjectId::Random(), SubjectId::Random()};
  std::map<crypto::VerifyingKey, bundle::Opening> heads_;
  std::map<Hash, bundle::PaperOpening> papers_;              // That count.
  std::map<Hash, uint32_t> stacks_;                          // Ballots in each batch.
  std::map<std::pair<uint16_t, uint16_t>, uint32_t> boxes_;  // By station and class.
  std::vector<uint32_t> lot_;
  int64_t ballots_ = 0;
};

// The same with paper: three stations, two classes, a batch that was counted again.
inline BallotBox PaperBox(Manifest manifest = SampleManifest()) {
  manifest.stations = {{.number = 1, .name = "Dorpshuis"},
                       {.number = 2, .name = "Sporthal"},
                       {.number = 5, .name = "School"}};
  BallotBox box(std::move(manifest));
  box.Vote({1, 2});
  box.Vote({3}, /*class_id=*/2);
  box.Close();
  box.Paper(1, 1, {{1}, {1, 3}, {}, {2, 3}}, /*invalid=*/1);
  const Hash wrong = box.Paper(2, 1, {{1}, {1}});
  box.Paper(2, 2, {{2}, {3}, {}});
  box.Paper(2, 1, {{1}, {3}, {3}}, /*invalid=*/0, wrong);
  box.CloseStations();
  return box;
}

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
