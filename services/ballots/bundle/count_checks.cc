#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/hash.h"
#include "services/ballots/bundle/checks.h"
#include "services/ballots/domain/choice.h"
#include "services/ballots/domain/paper_count.h"
#include "services/ballots/domain/recount.h"

// From sealed ballots to the result.
namespace smederij::ballots::bundle {
namespace {

void Conclude(StepReport& step, Verdict verdict) {
  if (step.verdict == Verdict::kNotReached) step.verdict = verdict;
}

void CheckOpening(Reading& reading, const Opening& opening, uint64_t line, StepReport& step) {
  const auto find = [&](Wrong wrong, std::optional<uint64_t> leaf) {
    step.Find({.wrong = wrong, .file = std::string(kOpeningsFile), .leaf = leaf, .line = line});
  };
  const auto at = reading.counted.find(opening.leaf_hash);
  if (at == reading.counted.end()) return find(Wrong::kOpeningStray, std::nullopt);
  Reading::Ballot& ballot = at->second;
  if (std::exchange(ballot.opened, true)) return find(Wrong::kOpeningsOutOfOrder, ballot.leaf);
  if (Commitment(reading.manifest.round_id, ballot.voting_key, ballot.seq, opening.nonce,
                 opening.choice) != ballot.commitment) {
    return find(Wrong::kOpeningWrong, ballot.leaf);
  }
  const absl::StatusOr<Choice> choice = ParseChoice(opening.choice);
  if (!choice.ok() || !CheckChoice(*choice, reading.manifest).ok()) {
    find(Wrong::kChoiceInvalid, ballot.leaf);
  }
}

Hash DigestOf(const std::vector<Opening>& openings, const std::vector<PaperOpening>& papers) {
  Hash digest{};
  for (const Opening& o : openings) {
    digest = crypto::Sha256(crypto::ByteWriter()
                                .Raw(digest)
                                .Raw(o.leaf_hash)
                                .U16(static_cast<uint16_t>(o.choice.size()))
                                .Raw(o.choice)
                                .Raw(o.nonce)
                                .bytes());
  }
  for (const PaperOpening& p : papers) digest = FoldPaper(digest, p.leaf_hash, p.content, p.nonce);
  return digest;
}

// What the public bundle leaves out: nothing when a ballot of any of these units is opened, for
// then it is the auditor's, which has them all.
std::set<Unit> LeftOut(const Reading& reading) {
  std::set<Unit> withheld = WithheldUnits(reading.units, reading.manifest.k_min);
  for (const auto& [hash, ballot] : reading.counted) {
    if (ballot.opened && withheld.contains({.class_id = ballot.class_id})) return {};
  }
  for (const auto& [hash, batch] : reading.batches) {
    if (batch.opened && withheld.contains({.class_id = batch.paper.class_id, .batch = hash})) {
      return {};
    }
  }
  return withheld;
}

// Counts what is left out, and finds what is missing.
void CheckAllOpened(const Reading& reading, const std::set<Unit>& left_out, StepReport& step,
                    Report& report) {
  std::map<uint64_t, Wrong> missing;  // By leaf.
  for (const auto& [hash, ballot] : reading.counted) {
    if (ballot.opened) continue;
    if (left_out.contains({.class_id = ballot.class_id})) {
      ++report.withheld;
    } else {
      missing.emplace(ballot.leaf, Wrong::kOpeningMissing);
    }
  }
  for (const auto& [hash, batch] : reading.batches) {
    if (batch.superseded) continue;
    if (batch.opened) {
      report.opened += batch.paper.valid();
    } else if (left_out.contains({.class_id = batch.paper.class_id, .batch = hash})) {
      report.withheld += batch.paper.valid();
    } else {
      missing.emplace(batch.leaf, Wrong::kPaperMissing);
    }
  }
  for (const auto& [leaf, wrong] : missing) {
    const absl::string_view file = wrong == Wrong::kPaperMissing ? kPaperFile : kOpeningsFile;
    step.Find({.wrong = wrong, .file = std::string(file), .leaf = leaf});
  }
}

// Whether a result tells of each class what log and manifest tell.
bool SameAsTheLog(const Reading& reading, const std::vector<ClassTurnout>& turnout) {
  const std::vector<VoterClass>& classes = reading.manifest.classes;
  if (turnout.size() != classes.size()) return false;
  for (size_t i = 0; i < classes.size(); ++i) {
    const auto keys = reading.keys.find(classes[i].class_id);
    ClassTurnout told{.class_id = classes[i].class_id,
                      .roll_size = classes[i].roll_size,
                      .issued = turnout[i].issued,
                      .ballots = keys == reading.keys.end() ? 0 : keys->second,
                      .blank = turnout[i].blank};
    for (const auto& [hash, batch] : reading.batches) {
      if (batch.superseded || batch.paper.class_id != told.class_id) continue;
      told.ballots += batch.paper.valid();
      told.paper += batch.paper.valid();
      told.invalid += batch.paper.invalid;
    }
    for (const auto& [number, station] : reading.stations) told.marked += station.lines[i].marked;
    if (told != turnout[i]) return false;
  }
  return true;
}

// The count's own words on what a result says of money and plans, where the ballots are not all
// there to count them again.
void CheckPartialResult(const Reading& reading, const Result& result, StepReport& step) {
  Money awarded;
  for (const PlanResult& plan : result.plans) awarded += plan.award;
  if (result.pot != reading.manifest.pot() || awarded != result.awarded ||
      result.round_id != reading.manifest.round_id ||
      result.plans.size() != reading.manifest.options.size()) {
    step.Find({.wrong = Wrong::kCountDiffers, .file = std::string(kResultFile)});
  }
  if (awarded > reading.manifest.pot()) {
    step.Find({.wrong = Wrong::kAwardsAbovePot, .file = std::string(kResultFile)});
  }
}

void CountAgain(const Reading& reading, const Report& report, StepReport& step) {
  const std::string file(kResultFile);
  Recount recount(reading.manifest, report.manifest_hash);
  for (uint64_t i = 0; i < reading.size; ++i) {
    recount.AddLeaf(reading.leaf_hashes[i], reading.leaves[i]);
  }
  for (const Opening& o : reading.openings) recount.AddOpening(o.leaf_hash, o.choice, o.nonce);
  for (const PaperOpening& p : reading.papers) {
    recount.AddPaperOpening(p.leaf_hash, p.content, p.nonce);
  }
  Issued issued;
  for (const ClassTurnout& c : report.result->turnout) issued[c.class_id] = c.issued;
  const auto count = recount.Finish(report.result->version, issued, reading.lot);
  if (!count.ok()) {
    step.Find({.wrong = Wrong::kCountRefused, .detail = std::string(count.status().message())});
    return;
  }
  for (const std::string& imbalance : count->imbalances) {
    step.Find({.wrong = Wrong::kCountImbalance, .file = file, .detail = imbalance});
  }
  if (Encode(count->result) != reading.files.at(file)) {
    step.Find({.wrong = Wrong::kCountDiffers, .file = file});
  }
  if (count->result.awarded > reading.manifest.pot()) {
    step.Find({.wrong = Wrong::kAwardsAbovePot, .file = file});
  }
}

}  // namespace

bool CheckOpenings(Reading& reading, Report& report) {
  StepReport& step = report.at(Step::kOpenings);
  const std::string file(kOpeningsFile);
  auto openings = DecodeOpenings(reading.files.at(file));
  if (!openings.ok()) {
    uint64_t line = 0;
    (void)absl::SimpleAtoi(FactsOf(openings.status()).at(0).second, &line);
    step.Find({.wrong = Wrong::kOpeningsMalformed, .file = file, .line = line});
    return false;
  }
  reading.openings = *std::move(openings);
  Hash before{};
  for (size_t i = 0; i < reading.openings.size(); ++i) {
    const Opening& opening = reading.openings[i];
    if (i > 0 && opening.leaf_hash <= before) {
      step.Find({.wrong = Wrong::kOpeningsOutOfOrder, .file = file, .line = i + 1});
    } else {
      CheckOpening(reading, opening, i + 1, step);
    }
    before = opening.leaf_hash;
  }
  if (!CheckPapers(reading, step)) return false;
  report.opened = static_cast<int64_t>(reading.openings.size());
  const std::set<Unit> left_out = LeftOut(reading);
  CheckAllOpened(reading, left_out, step, report);
  if (step.verdict != Verdict::kFails && left_out.empty() &&
      DigestOf(reading.openings, reading.papers) != reading.openings_event->hash) {
    step.Find({.wrong = Wrong::kOpeningsDigestDiffers, .file = file});
  }
  Conclude(step, left_out.empty() ? Verdict::kHolds : Verdict::kPartial);
  return step.verdict != Verdict::kFails;
}

// The numbers of credentials come from the registry, by way of the result that was certified.
bool CheckBalance(Reading& reading, Report& report) {
  StepReport& step = report.at(Step::kBalance);
  const std::string file(kResultFile), table(kTurnoutFile);
  const std::string& bytes = reading.files.at(file);
  auto result = DecodeResult(bytes);
  if (!result.ok()) {
    step.Find({.wrong = Wrong::kResultUnreadable, .file = file});
    return false;
  }
  report.result = *std::move(result);
  report.result_hash = crypto::Sha256(bytes);
  if (report.result_hash != reading.tally_event->hash ||
      report.result->openings_digest != reading.openings_event->hash ||
      report.result->version != reading.tally_event->version ||
      report.result->manifest_hash != report.manifest_hash) {
    step.Find({.wrong = Wrong::kResultDiffersFromLog, .file = file});
    return false;
  }
  const std::vector<ClassTurnout>& turnout = report.result->turnout;
  if (!SameAsTheLog(reading, turnout)) step.Find({.wrong = Wrong::kTurnoutDiffers, .file = file});
  if (TurnoutTable(*report.result, reading.units, reading.manifest.k_min) !=
      reading.files.at(table)) {
    step.Find({.wrong = Wrong::kTurnoutDiffers, .file = table});
  }
  CheckStations(reading, step);
  for (const ClassTurnout& c : turnout) {
    const int64_t keys = reading.keys[c.class_id];  // Papers have no credential.
    if (keys > c.issued) {
      step.Find({.wrong = Wrong::kMoreKeysThanIssued,
                 .file = table,
                 .detail = absl::StrCat(c.class_id, ": ", keys, " > ", c.issued)});
    }
    if (c.issued + c.marked > c.roll_size) {
      step.Find(
          {.wrong = Wrong::kMoreIssuedThanVoters,
           .file = table,
           .detail = absl::StrCat(c.class_id, ": ", c.issued + c.marked, " > ", c.roll_size)});
    }
  }
  Conclude(step, Verdict::kHolds);
  return step.verdict == Verdict::kHolds;
}

bool CheckCount(Reading& reading, Report& report) {
  StepReport& step = report.at(Step::kCount);
  if (report.withheld > 0) {
    CheckPartialResult(reading, *report.result, step);
    Conclude(step, Verdict::kPartial);
  } else {
    CountAgain(reading, report, step);
    Conclude(step, Verdict::kHolds);
  }
  return step.verdict != Verdict::kFails;
}

}  // namespace smederij::ballots::bundle
