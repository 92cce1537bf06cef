#include "services/cli/books/year.h"

#include <algorithm>

#include "common/base/error.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "smederij/ledger/v1/ledger.grpc.pb.h"
#include "smederij/ledger/v1/spending.grpc.pb.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using Ledger = v1::LedgerService::Stub;
using Spending = v1::SpendingService::Stub;
using Proposals = proposals::v1::ProposalsService::Stub;
using Registry = registry::v1::RegistryService::Stub;

constexpr int kPage = 500;

bool OfPlan(v1::AccountKind kind) {
  return kind == v1::ACCOUNT_KIND_RESERVED || kind == v1::ACCOUNT_KIND_COMMITTED ||
         kind == v1::ACCOUNT_KIND_CLEARING || kind == v1::ACCOUNT_KIND_ADVANCED ||
         kind == v1::ACCOUNT_KIND_PAID;
}

absl::StatusOr<std::vector<v1::Budget>> BudgetsOf(const Endpoint& ledger,
                                                  const std::string& district_id, int32_t year) {
  std::vector<v1::Budget> budgets;
  v1::ListBudgetsRequest request;
  request.set_district_id(district_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListBudgetsResponse page,
                     ledger.Call(&Ledger::ListBudgets, request));
    for (const v1::Budget& budget : page.budgets()) {
      if (budget.fiscal_year() == year) budgets.push_back(budget);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (!budgets.empty()) return budgets;
  return Error(kNotFound, "YEAR_HAS_NO_BUDGET", "the district has no budget of that year")
      .With("district_id", district_id)
      .With("fiscal_year", year);
}

// Accounts from before money went over by source carry the other budget's id.
std::string GiverOf(const v1::AccountBalance& account) {
  return Uuid::Parse(account.reference()).has_value() ? "" : account.reference();
}

Year& YearOf(const std::string& currency, std::vector<Year>& years) {
  const auto same = [&](const Year& year) { return year.currency == currency; };
  const auto found = std::find_if(years.begin(), years.end(), same);
  if (found != years.end()) return *found;
  years.emplace_back().currency = currency;
  return years.back();
}

absl::Status AddMoney(const Endpoint& ledger, YearReport& report) {
  std::map<std::string, Year*> years;
  for (Year& year : report.currencies) {
    for (const v1::Budget& budget : year.budgets) years[budget.budget_id()] = &year;
  }
  v1::ListPlanMoneyRequest request;
  request.set_district_id(report.district_id);
  request.set_fiscal_year(report.year);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListPlanMoneyResponse page,
                     ledger.Call(&Ledger::ListPlanMoney, request));
    for (const v1::PlanMoney& money : page.money()) {
      const auto year = years.find(money.budget_id());
      if (year != years.end()) year->second->Add(money);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// Which plan each commitment is for: accounts of commitments carry their own ids.
absl::Status AddCommitments(const Endpoint& ledger, const std::string& budget_id, Year& year) {
  v1::ListCommitmentsRequest request;
  request.set_budget_id(budget_id);
  request.set_page_size(kPage);
  do {
    ASSIGN_OR_RETURN(const v1::ListCommitmentsResponse page,
                     ledger.Call(&Spending::ListCommitments, request));
    for (const v1::Commitment& commitment : page.commitments()) {
      year.plan_of[commitment.commitment_id()] = commitment.plan_id();
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

// A round that proposals does not know keeps its id: the money is there all the same.
void AddTitles(const Endpoint& proposals, const std::string& round_id, Year& year) {
  proposals::v1::GetRoundRequest round;
  round.set_round_id(round_id);
  const auto answer = proposals.Call(&Proposals::GetRound, round);
  if (answer.ok()) year.pots[round_id].title = answer->title();
  proposals::v1::ListPlansRequest request;
  request.set_round_id(round_id);
  request.set_page_size(kPage);
  do {
    const auto page = proposals.Call(&Proposals::ListPlans, request);
    if (!page.ok()) return;
    for (const auto& plan : page->plans()) {
      const auto found = year.plans.find(plan.plan_id());
      if (found == year.plans.end()) continue;
      found->second.number = plan.number();
      found->second.title = plan.title();
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
}

// Plans of rounds that had no pot this year: their money came over.
void AddTitlesOfOthers(const Endpoint& proposals, Year& year) {
  for (auto& [id, plan] : year.plans) {
    if (!plan.title.empty()) continue;
    proposals::v1::GetPlanRequest request;
    request.set_plan_id(id);
    const auto answer = proposals.Call(&Proposals::GetPlan, request);
    if (!answer.ok()) continue;
    plan.number = answer->number();
    plan.title = answer->title();
  }
}

}  // namespace

int64_t Year::Plan::total() const {
  int64_t total = came_over;
  for (const auto& [round, cents] : awarded) total += cents;
  return total;
}

Year::Giver Year::all() const {
  Giver all;
  for (const auto& [source, giver] : givers) {
    all.given += giver.given;
    all.came_over += giver.came_over;
    all.given_back += giver.given_back;
    all.went_over += giver.went_over;
  }
  return all;
}

int64_t Year::in_plans() const {
  int64_t total = 0;
  for (const auto& [id, plan] : plans) {
    for (const auto& [kind, cents] : plan.parts) total += cents;
  }
  return total;
}

int64_t Year::in_pots() const {
  int64_t total = 0;
  for (const auto& [round, pot] : pots) total += pot.left();
  return total;
}

std::string Year::PlanOf(const v1::AccountBalance& account) const {
  const auto commitment = plan_of.find(account.reference());
  return commitment == plan_of.end() ? account.reference() : commitment->second;
}

void Year::Add(const Journal& journal, const v1::Entry& entry) {
  vat += entry.vat_cents();
  for (const v1::Posting& posting : entry.postings()) {
    const v1::AccountBalance& from = journal.Account(posting.from_account_no());
    const v1::AccountBalance& to = journal.Account(posting.to_account_no());
    const int64_t cents = posting.amount_cents();
    if (from.kind() == v1::ACCOUNT_KIND_SOURCE) givers[from.reference()].given += cents;
    // What was entered wrongly was never given; what goes back otherwise was.
    if (to.kind() == v1::ACCOUNT_KIND_SOURCE && entry.type() == v1::ENTRY_TYPE_REVERSE) {
      givers[to.reference()].given -= cents;
    } else if (to.kind() == v1::ACCOUNT_KIND_SOURCE) {
      givers[to.reference()].given_back += cents;
    }
    if (to.kind() == v1::ACCOUNT_KIND_CARRIED_IN) givers[GiverOf(to)].given_back += cents;
    if (from.kind() == v1::ACCOUNT_KIND_CARRIED_IN) {
      givers[GiverOf(from)].came_over += cents;
      if (OfPlan(to.kind())) plans[PlanOf(to)].came_over += cents;
    }
    if (to.kind() == v1::ACCOUNT_KIND_CARRIED_OUT) {
      givers[GiverOf(to)].went_over += cents;
      if (OfPlan(from.kind())) plans[PlanOf(from)].went_over += cents;
    }
    if (from.kind() == v1::ACCOUNT_KIND_RESERVED && to.kind() == v1::ACCOUNT_KIND_AVAILABLE) {
      plans[from.reference()].released += cents;
    }
    // Out of what was paid, and into it again when that is taken back: the plan has it all the
    // while.
    if (entry.type() == v1::ENTRY_TYPE_RETURN_PAYMENT) came_back += cents;
    if (entry.type() == v1::ENTRY_TYPE_REVERSE && to.kind() == v1::ACCOUNT_KIND_PAID) {
      came_back -= cents;
    }
    // Only when giving it back is taken back.
    if (from.kind() == v1::ACCOUNT_KIND_AVAILABLE && to.kind() == v1::ACCOUNT_KIND_RESERVED) {
      plans[to.reference()].released -= cents;
    }
    if (from.kind() == v1::ACCOUNT_KIND_POT && to.kind() == v1::ACCOUNT_KIND_AVAILABLE) {
      pots[from.reference()].given_back += cents;
    }
    if (to.kind() == v1::ACCOUNT_KIND_POT && from.kind() == v1::ACCOUNT_KIND_AVAILABLE) {
      pots[to.reference()].held += cents;
    }
    // And what was taken back of it, should an entry be reversed.
    const bool awards = from.kind() == v1::ACCOUNT_KIND_POT && OfPlan(to.kind());
    const bool undoes = to.kind() == v1::ACCOUNT_KIND_POT && OfPlan(from.kind());
    if (awards || undoes) {
      const std::string& round = awards ? from.reference() : to.reference();
      const std::string& plan = awards ? to.reference() : from.reference();
      pots[round].awarded += awards ? cents : -cents;
      plans[plan].awarded[round] += awards ? cents : -cents;
    }
  }
}

void Year::Add(const v1::PlanMoney& money) {
  Plan& plan = plans[money.plan_id()];
  for (const v1::PlanMoney::Part& part : money.parts()) {
    plan.parts[part.kind()] += part.balance_cents();
  }
}

absl::StatusOr<YearReport> ReadYear(const Deployment& deployment, const std::string& district_id,
                                    int32_t year) {
  YearReport report;
  report.district_id = district_id;
  report.year = year;
  ASSIGN_OR_RETURN(const std::vector<v1::Budget> budgets,
                   BudgetsOf(deployment.ledger, district_id, year));
  for (const v1::Budget& listed : budgets) {
    ASSIGN_OR_RETURN(const Journal journal, ReadJournal(deployment.ledger, listed.budget_id()));
    Year& of = YearOf(listed.currency(), report.currencies);
    RETURN_IF_ERROR(AddCommitments(deployment.ledger, listed.budget_id(), of));
    const auto add = [&](const v1::Entry& entry) { of.Add(journal, entry); };
    RETURN_IF_ERROR(ReadEntries(deployment.ledger, journal.budget)(add));
    of.available += journal.budget.available_cents();
    of.budgets.push_back(journal.budget);
  }
  RETURN_IF_ERROR(AddMoney(deployment.ledger, report));
  for (Year& of : report.currencies) {
    const std::map<std::string, Year::Pot> pots = of.pots;
    for (const auto& [round, pot] : pots) AddTitles(deployment.proposals, round, of);
    AddTitlesOfOthers(deployment.proposals, of);
  }
  registry::v1::GetDistrictRequest request;
  request.set_district_id(district_id);
  const auto district = deployment.registry.Call(&Registry::GetDistrict, request);
  report.district = district.ok() ? district->name() : district_id;
  return report;
}

}  // namespace smederij::cli
