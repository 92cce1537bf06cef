#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/base/clock.h"
#include "common/pg/guard.h"
#include "common/pg/statement.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/books.h"

// What the writer reads and writes: a batch of commands at a time.
namespace smederij::ledger {

// Which request, and what was answered to it.
struct RequestKey {
  BudgetId budget;  // The first of the command's budgets: the id counts within it.
  RequestId id;

  auto operator<=>(const RequestKey&) const = default;
};
struct Answered {
  std::string method;
  std::string actor;
  Hash request_hash{};
  std::string response;
};

// What the commands may touch, under the locks of their budgets' heads.
struct Locked {
  Books books;
  // Of the commands' keys those that were answered before. A request being written elsewhere holds
  // the head, so whoever has the head sees every answer there is.
  std::map<RequestKey, Answered> answered;
};

// Locks the heads of the commands' budgets, in order, and reads. What time it is says the database,
// under the locks; a test's `clock`, when there is one.
absl::StatusOr<Locked> LockBooks(pg::Tx& tx, absl::Span<const Command* const> commands,
                                 const std::vector<RequestKey>& keys, const Clock* clock);

// Everything a batch wrote, in the order it was decided.
struct Changes {
  std::vector<Budget> opened;
  std::vector<Entry> entries;
  std::vector<Commitment> commitments;
  std::vector<PaymentStep> steps;
  std::vector<Reversal> reversals;
  std::vector<AwardChange> awards;
  std::vector<Closing> closings;
  std::vector<Indexing> indexings;
  std::vector<Handover> handovers;
  std::vector<std::pair<BudgetId, Budget::State>> states;
  std::vector<std::pair<RoundId, int32_t>> reserved_versions;
  std::vector<std::pair<RequestKey, Answered>> answered;
};

// Stores them; `books` as they stand after them. Gives how far the database has come. A budget or
// an award version that another replica stored meanwhile asks for a rerun.
absl::StatusOr<pg::GuardRecord> Store(pg::Tx& tx, const Books& books, const Changes& changes);

// How far the database has come: its commits, its records (budgets opened and entries), and a hash
// over all of them.
absl::StatusOr<pg::GuardRecord> ReadProgress(pg::Tx& tx);

absl::Span<const pg::AnyStatement> PostingStatements();

}  // namespace smederij::ledger
