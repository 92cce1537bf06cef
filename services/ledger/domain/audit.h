#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/ledger/domain/account.h"
#include "services/ledger/domain/budget.h"
#include "services/ledger/domain/entry.h"

namespace smederij::ledger {

// Something in a budget's books that is not as it must be.
struct Finding {
  BudgetId budget;
  int64_t seq = 0;  // The entry it is about; 0 for the budget as a whole.
  std::string what;
};

// Where the tables say a budget stands.
struct Standing {
  int64_t head_seq = 0;
  Hash head_hash{};
  int64_t account_count = 0;
  Money appropriated;
  Budget::State state = Budget::State::kOpen;
  std::vector<Account> accounts;
};

// Derives a budget's books again from its entries alone, and compares: every hash, every link of
// the chain, every move, every balance on the way and at the end. Believes nothing that is stored.
class Audit {
 public:
  // From the opening record as it is stored.
  Audit(const Budget& budget, absl::string_view opening, const Hash& opening_hash);

  // The next entry, with the bytes it is said to be hashed from, and the type beside each posting.
  void Read(const Entry& entry, absl::string_view canonical,
            const std::vector<EntryType>& posting_types);

  // The entry takes back an earlier one of `type`, which moved `reversed`: the same amounts between
  // the same accounts, the other way round.
  void ReadReversal(const Entry& entry, EntryType type, const std::vector<Posting>& reversed);

  // After entry `seq`, which is not read yet or the last one that was, the books' trial balance is
  // the one of this hash.
  void ExpectTrialBalance(int64_t seq, const Hash& hash);

  // Something found by looking at the tables themselves.
  void Find(int64_t seq, absl::string_view what);

  // What a plan, by the reference of its account, got from the pots of rounds, less what they took
  // back; whether any of it went elsewhere than to suppliers.
  struct Awarded {
    Money amount;
    bool gave_back = false;
  };
  const std::map<std::string, Awarded>& awarded() const { return awarded_; }
  // The links of entries that carried money over, and the newest such entry.
  const std::set<Uuid>& carried() const { return carried_; }
  int64_t carried_seq() const { return carried_seq_; }

  // After the last entry: compares with where the tables say the budget stands.
  void Close(const Standing& standing);

  // At most kFindingsMax; one broken entry can make all that follow wrong.
  const std::vector<Finding>& findings() const { return findings_; }
  int64_t entries() const { return seq_; }

  static constexpr size_t kFindingsMax = 100;

 private:
  void ReadPosting(const Entry& entry, const Posting& posting);
  void ReadAward(const Posting& posting);
  void CompareTrialBalances();
  void CompareSources();
  Account& Take(const Entry& entry, int64_t no, const AccountKey& key);

  const Budget budget_;
  int64_t seq_ = 0;
  Hash hash_{};
  Money appropriated_;
  std::map<int64_t, Account> accounts_;
  std::set<int64_t> reversed_;
  std::multimap<int64_t, Hash> trial_hashes_;  // Not compared yet.
  std::map<std::string, Awarded> awarded_;
  std::set<Uuid> carried_;
  int64_t carried_seq_ = 0;
  std::vector<Finding> findings_;
};

}  // namespace smederij::ledger
