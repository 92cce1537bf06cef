#include "services/registry/api/convert.h"

#include "common/base/status_macros.h"
#include "common/crypto/bytes.h"
#include "services/registry/domain/day.h"

namespace smederij::registry {
namespace {

// A number this build does not know is as good as none.
BallotKind KindOf(v1::BallotRule::Kind kind) {
  return v1::BallotRule::Kind_IsValid(kind) ? static_cast<BallotKind>(kind)
                                            : BallotKind::kUnspecified;
}
TieBreak TieOf(int tie) {
  return v1::CountRule::TieBreak_IsValid(tie) ? static_cast<TieBreak>(tie) : TieBreak::kUnspecified;
}

static_assert(static_cast<int>(BallotKind::kApproval) == v1::BallotRule::KIND_APPROVAL);
static_assert(static_cast<int>(BallotKind::kChooseOne) == v1::BallotRule::KIND_CHOOSE_ONE);
static_assert(static_cast<int>(BallotKind::kKnapsack) == v1::BallotRule::KIND_KNAPSACK);
static_assert(static_cast<int>(BallotKind::kPoints) == v1::BallotRule::KIND_POINTS);
static_assert(static_cast<int>(BallotKind::kRanking) == v1::BallotRule::KIND_RANKING);
static_assert(static_cast<int>(TieBreak::kSupport) == v1::CountRule::TIE_BREAK_SUPPORT);
static_assert(static_cast<int>(TieBreak::kCost) == v1::CountRule::TIE_BREAK_COST);
static_assert(static_cast<int>(TieBreak::kNumber) == v1::CountRule::TIE_BREAK_NUMBER);
static_assert(static_cast<int>(TieBreak::kLot) == v1::CountRule::TIE_BREAK_LOT);
static_assert(static_cast<int>(RollState::kRunning) == v1::Roll::STATE_RUNNING);
static_assert(static_cast<int>(RollState::kOpen) == v1::Roll::STATE_OPEN);
static_assert(static_cast<int>(RollState::kClosed) == v1::Roll::STATE_CLOSED);
static_assert(static_cast<int>(RollState::kFailed) == v1::Roll::STATE_FAILED);

template <class Classes>
std::vector<VotingClass> ClassesFrom(const Classes& classes) {
  std::vector<VotingClass> out;
  for (const v1::VotingClass& one : classes) {
    out.push_back({.class_id = one.class_id(),
                   .name = one.name(),
                   .age_from = one.age_from(),
                   .age_to = one.age_to(),
                   .weight = one.weight()});
  }
  return out;
}

void Fill(const BallotRule& rule, v1::BallotRule& out) {
  out.set_kind(static_cast<v1::BallotRule::Kind>(rule.kind));
  out.set_choices_min(rule.choices_min);
  out.set_choices_max(rule.choices_max);
  out.set_points_total_max(rule.points_total_max);
  out.set_points_per_plan_max(rule.points_per_plan_max);
  for (const uint32_t step : rule.points_ladder) out.add_points_ladder(step);
}

void Fill(const CountRule& rule, v1::CountRule& out) {
  out.set_rule(rule.rule);
  out.set_stop_at_first_misfit(rule.stop_at_first_misfit);
  out.set_partial_award(rule.partial_award);
  out.set_support_min(rule.support_min);
  out.set_support_min_basis_points(rule.support_min_basis_points);
  out.set_endowment_step_cents(rule.endowment_step_cents);
  for (const TieBreak tie : rule.tie_order) {
    out.add_tie_order(static_cast<v1::CountRule::TieBreak>(tie));
  }
  out.set_partial_award_percent_min(rule.partial_award_percent_min);
}

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) {
  google::protobuf::Timestamp out;
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return out;
}

std::optional<absl::Time> FromProto(const google::protobuf::Timestamp& timestamp) {
  constexpr int64_t kSecondsMax = 253'402'300'799;  // The end of 9999.
  if (timestamp.seconds() <= 0 || timestamp.seconds() > kSecondsMax) return std::nullopt;
  if (timestamp.nanos() < 0 || timestamp.nanos() > 999'999'999) return std::nullopt;
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Microseconds(timestamp.nanos() / 1000);
}

v1::Municipality ToProto(const Municipality& municipality) {
  v1::Municipality out;
  out.set_municipality_id(municipality.id.ToString());
  out.set_name(municipality.name);
  return out;
}

v1::District ToProto(const District& district) {
  v1::District out;
  out.set_district_id(district.id.ToString());
  out.set_municipality_id(district.municipality.ToString());
  out.set_slug(district.slug);
  out.set_name(district.name);
  for (const std::string& postcode : district.postcodes) out.add_postcodes(postcode);
  return out;
}

Charter FromProto(const v1::Charter& charter) {
  Charter out{
      .classes = ClassesFrom(charter.classes()),
      .ballot_rule = {.kind = KindOf(charter.ballot_rule().kind()),
                      .choices_min = charter.ballot_rule().choices_min(),
                      .choices_max = charter.ballot_rule().choices_max(),
                      .points_total_max = charter.ballot_rule().points_total_max(),
                      .points_per_plan_max = charter.ballot_rule().points_per_plan_max()},
      .count_rule = {.rule = charter.count_rule().rule(),
                     .stop_at_first_misfit = charter.count_rule().stop_at_first_misfit(),
                     .partial_award = charter.count_rule().partial_award(),
                     .support_min = charter.count_rule().support_min(),
                     .support_min_basis_points = charter.count_rule().support_min_basis_points(),
                     .endowment_step_cents = charter.count_rule().endowment_step_cents()},
      .plan_cost_cents_max = charter.plan_cost_cents_max(),
      .k_min = charter.k_min()};
  const auto& ladder = charter.ballot_rule().points_ladder();
  out.ballot_rule.points_ladder.assign(ladder.begin(), ladder.end());
  out.count_rule.partial_award_percent_min = charter.count_rule().partial_award_percent_min();
  for (const int tie : charter.count_rule().tie_order()) {
    out.count_rule.tie_order.push_back(TieOf(tie));
  }
  for (const v1::Criterion& criterion : charter.criteria()) {
    out.criteria.push_back({.criterion_id = criterion.criterion_id(), .text = criterion.text()});
  }
  return out;
}

v1::Charter ToProto(const PublishedCharter& published) {
  const Charter& charter = published.charter;
  v1::Charter out;
  out.set_charter_id(published.id.ToString());
  out.set_district_id(published.district.ToString());
  out.set_version(published.version);
  for (const VotingClass& one : charter.classes) {
    v1::VotingClass& added = *out.add_classes();
    added.set_class_id(one.class_id);
    added.set_name(one.name);
    added.set_age_from(one.age_from);
    added.set_age_to(one.age_to);
    added.set_weight(one.weight);
  }
  Fill(charter.ballot_rule, *out.mutable_ballot_rule());
  Fill(charter.count_rule, *out.mutable_count_rule());
  for (const Criterion& criterion : charter.criteria) {
    v1::Criterion& added = *out.add_criteria();
    added.set_criterion_id(criterion.criterion_id);
    added.set_text(criterion.text);
  }
  out.set_plan_cost_cents_max(charter.plan_cost_cents_max);
  out.set_k_min(charter.k_min);
  out.set_charter_hash(crypto::ToBytes(published.hash));
  *out.mutable_publish_time() = ToProto(published.published_at);
  return out;
}

v1::RoleGrant ToProto(const RoleGrant& grant) {
  v1::RoleGrant out;
  out.set_grant_id(grant.id.ToString());
  out.set_subject_id(grant.person.ToString());
  out.set_role(static_cast<policy::v1::Role>(grant.role));
  if (grant.district) out.set_district_id(grant.district->ToString());
  out.set_limit_cents(grant.limit_cents);
  *out.mutable_grant_time() = ToProto(grant.granted_at);
  if (grant.revoked_at) *out.mutable_revoke_time() = ToProto(*grant.revoked_at);
  return out;
}

absl::StatusOr<RollOpening> FromProto(const v1::OpenRollRequest& request) {
  RollOpening opening;
  ASSIGN_OR_RETURN(opening.round, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(opening.district, ParseId<DistrictId>(request.district_id(), "district_id"));
  Mistakes mistakes;
  if (const auto day = ParseDay(request.reference_date())) {
    opening.reference_date = *day;
  } else {
    mistakes.Add("reference_date", "must be a day that exists, as 2026-05-01");
  }
  const auto from = FromProto(request.issue_from());
  const auto until = FromProto(request.issue_until());
  mistakes.AddIf(!from, "issue_from", "must be given, before the year 10000");
  mistakes.AddIf(!until, "issue_until", "must be given, before the year 10000");
  opening.issue_from = from.value_or(absl::UnixEpoch());
  opening.issue_until = until.value_or(opening.issue_from);
  opening.classes = ClassesFrom(request.classes());
  opening.k_min = request.k_min() == 0 ? kDefaultKMin : request.k_min();
  CheckOpening(opening, mistakes);
  RETURN_IF_ERROR(mistakes.status("BAD_ROLL", "the roll asked for has mistakes"));
  for (const v1::Station& station : request.stations()) {
    opening.stations.push_back(
        {.number = station.number(),
         .name = station.name(),
         .postcodes = {station.postcodes().begin(), station.postcodes().end()}});
  }
  RETURN_IF_ERROR(Normalize(opening.stations));
  return opening;
}

v1::Roll ToProto(const Roll& roll, const std::vector<RollClass>& classes,
                 const std::vector<Station>& stations) {
  v1::Roll out;
  out.set_round_id(roll.round.ToString());
  out.set_state(static_cast<v1::Roll::State>(roll.state));
  for (const RollClass& one : classes) {
    v1::RollClass& added = *out.add_classes();
    added.set_class_id(one.rule.class_id);
    added.set_size(one.size);
    if (one.issuer_spki) added.set_issuer_spki(one.issuer_spki->value);
    if (one.issuer_key_id) added.set_issuer_key_id(crypto::ToBytes(*one.issuer_key_id));
  }
  *out.mutable_issue_from() = ToProto(roll.issue_from);
  *out.mutable_issue_until() = ToProto(roll.issue_until);
  if (roll.manifest_hash) out.set_manifest_hash(crypto::ToBytes(*roll.manifest_hash));
  out.set_failure(roll.failure);
  out.set_district_id(roll.district.ToString());
  out.set_reference_date(ToText(roll.reference_date));
  for (const Station& station : stations) {
    v1::Station& added = *out.add_stations();
    added.set_number(station.number);
    added.set_name(station.name);
    for (const std::string& postcode : station.postcodes) added.add_postcodes(postcode);
  }
  return out;
}

v1::Issuance ToIssuance(RoundId round, const std::vector<RollClass>& classes,
                        const std::vector<StationCount>& stations) {
  v1::Issuance out;
  out.set_round_id(round.ToString());
  for (const RollClass& one : classes) {
    v1::Issuance::ClassCount& added = *out.add_classes();
    added.set_class_id(one.rule.class_id);
    added.set_roll_size(one.size);
    added.set_issued(one.issued.value_or(0));
  }
  for (const StationCount& one : stations) {
    v1::Issuance::StationCount& added = *out.add_stations();
    added.set_station(one.station);
    added.set_class_id(one.class_id);
    added.set_marked(one.marked);
    added.set_spoiled(one.spoiled);
    added.set_taken_home(one.taken_home);
  }
  return out;
}

v1::Participation ToProto(RoundId round, const std::vector<Band>& bands,
                          const PublishedParticipation& published) {
  v1::Participation out;
  out.set_round_id(round.ToString());
  for (size_t i = 0; i < bands.size(); ++i) {
    v1::Participation::Band& added = *out.add_bands();
    added.set_class_id(bands[i].class_id);
    added.set_age_from(bands[i].age_from);
    added.set_age_to(bands[i].age_to);
    added.set_roll_size(bands[i].roll_size);
    const PublishedCount& count = published.bands[i];
    if (count.took_part) added.set_took_part(*count.took_part);
    if (count.first_time) added.set_first_time(*count.first_time);
  }
  if (published.total.took_part) out.set_took_part(*published.total.took_part);
  if (published.total.first_time) out.set_first_time(*published.total.first_time);
  return out;
}

absl::StatusOr<std::optional<DistrictId>> OptionalDistrict(absl::string_view text,
                                                           absl::string_view field) {
  if (text.empty()) return std::optional<DistrictId>();
  ASSIGN_OR_RETURN(const DistrictId id, ParseId<DistrictId>(text, field));
  return std::optional<DistrictId>(id);
}

}  // namespace smederij::registry
