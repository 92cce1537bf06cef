#include "services/ledger/domain/audit.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "services/ledger/domain/closing.h"

namespace smederij::ledger {

Audit::Audit(const Budget& budget, absl::string_view opening, const Hash& opening_hash)
    : budget_(budget), hash_(OpeningHash(opening)) {
  if (absl::string_view(CanonicalOpening(budget)) != opening) {
    Find(0, "the opening record is not what the budget's columns say");
  }
  if (hash_ != opening_hash) Find(0, "the opening hash is not the opening record's");
  if (budget.id != IdOfBudget(budget.district, budget.fund, budget.fiscal_year, budget.currency)) {
    Find(0, "the budget's id is not the one its district, fund, year and currency give");
  }
  accounts_[1] = Account{.no = 1, .key = Available()};
}

void Audit::Find(int64_t seq, absl::string_view what) {
  if (findings_.size() < kFindingsMax) findings_.push_back({budget_.id, seq, std::string(what)});
}

void Audit::Read(const Entry& entry, absl::string_view canonical,
                 const std::vector<EntryType>& posting_types) {
  if (entry.seq != seq_ + 1) Find(entry.seq, absl::StrCat("follows entry ", seq_));
  if (entry.prev_hash != hash_) Find(entry.seq, "is not chained to the entry before it");
  if (entry.hash != ChainHash(entry.prev_hash, canonical)) Find(entry.seq, "has a wrong hash");
  if (absl::string_view(Canonical(entry)) != canonical) {
    Find(entry.seq, "its canonical bytes are not what its columns and postings say");
  }
  if (entry.period_no < 1 || entry.period_no > 12) Find(entry.seq, "has no period");
  if (!entry.approver.empty() && entry.approver == entry.actor) {
    Find(entry.seq, "was approved by who asked for it");
  }
  if (entry.reverses_seq != 0 &&
      (entry.reverses_seq >= entry.seq || !reversed_.insert(entry.reverses_seq).second)) {
    Find(entry.seq, "takes back an entry twice, or one that is not before it");
  }
  if ((entry.type == EntryType::kReverse) != (entry.reverses_seq != 0) ||
      (entry.reverses_seq != 0 && entry.approver.empty())) {
    Find(entry.seq, "takes back an entry, but not by two people");
  }
  if (entry.effective &&
      (!MayBeDated(entry.type) || *entry.effective < EarliestDay(budget_.fiscal_year))) {
    Find(entry.seq, "says that it happened on a day it cannot");
  }
  const bool closes = entry.type == EntryType::kClosePeriod;
  if (entry.postings.empty() != closes) {
    Find(entry.seq, closes ? "closes a period, and moves money" : "moves nothing");
  }
  if (closes && (entry.approver.empty() || !entry.record)) {
    Find(entry.seq, "closes a period, but not by two people");
  }
  for (size_t i = 0; i < entry.postings.size(); ++i) {
    if (i >= posting_types.size() || posting_types[i] != entry.type) {
      Find(entry.seq, "a posting is of another type than its entry");
    }
    ReadPosting(entry, entry.postings[i]);
  }
  if (entry.type == EntryType::kCarryOut || entry.type == EntryType::kCarryIn) {
    carried_.insert(entry.link);
    carried_seq_ = entry.seq;
  }
  seq_ = entry.seq;
  hash_ = entry.hash;
  CompareTrialBalances();
}

void Audit::ExpectTrialBalance(int64_t seq, const Hash& hash) {
  trial_hashes_.emplace(seq, hash);
  CompareTrialBalances();
}

void Audit::CompareTrialBalances() {
  if (trial_hashes_.empty() || trial_hashes_.begin()->first > seq_) return;
  std::vector<Account> accounts;
  for (const auto& [no, account] : accounts_) accounts.push_back(account);
  const Hash hash = TrialHash(budget_.id, seq_, accounts);
  for (auto at = trial_hashes_.begin(); at != trial_hashes_.end() && at->first <= seq_;) {
    if (at->first != seq_ || at->second != hash) {
      Find(at->first, "the trial balance that was signed is not the one after this entry");
    }
    at = trial_hashes_.erase(at);
  }
}

void Audit::ReadReversal(const Entry& entry, EntryType type, const std::vector<Posting>& reversed) {
  if (!Reversible(type)) Find(entry.seq, "takes back an entry of a type that cannot be");
  using Move = std::tuple<int64_t, int64_t, Money>;
  std::vector<Move> back, forth;
  for (const Posting& p : entry.postings) back.emplace_back(p.to_no, p.from_no, p.amount);
  for (const Posting& p : reversed) forth.emplace_back(p.from_no, p.to_no, p.amount);
  std::sort(back.begin(), back.end());
  std::sort(forth.begin(), forth.end());
  if (back != forth) Find(entry.seq, "does not move back what the entry it takes back moved");
}

Account& Audit::Take(const Entry& entry, int64_t no, const AccountKey& key) {
  const auto [at, added] = accounts_.try_emplace(no, Account{.no = no, .key = key});
  if (!added && at->second.key != key) Find(entry.seq, "an account changed what it is for");
  return at->second;
}

void Audit::ReadAward(const Posting& posting) {
  using enum AccountKind;
  if (posting.from.kind == kPot && posting.to.kind == kReserved) {
    awarded_[posting.to.reference].amount += posting.amount;
  } else if (posting.from.kind == kReserved && posting.to.kind == kPot) {
    awarded_[posting.from.reference].amount -= posting.amount;
  } else if (posting.from.kind == kReserved && posting.to.kind != kCommitted &&
             posting.to.kind != kPaid) {
    awarded_[posting.from.reference].gave_back = true;
  }
}

void Audit::ReadPosting(const Entry& entry, const Posting& posting) {
  if (!Allows(entry.type, posting.from.kind, posting.to.kind)) {
    Find(entry.seq, "makes a move that its type does not allow");
  }
  if (posting.amount < Money::Cents(1) || posting.amount > Money::Cents(Money::kCentsMax)) {
    Find(entry.seq, "an amount is out of range");
  }
  Account& from = Take(entry, posting.from_no, posting.from);
  from.debits += posting.amount;
  Account& to = Take(entry, posting.to_no, posting.to);
  to.credits += posting.amount;
  if (posting.from.kind == AccountKind::kSource) appropriated_ += posting.amount;
  if (posting.to.kind == AccountKind::kSource) appropriated_ -= posting.amount;
  ReadAward(posting);
  if (!MayOverdraw(posting.from.kind) && from.balance() < Money()) {
    Find(entry.seq, absl::StrCat("account ", from.no, " goes below zero"));
  }
  if (posting.to.kind == AccountKind::kCarriedIn && to.balance() > Money()) {
    Find(entry.seq, absl::StrCat("account ", to.no, " gets back more than it gave"));
  }
  if (from.balance() != posting.from_balance || to.balance() != posting.to_balance) {
    Find(entry.seq, "a balance on the way is not the sum of the postings");
  }
}

// Of every source together, on all its accounts: what it gave and what came over of it is at least
// what it got back and what went over.
void Audit::CompareSources() {
  std::map<std::string, Money> left;
  for (const auto& [no, account] : accounts_) {
    // Not on the way, where a source could come to have too much before that was refused.
    if (account.key.kind == AccountKind::kSource && account.balance() > Money()) {
      Find(0, absl::StrCat("account ", no, " gets back more than it gave"));
    }
    if (MayOverdraw(account.key.kind) || account.key.kind == AccountKind::kCarriedOut) {
      left[account.key.reference] -= account.balance();
    }
  }
  // Money that went over before that was told by source, under the next budget's id, was
  // everybody's.
  left.erase(IdOfBudget(budget_.district, budget_.fund, budget_.fiscal_year + 1, budget_.currency)
                 .ToString());
  for (const auto& [source, amount] : left) {
    if (amount < Money()) {
      Find(0, absl::StrCat("more of source ", source, " went over or back than it gave"));
    }
  }
}

void Audit::Close(const Standing& standing) {
  CompareSources();
  for (const auto& [seq, hash] : trial_hashes_) {
    Find(seq, "a trial balance was signed after an entry that is not there");
  }
  if (standing.head_seq != seq_ || standing.head_hash != hash_) {
    Find(0, absl::StrCat("the head stands at ", standing.head_seq, ", the entries end at ", seq_));
  }
  if (standing.appropriated != appropriated_) {
    Find(0, "what was appropriated is not the sum of the postings");
  }
  if (standing.account_count != static_cast<int64_t>(accounts_.size())) {
    Find(0, "the head counts another number of accounts");
  }
  std::map<int64_t, Account> stored;
  Money total, left;
  for (const Account& account : standing.accounts) {
    stored.emplace(account.no, account);
    total += account.balance();
    const bool may_stay = MayOverdraw(account.key.kind) || account.key.kind == AccountKind::kPaid ||
                          account.key.kind == AccountKind::kCarriedOut;
    if (!may_stay) left += account.balance();
    const auto derived = accounts_.find(account.no);
    if (derived == accounts_.end()) {
      Find(0, absl::StrCat("account ", account.no, " is in no entry"));
    } else if (!(derived->second == account)) {
      Find(0, absl::StrCat("account ", account.no, " is not the sum of its postings"));
    }
  }
  for (const auto& [no, account] : accounts_) {
    if (!stored.contains(no)) Find(0, absl::StrCat("account ", no, " is missing"));
  }
  if (total != Money()) Find(0, "the balances do not add up to zero");
  if (standing.state != Budget::State::kOpen && left != Money()) {
    Find(0, "it was carried over, and has money left");
  }
}

}  // namespace smederij::ledger
