#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/blind_rsa.h"
#include "services/ballots/bundle/checks.h"
#include "services/ballots/domain/leaf_type.h"

// Every leaf by itself: may it stand there, and is it signed.
namespace smederij::ballots::bundle {
namespace {

// A ballot leaf that can be read, and what its signatures came to.
struct Signed {
  uint64_t index = 0;
  BallotLeaf leaf{};
  bool credential = false;
  bool signature = false;
};

// What the log has told so far, leaf by leaf.
struct Story {
  bool closed = false;
  bool openings = false;
  bool certified = false;
  int64_t ballots = 0;
};

class LeafReader {
 public:
  LeafReader(Reading& reading, StepReport& step) : reading_(reading), step_(step) {}

  std::vector<Signed> ReadAll() {
    for (uint64_t i = 2; i < reading_.size; ++i) {
      if (!seen_.insert(reading_.leaf_hashes[i]).second) Find(i, Wrong::kLeafTwice);
      const std::string& leaf = reading_.leaves[i];
      if (!leaf.empty() && leaf[0] == static_cast<char>(LeafType::kBallot)) {
        ReadBallot(i);
      } else if (!leaf.empty() && leaf[0] == static_cast<char>(LeafType::kPaperBatch)) {
        ReadPaper(i);
      } else {
        ReadEvent(i);
      }
    }
    if (!story_.closed) step_.Find({.wrong = Wrong::kCloseMissing});
    if (!story_.certified) step_.Find({.wrong = Wrong::kNotCertified});
    if (reading_.manifest.HasLot() && reading_.lot.empty()) {
      step_.Find({.wrong = Wrong::kLotWrong});
    }
    return std::move(ballots_);
  }

 private:
  void Find(uint64_t leaf, Wrong wrong, std::string detail = "") {
    step_.Find({.wrong = wrong,
                .file = EntriesPath(leaf, reading_.size),
                .leaf = leaf,
                .detail = std::move(detail)});
  }

  void ReadBallot(uint64_t i) {
    ++story_.ballots;
    absl::StatusOr<BallotLeaf> leaf = ParseLeaf(reading_.leaves[i]);
    if (!leaf.ok()) return Find(i, Wrong::kLeafUnreadable);
    if (leaf->round_id != reading_.manifest.round_id) return Find(i, Wrong::kLeafOfAnotherRound);
    if (story_.closed) return Find(i, Wrong::kBallotAfterClose);
    if (reading_.manifest.FindClass(leaf->class_id) == nullptr) {
      return Find(i, Wrong::kClassUnknown, absl::StrCat(leaf->class_id));
    }
    ballots_.push_back({.index = i, .leaf = *std::move(leaf)});
  }

  // Paper is counted after the close, and before the openings.
  bool PaperMayStand() const { return story_.closed && !story_.openings; }
  FindLeaf Finder(uint64_t i) {
    return [this, i](Wrong wrong, std::string detail) { Find(i, wrong, std::move(detail)); };
  }

  void ReadPaper(uint64_t i) {
    if (!PaperMayStand()) return Find(i, Wrong::kLeafOutOfPlace);
    ReadBatch(reading_, i, Finder(i));
  }

  void ReadEvent(uint64_t i) {
    const absl::StatusOr<Event> event = ParseEvent(reading_.leaves[i]);
    if (!event.ok()) return Find(i, Wrong::kLeafUnreadable);
    if (event->round_id != reading_.manifest.round_id) return Find(i, Wrong::kLeafOfAnotherRound);
    switch (event->kind) {
      case Event::Kind::kApproved:
        return Find(i, Wrong::kLeafOutOfPlace);
      case Event::Kind::kBroughtForward:
        if (story_.closed || !reading_.manifest.demonstration || !ByTwo(*event)) {
          Find(i, Wrong::kLeafOutOfPlace);
        }
        return;
      case Event::Kind::kClosed:
        if (std::exchange(story_.closed, true)) return Find(i, Wrong::kLeafOutOfPlace);
        if (event->ballots != story_.ballots) {
          Find(i, Wrong::kCloseDiffers, absl::StrCat(event->ballots, " / ", story_.ballots));
        }
        return;
      case Event::Kind::kLot:
        return ReadLot(i, *event);
      case Event::Kind::kStation:
        if (!PaperMayStand()) return Find(i, Wrong::kLeafOutOfPlace);
        return ReadStation(reading_, *event, Finder(i));
      case Event::Kind::kOpenings:
        if (!story_.closed || std::exchange(story_.openings, true)) {
          return Find(i, Wrong::kLeafOutOfPlace);
        }
        reading_.openings_event = *event;
        return;
      case Event::Kind::kTally:
        if (!story_.openings || std::exchange(story_.certified, true)) {
          return Find(i, Wrong::kLeafOutOfPlace);
        }
        if (!ByTwo(*event) || event->version != reading_.openings_event->version) {
          Find(i, Wrong::kNotCertified);
        }
        reading_.tally_event = *event;
        return;
    }
  }

  void ReadLot(uint64_t i, const Event& event) {
    std::vector<uint32_t> sorted = event.numbers;
    std::sort(sorted.begin(), sorted.end());
    const auto same = [](uint32_t number, const BallotOption& o) { return number == o.number; };
    const std::vector<BallotOption>& options = reading_.manifest.options;
    const bool permutation =
        std::equal(sorted.begin(), sorted.end(), options.begin(), options.end(), same);
    if (!story_.closed || story_.openings || !reading_.lot.empty() || !reading_.manifest.HasLot() ||
        !permutation || !ByTwo(event)) {
      return Find(i, Wrong::kLotWrong);
    }
    reading_.lot = event.numbers;
  }

  Reading& reading_;
  StepReport& step_;
  Story story_;
  absl::flat_hash_set<Hash> seen_;
  std::vector<Signed> ballots_;
};

// Nearly all the time of a verification goes here, so all cores do.
void CheckSignatures(const Reading& reading, std::vector<Signed>& ballots) {
  std::map<uint16_t, crypto::BlindPublicKey> issuers;
  for (const VoterClass& c : reading.manifest.classes) {
    const auto key = crypto::BlindPublicKey::FromSpki(c.issuer_spki);
    if (key.ok()) issuers.emplace(c.class_id, *key);
  }
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < ballots.size(); i = next++) {
      Signed& ballot = ballots[i];
      const auto issuer = issuers.find(ballot.leaf.class_id);
      ballot.credential = issuer != issuers.end() && CredentialHolds(ballot.leaf, issuer->second);
      ballot.signature = VoterSignatureHolds(ballot.leaf, reading.leaves[ballot.index]);
    }
  };
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  const int wanted = reading.options.threads > 0 ? reading.options.threads : std::max(cores, 1);
  std::vector<std::thread> helpers;
  for (int i = 1; i < wanted; ++i) helpers.emplace_back(work);
  work();
  for (std::thread& helper : helpers) helper.join();
}

}  // namespace

bool CheckBallots(Reading& reading, Report& report) {
  StepReport& step = report.at(Step::kBallots);
  std::vector<Signed> ballots = LeafReader(reading, step).ReadAll();
  CheckSignatures(reading, ballots);
  std::map<crypto::VerifyingKey, const Signed*> last;
  for (const Signed& ballot : ballots) {
    const auto find = [&](Wrong wrong) {
      step.Find(
          {.wrong = wrong, .file = EntriesPath(ballot.index, reading.size), .leaf = ballot.index});
    };
    if (!ballot.credential) find(Wrong::kCredentialWrong);
    if (!ballot.signature) find(Wrong::kSignatureWrong);
    const Signed*& standing = last[ballot.leaf.voting_key];
    if (standing == nullptr || ballot.leaf.seq > standing->leaf.seq) standing = &ballot;
  }
  for (const auto& [key, ballot] : last) {
    reading.counted[reading.leaf_hashes[ballot->index]] = {.leaf = ballot->index,
                                                           .class_id = ballot->leaf.class_id,
                                                           .voting_key = key,
                                                           .seq = ballot->leaf.seq,
                                                           .commitment = ballot->leaf.commitment};
    ++reading.keys[ballot->leaf.class_id];
  }
  for (const auto& [class_id, keys] : reading.keys) reading.units[{.class_id = class_id}] = keys;
  for (const auto& [leaf_hash, batch] : reading.batches) {
    if (batch.superseded) continue;
    reading.units[{.class_id = batch.paper.class_id, .batch = leaf_hash}] = batch.paper.valid();
    report.paper += batch.paper.valid();
  }
  report.ballots = static_cast<int64_t>(reading.counted.size()) + report.paper;
  if (step.verdict == Verdict::kNotReached) step.verdict = Verdict::kHolds;
  return step.verdict == Verdict::kHolds;
}

}  // namespace smederij::ballots::bundle
