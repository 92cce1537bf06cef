// The writing half of posting_store.h.
#include <set>
#include <tuple>

#include "common/pg/sqlstate.h"
#include "services/ledger/storage/award_store.h"
#include "services/ledger/storage/closing_store.h"
#include "services/ledger/storage/handover_store.h"
#include "services/ledger/storage/indexing_store.h"
#include "services/ledger/storage/payment_store.h"
#include "services/ledger/storage/posting_statements.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/storage/reversal_store.h"
#include "services/ledger/storage/spending_store.h"

namespace smederij::ledger {
namespace {

absl::Status StoreBudgets(pg::Tx& tx, const std::vector<Budget>& opened) {
  Ids ids;
  Many<MunicipalityId> municipalities;
  Many<DistrictId> districts;
  Many<std::string> funds, currencies, actors;
  Many<int32_t> years;
  Many<absl::Time> times;
  Many<RequestId> requests;
  Many<pg::Bytes> openings;
  Many<Hash> hashes;
  for (const Budget& b : opened) {
    pg::Bytes opening(CanonicalOpening(b));
    const Hash hash = OpeningHash(opening.value);
    if (b.condition) {
      RETURN_IF_ERROR(tx.Exec(kInsertConditional, b.id, b.municipality, b.district, b.fund,
                              b.fiscal_year, b.currency, b.opened_at, b.request, b.actor, opening,
                              hash, b.condition->plans, b.condition->category,
                              b.condition->deadline));
      continue;
    }
    ids.push_back(b.id);
    municipalities.push_back(b.municipality);
    districts.push_back(b.district);
    funds.push_back(b.fund);
    years.push_back(b.fiscal_year);
    currencies.push_back(b.currency);
    times.push_back(b.opened_at);
    requests.push_back(b.request);
    actors.push_back(b.actor);
    openings.push_back(std::move(opening));
    hashes.push_back(hash);
  }
  if (ids.empty()) return absl::OkStatus();
  return tx.Exec(kInsertBudgets, ids, municipalities, districts, funds, years, currencies, times,
                 requests, actors, openings, hashes);
}

absl::Status StoreOpened(pg::Tx& tx, const std::vector<Budget>& opened) {
  if (opened.empty()) return absl::OkStatus();
  Ids ids, period_ids;
  Many<MunicipalityId> municipalities;
  Many<DistrictId> districts;
  Many<Hash> hashes;
  Many<int16_t> period_nos;
  Many<absl::CivilDay> firsts, lasts;
  for (const Budget& budget : opened) {
    ids.push_back(budget.id);
    municipalities.push_back(budget.municipality);
    districts.push_back(budget.district);
    hashes.push_back(OpeningHash(CanonicalOpening(budget)));
    for (const Period& period : PeriodsOf(budget.fiscal_year)) {
      period_ids.push_back(budget.id);
      period_nos.push_back(period.no);
      firsts.push_back(period.first);
      lasts.push_back(period.last);
    }
  }
  RETURN_IF_ERROR(tx.Exec(kInsertDistricts, districts, municipalities));
  const absl::Status status = StoreBudgets(tx, opened);
  // There was no head to lock: another replica was first. The rerun sees its budget.
  if (pg::Violates(status, "budget_pkey") ||
      pg::Violates(status, "budget_district_of_municipality")) {
    return pg::Rerun("budget_opened_elsewhere");
  }
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(tx.Exec(kInsertPeriods, period_ids, period_nos, firsts, lasts));
  return tx.Exec(kInsertHeads, ids, hashes);
}

struct Turnover {
  AccountKey key;
  Money debits, credits;
};
using Turnovers = std::map<std::pair<BudgetId, int64_t>, Turnover>;

Turnovers TurnoversOf(const Changes& changes) {
  Turnovers turnovers;
  // A new budget's available account exists before any money does.
  for (const Budget& budget : changes.opened) turnovers[{budget.id, 1}].key = Available();
  for (const Entry& entry : changes.entries) {
    for (const Posting& posting : entry.postings) {
      Turnover& from = turnovers[{entry.budget, posting.from_no}];
      from.key = posting.from;
      from.debits += posting.amount;
      Turnover& to = turnovers[{entry.budget, posting.to_no}];
      to.key = posting.to;
      to.credits += posting.amount;
    }
  }
  return turnovers;
}

// Accounts that were moved, and how many rows said so.
struct Moved {
  size_t accounts = 0;
  std::optional<pg::Asked<int64_t>> rows;
};

// Inserts the accounts that are new in this batch, with all they moved; moves the others.
absl::StatusOr<Moved> StoreAccounts(pg::Tx& tx, const Books& books, const Changes& changes) {
  Ids new_budgets, budgets;
  Many<int64_t> new_nos, nos;
  Many<int16_t> kinds;
  Many<std::string> references;
  Many<bool> may_overdraw;
  Many<Money> new_debits, new_credits, debits, credits;
  for (const auto& [at, turnover] : TurnoversOf(changes)) {
    if (at.second > books.by_budget.at(at.first).stored_accounts) {
      new_budgets.push_back(at.first);
      new_nos.push_back(at.second);
      kinds.push_back(static_cast<int16_t>(turnover.key.kind));
      references.push_back(turnover.key.reference);
      may_overdraw.push_back(MayOverdraw(turnover.key.kind));
      new_debits.push_back(turnover.debits);
      new_credits.push_back(turnover.credits);
    } else {
      budgets.push_back(at.first);
      nos.push_back(at.second);
      debits.push_back(turnover.debits);
      credits.push_back(turnover.credits);
    }
  }
  if (!new_budgets.empty()) {
    RETURN_IF_ERROR(tx.Later(kInsertAccounts, new_budgets, new_nos, kinds, references, may_overdraw,
                             new_debits, new_credits));
  }
  if (budgets.empty()) return Moved();
  return Moved{.accounts = budgets.size(),
               .rows = tx.Ask(kMoveAccounts, budgets, nos, debits, credits)};
}

absl::Status AllMoved(Moved moved) {
  if (!moved.rows) return absl::OkStatus();
  ASSIGN_OR_RETURN(const int64_t rows, moved.rows->One());
  if (rows == static_cast<int64_t>(moved.accounts)) return absl::OkStatus();
  return absl::InternalError("an account that was read under the lock is not there");
}

absl::Status StoreEntries(pg::Tx& tx, const std::vector<Entry>& entries, absl::Time now) {
  if (entries.empty()) return absl::OkStatus();
  Ids budgets;
  Many<int64_t> seqs;
  Many<Hash> prev_hashes, hashes;
  Many<pg::Bytes> canonicals;
  Many<int16_t> types, periods;
  Many<RequestId> requests;
  Many<std::string> actors, decisions;
  ManyNullable<std::string> approvers;
  ManyNullable<Uuid> links;
  ManyNullable<int64_t> reverses;
  ManyNullable<Hash> records;
  ManyNullable<absl::CivilDay> effective;
  for (const Entry& e : entries) {
    budgets.push_back(e.budget);
    seqs.push_back(e.seq);
    prev_hashes.push_back(e.prev_hash);
    canonicals.emplace_back(Canonical(e));
    hashes.push_back(e.hash);
    types.push_back(static_cast<int16_t>(e.type));
    periods.push_back(e.period_no);
    requests.push_back(e.request);
    actors.push_back(e.actor);
    approvers.push_back(e.approver.empty() ? std::nullopt : std::optional(e.approver));
    decisions.push_back(e.decision_ref);
    links.push_back(e.link.nil() ? std::nullopt : std::optional(e.link));
    reverses.push_back(e.reverses_seq == 0 ? std::nullopt : std::optional(e.reverses_seq));
    records.push_back(e.record);
    effective.push_back(e.effective);
  }
  return tx.Later(kInsertEntries, budgets, seqs, prev_hashes, canonicals, hashes, types, periods,
                  now, requests, actors, approvers, decisions, links, reverses, records, effective);
}

absl::Status StorePostings(pg::Tx& tx, const std::vector<Entry>& entries) {
  if (entries.empty()) return absl::OkStatus();
  Ids budgets;
  Many<int64_t> seqs, froms, tos;
  Many<int16_t> lines, types, from_kinds, to_kinds;
  Many<Money> amounts, from_balances, to_balances;
  for (const Entry& entry : entries) {
    int16_t line = 0;
    for (const Posting& p : entry.postings) {
      budgets.push_back(entry.budget);
      seqs.push_back(entry.seq);
      lines.push_back(++line);
      types.push_back(static_cast<int16_t>(entry.type));
      froms.push_back(p.from_no);
      from_kinds.push_back(static_cast<int16_t>(p.from.kind));
      tos.push_back(p.to_no);
      to_kinds.push_back(static_cast<int16_t>(p.to.kind));
      amounts.push_back(p.amount);
      from_balances.push_back(p.from_balance);
      to_balances.push_back(p.to_balance);
    }
  }
  return tx.Later(kInsertPostings, budgets, seqs, lines, types, froms, from_kinds, tos, to_kinds,
                  amounts, from_balances, to_balances);
}

absl::Status StoreHeads(pg::Tx& tx, const Books& books, const Changes& changes) {
  std::set<BudgetId> moved;
  for (const Budget& budget : changes.opened) moved.insert(budget.id);
  for (const Entry& entry : changes.entries) moved.insert(entry.budget);
  if (moved.empty()) return absl::OkStatus();
  Ids budgets;
  Many<int64_t> seqs, counts;
  Many<Hash> hashes;
  Many<Money> appropriated;
  for (const BudgetId id : moved) {
    const Book& book = books.by_budget.at(id);
    budgets.push_back(id);
    seqs.push_back(book.head_seq);
    hashes.push_back(book.head_hash);
    counts.push_back(book.account_count);
    appropriated.push_back(book.appropriated);
  }
  return tx.Later(kMoveHeads, budgets, seqs, hashes, counts, appropriated);
}

// Rare, so one statement each.
absl::Status StoreStates(pg::Tx& tx,
                         const std::vector<std::pair<BudgetId, Budget::State>>& states) {
  for (const auto& [budget, state] : states) {
    RETURN_IF_ERROR(
        tx.Exec(kMoveBudget, budget, state == Budget::State::kCarried ? "carried" : "closed"));
  }
  return absl::OkStatus();
}

absl::Status StoreAnswered(pg::Tx& tx, const Changes& changes) {
  Ids budgets;
  Many<RequestId> ids;
  Many<std::string> methods, actors;
  Many<Hash> hashes;
  Many<pg::Bytes> responses;
  for (const auto& [key, answered] : changes.answered) {
    budgets.push_back(key.budget);
    ids.push_back(key.id);
    methods.push_back(answered.method);
    actors.push_back(answered.actor);
    hashes.push_back(answered.request_hash);
    responses.emplace_back(answered.response);
  }
  return tx.Later(kInsertRequests, budgets, ids, methods, actors, hashes, responses);
}

}  // namespace

absl::StatusOr<pg::GuardRecord> Store(pg::Tx& tx, const Books& books, const Changes& changes) {
  RETURN_IF_ERROR(StoreOpened(tx, changes.opened));
  ASSIGN_OR_RETURN(Moved moved, StoreAccounts(tx, books, changes));
  RETURN_IF_ERROR(StoreEntries(tx, changes.entries, books.now));
  RETURN_IF_ERROR(StorePostings(tx, changes.entries));
  RETURN_IF_ERROR(StoreSpending(tx, books, changes.commitments));
  RETURN_IF_ERROR(StoreSteps(tx, books, changes.steps));
  RETURN_IF_ERROR(StoreReversals(tx, books, changes.reversals));
  RETURN_IF_ERROR(StoreClosings(tx, books, changes.closings));
  RETURN_IF_ERROR(StoreIndexings(tx, changes.indexings));
  RETURN_IF_ERROR(StoreHandovers(tx, books, changes.handovers));
  RETURN_IF_ERROR(StoreStates(tx, changes.states));
  RETURN_IF_ERROR(StoreHeads(tx, books, changes));
  RETURN_IF_ERROR(StoreAwards(tx, changes.awards, changes.reserved_versions));
  RETURN_IF_ERROR(StoreAnswered(tx, changes));
  std::string hashes;
  const auto append = [&hashes](const Hash& hash) {
    hashes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
  };
  for (const Budget& budget : changes.opened) append(OpeningHash(CanonicalOpening(budget)));
  for (const Entry& entry : changes.entries) append(entry.hash);
  const auto records = static_cast<int64_t>(changes.opened.size() + changes.entries.size());
  const auto advanced = tx.Ask(kAdvance, records, pg::Bytes(std::move(hashes))).One();
  if (pg::Violates(advanced.status(), "request_pkey")) {
    return pg::Rerun("request_answered_elsewhere");
  }
  RETURN_IF_ERROR(advanced.status());
  RETURN_IF_ERROR(AllMoved(std::move(moved)));
  pg::GuardRecord record;
  std::tie(record.commit_no, record.size, record.root) = *advanced;
  return record;
}

absl::Span<const pg::AnyStatement> PostingStatements() {
  static const pg::AnyStatement statements[] = {
      kLockHeads,       kClock,          kBudgets,           kAccounts,
      kCurrencies,      kDistricts,      kRequests,          kProgress,
      kInsertDistricts, kInsertBudgets,  kInsertConditional, kInsertPeriods,
      kInsertHeads,     kInsertAccounts, kMoveAccounts,      kInsertEntries,
      kInsertPostings,  kMoveHeads,      kMoveBudget,        kInsertRequests,
      kAdvance};
  return statements;
}

}  // namespace smederij::ledger
