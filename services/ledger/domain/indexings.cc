#include "services/ledger/domain/indexings.h"

#include <utility>

#include "absl/numeric/int128.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "services/ledger/domain/canonical.h"
#include "services/ledger/domain/carry.h"
#include "services/ledger/domain/carry_errors.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/domain/indexing_errors.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kWhole = 10'000;  // A hundred percent.

}  // namespace

Hash RecordOf(const Indexing& indexing) {
  CanonicalWriter writer("smederij-indexing-v1");
  writer.Id(indexing.budget.uuid());
  writer.Id(indexing.from.uuid());
  writer.Number(static_cast<uint32_t>(indexing.rate));
  writer.Number(static_cast<uint64_t>(indexing.from_seq));
  return crypto::Sha256(std::move(writer).Finish());
}

std::optional<std::vector<Move>> Indexed(const std::map<std::string, Money>& decided,
                                         int32_t rate) {
  CHECK(rate >= kRateMin && rate <= kRateMax);
  std::vector<Move> moves;
  absl::uint128 sum = 0;
  for (const auto& [source, amount] : decided) {
    if (amount <= Money()) continue;
    // 10^15 cents twice over, times 10^4, is beyond 64 bits.
    const absl::uint128 parts =
        absl::uint128(static_cast<uint64_t>(amount.cents())) * static_cast<uint64_t>(kWhole + rate);
    const absl::uint128 cents = (parts + static_cast<uint64_t>(kWhole / 2)) / kWhole;
    sum += cents;
    if (sum > static_cast<uint64_t>(Money::kCentsMax)) return std::nullopt;
    if (cents == 0) continue;
    moves.push_back({Source(source), Available(),
                     Money::Cents(static_cast<int64_t>(absl::Uint128Low64(cents)))});
  }
  return moves;
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const IndexAppropriations& index) {
  for (const BudgetId budget : {index.from, index.budget}) {
    if (!books.by_budget.contains(budget)) return BudgetNotFound(budget);
  }
  const Book& from = books.by_budget.at(index.from);
  if (!Follows(from.budget, books.by_budget.at(index.budget).budget)) {
    return BudgetsDoNotFollow(index.from, index.budget);
  }
  // Last year's may be carried over or closed: it is only read. But it has to be right.
  if (from.frozen) return BudgetFrozen(index.from);
  ASSIGN_OR_RETURN(const Book* const book, OpenBook(books, index.budget, command));
  if (book->indexed) return AlreadyIndexed(index.budget);
  std::optional<std::vector<Move>> moves = Indexed(from.decided, index.rate);
  if (moves && moves->empty()) return NothingToIndex(index.from, index.rate);
  Money total;
  if (moves) {
    for (const Move& move : *moves) total += move.amount;
    if (total > index.limit) return AmountOverLimit(total, index.limit);
  }
  if (!moves || book->appropriated + total > Money::Cents(Money::kCentsMax)) {
    return BudgetFull(index.budget, book->appropriated);
  }
  const Indexing indexing{.budget = index.budget,
                          .from = index.from,
                          .rate = index.rate,
                          .from_seq = from.head_seq,
                          .seq = book->head_seq + 1};
  Effect effect;
  effect.entries = {DraftEntry(*book, command, books.now, EntryType::kIndexAppropriations,
                               index.decision_ref, *std::move(moves), {}, RecordOf(indexing))};
  effect.indexings = {indexing};
  return effect;
}

void ApplyIndexings(const Effect& effect, Books& books) {
  for (const Indexing& indexing : effect.indexings) {
    books.by_budget.at(indexing.budget).indexed = true;
  }
}

}  // namespace smederij::ledger
