#include "services/ledger/domain/carry.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "common/base/status_macros.h"
#include "services/ledger/domain/carry_errors.h"
#include "services/ledger/domain/conditions.h"
#include "services/ledger/domain/draft.h"
#include "services/ledger/domain/errors.h"
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

// The two books while they are written: each entry sees what the ones before it left.
class Pair {
 public:
  Pair(const Books& books, const Command& command, const Book& from, const Book& to)
      : books_(books), command_(command), from_(from), to_(to) {}

  Book& from() { return from_; }
  Book& to() { return to_; }

  // Carries `moves`, as many out of the one book as into the other. `out` and `in` are the records
  // the entries rest on.
  void Carry(const std::string& decision_ref, std::vector<Move> out, std::vector<Move> in,
             const std::optional<Hash>& out_record = {},
             const std::optional<Hash>& in_record = {}) {
    Post(from_, EntryType::kCarryOut, decision_ref, std::move(out), out_record);
    Post(to_, EntryType::kCarryIn, decision_ref, std::move(in), in_record);
  }

  Effect effect;

 private:
  void Post(Book& book, EntryType type, const std::string& decision_ref, std::vector<Move> moves,
            const std::optional<Hash>& record) {
    if (moves.empty()) return;
    effect.entries.push_back(DraftEntry(book, command_, books_.now, type, decision_ref,
                                        std::move(moves), command_.request.uuid(), record));
    PostEntry(effect.entries.back(), book);
  }

  const Books& books_;
  const Command& command_;
  Book from_, to_;
};

// A commitment goes over with its terms and what is left of it and of its VAT, and keeps its id: it
// is closed in the one book and opened in the other.
void CarryCommitment(const Books& books, const CarryOver& carry, Commitment commitment,
                     Pair& pair) {
  const Money left = HeldBy(pair.from(), Committed(commitment.id));
  commitment.closed = true;
  pair.effect.commitments.push_back(commitment);
  if (left == Money()) return;
  const Hash before = RecordOf(commitment);
  commitment.closed = false;
  commitment.budget = carry.to;
  commitment.amount = left;
  commitment.vat = std::min(VatLeftOf(pair.from(), commitment), left);
  commitment.seq = pair.to().head_seq + 1;
  commitment.opened_at = books.now;
  pair.Carry(carry.decision_ref, {{Committed(commitment.id), CarriedOut(carry.to), left}},
             {{CarriedIn(carry.from), Committed(commitment.id), left}}, before,
             RecordOf(commitment));
  pair.effect.commitments.push_back(std::move(commitment));
}

// Whose money goes over, by the reference of their accounts.
absl::StatusOr<std::set<std::string>> PlansOf(const Book& book, const CarryOver& carry) {
  std::set<std::string> plans;
  for (const PlanId plan : carry.plans) {
    if (FindAccount(book, Reserved(plan)) == nullptr) return AwardNotFound(carry.from, plan);
    plans.insert(plan.ToString());
  }
  if (!carry.whole) return plans;
  for (const auto& [key, account] : book.accounts) {
    if (key.kind == AccountKind::kReserved) plans.insert(key.reference);
  }
  return plans;
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
  ASSIGN_OR_RETURN(const Book* const to, OpenBook(books, carry.to));
  if (carry.whole && books.today.year() <= from->budget.fiscal_year) {
    return YearNotOver(carry.from, from->budget.fiscal_year);
  }
  ASSIGN_OR_RETURN(const std::set<std::string> plans, PlansOf(*from, carry));
  ASSIGN_OR_RETURN(const std::vector<Commitment> commitments, CommitmentsOf(*from, plans));
  std::vector<Move> out, in;
  Money total;
  const auto move = [&](const AccountKey& key, Money amount) {
    if (amount == Money()) return;
    out.push_back({key, CarriedOut(carry.to), amount});
    in.push_back({CarriedIn(carry.from), key, amount});
    total += amount;
  };
  for (const std::string& plan : plans) {
    const AccountKey key{AccountKind::kReserved, plan};
    move(key, HeldBy(*from, key));
  }
  if (carry.whole) {
    for (const auto& [key, account] : from->accounts) {
      if (key.kind == AccountKind::kPot && account.balance() > Money()) {
        return PotHeld(carry.from, account);
      }
    }
    const Money left = HeldBy(*from, Available());
    if (carry.rest == CarryOver::Rest::kCarry) {
      move(Available(), left);
    } else if (left > Money()) {
      if (left > from->appropriated) {
        return LapseOverSources(carry.from, left, from->appropriated);
      }
      for (Move& lapsed : ToSources(*from, left)) out.push_back(std::move(lapsed));
    }
  }
  for (const Commitment& commitment : commitments) {
    total += HeldBy(*from, Committed(commitment.id));
  }
  if (to->appropriated + total > Money::Cents(Money::kCentsMax)) {
    return BudgetFull(carry.to, to->appropriated);
  }
  Pair pair(books, command, *from, *to);
  pair.Carry(carry.decision_ref, std::move(out), std::move(in));
  for (const Commitment& commitment : commitments) {
    CarryCommitment(books, carry, commitment, pair);
  }
  if (carry.whole) pair.effect.states = {{carry.from, Budget::State::kCarried}};
  return std::move(pair.effect);
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
