#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/ledger/domain/account.h"
#include "services/ledger/domain/budget.h"
#include "services/ledger/domain/command.h"
#include "services/ledger/domain/entry.h"
#include "services/ledger/domain/handover.h"
#include "services/ledger/domain/indexing.h"
#include "services/ledger/domain/payee.h"
#include "services/ledger/domain/rules.h"

namespace smederij::ledger {

// One budget under its lock: what a writer must know to decide.
struct Book {
  Budget budget;
  std::array<PeriodState, 12> periods = AllOpen();
  int16_t period_no = 0;       // The one that takes what is recorded now,
  bool period_closed = false;  // unless none does any more.
  bool frozen = false;         // Something was found in these books.
  int64_t head_seq = 0;
  Hash head_hash{};
  int64_t account_count = 0;
  int64_t stored_accounts = 0;  // Of account_count, those that are in the tables already.
  Money appropriated;           // What all sources together have promised.
  // What the council decided that each source gives; of a year that the next one takes over from.
  std::map<std::string, Money> decided = {};
  bool indexed = false;  // It took last year's appropriations over; of one that wants to.
  // Those that any command of the batch may touch.
  std::map<AccountKey, Account> accounts;
  std::map<CommitmentId, Commitment> commitments;
  std::map<PaymentId, Payment> payments;  // With every one that claims money of a commitment.
  // VAT of all payments on commitments with VAT, but of those that failed or were rejected, and but
  // for what came back.
  std::map<CommitmentId, Money> vat_asked;
  std::map<int64_t, Entry> entries;        // Those that somebody wants taken back,
  std::map<int64_t, CountedPart> parts;    // among them parts of payments,
  std::map<AccountKey, int64_t> adjusted;  // or released awards, and when those were changed last;
  std::map<ReversalId, Reversal> reversals;  // with every proposal for them that was not refused.
  std::map<ClosingId, Closing> closings;     // That somebody decides about.
  std::map<HandoverId, Handover> handovers;  // The same, and what waits where one is proposed.
  std::vector<AtBank> at_bank = {};          // By period; of one of which a period is to be closed.
  bool bank_told = false;  // Of a payment since that was read, or by the bank what became of one.
};

// The books a batch of commands is decided against, in queue order: every accepted command changes
// what the next one sees.
struct Books {
  absl::Time now;        // The database's clock, read under the locks.
  absl::CivilDay today;  // The same, as the calendar on the town hall's wall has it.
  std::map<BudgetId, Book> by_budget;
  std::set<std::pair<RoundId, int32_t>> reserved_versions;  // Award versions that stand.
  // What plans get, by round: of those whose awards somebody wants to replace.
  std::map<RoundId, std::map<std::pair<BudgetId, PlanId>, Money>> awards;
  std::map<std::pair<BudgetId, PlanId>, Money> carried_out;  // Of those plans, to next year.
  std::set<std::string> currencies;
  std::map<DistrictId, MunicipalityId> districts;  // Those that have a budget.
  std::map<PayeeId, Payee> payees;
  // Invoices that were asked for, by key, unless that ended; and references the bank was given.
  std::map<std::pair<PayeeId, std::string>, PaymentId> invoices;
  std::set<std::pair<MunicipalityId, std::string>> bank_refs;
  // Receipts that were handed in for advances, by their names; and where their documents counted,
  // and the bank lines under which money came back: the first part first.
  std::set<std::pair<PaymentId, std::string>> receipts;
  std::map<std::pair<MunicipalityId, std::string>, std::vector<Counted>> evidence;
  Rules rules = {};
};

// The accounts a command may touch, so that they can be read beforehand; those of a commitment that
// is there already are found with it.
std::vector<std::pair<BudgetId, AccountKey>> AccountsOf(const Command& command);

// What a plan gets from a round is more or less than before.
struct AwardChange {
  BudgetId budget;
  RoundId round;
  PlanId plan;
  Money amount;  // Negative when it is less.
};

// What an accepted command does: a budget opened, or entries, in every budget one after the other,
// and what they rest on as it stands after them. All are empty when there was nothing to do (a pot
// that was empty already).
struct Effect {
  std::vector<Budget> opened;
  std::vector<Entry> entries;
  std::vector<Commitment> commitments = {};
  std::vector<PaymentStep> steps = {};
  std::vector<Reversal> reversals = {};
  std::vector<AwardChange> awards = {};
  std::vector<Closing> closings = {};
  std::vector<std::pair<BudgetId, Budget::State>> states = {};
  std::vector<Indexing> indexings = {};
  std::vector<Handover> handovers = {};
};

// What `command` does to the books, or the first rule it breaks. Pure.
absl::StatusOr<Effect> Decide(const Books& books, const Command& command);

// The books after it.
void Apply(const Command& command, const Effect& effect, Books& books);

}  // namespace smederij::ledger
