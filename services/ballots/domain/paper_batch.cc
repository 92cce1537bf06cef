#include "services/ballots/domain/paper_batch.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/check.h"
#include "common/base/ranges.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/leaf.h"

namespace smederij::ballots {
namespace {

struct Allowed {
  BatchVerb verb;
  std::vector<BatchState> states;
};

const std::array<Allowed, 5>& Table() {
  using S = BatchState;
  static const auto& table = *new std::array<Allowed, 5>{{
      {BatchVerb::kEnter, {S::kOpen, S::kPasses, S::kDiffers}},
      {BatchVerb::kFinishPass, {S::kPasses}},
      {BatchVerb::kCompare, {S::kDiffers, S::kMatched}},
      {BatchVerb::kSeal, {S::kMatched}},
      {BatchVerb::kDiscard, {S::kOpen, S::kPasses, S::kDiffers, S::kMatched}},
  }};
  return table;
}

// Collects mistakes by field; several at one field are told together.
class Mistakes {
 public:
  void Add(const std::string& field, absl::string_view wrong) {
    std::string& told = told_[field];
    absl::StrAppend(&told, told.empty() ? "" : "; ", wrong);
    ++count_;
  }
  size_t count() const { return count_; }
  absl::Status status() const {
    Error refusal = BadBallots(count_);
    for (const auto& [field, wrong] : told_) refusal = std::move(refusal).At(field, wrong);
    return refusal;
  }

 private:
  std::map<std::string, std::string> told_;
  size_t count_ = 0;
};

// Every way in which points break the rule, told at the ballot or its line.
void CheckPoints(const std::vector<Choice::Line>& lines, const BallotRule& rule,
                 const std::string& at, Mistakes& mistakes) {
  uint64_t total = 0;
  std::vector<uint32_t> ladder = rule.points_ladder;
  const uint32_t each =
      rule.points_per_plan_max > 0 ? rule.points_per_plan_max : rule.points_total_max;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string field = absl::StrCat(at, ".lines[", i, "].points");
    const uint32_t points = lines[i].points;
    total += points;
    if (points == 0) mistakes.Add(field, "are missing");
    if (each > 0 && points > each) mistakes.Add(field, absl::StrCat("are more than ", each));
    if (rule.points_ladder.empty() || points == 0) continue;
    const auto rung = std::find(ladder.begin(), ladder.end(), points);
    if (rung == ladder.end()) {
      mistakes.Add(field, absl::StrCat("are not, or not so often, among those to give (",
                                       absl::StrJoin(rule.points_ladder, ", "), ")"));
    } else {
      ladder.erase(rung);
    }
  }
  if (rule.points_total_max > 0 && total > rule.points_total_max) {
    mistakes.Add(at, absl::StrCat("gives ", total, " points, more than ", rule.points_total_max));
  }
}

// Every way in which a choice breaks the ballot rule.
void CheckLines(const std::vector<Choice::Line>& lines, const Manifest& manifest,
                const std::string& at, Mistakes& mistakes) {
  const BallotRule& rule = manifest.ballot_rule;
  if (lines.size() > manifest.options.size()) {  // Nor is each of them looked at.
    mistakes.Add(at, absl::StrCat("names ", lines.size(), " plans, more than there are"));
    return;
  }
  std::set<uint32_t> numbers;
  Money cost;
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::string field = absl::StrCat(at, ".lines[", i, "].number");
    const BallotOption* const option = manifest.FindOption(lines[i].number);
    if (option == nullptr) {
      mistakes.Add(field, absl::StrCat("no plan has number ", lines[i].number));
      continue;
    }
    if (!numbers.insert(lines[i].number).second) {
      mistakes.Add(field, absl::StrCat("plan ", lines[i].number, " is named twice"));
    }
    cost += option->cost;
    if (rule.kind != BallotKind::kPoints && lines[i].points != 0) {
      mistakes.Add(absl::StrCat(at, ".lines[", i, "].points"), "belong to a ballot with points");
    }
  }
  const size_t most = rule.kind == BallotKind::kChooseOne ? 1
                      : rule.choices_max > 0              ? rule.choices_max
                                                          : manifest.options.size();
  if (lines.empty()) mistakes.Add(at, "names no plan: a blank ballot is entered as blank");
  if (!lines.empty() && lines.size() < rule.choices_min) {
    mistakes.Add(at, absl::StrCat("names ", lines.size(), " plans, fewer than ", rule.choices_min));
  }
  if (lines.size() > most) {
    mistakes.Add(at, absl::StrCat("names ", lines.size(), " plans, more than ", most));
  }
  if (rule.kind == BallotKind::kKnapsack && cost > manifest.pot()) {
    mistakes.Add(at, "costs more than there is in the pot");
  }
  if (rule.kind == BallotKind::kPoints) CheckPoints(lines, rule, at, mistakes);
}

Choice ToChoice(std::vector<Choice::Line> lines, BallotKind kind) {
  if (kind != BallotKind::kRanking) {
    std::sort(lines.begin(), lines.end(),
              [](const Choice::Line& a, const Choice::Line& b) { return a.number < b.number; });
  }
  return {.kind = kind, .lines = std::move(lines)};
}

// The entry a draft is, if it has no mistake.
PaperEntry ReadDraft(const PaperDraft& draft, const Manifest& manifest, const std::string& at,
                     Mistakes& mistakes) {
  const BallotKind kind = manifest.ballot_rule.kind;
  PaperEntry entry{.serial = draft.serial, .invalid = std::nullopt, .choice = {kind, {}}};
  const size_t before = mistakes.count();
  switch (draft.says) {
    case PaperDraft::Says::kNothing:
      mistakes.Add(at, "says neither a choice, nor blank, nor invalid");
      break;
    case PaperDraft::Says::kBlank:
      break;
    case PaperDraft::Says::kInvalid:
      if (draft.invalid < 1 || draft.invalid > kInvalidReasons) {
        mistakes.Add(absl::StrCat(at, ".invalid"), "is not a reason");
      }
      entry.invalid = static_cast<InvalidReason>(draft.invalid);
      break;
    case PaperDraft::Says::kChoice:
      CheckLines(draft.lines, manifest, at, mistakes);
      if (mistakes.count() > before) break;
      entry.choice = ToChoice(draft.lines, kind);
      if (Encode(entry.choice).size() > kChoiceBytesMax) mistakes.Add(at, "names too many plans");
      // Whatever is entered is counted, so the count's own judgement has the last word.
      CHECK(CheckChoice(entry.choice, manifest).ok());
      break;
  }
  return entry;
}

}  // namespace

absl::string_view NameOf(BatchState state) {
  switch (state) {
    case BatchState::kOpen:
      return "OPEN";
    case BatchState::kPasses:
      return "PASSES";
    case BatchState::kDiffers:
      return "DIFFERS";
    case BatchState::kMatched:
      return "MATCHED";
    case BatchState::kSealed:
      return "SEALED";
    case BatchState::kDiscarded:
      return "DISCARDED";
  }
  return "?";
}

absl::Status May(BatchVerb verb, BatchState state) {
  for (const Allowed& row : Table()) {
    if (row.verb != verb) continue;
    if (std::find(row.states.begin(), row.states.end(), state) != row.states.end()) {
      return absl::OkStatus();
    }
    const auto name = [](std::string* out, BatchState s) { out->append(std::string(NameOf(s))); };
    return WrongState(NameOf(state), absl::StrJoin(row.states, " or ", name));
  }
  CHECK(false);
}

absl::Status PaperIsCounted(const Round& round, absl::Time now) {
  const bool counted = (round.state == RoundState::kPublished && now >= round.cast_from) ||
                       round.state == RoundState::kClosed || round.state == RoundState::kTallied;
  if (counted) return absl::OkStatus();
  return NotOpen(NameOf(round.state), absl::FormatTime(round.cast_from, absl::UTCTimeZone()),
                 absl::FormatTime(round.cast_until, absl::UTCTimeZone()));
}

absl::Status MaySupersede(const PaperBatch& batch, const PaperBatch& earlier, bool superseded) {
  if (earlier.state != BatchState::kSealed) return NotSuperseding("NOT_SEALED");
  if (earlier.class_id != batch.class_id) return NotSuperseding("OTHER_CLASS");
  if (earlier.station != batch.station) return NotSuperseding("OTHER_STATION");
  if (superseded) return NotSuperseding("SUPERSEDED_ALREADY");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PaperEntry>> ReadDrafts(
    const std::vector<PaperDraft>& drafts, const PaperBatch& batch, const Manifest& manifest,
    const std::optional<std::vector<uint32_t>>& differing) {
  Mistakes mistakes;
  if (drafts.empty()) mistakes.Add("ballots", "are missing");
  if (drafts.size() > kBatchBallotsMax) {
    mistakes.Add("ballots", absl::StrCat("are more than ", kBatchBallotsMax));
    return mistakes.status();
  }
  std::set<uint32_t> serials;
  std::vector<PaperEntry> entries;
  for (size_t i = 0; i < drafts.size(); ++i) {
    const std::string at = absl::StrCat("ballots[", i, "]");
    const uint32_t serial = drafts[i].serial;
    if (serial == 0 || serial > batch.ballots) {
      mistakes.Add(at + ".serial", absl::StrCat("is not 1 to ", batch.ballots));
    } else if (!serials.insert(serial).second) {
      mistakes.Add(at + ".serial", absl::StrCat("paper ", serial, " is entered twice"));
    } else if (differing && !std::binary_search(differing->begin(), differing->end(), serial)) {
      mistakes.Add(at + ".serial", absl::StrCat("both passes agree about paper ", serial));
    }
    entries.push_back(ReadDraft(drafts[i], manifest, at, mistakes));
  }
  if (mistakes.count() > 0) return mistakes.status();
  return entries;
}

absl::StatusOr<PaperPass> PassOf(absl::Span<const PaperPass> passes, SubjectId officer) {
  for (const PaperPass& pass : passes) {
    if (pass.officer == officer) return pass;
  }
  if (passes.size() >= 2) return PassesTaken();
  return PaperPass{.pass = static_cast<int16_t>(passes.size() + 1), .officer = officer};
}

absl::Status MustBeComplete(absl::Span<const uint32_t> serials, uint32_t ballots) {
  std::vector<uint32_t> missing;
  size_t at = 0;
  for (uint32_t serial = 1; serial <= ballots; ++serial) {
    if (at < serials.size() && serials[at] == serial) {
      ++at;
    } else {
      missing.push_back(serial);
    }
  }
  if (missing.empty()) return absl::OkStatus();
  return PassIncomplete(missing.size(), RangesText(missing));
}

}  // namespace smederij::ballots
