#include "services/ledger/api/ledger_api.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/pg/transact.h"
#include "services/ledger/api/convert.h"
#include "services/ledger/api/submit.h"
#include "services/ledger/domain/closing.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/storage/statement_store.h"

namespace smederij::ledger {
namespace {

constexpr absl::Duration kRead = absl::Milliseconds(500), kWrite = absl::Seconds(5);
constexpr absl::Duration kSum = absl::Seconds(5);  // Adds up a whole budget.

pg::TxOptions Reading(const rpc::Call& call) {
  return {
      .deadline = call.deadline, .isolation = pg::Isolation::kRepeatableRead, .read_only = true};
}

template <class Response>
std::string RenderAll(const Effect& effect) {
  Response response;
  for (const Entry& entry : effect.entries) *response.add_entries() = PostedOf(entry);
  return response.SerializeAsString();
}

}  // namespace

void LedgerApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Grouped("OpenBudget",          kWrite, &LedgerApi::OpenBudget);
  table.Grouped("Appropriate",         kWrite, &LedgerApi::Appropriate);
  table.Grouped("HoldPot",             kWrite, &LedgerApi::HoldPot);
  table.Grouped("ReserveAwards",       kWrite, &LedgerApi::ReserveAwards);
  table.Grouped("AdjustAwards",        kWrite, &LedgerApi::AdjustAwards);
  table.Grouped("ReleasePot",          kWrite, &LedgerApi::ReleasePot);
  table.Unary  ("GetBudget",           kRead,  &LedgerApi::GetBudget);
  table.Unary  ("ListBudgets",         kRead,  &LedgerApi::ListBudgets);
  table.Unary  ("ListEntries",         kRead,  &LedgerApi::ListEntries);
  table.Unary  ("GetTrialBalance",     kSum,   &LedgerApi::GetTrialBalance);
  table.Unary  ("ListPlanMoney",       kRead,  &LedgerApi::ListPlanMoney);
  table.Unary  ("RequestVerification", kRead,  &LedgerApi::RequestVerification);
  table.Unary  ("GetVerification",     kRead,  &LedgerApi::GetVerification);
}  // clang-format on

void LedgerApi::OpenBudget(const rpc::Call& call, const v1::OpenBudgetRequest& request,
                           rpc::Reply<v1::Budget> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  const auto& open = std::get<ledger::OpenBudget>(command->what);
  const absl::Status allowed = call.MayActIn(open.municipality, open.district);
  if (!allowed.ok()) return reply(allowed);
  const auto render = [](const Effect& effect) {
    return ToProto(effect.opened.front()).SerializeAsString();
  };
  Submit(writer_, call, request, *std::move(command), render, std::move(reply));
}

void LedgerApi::Appropriate(const rpc::Call& call, const v1::AppropriateRequest& request,
                            rpc::Reply<v1::Posted> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  const auto& appropriate = std::get<ledger::Appropriate>(command->what);
  const absl::StatusOr<Place> place = places_.Of(appropriate.budget, call.deadline);
  if (!place.ok()) return reply(place.status());
  const absl::Status allowed = call.MayActIn(place->municipality, place->district);
  if (!allowed.ok()) return reply(allowed);
  const Money limit = call.LimitIn(place->municipality, place->district);
  if (appropriate.amount > limit) return reply(AmountOverLimit(appropriate.amount, limit));
  Render render = RenderPosted(appropriate.budget);
  Submit(writer_, call, request, *std::move(command), std::move(render), std::move(reply));
}

void LedgerApi::HoldPot(const rpc::Call& call, const v1::HoldPotRequest& request,
                        rpc::Reply<v1::Posted> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  Render render = RenderPosted(std::get<ledger::HoldPot>(command->what).budget);
  Submit(writer_, call, request, *std::move(command), std::move(render), std::move(reply));
}

void LedgerApi::ReserveAwards(const rpc::Call& call, const v1::ReserveAwardsRequest& request,
                              rpc::Reply<v1::ReserveAwardsResponse> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  Submit(writer_, call, request, *std::move(command), RenderAll<v1::ReserveAwardsResponse>,
         std::move(reply));
}

void LedgerApi::AdjustAwards(const rpc::Call& call, const v1::AdjustAwardsRequest& request,
                             rpc::Reply<v1::AdjustAwardsResponse> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  Submit(writer_, call, request, *std::move(command), RenderAll<v1::AdjustAwardsResponse>,
         std::move(reply));
}

void LedgerApi::ReleasePot(const rpc::Call& call, const v1::ReleasePotRequest& request,
                           rpc::Reply<v1::Posted> reply) {
  absl::StatusOr<Command> command = Parse(call, request);
  if (!command.ok()) return reply(std::move(command).status());
  Render render = RenderPosted(std::get<ledger::ReleasePot>(command->what).budget);
  Submit(writer_, call, request, *std::move(command), std::move(render), std::move(reply));
}

absl::StatusOr<v1::Budget> LedgerApi::GetBudget(const rpc::Call& call,
                                                const v1::GetBudgetRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId id, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  const auto read = [&](pg::Tx& tx) { return ledger::GetBudget(tx, id); };
  ASSIGN_OR_RETURN(const BudgetState state, pg::Transact(pool_, Reading(call), read));
  return ToProto(state);
}

absl::StatusOr<v1::ListBudgetsResponse> LedgerApi::ListBudgets(
    const rpc::Call& call, const v1::ListBudgetsRequest& request) {
  ASSIGN_OR_RETURN(const auto district, ParseId<DistrictId>(request.district_id(), "district_id"));
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   ParsePageToken(request.page_token(), "budgets", district.ToString(), 3));
  BudgetPlace after = FirstPlace();
  if (!parts.empty()) {
    after = {.fiscal_year = 0, .fund = parts[1], .currency = parts[2]};
    if (!absl::SimpleAtoi(parts[0], &after.fiscal_year)) return BadPageToken();
  }
  const auto read = [&](pg::Tx& tx) { return ledger::ListBudgets(tx, district, after, size + 1); };
  ASSIGN_OR_RETURN(std::vector<BudgetState> states, pg::Transact(pool_, Reading(call), read));
  v1::ListBudgetsResponse response;
  if (states.size() > static_cast<size_t>(size)) {
    states.pop_back();
    const Budget& last = states.back().row.budget;
    response.set_next_page_token(
        PageToken("budgets", district.ToString(),
                  {absl::StrCat(last.fiscal_year), last.fund, last.currency}));
  }
  for (const BudgetState& state : states) *response.add_budgets() = ToProto(state);
  return response;
}

absl::StatusOr<v1::ListEntriesResponse> LedgerApi::ListEntries(
    const rpc::Call& call, const v1::ListEntriesRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId id, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  ASSIGN_OR_RETURN(const int64_t size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::vector<std::string> parts,
                   ParsePageToken(request.page_token(), "entries", id.ToString(), 1));
  int64_t after = 0;
  if (!parts.empty() && !absl::SimpleAtoi(parts[0], &after)) return BadPageToken();
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<std::vector<StoredEntry>> {
    RETURN_IF_ERROR(ledger::GetBudget(tx, id).status());
    return ledger::ListEntries(tx, id, after, size + 1);
  };
  ASSIGN_OR_RETURN(std::vector<StoredEntry> entries, pg::Transact(pool_, Reading(call), read));
  v1::ListEntriesResponse response;
  if (entries.size() > static_cast<size_t>(size)) {
    entries.pop_back();
    response.set_next_page_token(
        PageToken("entries", id.ToString(), {absl::StrCat(entries.back().entry.seq)}));
  }
  for (const StoredEntry& entry : entries) *response.add_entries() = ToProto(entry);
  for (v1::AccountBalance& account : AccountsIn(entries)) {
    *response.add_accounts() = std::move(account);
  }
  return response;
}

absl::StatusOr<v1::TrialBalance> LedgerApi::GetTrialBalance(
    const rpc::Call& call, const v1::GetTrialBalanceRequest& request) {
  ASSIGN_OR_RETURN(const BudgetId id, ParseId<BudgetId>(request.budget_id(), "budget_id"));
  if (request.as_of_seq() < 0) return NegativeSeq();
  v1::TrialBalance balance;
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<std::vector<Account>> {
    ASSIGN_OR_RETURN(const BudgetState state, ledger::GetBudget(tx, id));
    const int64_t head = state.head.seq, asked = request.as_of_seq();
    if (asked > head) return SeqNotReached(id, asked, head);
    balance.set_as_of_seq(asked == 0 ? head : asked);
    return asked == 0 || asked == head ? AccountsNow(tx, id) : AccountsAsOf(tx, id, asked);
  };
  ASSIGN_OR_RETURN(const std::vector<Account> accounts, pg::Transact(pool_, Reading(call), read));
  balance.set_budget_id(id.ToString());
  Money total;
  for (const Account& account : accounts) {
    *balance.add_accounts() = ToProto(account);
    total += account.balance();
  }
  balance.set_total_cents(total.cents());
  balance.set_trial_balance_hash(BytesOf(TrialHash(id, balance.as_of_seq(), accounts)));
  return balance;
}

}  // namespace smederij::ledger
