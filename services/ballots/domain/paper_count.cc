#include "services/ballots/domain/paper_count.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "services/ballots/domain/tally_rule.h"

namespace smederij::ballots {
namespace {

bool ByTwo(const std::vector<SubjectId>& officials) {
  Event event;
  event.officials = officials;
  return ballots::ByTwo(event);
}

}  // namespace

std::string WrongWith(const Event& station, const Manifest& manifest) {
  const auto same = [](const StationLine& line, const VoterClass& c) {
    return line.class_id == c.class_id;
  };
  if (manifest.FindStation(station.station) == nullptr) return "UNKNOWN";
  if (!std::equal(station.lines.begin(), station.lines.end(), manifest.classes.begin(),
                  manifest.classes.end(), same)) {
    return "CLASSES";
  }
  const auto balances = [](const StationLine& line) { return line.Balances(); };
  const bool all = std::all_of(station.lines.begin(), station.lines.end(), balances);
  if (!all && station.reason.empty()) return "UNEXPLAINED";
  return ballots::ByTwo(station) ? "" : "BY_TWO";
}

Hash FoldPaper(const Hash& digest, const Hash& leaf_hash, absl::string_view content,
               absl::string_view nonce) {
  return crypto::Sha256(crypto::ByteWriter()
                            .Raw(digest)
                            .Raw(leaf_hash)
                            .U32(static_cast<uint32_t>(content.size()))
                            .Raw(content)
                            .Raw(nonce)
                            .bytes());
}

bool PaperCount::Fits(const PaperLeaf& leaf) const {
  if (leaf.round_id != manifest_.round_id || manifest_.FindClass(leaf.class_id) == nullptr ||
      manifest_.FindStation(leaf.station) == nullptr || !ByTwo(leaf.officials) ||
      ids_.contains(leaf.batch_id)) {
    return false;
  }
  if (leaf.supersedes == Hash{}) return true;
  const auto earlier = batches_.find(leaf.supersedes);
  return earlier != batches_.end() && !earlier->second.superseded &&
         earlier->second.leaf.class_id == leaf.class_id &&
         earlier->second.leaf.station == leaf.station;
}

void PaperCount::AddBatch(const Hash& leaf_hash, absl::string_view bytes, bool closed) {
  const absl::StatusOr<PaperLeaf> leaf = ParsePaperLeaf(bytes);
  if (!closed) {
    ++early_;
    return;
  }
  if (!leaf.ok() || !Fits(*leaf)) {
    ++bad_batches_;
    return;
  }
  ids_.insert(leaf->batch_id);
  if (leaf->supersedes != Hash{}) batches_.at(leaf->supersedes).superseded = true;
  batches_.emplace(leaf_hash, Batch{.leaf = *leaf});
}

void PaperCount::AddStation(const Event& event, bool closed) {
  if (!closed || event.round_id != manifest_.round_id || !WrongWith(event, manifest_).empty()) {
    ++bad_stations_;
    return;
  }
  stations_[event.station] = event;
}

void PaperCount::AddOpening(const Hash& leaf_hash, absl::string_view content_bytes,
                            absl::string_view nonce, Hash& digest) {
  const auto at = batches_.find(leaf_hash);
  if (at == batches_.end() || at->second.superseded || leaf_hash <= last_opening_) {
    ++stray_openings_;
    return;
  }
  last_opening_ = leaf_hash;
  Batch& batch = at->second;
  if (PaperCommitment(manifest_.round_id, batch.leaf.batch_id, nonce, content_bytes) !=
      batch.leaf.commitment) {
    ++bad_openings_;
    return;
  }
  const absl::StatusOr<PaperContent> content = ParsePaperContent(content_bytes);
  if (!content.ok() || !CheckContent(*content, batch.leaf.valid(), manifest_).ok()) {
    ++bad_contents_;
    return;
  }
  digest = FoldPaper(digest, leaf_hash, content_bytes, nonce);
  batch.content = *content;
}

void PaperCount::AddTo(tally::Election& election) const {
  for (const auto& [leaf_hash, batch] : batches_) {
    if (batch.superseded || !batch.content) continue;
    const int64_t weight = manifest_.FindClass(batch.leaf.class_id)->weight;
    if (batch.content->kind == PaperContent::Kind::kBallots) {
      for (const Choice& choice : batch.content->choices) {
        election.ballots.Add(ToTally(choice, manifest_), weight);
      }
      continue;
    }
    std::vector<int64_t> support(manifest_.options.size(), 0);
    for (const PaperContent::Total& total : batch.content->totals) {
      const BallotOption* const option = manifest_.FindOption(total.number);
      support[static_cast<size_t>(option - manifest_.options.data())] =
          static_cast<int64_t>(total.support);
    }
    election.sums.Add(batch.leaf.valid(), support, weight);
  }
}

void PaperCount::AddTo(std::vector<ClassTurnout>& turnout) const {
  for (ClassTurnout& line : turnout) {
    for (const auto& [leaf_hash, batch] : batches_) {
      if (batch.superseded || !batch.content || batch.leaf.class_id != line.class_id) continue;
      line.ballots += batch.leaf.valid();
      line.paper += batch.leaf.valid();
      line.invalid += batch.leaf.invalid;
      line.blank += batch.content->Blank();
    }
    for (const auto& [number, station] : stations_) {
      for (const StationLine& at : station.lines) {
        if (at.class_id == line.class_id) line.marked += at.marked;
      }
    }
  }
}

void PaperCount::AddTo(BallotsByUnit& units) const {
  for (const auto& [leaf_hash, batch] : batches_) {
    if (batch.superseded) continue;
    units[{.class_id = batch.leaf.class_id, .batch = leaf_hash}] = batch.leaf.valid();
  }
}

std::vector<std::string> PaperCount::StationImbalances() const {
  std::map<std::pair<uint16_t, uint16_t>, int64_t> boxes;
  for (const auto& [leaf_hash, batch] : batches_) {
    if (!batch.superseded) boxes[{batch.leaf.station, batch.leaf.class_id}] += batch.leaf.ballots;
  }
  std::vector<std::string> found;
  for (const Station& station : manifest_.stations) {
    const auto at = stations_.find(station.number);
    if (at == stations_.end()) {
      found.push_back(absl::StrCat("station ", station.number, " has not been closed"));
      continue;
    }
    for (const StationLine& line : at->second.lines) {
      const int64_t in_box = boxes[{station.number, line.class_id}];
      if (in_box == line.in_box) continue;
      found.push_back(absl::StrCat("station ", station.number, ", class ", line.class_id, ": ",
                                   in_box, " ballots in sealed batches, ", line.in_box,
                                   " signed for"));
    }
  }
  return found;
}

std::vector<std::string> PaperCount::Imbalances() const {
  std::vector<std::string> found;
  const auto tell = [&found](int64_t count, absl::string_view what) {
    if (count != 0) found.push_back(absl::StrCat(count, " ", what));
  };
  const auto unopened = [](const auto& entry) {
    return !entry.second.superseded && !entry.second.content;
  };
  tell(bad_batches_, "leaves in the log are no batches of paper of this election");
  tell(early_, "batches of paper stand in the log before its close");
  tell(bad_stations_, "leaves in the log close no station of this election");
  tell(std::count_if(batches_.begin(), batches_.end(), unopened) - bad_openings_ - bad_contents_,
       "batches of paper have no opening");
  tell(bad_openings_, "openings are not what their batches of paper commit to");
  tell(bad_contents_, "opened batches of paper hold what they cannot");
  tell(stray_openings_, "openings belong to no batch of paper that counts");
  for (std::string& station : StationImbalances()) found.push_back(std::move(station));
  return found;
}

}  // namespace smederij::ballots
