#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/crypto/merkle.h"
#include "common/pg/guard.h"
#include "common/pg/pool.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/audit.h"

namespace smederij::ledger {

// An entry may be this long without a place under a signed head: a checkpoint's interval, and
// patience.
inline constexpr absl::Duration kUnloggedMax = absl::Minutes(10);

// What the log is compared with besides the tables.
struct LogWitness {
  std::optional<pg::GuardRecord> guard = {};  // What was signed last, as remembered outside.
  // To look by hand: what no signed head covers yet is tail(), and what of it was recorded before
  // `now` by kUnloggedMax is late. None, for whoever looks again and again: a finding is what two
  // turns of a sequencer passed over. That goes by no clock, and a sequencer that rests passes over
  // nothing.
  std::optional<absl::Time> now = {};
  // Whose checkpoints are believed, by hand: one of any other key is a finding, and covers nothing.
  // Without any, what signed each is believed.
  std::vector<std::string> keys = {};
};

// The end of the books that no signed head covers: what is not in the log, and what is in it and
// not signed. Whoever has all rights on the database can cut it off, or write it anew with other
// days in it, and leave no trace but in the guard; so he who stops the sequencer widens what he can
// change, as long as nobody minds. That there is such a tail is no fault: there always is one, for
// a checkpoint's interval, and a long one after an upgrade. What bounds it cannot be the recorded
// time of an entry, nor when log_state says that a turn ended: he can write both. It is the signed
// head alone, which he cannot move without the key. So a tail whose entries are young is a fact,
// told with its size; one with late entries has to be seen to shrink under a signed head that
// moves; and whoever looks twice should find that it moved.
struct LogTail {
  int64_t unlogged = 0, logged_unsigned = 0;    // Entries.
  uint64_t signed_size = 0;                     // The newest head that a believed key signed.
  std::optional<absl::Time> caught_up_at = {};  // When a turn last ended with nothing left to log.
  std::vector<Finding> late = {};               // The first such entry of each budget that has one.

  // Whether, since it was `before`, a turn is under way that shortens it: one that ended without
  // its late entries has left them out.
  bool ShrinksSince(const LogTail& before) const;
};

// The log's head, of `size` entries, is not the one that its entries lead to: of the whole ledger.
Finding HeadDiffers(uint64_t size);

// The log being verified from its first leaf on, some at a time: every leaf is an entry's hash,
// every budget's entries come in sequence, the root of what is there is the one that was signed,
// and no entry was left out. One thread.
class LogWalk {
 public:
  // Reads on: about `leaves_max`, or to the end. True at the end; a later step goes on with what
  // was appended, and looks at the end again. A status is about the database itself.
  absl::StatusOr<bool> Step(pg::Pool& pool, absl::Time deadline, int64_t leaves_max,
                            const LogWitness& witness);
  // Begins with the first leaf again, and knows what waited.
  void Restart();

  uint64_t size() const { return frontier_.size(); }
  const std::vector<Finding>& findings() const { return findings_; }  // At most kFindingsMax.
  const LogTail& tail() const { return tail_; }                       // At the last end.

  static constexpr size_t kFindingsMax = 100;

 private:
  absl::StatusOr<bool> Read(pg::Tx& tx, int64_t leaves_max, const LogWitness& witness);
  absl::StatusOr<size_t> ReadPage(pg::Tx& tx, int64_t limit, const LogWitness& witness);
  void CompareSigned(const std::string& verifier_key, const std::string& note);
  absl::Status CompareEnd(pg::Tx& tx, const LogWitness& witness);
  absl::Status FindLeftOut(pg::Tx& tx);
  void FindOtherKeys(const LogWitness& witness);
  absl::Status MeasureTail(pg::Tx& tx, const LogWitness& witness);
  void Find(BudgetId budget, int64_t seq, std::string what);

  crypto::Frontier frontier_;
  std::map<BudgetId, int64_t> logged_;      // The newest entry of each.
  std::map<std::string, uint64_t> signed_;  // The newest checkpoint of each key, as verified.
  std::set<std::string> compared_;          // Keys whose head of just what was read was compared.
  std::vector<Finding> findings_;
  LogTail tail_;
  bool broken_ = false;  // A leaf is missing: what follows cannot be compared.
  // Entries that were not in the log when it was last looked at its end; and how many turns of a
  // sequencer have ended since they were first seen so.
  struct Waiting {
    absl::Time caught_up_at;
    int turns = 0;
  };
  std::map<std::pair<BudgetId, int64_t>, Waiting> waiting_;
};

absl::Span<const pg::AnyStatement> LogWalkStatements();

}  // namespace smederij::ledger
