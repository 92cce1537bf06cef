#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/crypto/blind_rsa.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/manifest.h"
#include "services/ballots/domain/tally_rule.h"
#include "services/ballots/domain/text.h"

namespace smederij::ballots {
namespace {

constexpr size_t kTitleBytesMax = 200;
constexpr size_t kNameBytesMax = 100;
constexpr uint16_t kAgeMax = 150;
constexpr uint16_t kWeightMax = 1000;
constexpr uint32_t kPointsMax = 1'000'000;
constexpr uint32_t kBasisPointsMax = 10'000;
constexpr int64_t kRollMax = 100'000'000;

// Collects mistakes, each at its field.
class Mistakes {
 public:
  void Unless(bool right, absl::string_view field, absl::string_view wrong) {
    if (right) return;
    refusal_ = std::move(refusal_).At(field, wrong);
    any_ = true;
  }
  absl::Status status() const { return any_ ? absl::Status(refusal_) : absl::OkStatus(); }

 private:
  Error refusal_ = BadManifest();
  bool any_ = false;
};

bool IsAmount(Money money) { return money.cents() >= 1 && money.cents() <= Money::kCentsMax; }

bool IsCurrency(absl::string_view text) {
  if (text.size() != 3) return false;
  for (const char c : text) {
    if (c < 'A' || c > 'Z') return false;
  }
  return true;
}

void CheckClasses(const Manifest& m, Mistakes& mistakes) {
  mistakes.Unless(!m.classes.empty() && m.classes.size() <= kClassesMax, "classes",
                  "must be 1 to 64");
  std::set<uint16_t> ids;
  std::set<std::string> keys;
  for (size_t i = 0; i < m.classes.size(); ++i) {
    const VoterClass& c = m.classes[i];
    const std::string at = absl::StrCat("classes[", i, "].");
    mistakes.Unless(c.class_id > 0 && ids.insert(c.class_id).second, at + "class_id",
                    "must be 1 to 65535 and not given twice");
    mistakes.Unless(IsPlainText(c.name, kNameBytesMax), at + "name", "is not plain text");
    mistakes.Unless(c.age_from <= c.age_to && c.age_to <= kAgeMax, at + "age_to",
                    "ages are not a range up to 150");
    for (size_t j = 0; j < i; ++j) {
      const VoterClass& other = m.classes[j];
      mistakes.Unless(c.age_to < other.age_from || other.age_to < c.age_from, at + "age_from",
                      "ages overlap those of another class");
    }
    mistakes.Unless(c.weight >= 1 && c.weight <= kWeightMax, at + "weight", "must be 1 to 1000");
    mistakes.Unless(c.roll_size >= 0 && c.roll_size <= kRollMax, at + "roll_size",
                    "is out of range");
    const auto key = crypto::BlindPublicKey::FromSpki(c.issuer_spki);
    mistakes.Unless(key.ok() && key->modulus_bytes() == crypto::kIssuerModulusBytes &&
                        keys.insert(c.issuer_spki).second,
                    at + "issuer_spki", "must be an RSA-3072 key of its own");
  }
}

void CheckOptions(const Manifest& m, Mistakes& mistakes) {
  mistakes.Unless(!m.options.empty() && m.options.size() <= kOptionsMax, "options",
                  "must be 1 to 500");
  std::set<PlanId> plans;
  std::set<uint32_t> numbers;
  for (size_t i = 0; i < m.options.size(); ++i) {
    const BallotOption& option = m.options[i];
    const std::string at = absl::StrCat("options[", i, "].");
    mistakes.Unless(plans.insert(option.plan_id).second, at + "plan_id", "is given twice");
    mistakes.Unless(option.number > 0 && numbers.insert(option.number).second, at + "number",
                    "must be positive and not given twice");
    mistakes.Unless(IsPlainText(option.title, kTitleBytesMax), at + "title", "is not plain text");
    mistakes.Unless(IsAmount(option.cost), at + "cost_cents", "is out of range");
    mistakes.Unless(m.plan_cost_max == Money() || option.cost <= m.plan_cost_max, at + "cost_cents",
                    "is above the charter's cap per plan");
    mistakes.Unless(option.category.empty() || IsPlainText(option.category, kNameBytesMax),
                    at + "category", "is not plain text");
    mistakes.Unless(
        option.exclusive_group.empty() || IsPlainText(option.exclusive_group, kNameBytesMax),
        at + "exclusive_group", "is not plain text");
  }
}

void CheckBallotRule(const Manifest& m, Mistakes& mistakes) {
  const BallotRule& rule = m.ballot_rule;
  mistakes.Unless(rule.choices_max == 0 || rule.choices_min <= rule.choices_max,
                  "ballot_rule.choices_min", "is above choices_max");
  mistakes.Unless(rule.choices_min <= m.options.size(), "ballot_rule.choices_min",
                  "is above the number of plans");
  const bool one = rule.kind == BallotKind::kChooseOne;
  mistakes.Unless(!one || (rule.choices_min <= 1 && rule.choices_max <= 1),
                  "ballot_rule.choices_max", "is fixed when one plan is chosen");
  if (rule.kind != BallotKind::kPoints) {
    mistakes.Unless(
        rule.points_total_max == 0 && rule.points_per_plan_max == 0 && rule.points_ladder.empty(),
        "ballot_rule.points_total_max", "belongs to a points ballot only");
    return;
  }
  mistakes.Unless((rule.points_total_max > 0 && rule.points_total_max <= kPointsMax) ||
                      (rule.points_total_max == 0 && !rule.points_ladder.empty()),
                  "ballot_rule.points_total_max", "must be 1 to 1000000, or a ladder given");
  mistakes.Unless(rule.points_per_plan_max <= kPointsMax, "ballot_rule.points_per_plan_max",
                  "must be at most 1000000");
  mistakes.Unless(rule.points_ladder.size() <= kOptionsMax, "ballot_rule.points_ladder",
                  "is too long");
  for (const uint32_t points : rule.points_ladder) {
    mistakes.Unless(points > 0 && points <= kPointsMax, "ballot_rule.points_ladder",
                    "holds a number that is not 1 to 1000000");
  }
}

void CheckCountRule(const Manifest& m, Mistakes& mistakes) {
  const CountRule& rule = m.count_rule;
  mistakes.Unless(IsPlainText(rule.rule, kNameBytesMax), "count_rule.rule", "is not a rule's name");
  mistakes.Unless(rule.support_min >= 0, "count_rule.support_min", "is negative");
  mistakes.Unless(rule.support_min_basis_points <= kBasisPointsMax,
                  "count_rule.support_min_basis_points", "is above 10000");
  mistakes.Unless(IsAmount(rule.endowment_step), "count_rule.endowment_step_cents",
                  "is out of range");
  const absl::Status countable =
      tally::CheckRule(ToTally(rule, /*lot=*/{}), ToTally(m.ballot_rule.kind));
  for (const auto& [field, wrong] : FieldsOf(countable)) {
    const absl::string_view ours = field == "name"                    ? "rule"
                                   : field == "last_plan_percent_min" ? "partial_award_percent_min"
                                                                      : absl::string_view(field);
    mistakes.Unless(false, absl::StrCat("count_rule.", ours), wrong);
  }
  // Without a partial award the count would go beyond the pot, and there is no other money.
  mistakes.Unless(rule.partial_award || rule.partial_award_percent_min == 0,
                  "count_rule.partial_award_percent_min", "belongs to partial_award only");
  const std::set<TieBreak> ties(rule.tie_order.begin(), rule.tie_order.end());
  mistakes.Unless(ties.size() == rule.tie_order.size(), "count_rule.tie_order",
                  "names something twice");
}

void CheckPots(const Manifest& m, Mistakes& mistakes) {
  mistakes.Unless(!m.pots.empty() && m.pots.size() <= kPotsMax, "pots", "must be 1 to 64");
  std::set<std::pair<BudgetId, std::string>> lines;
  std::set<std::string> contests;
  for (size_t i = 0; i < m.pots.size(); ++i) {
    const PotLine& line = m.pots[i];
    const std::string at = absl::StrCat("pots[", i, "].");
    mistakes.Unless(lines.insert({line.budget_id, ContestOf(line)}).second, at + "budget_id",
                    "is given twice");
    mistakes.Unless(IsAmount(line.amount), at + "amount_cents", "is out of range");
    mistakes.Unless(line.category.empty() == m.pots[0].category.empty(), at + "category",
                    "is given for some pots and not for others");
    mistakes.Unless(line.horizon.has_value() == m.pots[0].horizon.has_value(), at + "horizon",
                    "is given for some pots and not for others");
    mistakes.Unless(line.category.empty() || !line.horizon, at + "horizon",
                    "cannot be given with a category");
    mistakes.Unless(line.category.empty() || IsPlainText(line.category, kNameBytesMax),
                    at + "category", "is not plain text");
    contests.insert(ContestOf(line));
  }
  mistakes.Unless(m.pot().cents() <= Money::kCentsMax, "pots", "are too much together");
  const bool by_horizon = !m.pots.empty() && m.pots[0].horizon.has_value();
  for (size_t i = 0; i < m.options.size(); ++i) {
    mistakes.Unless(m.pots.empty() || contests.contains(ContestOf(m.options[i], m)),
                    absl::StrCat("options[", i, "].", by_horizon ? "horizon" : "category"),
                    "has no pot");
  }
}

void CheckStations(const Manifest& m, Mistakes& mistakes) {
  mistakes.Unless(m.stations.size() <= kStationsMax, "stations", "must be at most 200");
  std::set<uint16_t> numbers;
  for (size_t i = 0; i < m.stations.size(); ++i) {
    const Station& station = m.stations[i];
    const std::string at = absl::StrCat("stations[", i, "].");
    mistakes.Unless(station.number > 0 && numbers.insert(station.number).second, at + "number",
                    "must be 1 to 65535 and not given twice");
    mistakes.Unless(IsPlainText(station.name, kNameBytesMax), at + "name", "is not plain text");
  }
}

void CheckInstants(const Manifest& m, Mistakes& mistakes) {
  const absl::Time first = absl::FromCivil(absl::CivilYear(2000), absl::UTCTimeZone());
  const absl::Time last = absl::FromCivil(absl::CivilYear(2200), absl::UTCTimeZone());
  for (const auto& [field, time] :
       {std::pair("issue_from", m.issue_from), std::pair("issue_until", m.issue_until),
        std::pair("cast_from", m.cast_from), std::pair("cast_until", m.cast_until)}) {
    mistakes.Unless(time >= first && time < last, field, "is missing or out of range");
    mistakes.Unless(absl::FromUnixMicros(absl::ToUnixMicros(time)) == time, field,
                    "is finer than a microsecond");
  }
  mistakes.Unless(m.issue_from <= m.issue_until, "issue_until", "is before issue_from");
  mistakes.Unless(m.issue_until <= m.cast_until, "issue_until", "is after cast_until");
  mistakes.Unless(m.cast_from < m.cast_until, "cast_until", "is not after cast_from");
}

}  // namespace

absl::Status Check(const Manifest& m) {
  Mistakes mistakes;
  mistakes.Unless(IsPlainText(m.title, kTitleBytesMax), "title", "is not plain text");
  mistakes.Unless(IsCurrency(m.currency), "currency", "is not an ISO 4217 code");
  CheckClasses(m, mistakes);
  CheckOptions(m, mistakes);
  CheckBallotRule(m, mistakes);
  CheckCountRule(m, mistakes);
  CheckPots(m, mistakes);
  CheckStations(m, mistakes);
  CheckInstants(m, mistakes);
  mistakes.Unless(m.k_min >= 1, "k_min", "must be at least 1");
  return mistakes.status();
}

}  // namespace smederij::ballots
