#include "services/ledger/api/convert.h"

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/rpc/auth.h"
#include "services/ledger/api/text.h"
#include "services/ledger/domain/errors.h"

namespace smederij::ledger {
namespace {

constexpr size_t kNameMax = 60;
constexpr int kLinesMax = 1000, kEarmarkedMax = 100;
constexpr int32_t kYearMin = 2000, kYearMax = 2999;

// Lower case letters, digits and single hyphens between them.
absl::StatusOr<std::string> ParseName(const std::string& text, absl::string_view field) {
  char before = '-';
  bool fits = !text.empty() && text.size() <= kNameMax;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    fits &= absl::ascii_islower(u) || absl::ascii_isdigit(u) || (c == '-' && before != '-');
    before = c;
  }
  if (!fits || before == '-') {
    return BadText(field, "must be 1 to 60 lower case letters, digits and single hyphens");
  }
  return text;
}

absl::StatusOr<std::string> ParseDecision(const std::string& text) {
  return ParseLine(text, "decision_ref", kReferenceMax);
}

absl::StatusOr<std::string> ParseCurrency(const std::string& text) {
  bool fits = text.size() == 3;
  for (const char c : text) fits &= absl::ascii_isupper(static_cast<unsigned char>(c)) != 0;
  if (!fits) return BadText("currency", "must be three capital letters");
  return text;
}

absl::StatusOr<Condition> ParseCondition(const v1::Condition& proto) {
  Condition condition;
  if (proto.plan_ids().empty() == proto.category().empty() ||
      proto.plan_ids_size() > kEarmarkedMax) {
    return OutOfRange("condition.plan_ids", "must be 1 to 100, or none and a category");
  }
  std::set<PlanId> seen;
  for (int i = 0; i < proto.plan_ids_size(); ++i) {
    const std::string at = absl::StrCat("condition.plan_ids[", i, "]");
    ASSIGN_OR_RETURN(const auto plan, ParseId<PlanId>(proto.plan_ids(i), at));
    if (!seen.insert(plan).second) return OutOfRange(at, "is named before");
    condition.plans.push_back(plan);
  }
  if (!proto.category().empty()) {
    ASSIGN_OR_RETURN(condition.category, ParseName(proto.category(), "condition.category"));
  }
  ASSIGN_OR_RETURN(condition.deadline, ParseDay(proto.deadline(), "condition.deadline"));
  return condition;
}

std::string ActorOf(const rpc::Call& call) {
  std::string actor = CallerOf(call);
  if (call.caller.service && call.caller.on_behalf_of) {
    absl::StrAppend(&actor, "/person:", call.caller.on_behalf_of->ToString());
  }
  return actor;
}

v1::AccountBalance BalanceOf(int64_t no, const AccountKey& key, Money balance) {
  v1::AccountBalance proto;
  proto.set_account_no(no);
  proto.set_kind(static_cast<v1::AccountKind>(key.kind));
  proto.set_reference(key.reference);
  proto.set_balance_cents(balance.cents());
  return proto;
}

void Collect(const Entry& entry, std::map<int64_t, v1::AccountBalance>& balances) {
  for (const Posting& p : entry.postings) {
    balances[p.from_no] = BalanceOf(p.from_no, p.from, p.from_balance);
    balances[p.to_no] = BalanceOf(p.to_no, p.to, p.to_balance);
  }
}

}  // namespace

absl::StatusOr<Command> CommandOf(const rpc::Call& call, const std::string& request_id) {
  Command command;
  ASSIGN_OR_RETURN(command.request, ParseId<RequestId>(request_id, "request_id"));
  command.actor = ActorOf(call);
  command.person = call.caller.subject;
  return command;
}

void SetTime(absl::Time time, google::protobuf::Timestamp* proto) {
  const int64_t micros = absl::ToUnixMicros(time);
  proto->set_seconds(micros / 1'000'000);
  proto->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

std::string BytesOf(const Hash& hash) {
  return std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
}

std::string CallerOf(const rpc::Call& call) {
  if (call.caller.service) return absl::StrCat("service:", rpc::NameOf(*call.caller.service));
  return absl::StrCat("person:", call.caller.subject.ToString());
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::OpenBudgetRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  OpenBudget open;
  open.municipality = call.caller.municipality;
  ASSIGN_OR_RETURN(open.district, ParseId<DistrictId>(request.district_id(), "district_id"));
  ASSIGN_OR_RETURN(open.fund, ParseName(request.fund(), "fund"));
  if (request.fiscal_year() < kYearMin || request.fiscal_year() > kYearMax) {
    return OutOfRange("fiscal_year", "must be 2000 to 2999");
  }
  open.fiscal_year = request.fiscal_year();
  ASSIGN_OR_RETURN(open.currency, ParseCurrency(request.currency()));
  if (request.has_condition()) {
    ASSIGN_OR_RETURN(open.condition, ParseCondition(request.condition()));
  }
  command.what = std::move(open);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::AppropriateRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  Appropriate appropriate;
  ASSIGN_OR_RETURN(appropriate.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(appropriate.source, ParseName(request.source(), "source"));
  ASSIGN_OR_RETURN(appropriate.amount, ParseAmount(request.amount_cents(), "amount_cents"));
  ASSIGN_OR_RETURN(appropriate.decision_ref, ParseDecision(request.decision_ref()));
  ASSIGN_OR_RETURN(command.effective, ParseEffectiveDate(request.effective_date()));
  command.what = std::move(appropriate);
  return command;
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::HoldPotRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  HoldPot hold;
  ASSIGN_OR_RETURN(hold.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(hold.round, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(hold.amount, ParseAmount(request.amount_cents(), "amount_cents"));
  ASSIGN_OR_RETURN(hold.decision_ref, ParseDecision(request.decision_ref()));
  command.what = std::move(hold);
  return command;
}

namespace {

// What awards come to; a plan that gets nothing after all has 0.
absl::StatusOr<Money> ParseAward(int64_t cents, const std::string& field, bool may_be_none) {
  if (cents == 0 && may_be_none) return Money();
  return ParseAmount(cents, field);
}

// Those that replace may name plans that get nothing after all.
template <class What, class Request>
absl::StatusOr<Command> ParseAwards(const rpc::Call& call, const Request& request, bool replaces) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  What awards;
  ASSIGN_OR_RETURN(awards.round, ParseId<RoundId>(request.round_id(), "round_id"));
  if (request.award_version() < 1 || request.award_version() > INT32_MAX) {
    return OutOfRange("award_version", "counts up from 1");
  }
  awards.version = static_cast<int32_t>(request.award_version());
  if (request.lines().empty() || request.lines_size() > kLinesMax) {
    return OutOfRange("lines", "must be 1 to 1000");
  }
  std::set<std::pair<BudgetId, PlanId>> seen;
  for (int i = 0; i < request.lines_size(); ++i) {
    const v1::ReserveAwardsRequest::Line& line = request.lines(i);
    const std::string at = absl::StrCat("lines[", i, "].");
    AwardLine award;
    ASSIGN_OR_RETURN(award.plan, ParseId<PlanId>(line.plan_id(), at + "plan_id"));
    ASSIGN_OR_RETURN(award.budget, ParseId<BudgetId>(line.budget_id(), at + "budget_id"));
    ASSIGN_OR_RETURN(award.amount, ParseAward(line.amount_cents(), at + "amount_cents", replaces));
    if (!line.category().empty()) {
      ASSIGN_OR_RETURN(award.category, ParseName(line.category(), at + "category"));
    }
    if (!seen.insert({award.budget, award.plan}).second) {
      return PlanTwice(award.plan, award.budget).At(at + "plan_id", "has a line of this budget");
    }
    awards.lines.push_back(std::move(award));
  }
  command.what = std::move(awards);
  return command;
}

}  // namespace

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReserveAwardsRequest& request) {
  return ParseAwards<ReserveAwards>(call, request, /*replaces=*/false);
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::AdjustAwardsRequest& request) {
  return ParseAwards<AdjustAwards>(call, request, /*replaces=*/true);
}

absl::StatusOr<Command> Parse(const rpc::Call& call, const v1::ReleasePotRequest& request) {
  ASSIGN_OR_RETURN(Command command, CommandOf(call, request.request_id()));
  ReleasePot release;
  ASSIGN_OR_RETURN(release.budget, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(release.round, ParseId<RoundId>(request.round_id(), "round_id"));
  command.what = release;
  return command;
}

absl::Status NegativeSeq() { return OutOfRange("as_of_seq", "must not be negative"); }

v1::Budget ToProto(const Budget& opened) {
  v1::Budget proto;
  proto.set_budget_id(opened.id.ToString());
  proto.set_municipality_id(opened.municipality.ToString());
  proto.set_district_id(opened.district.ToString());
  proto.set_fund(opened.fund);
  proto.set_fiscal_year(opened.fiscal_year);
  proto.set_currency(opened.currency);
  proto.set_opening(CanonicalOpening(opened));
  proto.set_head_hash(BytesOf(OpeningHash(proto.opening())));
  SetTime(opened.opened_at, proto.mutable_open_time());
  proto.set_closed(opened.state != Budget::State::kOpen);
  proto.set_state(static_cast<v1::Budget::State>(opened.state));
  if (opened.condition) {
    v1::Condition& condition = *proto.mutable_condition();
    for (const PlanId plan : opened.condition->plans) condition.add_plan_ids(plan.ToString());
    condition.set_category(opened.condition->category);
    condition.set_deadline(absl::FormatCivilTime(opened.condition->deadline));
  }
  return proto;
}

v1::Budget ToProto(const BudgetState& state) {
  v1::Budget proto = ToProto(state.row.budget);
  proto.set_opening(state.row.opening.value);
  proto.set_available_cents(state.available.cents());
  proto.set_appropriated_cents(state.head.appropriated.cents());
  proto.set_head_seq(state.head.seq);
  proto.set_head_hash(BytesOf(state.head.hash));
  proto.set_frozen(state.frozen);
  proto.set_verified_seq(state.verified_seq.value_or(0));
  if (state.verified_at) SetTime(*state.verified_at, proto.mutable_verify_time());
  return proto;
}

v1::Verification ToProto(const Verification& verification) {
  v1::Verification proto;
  proto.set_budget_id(verification.budget.ToString());
  proto.set_seq(verification.seq);
  if (verification.begun_at) SetTime(*verification.begun_at, proto.mutable_verify_time());
  for (const StoredFinding& stored : verification.findings) {
    v1::Verification::Finding* const finding = proto.add_findings();
    finding->set_seq(stored.finding.seq);
    finding->set_sentence(stored.finding.what);
    SetTime(stored.found_at, finding->mutable_find_time());
    finding->set_whole_ledger(stored.finding.budget == BudgetId());
  }
  // Whoever asked again waits for the new walk, whatever the last one found.
  const bool pending = verification.requested || !verification.begun_at;
  proto.set_state(pending                         ? v1::Verification::STATE_PENDING
                  : verification.findings.empty() ? v1::Verification::STATE_SOUND
                                                  : v1::Verification::STATE_BROKEN);
  return proto;
}

v1::AccountBalance ToProto(const Account& account) {
  return BalanceOf(account.no, account.key, account.balance());
}

v1::Entry ToProto(const StoredEntry& stored) {
  const Entry& entry = stored.entry;
  v1::Entry proto;
  proto.set_seq(entry.seq);
  proto.set_type(static_cast<v1::EntryType>(entry.type));
  SetTime(entry.recorded_at, proto.mutable_record_time());
  proto.set_actor(entry.actor);
  proto.set_decision_ref(entry.decision_ref);
  for (const Posting& p : entry.postings) {
    v1::Posting* const posting = proto.add_postings();
    posting->set_from_account_no(p.from_no);
    posting->set_to_account_no(p.to_no);
    posting->set_amount_cents(p.amount.cents());
    posting->set_from_balance_cents(p.from_balance.cents());
    posting->set_to_balance_cents(p.to_balance.cents());
  }
  proto.set_prev_hash(BytesOf(entry.prev_hash));
  proto.set_entry_hash(BytesOf(entry.hash));
  proto.set_canonical(stored.canonical);
  proto.set_period_no(entry.period_no);
  if (!entry.link.nil()) proto.set_link_id(entry.link.ToString());
  if (entry.record) proto.set_record_hash(BytesOf(*entry.record));
  proto.set_reverses_seq(entry.reverses_seq);
  proto.set_approver(entry.approver);
  proto.set_vat_cents(stored.vat.cents());
  proto.set_taakveld(stored.taakveld);
  proto.set_category(stored.category);
  if (entry.effective) proto.set_effective_date(absl::FormatCivilTime(*entry.effective));
  return proto;
}

v1::Posted PostedOf(const Entry& entry) {
  v1::Posted posted;
  posted.set_budget_id(entry.budget.ToString());
  posted.set_seq(entry.seq);
  posted.set_entry_hash(BytesOf(entry.hash));
  std::map<int64_t, v1::AccountBalance> balances;
  Collect(entry, balances);
  for (auto& [no, balance] : balances) *posted.add_balances() = std::move(balance);
  return posted;
}

std::vector<v1::AccountBalance> AccountsIn(const std::vector<StoredEntry>& entries) {
  std::map<int64_t, v1::AccountBalance> balances;
  for (const StoredEntry& stored : entries) Collect(stored.entry, balances);
  std::vector<v1::AccountBalance> accounts;
  for (auto& [no, balance] : balances) accounts.push_back(std::move(balance));
  return accounts;
}

}  // namespace smederij::ledger
