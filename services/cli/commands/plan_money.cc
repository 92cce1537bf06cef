#include "services/cli/commands/plan_money.h"

#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/status_macros.h"
#include "services/cli/commands/outcome.h"
#include "services/cli/commands/reach.h"
#include "services/cli/commands/show.h"
#include "services/cli/commands/sign_in.h"
#include "services/cli/commands/spending_print.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/ledger/v1/spending.grpc.pb.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Ledger = v1::LedgerService::Stub;
using Spending = v1::SpendingService::Stub;

constexpr int kPage = 500;

struct Options {
  DeploymentOptions deployment;
  std::string token_file, budget, plan, state = "REQUESTED", overdue_on;
  bool json = false;
};

struct Money {
  int64_t asked = 0, awarded = 0, came_over = 0, released = 0, committed = 0, clearing = 0,
          advanced = 0, paid = 0, vat = 0, went_over = 0, left = 0;
};

absl::StatusOr<std::vector<v1::Commitment>> CommitmentsOf(const Deployment& deployment,
                                                          const Options& options) {
  std::vector<v1::Commitment> commitments;
  v1::ListCommitmentsRequest request;
  request.set_budget_id(options.budget);
  request.set_plan_id(options.plan);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListCommitmentsResponse page,
                     deployment.ledger.Call(&Spending::ListCommitments, request));
    commitments.insert(commitments.end(), page.commitments().begin(), page.commitments().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return commitments;
}

// Follows the plan's money through every entry of the budget: what is printed is what anybody can
// add up from the published chain.
absl::Status Follow(const Deployment& deployment, const Options& options,
                    const std::vector<v1::Commitment>& commitments, Money& money) {
  std::set<std::string> ours = {options.plan};
  for (const v1::Commitment& commitment : commitments) ours.insert(commitment.commitment_id());
  v1::ListEntriesRequest request;
  request.set_budget_id(options.budget);
  request.set_page_size(kPage);
  std::map<int64_t, v1::AccountBalance> accounts;
  do {
    ASSIGN_OR_RETURN(const v1::ListEntriesResponse page,
                     deployment.ledger.Call(&Ledger::ListEntries, request));
    for (const v1::AccountBalance& account : page.accounts()) {
      accounts[account.account_no()] = account;
    }
    for (const v1::Entry& entry : page.entries()) {
      for (const v1::Posting& posting : entry.postings()) {
        const v1::AccountBalance& from = accounts[posting.from_account_no()];
        const v1::AccountBalance& to = accounts[posting.to_account_no()];
        const auto is_plans = [&](int64_t no) { return accounts[no].reference() == options.plan; };
        if (from.kind() == v1::ACCOUNT_KIND_POT && ours.contains(to.reference())) {
          money.awarded += posting.amount_cents();
        }
        if (to.kind() == v1::ACCOUNT_KIND_POT && ours.contains(from.reference())) {
          money.awarded -= posting.amount_cents();  // Awards that were corrected.
        }
        if (from.kind() == v1::ACCOUNT_KIND_CARRIED_IN && ours.contains(to.reference())) {
          money.came_over += posting.amount_cents();
        }
        if (to.kind() == v1::ACCOUNT_KIND_CARRIED_OUT && ours.contains(from.reference())) {
          money.went_over += posting.amount_cents();
        }
        if (entry.type() == v1::ENTRY_TYPE_RELEASE_AWARD && is_plans(posting.from_account_no())) {
          money.released += posting.amount_cents();
        }
        // What came back has less than none.
        if (is_plans(posting.from_account_no()) || is_plans(posting.to_account_no())) {
          money.vat += entry.vat_cents();
        }
        if (entry.type() == v1::ENTRY_TYPE_REVERSE && to.kind() == v1::ACCOUNT_KIND_RESERVED &&
            is_plans(posting.to_account_no())) {
          money.released -= posting.amount_cents();
        }
      }
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  for (const auto& [no, account] : accounts) {
    if (account.reference() != options.plan) continue;
    if (account.kind() == v1::ACCOUNT_KIND_RESERVED) money.left = account.balance_cents();
    if (account.kind() == v1::ACCOUNT_KIND_CLEARING) money.clearing = account.balance_cents();
    if (account.kind() == v1::ACCOUNT_KIND_ADVANCED) money.advanced = account.balance_cents();
    if (account.kind() == v1::ACCOUNT_KIND_PAID) money.paid = account.balance_cents();
  }
  return absl::OkStatus();
}

absl::Status ShowMoney(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  proposals::v1::GetPlanRequest plan_request;
  plan_request.set_plan_id(options.plan);
  ASSIGN_OR_RETURN(
      const auto plan,
      deployment.proposals.Call(&proposals::v1::ProposalsService::Stub::GetPlan, plan_request));
  ASSIGN_OR_RETURN(const std::vector<v1::Commitment> commitments,
                   CommitmentsOf(deployment, options));
  Money money;
  money.asked = plan.cost_cents();
  RETURN_IF_ERROR(Follow(deployment, options, commitments, money));
  for (const v1::Commitment& commitment : commitments) {
    money.committed += commitment.remaining_cents();
  }
  const std::pair<const char*, int64_t> rows[] = {{"asked", money.asked},
                                                  {"awarded", money.awarded},
                                                  {"came_over", money.came_over},
                                                  {"released", money.released},
                                                  {"committed", money.committed},
                                                  {"clearing", money.clearing},
                                                  {"advanced", money.advanced},
                                                  {"paid", money.paid},
                                                  {"vat", money.vat},
                                                  {"went_over", money.went_over},
                                                  {"left", money.left}};
  if (options.json) {
    nlohmann::ordered_json json;
    for (const auto& [name, cents] : rows) json[absl::StrCat(name, "_cents")] = cents;
    std::cout << json.dump() << '\n';
    return absl::OkStatus();
  }
  std::cout << plan.title() << '\n';
  for (const auto& [name, cents] : rows) {
    std::cout << absl::StreamFormat("  %-10s %14s\n", name, Amount(cents));
  }
  for (const v1::Commitment& commitment : commitments) Print(commitment, false);
  return absl::OkStatus();
}

absl::Status ShowPayments(const Options& options) {
  ASSIGN_OR_RETURN(const Deployment deployment, OpenDeployment(options.deployment));
  ASSIGN_OR_RETURN(const std::string token, ReadToken(options.token_file));
  v1::ListPaymentsRequest request;
  request.set_budget_id(options.budget);
  request.set_page_size(kPage);
  v1::Payment::State state = v1::Payment::STATE_UNSPECIFIED;
  if (options.state != "ALL" && options.overdue_on.empty()) {
    v1::Payment::State_Parse(absl::StrCat("STATE_", options.state), &state);
  }
  request.set_state(state);
  request.set_overdue_on(options.overdue_on);
  do {
    ASSIGN_OR_RETURN(const v1::ListPaymentsResponse page,
                     deployment.ledger.Call(&Spending::ListPayments, request, token));
    for (const v1::Payment& payment : page.payments()) Print(payment, options.json);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

}  // namespace

void AddPlanMoney(CLI::App& ledger, int& exit_code) {
  const auto add = [&](const char* name, const char* description,
                       absl::Status (*run)(const Options&)) -> std::pair<CLI::App*, Options*> {
    auto options = std::make_shared<Options>();
    CLI::App* const command = ledger.add_subcommand(name, description);
    AddReach(*command, options->deployment);
    command->add_option("budget", options->budget, "the budget's id")->required();
    command->add_flag("--json", options->json, "JSON, one object a line");
    command->callback([options, run, &exit_code] {
      const absl::Status status = run(*options);
      exit_code = status.ok() ? kDone : Refuse(status);
    });
    return {command, options.get()};
  };
  const auto [money, of] =
      add("money", "where a plan's money is: asked, awarded, committed, advanced, paid, left",
          &ShowMoney);
  money->add_option("plan", of->plan, "the plan's id")->required();
  const auto [payments, asked] =
      add("payments", "the payments that wait for a second pair of eyes", &ShowPayments);
  AddTokenFile(*payments, asked->token_file);
  payments->add_option("--state", asked->state, "those that stand elsewhere")
      ->capture_default_str()
      ->transform(CLI::IsMember({"REQUESTED", "APPROVED", "INSTRUCTED", "ADVANCED", "SETTLED",
                                 "FAILED", "REJECTED", "ALL"},
                                CLI::ignore_case));
  payments->add_option("--overdue-on", asked->overdue_on,
                       "instead: the advances whose receipts are overdue on this day, YYYY-MM-DD");
}

}  // namespace smederij::cli
