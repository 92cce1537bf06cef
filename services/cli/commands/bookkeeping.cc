#include "services/cli/commands/bookkeeping.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/acting.h"
#include "smederij/ledger/v1/books.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Books = v1::BooksService::Stub;

constexpr int kPage = 500;

struct Options : Acting {
  std::string budget, to, reversal, reason, closing, hash, handover, decision, rest, effective_date;
  std::vector<std::string> plans;
  int64_t seq = 0;
  int period = 0, rate = 0;
  bool unmet = false, back = false;
};

absl::Status Propose(const Options& options) {
  v1::ProposeReversalRequest request;
  request.set_budget_id(options.budget);
  request.set_seq(options.seq);
  request.set_reason(options.reason);
  return Act(options, &Books::ProposeReversal, std::move(request));
}

absl::Status Decide(const Options& options, bool accept) {
  v1::DecideReversalRequest request;
  request.set_budget_id(options.budget);
  request.set_reversal_id(options.reversal);
  request.set_accept(accept);
  return Act(options, &Books::DecideReversal, std::move(request));
}
absl::Status Accept(const Options& options) { return Decide(options, true); }
absl::Status RefuseIt(const Options& options) { return Decide(options, false); }

absl::Status List(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
  v1::ListReversalsRequest request;
  request.set_budget_id(options.budget);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListReversalsResponse page,
                     deployment.ledger.Call(&Books::ListReversals, request, token));
    for (const v1::Reversal& reversal : page.reversals()) Print(reversal, options.json);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::Status ProposeClosing(const Options& options) {
  v1::ProposeClosingRequest request;
  request.set_budget_id(options.budget);
  request.set_period_no(options.period);
  request.set_expected_seq(options.seq);
  request.set_trial_balance_hash(absl::HexStringToBytes(options.hash));
  return Act(options, &Books::ProposeClosing, std::move(request));
}

absl::Status DecideClosing(const Options& options, bool accept) {
  v1::DecideClosingRequest request;
  request.set_budget_id(options.budget);
  request.set_closing_id(options.closing);
  request.set_accept(accept);
  if (accept) request.set_trial_balance_hash(absl::HexStringToBytes(options.hash));
  return Act(options, &Books::DecideClosing, std::move(request));
}
absl::Status AcceptClosing(const Options& options) { return DecideClosing(options, true); }
absl::Status RefuseClosing(const Options& options) { return DecideClosing(options, false); }

absl::Status ListPeriods(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
  v1::ListPeriodsRequest request;
  request.set_budget_id(options.budget);
  ASSIGN_OR_RETURN(const v1::ListPeriodsResponse periods,
                   deployment.ledger.Call(&Books::ListPeriods, request, token));
  for (const v1::Period& period : periods.periods()) Print(period, options.json);
  return absl::OkStatus();
}

void AddPeriods(CLI::App& ledger, int& exit_code) {
  CLI::App& period = *ledger.add_subcommand("period", "the end of a month, signed by two people");
  period.require_subcommand(1);
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const Options&)) {
    return AddActing(period, exit_code, name, description, run)
        .Takes("budget", &Options::budget, "the budget's id");
  };
  add("propose", "asks for a period to be closed", &ProposeClosing)
      .Takes("period", &Options::period, "the month, 1 to 12")
      .Takes("--seq", &Options::seq, "the newest entry, as trial-balance says")
      .Takes("--hash", &Options::hash, "the hash of the trial balance after it, in hex");
  add("accept", "signs the same trial balance; the period is closed", &AcceptClosing)
      .Takes("closing", &Options::closing, "the closing's id")
      .Takes("--hash", &Options::hash, "the hash of the trial balance, in hex");
  add("refuse", "opens the period again", &RefuseClosing)
      .Takes("closing", &Options::closing, "the closing's id");
  add("list", "every period, and what was proposed of it", &ListPeriods);
}

absl::Status ProposeHandover(const Options& options) {
  v1::ProposeHandoverRequest request;
  if (!options.to.empty()) {
    v1::CarryOver& carry = *request.mutable_carry_over();
    carry.set_from_budget_id(options.budget);
    carry.set_to_budget_id(options.to);
    for (const std::string& plan : options.plans) carry.add_plan_ids(plan);
    if (options.rest == "carry") carry.set_rest(v1::CarryOver::REST_CARRY);
    if (options.rest == "lapse") carry.set_rest(v1::CarryOver::REST_LAPSE);
    carry.set_decision_ref(options.decision);
  } else if (options.back) {
    v1::ReturnFunds& give_back = *request.mutable_return_funds();
    give_back.set_budget_id(options.budget);
    give_back.set_decision_ref(options.decision);
    give_back.set_unmet(options.unmet);
    give_back.set_effective_date(options.effective_date);
  }
  return Act(options, &Books::ProposeHandover, std::move(request));
}

absl::Status DecideHandover(const Options& options, bool accept) {
  v1::DecideHandoverRequest request;
  request.set_budget_id(options.budget);
  request.set_handover_id(options.handover);
  request.set_accept(accept);
  return Act(options, &Books::DecideHandover, std::move(request));
}
absl::Status AcceptHandover(const Options& options) { return DecideHandover(options, true); }
absl::Status RefuseHandover(const Options& options) { return DecideHandover(options, false); }

absl::Status ListHandovers(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
  v1::ListHandoversRequest request;
  request.set_budget_id(options.budget);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListHandoversResponse page,
                     deployment.ledger.Call(&Books::ListHandovers, request, token));
    for (const v1::Handover& handover : page.handovers()) Print(handover, options.json);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

void AddHandovers(CLI::App& ledger, int& exit_code) {
  CLI::App& handover = *ledger.add_subcommand(
      "handover",
      "money that leaves a budget, to next year's or back to its sources, by two people");
  handover.require_subcommand(1);
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const Options&)) {
    return AddActing(handover, exit_code, name, description, run)
        .Takes("budget", &Options::budget, "the budget that the money leaves");
  };
  const auto propose =
      add("propose", "asks for plans or all of it to be carried over, or for money to be returned",
          &ProposeHandover)
          .Takes("--decision", &Options::decision, "the decision");
  Options& options = propose.options;
  CLI::Option* const to =
      propose.app.add_option("--to", options.to, "next year's budget, which it is carried over to");
  CLI::Option* const back =
      propose.app.add_flag("--back", options.back, "conditional money, back to its sources");
  to->excludes(back);
  propose.app.add_option("--plan", options.plans, "a plan that goes over; may be repeated")
      ->needs(to);
  propose.app.add_option("--rest", options.rest, "with all of it: what no plan has")
      ->needs(to)
      ->check(CLI::IsMember({"carry", "lapse"}));
  propose.app
      .add_flag("--unmet", options.unmet,
                "before the deadline: the condition cannot be met any more")
      ->needs(back);
  propose.app.add_option(kEffectiveDate, options.effective_date, kEffectiveDateIs)->needs(back);
  add("accept", "hands it over, when it still comes to what was proposed", &AcceptHandover)
      .Takes("handover", &Options::handover, "the handover's id");
  add("refuse", "leaves it where it is", &RefuseHandover)
      .Takes("handover", &Options::handover, "the handover's id");
  add("list", "every handover that was proposed", &ListHandovers);
}

absl::Status Index(const Options& options) {
  v1::IndexAppropriationsRequest request;
  request.set_budget_id(options.to);
  request.set_from_budget_id(options.budget);
  request.set_rate_basis_points(options.rate);
  request.set_decision_ref(options.decision);
  request.set_effective_date(options.effective_date);
  return Act(options, &Books::IndexAppropriations, std::move(request));
}

absl::Status CloseBudget(const Options& options) {
  v1::CloseBudgetRequest request;
  request.set_budget_id(options.budget);
  return Act(options, &Books::CloseBudget, std::move(request));
}

void AddYear(CLI::App& ledger, int& exit_code) {
  AddActing(ledger, exit_code, "index",
            "appropriates for a new year what was appropriated last year, at a rate", &Index)
      .Takes("from", &Options::budget, "last year's budget")
      .Takes("budget", &Options::to, "the budget of the new year")
      .Takes("--rate", &Options::rate, "in hundredths of a percent: 230 is 2.3 percent more")
      .Takes("--decision", &Options::decision, "the council's decision")
      .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);
  AddActing(ledger, exit_code, "close-budget", "closes a budget that was carried over",
            &CloseBudget)
      .Takes("budget", &Options::budget, "the budget's id");
}

}  // namespace

void AddBookkeeping(CLI::App& ledger, int& exit_code) {
  AddPeriods(ledger, exit_code);
  AddHandovers(ledger, exit_code);
  AddYear(ledger, exit_code);
  CLI::App& reverse = *ledger.add_subcommand("reverse", "takes an entry back, by two people");
  reverse.require_subcommand(1);
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const Options&)) {
    return AddActing(reverse, exit_code, name, description, run)
        .Takes("budget", &Options::budget, "the budget's id");
  };
  add("propose", "asks for an entry to be taken back", &Propose)
      .Takes("seq", &Options::seq, "the entry")
      .Takes("--reason", &Options::reason, "why, without names");
  add("accept", "takes it back", &Accept)
      .Takes("reversal", &Options::reversal, "the reversal's id");
  add("refuse", "leaves it as it is", &RefuseIt)
      .Takes("reversal", &Options::reversal, "the reversal's id");
  add("list", "every reversal that was proposed", &List);
}

}  // namespace smederij::cli
