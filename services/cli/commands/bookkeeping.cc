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
  std::string budget, to, reversal, reason, closing, hash, decision, rest, effective_date;
  std::vector<std::string> plans;
  int64_t seq = 0;
  int period = 0, rate = 0;
  bool unmet = false;
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

absl::Status CarryOver(const Options& options) {
  v1::CarryOverRequest request;
  request.set_from_budget_id(options.budget);
  request.set_to_budget_id(options.to);
  for (const std::string& plan : options.plans) request.add_plan_ids(plan);
  if (options.rest == "carry") request.set_rest(v1::CarryOverRequest::REST_CARRY);
  if (options.rest == "lapse") request.set_rest(v1::CarryOverRequest::REST_LAPSE);
  request.set_decision_ref(options.decision);
  return Act(options, &Books::CarryOver, std::move(request));
}

absl::Status Return(const Options& options) {
  v1::ReturnFundsRequest request;
  request.set_budget_id(options.budget);
  request.set_decision_ref(options.decision);
  request.set_unmet(options.unmet);
  request.set_effective_date(options.effective_date);
  return Act(options, &Books::ReturnFunds, std::move(request));
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
  const auto carry = AddActing(ledger, exit_code, "carry-over",
                               "carries plans over to next year's budget, or all of it", &CarryOver)
                         .Takes("budget", &Options::budget, "the budget of the year that ends")
                         .Takes("to", &Options::to, "next year's budget")
                         .Takes("--decision", &Options::decision, "the decision");
  carry.app.add_option("--plan", carry.options.plans, "a plan that goes over; may be repeated");
  carry.app.add_option("--rest", carry.options.rest, "with all of it: what no plan has")
      ->check(CLI::IsMember({"carry", "lapse"}));
  const auto give_back =
      AddActing(ledger, exit_code, "return", "gives conditional money back to its sources", &Return)
          .Takes("budget", &Options::budget, "the budget's id")
          .Takes("--decision", &Options::decision, "the decision")
          .May(kEffectiveDate, &Options::effective_date, kEffectiveDateIs);
  give_back.app.add_flag("--unmet", give_back.options.unmet,
                         "before the deadline: the condition cannot be met any more");
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
