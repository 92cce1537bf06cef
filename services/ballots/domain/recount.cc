#include "services/ballots/domain/recount.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/leaf_type.h"
#include "services/ballots/domain/tally_rule.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/replay.h"

namespace smederij::ballots {
namespace {

tally::Election ToElection(const Manifest& manifest) {
  tally::Election election;
  election.currency = manifest.currency;
  election.budget = tally::FromCents(manifest.pot().cents());
  election.kind = ToTally(manifest.ballot_rule.kind);
  for (const BallotOption& option : manifest.options) {
    election.plans.push_back({.id = option.plan_id.ToString(),
                              .number = option.number,
                              .cost = tally::FromCents(option.cost.cents()),
                              .category = ContestOf(option, manifest),
                              .exclusive_group = option.exclusive_group});
  }
  std::map<std::string, Money> pots;
  for (const PotLine& line : manifest.pots) pots[ContestOf(line)] += line.amount;
  if (pots.contains("")) return election;
  for (const auto& [category, amount] : pots) {
    election.pots.push_back({.category = category, .amount = tally::FromCents(amount.cents())});
  }
  return election;
}

Decision ToDecision(tally::Decision decision) {
  switch (decision) {
    case tally::Decision::kFunded:
      return Decision::kAwarded;
    case tally::Decision::kPartial:
      return Decision::kPartial;
    case tally::Decision::kNotFunded:
      return Decision::kNotAwarded;
  }
  return Decision::kNotAwarded;
}

std::vector<PlanResult> ToPlans(const Manifest& manifest, const tally::Outcome& outcome) {
  std::vector<uint32_t> order = outcome.selected;
  std::vector<uint32_t> rest;
  for (uint32_t i = 0; i < manifest.options.size(); ++i) {
    if (std::find(order.begin(), order.end(), i) == order.end()) rest.push_back(i);
  }
  std::stable_sort(rest.begin(), rest.end(), [&](uint32_t a, uint32_t b) {
    return outcome.plans[a].support > outcome.plans[b].support;
  });
  order.insert(order.end(), rest.begin(), rest.end());
  std::vector<PlanResult> plans;
  for (const uint32_t i : order) {
    const tally::PlanOutcome& plan = outcome.plans[i];
    plans.push_back({.plan_id = manifest.options[i].plan_id,
                     .number = manifest.options[i].number,
                     .decision = ToDecision(plan.decision),
                     .award = Money::Cents(tally::ToCents(plan.award)),
                     .support = plan.support,
                     .reason = std::string(tally::NameOf(plan.reason)),
                     .facts = plan.facts});
  }
  return plans;
}

std::vector<Contest> ToContests(const Manifest& manifest, const tally::Outcome& outcome) {
  const auto number = [&](uint32_t plan) { return manifest.options[plan].number; };
  std::vector<Contest> contests;
  for (const tally::Contest& from : outcome.contests) {
    Contest& contest = contests.emplace_back();
    contest.category = from.category;
    contest.budget = Money::Cents(tally::ToCents(from.budget));
    contest.endowment = tally::ToText(from.endowment);
    contest.endowments = from.endowments;
    for (const tally::Step& step : from.steps) {
      CountStep& to = contest.steps.emplace_back();
      to.number = number(step.plan);
      to.price = tally::ToText(step.price);
      to.left = Money::Cents(tally::ToCents(step.left));
      for (const uint32_t plan : step.tied) to.tied.push_back(number(plan));
    }
  }
  return contests;
}

}  // namespace

Recount::Recount(const Manifest& manifest, const Hash& manifest_hash)
    : manifest_(manifest), manifest_hash_(manifest_hash), paper_(manifest) {}

void Recount::AddLeaf(const Hash& leaf_hash, absl::string_view bytes) {
  const char type = bytes.empty() ? '\0' : bytes[0];
  if (type == static_cast<char>(LeafType::kPaperBatch)) {
    return paper_.AddBatch(leaf_hash, bytes, closed_);
  }
  if (type != static_cast<char>(LeafType::kBallot)) {
    const absl::StatusOr<Event> event = ParseEvent(bytes);
    if (!event.ok()) return;
    if (event->kind == Event::Kind::kClosed) closed_ = true;
    if (event->kind == Event::Kind::kStation) paper_.AddStation(*event, closed_);
    return;
  }
  if (closed_) {
    ++late_leaves_;
    return;
  }
  const absl::StatusOr<BallotLeaf> leaf = ParseLeaf(bytes);
  if (!leaf.ok() || leaf->round_id != manifest_.round_id ||
      manifest_.FindClass(leaf->class_id) == nullptr) {
    ++bad_leaves_;
    return;
  }
  Standing& standing = standings_[leaf->voting_key];
  if (leaf->seq <= standing.seq) return;
  standing = {.class_id = leaf->class_id,
              .seq = leaf->seq,
              .leaf_hash = leaf_hash,
              .commitment = leaf->commitment};
}

void Recount::IndexStandings() {
  if (!by_leaf_.empty()) return;
  for (const auto& [key, standing] : standings_) by_leaf_.emplace(standing.leaf_hash, key);
}

void Recount::AddOpening(const Hash& leaf_hash, absl::string_view choice_bytes,
                         absl::string_view nonce) {
  IndexStandings();
  const auto at = by_leaf_.find(leaf_hash);
  if (at == by_leaf_.end() || leaf_hash <= last_opening_) {
    ++stray_openings_;
    return;
  }
  last_opening_ = leaf_hash;
  const VotingKey& key = at->second;
  const Standing& standing = standings_[key];
  if (Commitment(manifest_.round_id, key, standing.seq, nonce, choice_bytes) !=
      standing.commitment) {
    ++bad_openings_;
    return;
  }
  absl::StatusOr<Choice> choice = ParseChoice(choice_bytes);
  if (!choice.ok() || !CheckChoice(*choice, manifest_).ok()) {
    ++bad_choices_;
    return;
  }
  digest_ = crypto::Sha256(crypto::ByteWriter()
                               .Raw(digest_)
                               .Raw(leaf_hash)
                               .U16(static_cast<uint16_t>(choice_bytes.size()))
                               .Raw(choice_bytes)
                               .Raw(nonce)
                               .bytes());
  opened_.push_back({.class_id = standing.class_id, .choice = *std::move(choice)});
}

void Recount::AddPaperOpening(const Hash& leaf_hash, absl::string_view content,
                              absl::string_view nonce) {
  paper_.AddOpening(leaf_hash, content, nonce, digest_);
}

BallotsByUnit Recount::Units() const {
  BallotsByUnit units;
  for (const auto& [key, standing] : standings_) ++units[{.class_id = standing.class_id}];
  paper_.AddTo(units);
  return units;
}

std::vector<ClassTurnout> Recount::Turnout(const Issued& issued) {
  std::vector<ClassTurnout> turnout;
  for (const VoterClass& c : manifest_.classes) {
    const auto at = issued.find(c.class_id);
    ClassTurnout& line = turnout.emplace_back();
    line.class_id = c.class_id;
    line.roll_size = c.roll_size;
    line.issued = at == issued.end() ? 0 : at->second;
  }
  for (const Opened& ballot : opened_) {
    for (ClassTurnout& line : turnout) {
      if (line.class_id != ballot.class_id) continue;
      ++line.ballots;
      if (ballot.choice.blank()) ++line.blank;
    }
  }
  paper_.AddTo(turnout);
  // Not even in the canonical bytes, whose hash is public: who knows everything else would find so
  // small a number by trying.
  const BallotsByUnit units = Units();
  const std::set<Unit> withheld = WithheldUnits(units, manifest_.k_min);
  for (ClassTurnout& line : turnout) {
    if (!MayTellBlank(line.class_id, units, withheld, manifest_.k_min)) line.blank = 0;
  }
  unopened_ = static_cast<int64_t>(standings_.size()) - static_cast<int64_t>(opened_.size()) -
              bad_openings_ - bad_choices_;
  return turnout;
}

std::vector<std::string> Recount::Imbalances(const std::vector<ClassTurnout>& turnout) const {
  std::vector<std::string> found;
  const auto tell = [&found](int64_t count, absl::string_view what) {
    if (count != 0) found.push_back(absl::StrCat(count, " ", what));
  };
  tell(bad_leaves_, "leaves in the log are no ballots of this election");
  tell(late_leaves_, "ballots stand in the log behind its close");
  tell(unopened_, "ballots have no opening");
  tell(bad_openings_, "openings are not what their ballots commit to");
  tell(bad_choices_, "opened choices break the ballot rule");
  tell(stray_openings_, "openings belong to no ballot that counts");
  if (!closed_) found.push_back("the log has no closing leaf");
  std::map<uint16_t, int64_t> keys;
  for (const auto& [key, standing] : standings_) ++keys[standing.class_id];
  for (const ClassTurnout& c : turnout) {
    if (keys[c.class_id] > c.issued) {
      found.push_back(absl::StrCat("class ", c.class_id, ": ", keys[c.class_id],
                                   " voting keys cast, ", c.issued, " credentials issued"));
    }
    if (c.issued + c.marked > c.roll_size) {
      const std::string papers =
          c.marked == 0 ? "" : absl::StrCat(" and ", c.marked, " papers handed out");
      found.push_back(absl::StrCat("class ", c.class_id, ": ", c.issued, " credentials issued",
                                   papers, " to a roll of ", c.roll_size));
    }
  }
  for (std::string& wrong : paper_.Imbalances()) found.push_back(std::move(wrong));
  return found;
}

absl::StatusOr<Count> Recount::Finish(uint32_t version, const Issued& issued,
                                      const std::vector<uint32_t>& lot) {
  tally::Election election = ToElection(manifest_);
  for (const Opened& ballot : opened_) {
    election.ballots.Add(ToTally(ballot.choice, manifest_),
                         manifest_.FindClass(ballot.class_id)->weight);
  }
  paper_.AddTo(election);
  const tally::Rule rule = ToTally(manifest_.count_rule, lot);
  ASSIGN_OR_RETURN(const tally::Outcome outcome, tally::Count(election, rule));
  Count count;
  Result& result = count.result;
  result.round_id = manifest_.round_id;
  result.version = version;
  result.manifest_hash = manifest_hash_;
  result.openings_digest = digest_;
  result.rule = manifest_.count_rule.rule;
  result.currency = manifest_.currency;
  result.demonstration = manifest_.demonstration;
  result.turnout = Turnout(issued);
  result.plans = ToPlans(manifest_, outcome);
  result.contests = ToContests(manifest_, outcome);
  for (const PlanResult& plan : result.plans) result.awarded += plan.award;
  result.pot = manifest_.pot();
  count.imbalances = Imbalances(result.turnout);
  if (!tally::Replay(election, rule, outcome).ok()) {
    count.imbalances.push_back("counted a second way, the outcome is another");
  }
  if (result.awarded > result.pot) {
    count.imbalances.push_back("the awards cost more than there is in the pot");
  }
  return count;
}

}  // namespace smederij::ballots
