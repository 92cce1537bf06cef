#include "services/ballots/api/convert.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/crypto/note.h"
#include "services/ballots/domain/errors.h"

namespace smederij::ballots {
namespace {

namespace charter_v1 = smederij::registry::v1;

constexpr uint32_t kBatchMin = 8;

// Reads fields and collects what is wrong with their form.
class Form {
 public:
  template <class AnyId>
  AnyId Id(const std::string& text, const std::string& field) {
    const std::optional<Uuid> uuid = Uuid::Parse(text);
    if (!uuid) Wrong(field, "is not a UUID");
    return AnyId(uuid.value_or(Uuid()));
  }
  Hash Digest(const std::string& bytes, const std::string& field) {
    const std::optional<Hash> hash = crypto::ToArray<32>(bytes);
    if (!hash) Wrong(field, "is not 32 bytes long");
    return hash.value_or(Hash{});
  }
  uint16_t Small(uint32_t value, const std::string& field) {
    if (value > UINT16_MAX) Wrong(field, "is above 65535");
    return static_cast<uint16_t>(std::min<uint32_t>(value, UINT16_MAX));
  }
  absl::Time Instant(const google::protobuf::Timestamp& t, const std::string& field) {
    if (t.nanos() < 0 || t.nanos() > 999'999'999) Wrong(field, "is not an instant");
    return absl::FromUnixSeconds(t.seconds()) + absl::Nanoseconds(t.nanos());
  }
  void Wrong(const std::string& field, absl::string_view wrong) {
    mistakes.emplace_back(field, std::string(wrong));
  }

  std::vector<Fact> mistakes;
};

VoterClass FromProto(const v1::ElectionClass& c, const std::string& at, Form& form) {
  return {.class_id = form.Small(c.class_id(), at + "class_id"),
          .name = c.name(),
          .age_from = form.Small(c.age_from(), at + "age_from"),
          .age_to = form.Small(c.age_to(), at + "age_to"),
          .weight = form.Small(c.weight(), at + "weight"),
          .roll_size = c.roll_size(),
          .issuer_spki = c.issuer_spki()};
}

BallotOption FromProto(const v1::Option& o, const std::string& at, Form& form) {
  if (o.horizon() != v1::HORIZON_SHORT_STRIKE && o.horizon() != v1::HORIZON_LONG_STRIKE) {
    form.Wrong(at + "horizon", "is missing");
  }
  return {.plan_id = form.Id<PlanId>(o.plan_id(), at + "plan_id"),
          .number = o.number(),
          .title = o.title(),
          .cost = Money::Cents(o.cost_cents()),
          .horizon = static_cast<Horizon>(o.horizon()),
          .category = o.category(),
          .exclusive_group = o.exclusive_group(),
          .text_hash = form.Digest(o.text_hash(), at + "text_hash")};
}

std::optional<Horizon> HorizonOf(const v1::PotLine& line, const std::string& at, Form& form) {
  switch (line.horizon()) {
    case v1::HORIZON_UNSPECIFIED:
      return std::nullopt;
    case v1::HORIZON_SHORT_STRIKE:
      return Horizon::kShortStrike;
    case v1::HORIZON_LONG_STRIKE:
      return Horizon::kLongStrike;
    default:
      form.Wrong(at + "horizon", "is not known");
      return std::nullopt;
  }
}

BallotRule FromProto(const charter_v1::BallotRule& rule, Form& form) {
  BallotRule result;
  if (rule.kind() < charter_v1::BallotRule::KIND_APPROVAL ||
      rule.kind() > charter_v1::BallotRule::KIND_RANKING) {
    form.Wrong("ballot_rule.kind", "is missing");
  } else {
    result.kind = static_cast<BallotKind>(rule.kind());
  }
  result.choices_min = rule.choices_min();
  result.choices_max = rule.choices_max();
  result.points_total_max = rule.points_total_max();
  result.points_per_plan_max = rule.points_per_plan_max();
  result.points_ladder.assign(rule.points_ladder().begin(), rule.points_ladder().end());
  return result;
}

CountRule FromProto(const charter_v1::CountRule& rule, Form& form) {
  CountRule result;
  result.rule = rule.rule();
  result.stop_at_first_misfit = rule.stop_at_first_misfit();
  result.partial_award = rule.partial_award();
  result.partial_award_percent_min = rule.partial_award_percent_min();
  result.support_min = rule.support_min() == 0 ? 1 : rule.support_min();
  result.support_min_basis_points = rule.support_min_basis_points();
  // Absent is the default, not a step of nothing.
  if (rule.endowment_step_cents() != 0) {
    result.endowment_step = Money::Cents(rule.endowment_step_cents());
  }
  for (const int tie : rule.tie_order()) {
    if (tie < charter_v1::CountRule::TIE_BREAK_SUPPORT ||
        tie > charter_v1::CountRule::TIE_BREAK_LOT) {
      form.Wrong("count_rule.tie_order", "names nothing");
    } else {
      result.tie_order.push_back(static_cast<TieBreak>(tie));
    }
  }
  return result;
}

void Set(google::protobuf::Timestamp* out, absl::Time time) {
  const int64_t micros = absl::ToUnixMicros(time);
  out->set_seconds(micros / 1'000'000);
  out->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1'000);
}

}  // namespace

absl::StatusOr<Hash> ParseHash(const std::string& bytes, absl::string_view field) {
  const std::optional<Hash> hash = crypto::ToArray<32>(bytes);
  if (hash) return *hash;
  return Error(kInvalidArgument, "BAD_HASH", "a hash is 32 bytes long")
      .At(field, "is not 32 bytes long");
}

absl::StatusOr<Manifest> FromProto(const v1::Manifest& p, const ManifestFrame& frame) {
  Form form;
  Manifest m;
  m.round_id = form.Id<RoundId>(p.round_id(), "round_id");
  m.municipality_id = form.Id<MunicipalityId>(p.municipality_id(), "municipality_id");
  m.district_id = form.Id<DistrictId>(p.district_id(), "district_id");
  m.title = p.title();
  m.currency = p.currency();
  m.charter_hash = form.Digest(p.charter_hash(), "charter_hash");
  for (int i = 0; i < p.classes_size(); ++i) {
    m.classes.push_back(FromProto(p.classes(i), absl::StrCat("classes[", i, "]."), form));
  }
  for (int i = 0; i < p.options_size(); ++i) {
    m.options.push_back(FromProto(p.options(i), absl::StrCat("options[", i, "]."), form));
  }
  m.ballot_rule = FromProto(p.ballot_rule(), form);
  m.count_rule = FromProto(p.count_rule(), form);
  m.plan_cost_max = Money::Cents(p.plan_cost_cents_max());
  for (int i = 0; i < p.pots_size(); ++i) {
    const v1::PotLine& line = p.pots(i);
    const std::string at = absl::StrCat("pots[", i, "].");
    m.pots.push_back({.budget_id = form.Id<BudgetId>(line.budget_id(), at + "budget_id"),
                      .amount = Money::Cents(line.amount_cents()),
                      .entry_hash = form.Digest(line.entry_hash(), at + "entry_hash"),
                      .category = line.category(),
                      .horizon = HorizonOf(line, at, form)});
  }
  for (int i = 0; i < p.stations_size(); ++i) {
    m.stations.push_back(
        {.number = form.Small(p.stations(i).number(), absl::StrCat("stations[", i, "].number")),
         .name = p.stations(i).name()});
  }
  m.issue_from = form.Instant(p.issue_from(), "issue_from");
  m.issue_until = form.Instant(p.issue_until(), "issue_until");
  m.cast_from = form.Instant(p.cast_from(), "cast_from");
  m.cast_until = form.Instant(p.cast_until(), "cast_until");
  m.k_min = p.k_min();
  m.demonstration = p.demonstration();

  m.origin = absl::StrCat(frame.host, "/ballots/", m.round_id.ToString());
  m.log_verifier_key = crypto::NoteSigner(m.origin, frame.checkpoint_key).VerifierKey();
  m.receipt_key = frame.receipt_key;
  m.batch_min = m.demonstration ? 1 : kBatchMin;
  m.software = frame.software;

  std::vector<Fact> mistakes = std::move(form.mistakes);
  for (Fact& fact : FieldsOf(Check(m))) mistakes.push_back(std::move(fact));
  if (!mistakes.empty()) {
    Error refusal = BadManifest();
    for (const auto& [field, wrong] : mistakes) refusal = std::move(refusal).At(field, wrong);
    return refusal;
  }
  Normalise(m);
  return m;
}

v1::Manifest ToProto(const Manifest& m) {
  v1::Manifest p;
  p.set_round_id(m.round_id.ToString());
  p.set_municipality_id(m.municipality_id.ToString());
  p.set_district_id(m.district_id.ToString());
  p.set_title(m.title);
  p.set_currency(m.currency);
  p.set_charter_hash(crypto::ToBytes(m.charter_hash));
  for (const VoterClass& c : m.classes) {
    v1::ElectionClass& out = *p.add_classes();
    out.set_class_id(c.class_id);
    out.set_name(c.name);
    out.set_age_from(c.age_from);
    out.set_age_to(c.age_to);
    out.set_weight(c.weight);
    out.set_roll_size(c.roll_size);
    out.set_issuer_spki(c.issuer_spki);
  }
  for (const BallotOption& o : m.options) {
    v1::Option& out = *p.add_options();
    out.set_plan_id(o.plan_id.ToString());
    out.set_number(o.number);
    out.set_title(o.title);
    out.set_cost_cents(o.cost.cents());
    out.set_category(o.category);
    out.set_exclusive_group(o.exclusive_group);
    out.set_text_hash(crypto::ToBytes(o.text_hash));
    out.set_horizon(static_cast<v1::Horizon>(o.horizon));
  }
  charter_v1::BallotRule& ballot = *p.mutable_ballot_rule();
  ballot.set_kind(static_cast<charter_v1::BallotRule::Kind>(m.ballot_rule.kind));
  ballot.set_choices_min(m.ballot_rule.choices_min);
  ballot.set_choices_max(m.ballot_rule.choices_max);
  ballot.set_points_total_max(m.ballot_rule.points_total_max);
  ballot.set_points_per_plan_max(m.ballot_rule.points_per_plan_max);
  for (const uint32_t points : m.ballot_rule.points_ladder) ballot.add_points_ladder(points);
  charter_v1::CountRule& count = *p.mutable_count_rule();
  count.set_rule(m.count_rule.rule);
  count.set_stop_at_first_misfit(m.count_rule.stop_at_first_misfit);
  count.set_partial_award(m.count_rule.partial_award);
  count.set_support_min(m.count_rule.support_min);
  count.set_partial_award_percent_min(m.count_rule.partial_award_percent_min);
  count.set_support_min_basis_points(m.count_rule.support_min_basis_points);
  count.set_endowment_step_cents(m.count_rule.endowment_step.cents());
  for (const TieBreak tie : m.count_rule.tie_order) {
    count.add_tie_order(static_cast<charter_v1::CountRule::TieBreak>(tie));
  }
  for (const PotLine& line : m.pots) {
    v1::PotLine& out = *p.add_pots();
    out.set_budget_id(line.budget_id.ToString());
    out.set_amount_cents(line.amount.cents());
    out.set_entry_hash(crypto::ToBytes(line.entry_hash));
    out.set_category(line.category);
    if (line.horizon) out.set_horizon(static_cast<v1::Horizon>(*line.horizon));
  }
  for (const Station& station : m.stations) {
    v1::ManifestStation& out = *p.add_stations();
    out.set_number(station.number);
    out.set_name(station.name);
  }
  Set(p.mutable_issue_from(), m.issue_from);
  Set(p.mutable_issue_until(), m.issue_until);
  Set(p.mutable_cast_from(), m.cast_from);
  Set(p.mutable_cast_until(), m.cast_until);
  p.set_k_min(m.k_min);
  p.set_demonstration(m.demonstration);
  p.set_plan_cost_cents_max(m.plan_cost_max.cents());
  p.set_origin(m.origin);
  p.set_log_verifier_key(m.log_verifier_key);
  p.set_receipt_key(crypto::ToBytes(m.receipt_key));
  p.set_batch_min(m.batch_min);
  p.set_witness_quorum(m.witness_quorum);
  p.set_software(m.software);
  return p;
}

v1::Contest ToProto(const Contest& contest) {
  v1::Contest p;
  p.set_category(contest.category);
  p.set_budget_cents(contest.budget.cents());
  p.set_endowment(contest.endowment);
  p.set_endowments(contest.endowments);
  for (const CountStep& step : contest.steps) {
    v1::CountStep& out = *p.add_steps();
    out.set_number(step.number);
    out.set_price(step.price);
    out.set_left_cents(step.left.cents());
    out.mutable_tied()->Add(step.tied.begin(), step.tied.end());
  }
  return p;
}

v1::Result ToProto(const Result& result, const Hash& result_hash) {
  v1::Result p;
  p.set_round_id(result.round_id.ToString());
  p.set_version(result.version);
  p.set_result_hash(crypto::ToBytes(result_hash));
  for (const ClassTurnout& c : result.turnout) {
    v1::ClassTurnout& out = *p.add_turnout();
    out.set_class_id(c.class_id);
    out.set_roll_size(c.roll_size);
    out.set_issued(c.issued);
    out.set_marked(c.marked);
    out.set_ballots(c.ballots);
    out.set_paper(c.paper);
    out.set_invalid(c.invalid);
    out.set_blank(c.blank);
  }
  for (const PlanResult& plan : result.plans) {
    v1::PlanResult& out = *p.add_plans();
    out.set_plan_id(plan.plan_id.ToString());
    out.set_number(plan.number);
    out.set_decision(static_cast<v1::PlanResult::Decision>(plan.decision));
    out.set_award_cents(plan.award.cents());
    out.set_support(plan.support);
    out.set_reason(plan.reason);
    for (const auto& [name, value] : plan.facts) (*out.mutable_facts())[name] = value;
    out.set_sentence(SentenceOf(plan, result.currency, tally::Language::kEnglish));
    out.set_sentence_nl(SentenceOf(plan, result.currency, tally::Language::kDutch));
  }
  for (const Contest& contest : result.contests) *p.add_contests() = ToProto(contest);
  p.set_awarded_cents(result.awarded.cents());
  p.set_pot_cents(result.pot.cents());
  p.set_demonstration(result.demonstration);
  p.set_rule(result.rule);
  p.set_result_bytes(Encode(result));
  return p;
}

absl::StatusOr<v1::Tally> ToProto(const Tally& tally, size_t certifications) {
  v1::Tally p;
  p.set_round_id(tally.round_id.ToString());
  p.set_version(static_cast<uint32_t>(tally.version));
  p.set_state(static_cast<v1::Tally::State>(tally.state));
  if (!tally.result.empty()) {
    ASSIGN_OR_RETURN(const Result result, DecodeResult(tally.result));
    p.set_result_hash(crypto::ToBytes(tally.result_hash));
    *p.mutable_result() = ToProto(result, tally.result_hash);
  }
  for (const std::string& imbalance : tally.imbalances) p.add_imbalances(imbalance);
  p.set_failure(tally.failure);
  p.set_certifications(static_cast<uint32_t>(certifications));
  return p;
}

v1::Result ToPublic(const Result& result, const Hash& result_hash, uint32_t k_min) {
  v1::Result p = ToProto(result, result_hash);
  for (v1::ClassTurnout& c : *p.mutable_turnout()) {
    if (c.ballots() >= k_min) continue;
    c.set_withheld(true);
    c.clear_ballots();
    c.clear_paper();
    c.clear_blank();
  }
  return p;
}

}  // namespace smederij::ballots
