#include "services/ballots/domain/result.h"

#include <optional>

#include "services/ballots/domain/errors.h"
#include "services/ballots/tally/outcome.h"

namespace smederij::ballots {
namespace {

using crypto::ByteReader;
using crypto::ByteWriter;

constexpr absl::string_view kLabel = "smederij-result-v3";

void Text(ByteWriter& out, absl::string_view text) {
  out.U16(static_cast<uint16_t>(text.size())).Raw(text);
}
std::string Text(ByteReader& in) { return std::string(in.Raw(in.U16())); }
int64_t Signed(ByteReader& in) { return static_cast<int64_t>(in.U64()); }

void Write(ByteWriter& out, const PlanResult& plan) {
  out.Raw(plan.plan_id.uuid().bytes()).U32(plan.number).U8(static_cast<uint8_t>(plan.decision));
  out.U64(static_cast<uint64_t>(plan.award.cents())).U64(static_cast<uint64_t>(plan.support));
  Text(out, plan.reason);
  out.U16(static_cast<uint16_t>(plan.facts.size()));
  for (const auto& [name, value] : plan.facts) {
    Text(out, name);
    Text(out, value);
  }
}

PlanResult ReadPlan(ByteReader& in) {
  PlanResult plan;
  plan.plan_id = PlanId(Uuid(in.Array<16>()));
  plan.number = in.U32();
  plan.decision = static_cast<Decision>(in.U8());
  plan.award = Money::Cents(Signed(in));
  plan.support = Signed(in);
  plan.reason = Text(in);
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) {
    std::string name = Text(in);
    plan.facts.emplace_back(std::move(name), Text(in));
  }
  return plan;
}

void Write(ByteWriter& out, const Contest& contest) {
  Text(out, contest.category);
  out.U64(static_cast<uint64_t>(contest.budget.cents()));
  Text(out, contest.endowment);
  out.U64(contest.endowments).U16(static_cast<uint16_t>(contest.steps.size()));
  for (const CountStep& step : contest.steps) {
    out.U32(step.number);
    Text(out, step.price);
    out.U64(static_cast<uint64_t>(step.left.cents()));
    out.U16(static_cast<uint16_t>(step.tied.size()));
    for (const uint32_t number : step.tied) out.U32(number);
  }
}

Contest ReadContest(ByteReader& in) {
  Contest contest;
  contest.category = Text(in);
  contest.budget = Money::Cents(Signed(in));
  contest.endowment = Text(in);
  contest.endowments = in.U64();
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) {
    CountStep& step = contest.steps.emplace_back();
    step.number = in.U32();
    step.price = Text(in);
    step.left = Money::Cents(Signed(in));
    for (uint16_t tied = in.U16(); tied > 0 && in.ok(); --tied) step.tied.push_back(in.U32());
  }
  return contest;
}

}  // namespace

std::string Encode(const Result& result) {
  ByteWriter out;
  out.Raw(kLabel).Raw(result.round_id.uuid().bytes()).U32(result.version);
  out.Raw(result.manifest_hash).Raw(result.openings_digest);
  Text(out, result.rule);
  Text(out, result.currency);
  out.U8(result.demonstration ? 1 : 0);
  out.U16(static_cast<uint16_t>(result.turnout.size()));
  for (const ClassTurnout& c : result.turnout) {
    out.U16(c.class_id).U64(static_cast<uint64_t>(c.roll_size));
    for (const int64_t number : {c.issued, c.marked, c.ballots, c.paper, c.invalid, c.blank}) {
      out.U64(static_cast<uint64_t>(number));
    }
  }
  out.U16(static_cast<uint16_t>(result.plans.size()));
  for (const PlanResult& plan : result.plans) Write(out, plan);
  out.U16(static_cast<uint16_t>(result.contests.size()));
  for (const Contest& contest : result.contests) Write(out, contest);
  out.U64(static_cast<uint64_t>(result.awarded.cents()));
  out.U64(static_cast<uint64_t>(result.pot.cents()));
  return std::move(out).bytes();
}

absl::StatusOr<Result> DecodeResult(absl::string_view bytes) {
  ByteReader in(bytes);
  Result result;
  const bool labelled = in.Raw(kLabel.size()) == kLabel;
  result.round_id = RoundId(Uuid(in.Array<16>()));
  result.version = in.U32();
  result.manifest_hash = in.Array<32>();
  result.openings_digest = in.Array<32>();
  result.rule = Text(in);
  result.currency = Text(in);
  result.demonstration = in.U8() == 1;
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) {
    ClassTurnout& c = result.turnout.emplace_back();
    c.class_id = in.U16();
    c.roll_size = Signed(in);
    for (int64_t* number : {&c.issued, &c.marked, &c.ballots, &c.paper, &c.invalid, &c.blank}) {
      *number = Signed(in);
    }
  }
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) result.plans.push_back(ReadPlan(in));
  for (uint16_t left = in.U16(); left > 0 && in.ok(); --left) {
    result.contests.push_back(ReadContest(in));
  }
  result.awarded = Money::Cents(Signed(in));
  result.pot = Money::Cents(Signed(in));
  if (!labelled || !in.AtEnd() || Encode(result) != bytes) {
    return ResultUnreadable();
  }
  return result;
}

std::string SentenceOf(const PlanResult& plan, absl::string_view currency,
                       tally::Language language) {
  const std::optional<tally::Reason> reason = tally::ReasonNamed(plan.reason);
  return reason ? tally::SentenceOf(*reason, plan.facts, currency, language) : "";
}

}  // namespace smederij::ballots
