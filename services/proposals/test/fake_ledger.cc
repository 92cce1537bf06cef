#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/proposals/test/fake_neighbours.h"

namespace smederij::proposals::fake {
namespace {

using ledger::v1::Posted;

// As the ledger's domain/conditions.cc.
absl::Status Meets(const ledger::v1::Budget& budget,
                   const ledger::v1::ReserveAwardsRequest::Line& line) {
  const ledger::v1::Condition& condition = budget.condition();
  const auto& plans = condition.plan_ids();
  const bool meant = std::find(plans.begin(), plans.end(), line.plan_id()) != plans.end() ||
                     (!line.category().empty() && line.category() == condition.category());
  if (!budget.has_condition() || meant) return absl::OkStatus();
  return Error(kFailedPrecondition, "CONDITION_UNMET", "the money is for other plans");
}

Error Carried() { return Error(kFailedPrecondition, "BUDGET_CLOSED", "the budget takes nothing"); }
Error NoPot() { return Error(kNotFound, "POT_NOT_FOUND", "there is no pot"); }

}  // namespace

int64_t Ledger::Available(const std::string& budget) const {
  const absl::MutexLock lock(&nature_.mutex);
  return budgets.at(budget).available_cents();
}

int64_t Ledger::InPot(const std::string& budget) const {
  const absl::MutexLock lock(&nature_.mutex);
  int64_t cents = 0;
  for (const auto& [key, amount] : pots_) cents += key.first == budget ? amount : 0;
  return cents;
}

int64_t Ledger::Reserved(const std::string& budget) const {
  const absl::MutexLock lock(&nature_.mutex);
  const auto found = reserved_.find(budget);
  return found == reserved_.end() ? 0 : found->second;
}

void Ledger::Appropriate(const std::string& budget, int64_t cents) {
  const absl::MutexLock lock(&nature_.mutex);
  budgets.at(budget).set_available_cents(budgets.at(budget).available_cents() + cents);
}

void Ledger::Close(const std::string& budget) {
  const absl::MutexLock lock(&nature_.mutex);
  budgets.at(budget).set_closed(true);
}

grpc::Status Ledger::GetBudget(grpc::ServerContext*, const ledger::v1::GetBudgetRequest* request,
                               ledger::v1::Budget* response) {
  const auto effect = [&]() -> absl::StatusOr<ledger::v1::Budget> {
    const auto found = budgets.find(request->budget_id());
    if (found == budgets.end()) return Error(kNotFound, "BUDGET_NOT_FOUND", "no budget");
    return found->second;
  };
  return nature_.Serve("GetBudget", response, effect);
}

grpc::Status Ledger::HoldPot(grpc::ServerContext*, const ledger::v1::HoldPotRequest* request,
                             Posted* response) {
  const auto hold = [&]() -> absl::StatusOr<Posted> {
    ledger::v1::Budget& budget = budgets.at(request->budget_id());
    const std::pair<std::string, std::string> key = {request->budget_id(), request->round_id()};
    if (pots_.contains(key)) return Error(kFailedPrecondition, "POT_EXISTS", "held already");
    if (budget.available_cents() < request->amount_cents()) {
      return Error(kFailedPrecondition, "INSUFFICIENT_FUNDS", "the budget has not enough");
    }
    budget.set_available_cents(budget.available_cents() - request->amount_cents());
    pots_[key] = request->amount_cents();
    nature_.effects.push_back(
        absl::StrCat("HoldPot ", budget.fund(), " ", request->amount_cents()));
    Posted posted;
    posted.set_budget_id(request->budget_id());
    posted.set_seq(++entries_);
    posted.set_entry_hash(absl::StrCat("entry of ", budget.fund()));
    return posted;
  };
  const auto effect = [&] { return nature_.Once(*request, hold); };
  return nature_.Serve("HoldPot", response, effect);
}

grpc::Status Ledger::ReserveAwards(grpc::ServerContext*,
                                   const ledger::v1::ReserveAwardsRequest* request,
                                   ledger::v1::ReserveAwardsResponse* response) {
  const auto reserve = [&]() -> absl::StatusOr<ledger::v1::ReserveAwardsResponse> {
    if (versions_.contains({request->round_id(), request->award_version()})) {
      return Error(kFailedPrecondition, "AWARDS_ALREADY_RESERVED", "reserved already");
    }
    for (const ledger::v1::ReserveAwardsRequest::Line& line : request->lines()) {
      RETURN_IF_ERROR(Meets(budgets.at(line.budget_id()), line));
    }
    versions_.insert({request->round_id(), request->award_version()});
    ledger::v1::ReserveAwardsResponse answer;
    for (const ledger::v1::ReserveAwardsRequest::Line& line : request->lines()) {
      int64_t& pot = pots_[{line.budget_id(), request->round_id()}];
      CHECK(pot >= line.amount_cents());
      pot -= line.amount_cents();
      reserved_[line.budget_id()] += line.amount_cents();
      awards_[{line.budget_id(), line.plan_id()}] += line.amount_cents();
      nature_.effects.push_back(absl::StrCat("Reserve v", request->award_version(), " ",
                                             budgets.at(line.budget_id()).fund(), " ",
                                             line.amount_cents()));
      answer.add_entries()->set_seq(++entries_);
    }
    return answer;
  };
  const auto effect = [&] { return nature_.Once(*request, reserve); };
  return nature_.Serve("ReserveAwards", response, effect);
}

grpc::Status Ledger::ReleasePot(grpc::ServerContext*, const ledger::v1::ReleasePotRequest* request,
                                Posted* response) {
  const auto release = [&]() -> absl::StatusOr<Posted> {
    const auto found = pots_.find({request->budget_id(), request->round_id()});
    ledger::v1::Budget& budget = budgets.at(request->budget_id());
    if (found == pots_.end()) return budget.closed() ? Carried() : NoPot();
    budget.set_available_cents(budget.available_cents() + found->second);
    nature_.effects.push_back(absl::StrCat("ReleasePot ", budget.fund(), " ", found->second));
    found->second = 0;
    Posted posted;
    posted.set_budget_id(request->budget_id());
    posted.set_seq(++entries_);
    return posted;
  };
  const auto effect = [&] { return nature_.Once(*request, release); };
  return nature_.Serve("ReleasePot", response, effect);
}

grpc::Status Ledger::AdjustAwards(grpc::ServerContext*,
                                  const ledger::v1::AdjustAwardsRequest* request,
                                  ledger::v1::AdjustAwardsResponse* response) {
  const auto adjust = [&]() -> absl::StatusOr<ledger::v1::AdjustAwardsResponse> {
    uint32_t latest = 0;
    for (const auto& [round, version] : versions_) {
      if (round == request->round_id()) latest = std::max(latest, version);
    }
    if (request->award_version() != latest + 1) {
      return Error(kFailedPrecondition, "STALE_VERSION", "not the next version");
    }
    std::map<std::string, int64_t> needed;
    size_t named = 0;
    for (const auto& line : request->lines()) {
      const auto now = awards_.find({line.budget_id(), line.plan_id()});
      named += now == awards_.end() || now->second == 0 ? 0 : 1;
      const int64_t before = now == awards_.end() ? 0 : now->second;
      if (line.amount_cents() > before) {
        RETURN_IF_ERROR(Meets(budgets.at(line.budget_id()), line));
      }
      needed[line.budget_id()] += line.amount_cents() - before;
    }
    CHECK(named == static_cast<size_t>(std::count_if(awards_.begin(), awards_.end(),
                                                     [](const auto& a) { return a.second > 0; })));
    for (const auto& [budget, cents] : needed) {
      const int64_t pot = pots_[{budget, request->round_id()}];
      if (pot + budgets.at(budget).available_cents() < cents) {
        return Error(kFailedPrecondition, "INSUFFICIENT_FUNDS", "the budget has not enough");
      }
    }
    for (const auto& [budget, cents] : needed) {
      int64_t& pot = pots_[{budget, request->round_id()}];
      const int64_t from_available = std::max<int64_t>(0, cents - pot);
      budgets.at(budget).set_available_cents(budgets.at(budget).available_cents() - from_available);
      pot += from_available - cents;
      reserved_[budget] += cents;
    }
    for (const auto& line : request->lines()) {
      awards_[{line.budget_id(), line.plan_id()}] = line.amount_cents();
      nature_.effects.push_back(absl::StrCat("Adjust v", request->award_version(), " ",
                                             budgets.at(line.budget_id()).fund(), " ",
                                             line.amount_cents()));
    }
    versions_.insert({request->round_id(), request->award_version()});
    ledger::v1::AdjustAwardsResponse answer;
    answer.add_entries()->set_seq(++entries_);
    return answer;
  };
  const auto effect = [&] { return nature_.Once(*request, adjust); };
  return nature_.Serve("AdjustAwards", response, effect);
}

}  // namespace smederij::proposals::fake
