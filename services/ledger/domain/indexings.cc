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
#include "services/ledger/domain/sources.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kWhole = 10'000;  // A hundred percent.

// What a source gives at `rate`: nothing, when it gave nothing.
Money OneIndexed(Money amount, int32_t rate) {
  CHECK(rate >= kRateMin && rate <= kRateMax);
  if (amount <= Money()) return Money();
  // 10^15 cents twice over, times 10^4, is beyond 64 bits.
  const absl::uint128 parts =
      absl::uint128(static_cast<uint64_t>(amount.cents())) * static_cast<uint64_t>(kWhole + rate);
  const absl::uint128 cents = (parts + static_cast<uint64_t>(kWhole / 2)) / kWhole;
  return Money::Cents(static_cast<int64_t>(absl::Uint128Low64(cents)));
}

}  // namespace

Hash RecordOf(const Indexing& indexing) {
  CanonicalWriter writer("smederij-indexing-v1");
  writer.Id(indexing.budget.uuid());
  writer.Id(indexing.from.uuid());
  writer.Number(static_cast<uint32_t>(indexing.rate));
  writer.Number(static_cast<uint64_t>(indexing.from_seq));
  return crypto::Sha256(std::move(writer).Finish());
}

Money TotalIndexed(const std::map<std::string, Money>& decided, int32_t rate) {
  Money total;
  for (const auto& [source, amount] : decided) total += OneIndexed(amount, rate);
  return total;
}

std::optional<std::vector<Move>> Indexed(const std::map<std::string, Money>& decided,
                                         int32_t rate) {
  if (TotalIndexed(decided, rate) > Money::Cents(Money::kCentsMax)) return std::nullopt;
  std::vector<Move> moves;
  for (const auto& [source, amount] : decided) {
    const Money indexed = OneIndexed(amount, rate);
    if (indexed > Money()) moves.push_back({Source(source), Available(), indexed});
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
  const Money total = TotalIndexed(from.decided, index.rate);
  if (total == Money()) return NothingToIndex(index.from, index.rate);
  // Whether the caller may decide about it comes before whether there is room for it.
  if (OverLimit(total, index.limit)) return AmountOverLimit(total, index.limit);
  std::optional<std::vector<Move>> moves = Indexed(from.decided, index.rate);
  RETURN_IF_ERROR(HasRoomFor(*book, total));
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
