#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/id.h"
#include "common/base/money.h"
#include "services/ledger/domain/account.h"

namespace smederij::ledger {

using Hash = std::array<uint8_t, 32>;

// What an entry records. The numbers never change, as with AccountKind.
enum class EntryType : int16_t {
  kAppropriate = 1,      // source → available
  kHoldPot = 2,          // available → pot
  kReserveAwards = 3,    // pot → reserved
  kReleasePot = 4,       // pot → available
  kOpenCommitment = 5,   // reserved → committed
  kCloseCommitment = 6,  // committed → reserved
  kReleaseAward = 7,     // reserved → available
  kInstructPayment = 8,  // committed → clearing
  kSettlePayment = 9,    // clearing → paid, or advanced
  kFailPayment = 10,     // clearing → committed
  kReverse = 11,         // what another entry moved, back
  kAdjustAwards = 12,    // reserved or available → pot, pot → reserved
  kCarryOut = 13,        // reserved, committed, available → carried out; available → source,
                         // carried in: what lapses
  kCarryIn = 14,         // carried in → reserved, committed, available
  kReturnFunds = 15,     // available → source, carried in
  kAccountAdvance = 16,  // advanced → paid
  kReturnAdvance = 17,   // advanced → committed
  kIndexAppropriations = 18,  // source → available, from every source of the year before
  kClosePeriod = 19,          // nothing: it says that a period takes nothing any more
  kReturnPayment = 20,        // paid → committed, or reserved when the commitment was closed
};

// "fail_payment", for facts of refusals; as the table entry_type has it.
absl::string_view NameOf(EntryType type);

// Whether two people may take such an entry back; the table entry_type holds the same. What belongs
// to a pot, a commitment or a payment goes back by their own steps, but for the parts of an
// advance, and what came back of a payment.
bool Reversible(EntryType type);

// Whether such an entry may say on which day it happened outside; the table entry_type holds the
// same. Only what people record: what a service does happens when it is recorded.
bool MayBeDated(EntryType type);

// The moves there are; the table posting_rule holds the same.
bool Allows(EntryType type, AccountKind from, AccountKind to);

// One movement of money between two accounts of a budget: it balances by construction.
struct Posting {
  int64_t from_no = 0;
  AccountKey from;
  int64_t to_no = 0;
  AccountKey to;
  Money amount;
  Money from_balance, to_balance;  // After it.

  bool operator==(const Posting&) const = default;
};

// An entry in a budget's books: never changed, never removed.
struct Entry {
  BudgetId budget;
  int64_t seq = 0;  // 1, 2, 3 … without gaps.
  EntryType type = EntryType::kAppropriate;
  int16_t period_no = 0;
  absl::Time recorded_at;
  RequestId request;         // Whose effect it is.
  std::string actor;         // "person:<uuid>" or "service:<name>".
  std::string approver;      // The second person, where two are needed; otherwise empty.
  std::string decision_ref;  // The decision behind it.
  Uuid link;                 // Shared by entries of one request over several budgets; else nil.
  int64_t reverses_seq = 0;  // The entry this one takes back; 0 when none.
  std::optional<Hash> record = {};  // SHA-256 of what it rests on: a commitment, a payment.
  // The day it happened outside, where somebody said so; else the day it was recorded.
  std::optional<absl::CivilDay> effective = {};
  std::vector<Posting> postings;
  Hash prev_hash{};  // Of the entry before it; of the opening record for the first.
  Hash hash{};       // SHA-256(prev_hash ‖ Canonical(entry)).
};

// What an entry is, as bytes: a fixed layout that any language reproduces, written out in the
// service's README. Everything but balances and hashes, which follow from the chain.
std::string Canonical(const Entry& entry);
Hash ChainHash(const Hash& prev_hash, absl::string_view canonical);

}  // namespace smederij::ledger
