#pragma once

#include <cstdint>
#include <map>
#include <optional>
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

// An entry may be this long without a place in the log: a checkpoint's interval, and patience.
inline constexpr absl::Duration kUnloggedMax = absl::Minutes(10);

// What the log is compared with besides the tables.
struct LogWitness {
  std::optional<pg::GuardRecord> guard = {};  // What was signed last, as remembered outside.
  // To look once: entries recorded before `now` by kUnloggedMax and not in the log are a finding.
  // None, for whoever looks again and again: those that two turns of a sequencer passed over. That
  // goes by no clock, and a sequencer that rests passes over nothing.
  std::optional<absl::Time> now = {};
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

  static constexpr size_t kFindingsMax = 100;

 private:
  absl::StatusOr<bool> Read(pg::Tx& tx, int64_t leaves_max, const LogWitness& witness);
  absl::StatusOr<size_t> ReadPage(pg::Tx& tx, int64_t limit, const LogWitness& witness);
  absl::Status CompareEnd(pg::Tx& tx, const LogWitness& witness);
  absl::Status FindLeftOut(pg::Tx& tx, const LogWitness& witness);
  void Find(BudgetId budget, int64_t seq, std::string what);

  crypto::Frontier frontier_;
  std::map<BudgetId, int64_t> logged_;  // The newest entry of each.
  std::vector<Finding> findings_;
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
