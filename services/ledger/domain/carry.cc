#include "services/ledger/domain/carry.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "services/ledger/domain/carry_errors.h"
#include "services/ledger/domain/condition_errors.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"
#include "services/ledger/domain/sources.h"
#include "services/ledger/domain/spending.h"
#include "services/ledger/domain/spending_errors.h"

namespace smederij::ledger {
namespace {

// What the money is for goes with it; only the day by which it has to be awarded may be another.
bool SamePurpose(const Budget& from, const Budget& to) {
  if (!from.condition || !to.condition) return !from.condition && !to.condition;
  const auto plans = [](const Budget& of) {
    return std::set<PlanId>(of.condition->plans.begin(), of.condition->plans.end());
  };
  return plans(from) == plans(to) && from.condition->category == to.condition->category;
}

// Out of the one book, and as much of each source into the other.
struct Pair {
  std::vector<Move> out, in;

  void Add(const AccountKey& key, const std::vector<std::pair<std::string, Money>>& slices) {
    for (const auto& [source, amount] : slices) {
      out.push_back({key, CarriedOut(source), amount});
      in.push_back({CarriedIn(source), key, amount});
    }
  }
};

// The two books while they are written: each entry sees what the ones before it left.
class Carrying {
 public:
  // `parts` is how much goes over of each source, with all entries together.
  Carrying(const Books& books, const Command& command, const CarryOver& carry, BySource parts)
      : books_(books),
        command_(command),
        carry_(carry),
        slices_(std::move(parts)),
        from_(books.by_budget.at(carry.from)),
        to_(books.by_budget.at(carry.to)) {}

  // What is on `accounts`, and beside it what lapses.
  void CarryAccounts(const std::vector<std::pair<AccountKey, Money>>& accounts,
                     const std::vector<Move>& lapsing) {
    Pair pair;
    for (const auto& [key, amount] : accounts) pair.Add(key, slices_.Next(amount));
    pair.out.insert(pair.out.end(), lapsing.begin(), lapsing.end());
    Post(from_, EntryType::kCarryOut, std::move(pair.out));
    Post(to_, EntryType::kCarryIn, std::move(pair.in));
  }

  // A commitment goes over with its terms and what is left of it and of its VAT, and keeps its id:
  // it is closed in the one book and opened in the other.
  void CarryCommitment(Commitment commitment) {
    const Money left = HeldBy(from_, Committed(commitment.id));
    commitment.closed = true;
    effect.commitments.push_back(commitment);
    if (left == Money()) return;
    const Hash before = RecordOf(commitment);
    commitment.closed = false;
    commitment.budget = carry_.to;
    commitment.amount = left;
    commitment.vat = std::min(VatLeftOf(from_, commitment), left);
    commitment.seq = to_.head_seq + 1;
    commitment.opened_at = books_.now;
    Pair pair;
    pair.Add(Committed(commitment.id), slices_.Next(left));
    Post(from_, EntryType::kCarryOut, std::move(pair.out), before);
    Post(to_, EntryType::kCarryIn, std::move(pair.in), RecordOf(commitment));
    effect.commitments.push_back(std::move(commitment));
  }

  Effect effect{};

 private:
  // `record` is what the entry rests on.
  void Post(Book& book, EntryType type, std::vector<Move> moves,
            const std::optional<Hash>& record = {}) {
    if (moves.empty()) return;
    effect.entries.push_back(DraftEntry(book, command_, books_.now, type, carry_.decision_ref,
                                        std::move(moves), command_.request.uuid(), record));
    PostEntry(effect.entries.back(), book);
  }

  const Books& books_;
  const Command& command_;
  const CarryOver& carry_;
  Slices slices_;
  Book from_, to_;
};

// Whether what no plan has, `left`, may still be awarded next year: conditional money was to be by
// a day, and what was not goes back. Refusal: CONDITION_OVER.
absl::Status MayGoOver(const Books& books, const Budget& from, Money left) {
  if (!from.condition || left == Money() || books.today <= from.condition->deadline) {
    return absl::OkStatus();
  }
  return ConditionOver(from.id, from.condition->deadline);
}

// Plans that have money here, by the reference of their accounts. One of which only commitments
// came over has no account of its own.
std::set<std::string> PlansIn(const Book& book) {
  std::set<std::string> plans;
  for (const auto& [key, account] : book.accounts) {
    if (key.kind == AccountKind::kReserved) plans.insert(key.reference);
  }
  for (const auto& [id, commitment] : book.commitments) {
    if (!commitment.closed) plans.insert(commitment.plan.ToString());
  }
  return plans;
}

// Whose money goes over. Refusal: AWARD_NOT_FOUND.
absl::StatusOr<std::set<std::string>> PlansOf(const Book& book, const CarryOver& carry) {
  std::set<std::string> all = PlansIn(book), named;
  if (carry.whole) return all;
  for (const PlanId plan : carry.plans) {
    if (!all.contains(plan.ToString())) return AwardNotFound(carry.from, plan);
    named.insert(plan.ToString());
  }
  return named;
}

absl::StatusOr<std::vector<Commitment>> CommitmentsOf(const Book& book,
                                                      const std::set<std::string>& plans) {
  std::vector<Commitment> commitments;
  for (const auto& [id, commitment] : book.commitments) {
    if (!commitment.closed && plans.contains(commitment.plan.ToString())) {
      commitments.push_back(commitment);
    }
  }
  std::set<CommitmentId> ids;
  for (const Commitment& commitment : commitments) ids.insert(commitment.id);
  RETURN_IF_ERROR(NothingOpen(book, ids));
  return commitments;
}

}  // namespace

bool Follows(const Budget& from, const Budget& to) {
  return SamePurpose(from, to) &&
         to.id == IdOfBudget(from.district, from.fund, from.fiscal_year + 1, from.currency);
}

absl::StatusOr<Effect> Decide(const Books& books, const Command& command, const CarryOver& carry) {
  for (const BudgetId budget : {carry.from, carry.to}) {
    if (!books.by_budget.contains(budget)) return BudgetNotFound(budget);
  }
  if (!Follows(books.by_budget.at(carry.from).budget, books.by_budget.at(carry.to).budget)) {
    return BudgetsDoNotFollow(carry.from, carry.to);
  }
  ASSIGN_OR_RETURN(const Book* const from, OpenBook(books, carry.from));
  // Where nothing goes over, next year's may be closed already.
  const bool lapses_all = carry.whole && carry.rest == CarryOver::Rest::kLapse;
  if (!lapses_all) RETURN_IF_ERROR(OpenBook(books, carry.to).status());
  if (carry.whole && books.today.year() <= from->budget.fiscal_year) {
    return YearNotOver(carry.from, from->budget.fiscal_year);
  }
  ASSIGN_OR_RETURN(const std::set<std::string> plans, PlansOf(*from, carry));
  ASSIGN_OR_RETURN(const std::vector<Commitment> commitments, CommitmentsOf(*from, plans));
  std::vector<std::pair<AccountKey, Money>> accounts;
  Money total, lapses;
  const auto goes_over = [&](const AccountKey& key, Money amount) {
    if (amount > Money()) accounts.emplace_back(key, amount);
    total += amount;
  };
  for (const std::string& plan : plans) {
    const AccountKey key{AccountKind::kReserved, plan};
    goes_over(key, HeldBy(*from, key));
  }
  if (carry.whole) {
    for (const auto& [key, account] : from->accounts) {
      if (key.kind == AccountKind::kPot && account.balance() > Money()) {
        return PotHeld(carry.from, account);
      }
    }
    const Money left = HeldBy(*from, Available());
    if (carry.rest == CarryOver::Rest::kLapse) {
      lapses = left;
    } else {
      RETURN_IF_ERROR(MayGoOver(books, from->budget, left));
      goes_over(Available(), left);
    }
  }
  for (const Commitment& commitment : commitments) {
    total += HeldBy(*from, Committed(commitment.id));
  }
  if (total > Money()) {
    ASSIGN_OR_RETURN(const Book* const to, OpenBook(books, carry.to));
    RETURN_IF_ERROR(HasRoomFor(*to, total));
  }
  // All that goes over with one decision is apportioned as one sum: what many small commitments
  // would each lose by rounding, always the same source would win.
  BySource left = LeftOf(*from);
  Carrying carrying(books, command, carry, TakeFrom(left, total));
  carrying.CarryAccounts(accounts, ToSources(*from, TakeFrom(left, lapses)));
  for (const Commitment& commitment : commitments) carrying.CarryCommitment(commitment);
  if (carry.whole) carrying.effect.states = {{carry.from, Budget::State::kCarried}};
  return std::move(carrying.effect);
}

absl::StatusOr<Effect> Decide(const Books& books, const Command&, const CloseBudget& close) {
  ASSIGN_OR_RETURN(const Book* const book, StandingBook(books, close.budget));
  if (book->budget.state != Budget::State::kCarried) return BudgetNotCarried(close.budget);
  for (size_t i = 0; i < book->periods.size(); ++i) {
    if (book->periods[i] != PeriodState::kClosed) {
      return PeriodOpen(close.budget, static_cast<int>(i + 1));
    }
  }
  Effect effect;
  effect.states = {{close.budget, Budget::State::kClosed}};
  return effect;
}

}  // namespace smederij::ledger
