#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ballots/bundle/checks.h"
#include "services/ballots/domain/paper_count.h"

// Paper: batches, what is in them, and the stations they came from.
namespace smederij::ballots::bundle {
namespace {

bool BatchByTwo(const PaperLeaf& leaf) {
  Event event;
  event.officials = leaf.officials;
  return ByTwo(event);
}

void CheckPaper(Reading& reading, const PaperOpening& opening, uint64_t line, StepReport& step) {
  const auto find = [&](Wrong wrong, std::optional<uint64_t> leaf) {
    step.Find({.wrong = wrong, .file = std::string(kPaperFile), .leaf = leaf, .line = line});
  };
  const auto at = reading.batches.find(opening.leaf_hash);
  if (at == reading.batches.end() || at->second.superseded) {
    return find(Wrong::kPaperStray, std::nullopt);
  }
  Reading::Batch& batch = at->second;
  if (std::exchange(batch.opened, true)) return find(Wrong::kPaperOutOfOrder, batch.leaf);
  if (PaperCommitment(reading.manifest.round_id, batch.paper.batch_id, opening.nonce,
                      opening.content) != batch.paper.commitment) {
    return find(Wrong::kPaperWrong, batch.leaf);
  }
  const absl::StatusOr<PaperContent> content = ParsePaperContent(opening.content);
  if (!content.ok() || !CheckContent(*content, batch.paper.valid(), reading.manifest).ok()) {
    find(Wrong::kContentInvalid, batch.leaf);
  }
}

}  // namespace

void ReadBatch(Reading& reading, uint64_t leaf, const FindLeaf& find) {
  const absl::StatusOr<PaperLeaf> paper = ParsePaperLeaf(reading.leaves[leaf]);
  if (!paper.ok()) return find(Wrong::kLeafUnreadable, "");
  if (paper->round_id != reading.manifest.round_id) return find(Wrong::kLeafOfAnotherRound, "");
  if (reading.manifest.FindClass(paper->class_id) == nullptr) {
    return find(Wrong::kClassUnknown, absl::StrCat(paper->class_id));
  }
  if (reading.manifest.FindStation(paper->station) == nullptr) {
    return find(Wrong::kStationUnknown, absl::StrCat(paper->station));
  }
  if (!BatchByTwo(*paper)) return find(Wrong::kBatchNotSealed, "");
  if (!reading.batch_ids.insert(paper->batch_id).second) return find(Wrong::kBatchTwice, "");
  if (paper->supersedes != Hash{}) {
    const auto earlier = reading.batches.find(paper->supersedes);
    if (earlier == reading.batches.end() || earlier->second.superseded ||
        earlier->second.paper.class_id != paper->class_id ||
        earlier->second.paper.station != paper->station) {
      return find(Wrong::kSupersedesWrong, "");
    }
    earlier->second.superseded = true;
  }
  reading.batches[reading.leaf_hashes[leaf]] = {.leaf = leaf, .paper = *paper};
}

void ReadStation(Reading& reading, const Event& event, const FindLeaf& find) {
  const std::string wrong = WrongWith(event, reading.manifest);
  const std::string number = absl::StrCat(event.station);
  if (wrong == "UNKNOWN") return find(Wrong::kStationUnknown, number);
  if (wrong == "UNEXPLAINED") return find(Wrong::kStationUnexplained, number);
  if (!wrong.empty()) return find(Wrong::kStationWrong, number);
  reading.stations[event.station] = event;
}

bool CheckPapers(Reading& reading, StepReport& step) {
  const std::string file(kPaperFile);
  auto papers = DecodePapers(reading.files.at(file));
  if (!papers.ok()) {
    uint64_t line = 0;
    (void)absl::SimpleAtoi(FactsOf(papers.status()).at(0).second, &line);
    step.Find({.wrong = Wrong::kPaperMalformed, .file = file, .line = line});
    return false;
  }
  reading.papers = *std::move(papers);
  Hash before{};
  for (size_t i = 0; i < reading.papers.size(); ++i) {
    const PaperOpening& opening = reading.papers[i];
    if (i > 0 && opening.leaf_hash <= before) {
      step.Find({.wrong = Wrong::kPaperOutOfOrder, .file = file, .line = i + 1});
    } else {
      CheckPaper(reading, opening, i + 1, step);
    }
    before = opening.leaf_hash;
  }
  return true;
}

void CheckStations(const Reading& reading, StepReport& step) {
  std::map<std::pair<uint16_t, uint16_t>, int64_t> boxes;
  for (const auto& [leaf_hash, batch] : reading.batches) {
    if (batch.superseded) continue;
    boxes[{batch.paper.station, batch.paper.class_id}] += batch.paper.ballots;
  }
  for (const Station& station : reading.manifest.stations) {
    const auto at = reading.stations.find(station.number);
    if (at == reading.stations.end()) {
      step.Find({.wrong = Wrong::kStationOpen, .detail = absl::StrCat(station.number)});
      continue;
    }
    for (const StationLine& line : at->second.lines) {
      const int64_t in_box = boxes[{station.number, line.class_id}];
      if (in_box == line.in_box) continue;
      step.Find({.wrong = Wrong::kStationDiffers,
                 .detail = absl::StrCat(station.number, ", ", line.class_id, ": ", in_box, " / ",
                                        line.in_box)});
    }
  }
}

}  // namespace smederij::ballots::bundle
