#include "services/ledger/storage/handover_store.h"

#include <set>
#include <string>
#include <utility>

#define LEDGER_HANDOVER_COLUMNS                                                          \
  "h.budget_id, h.handover_id, h.to_budget_id, h.plans, COALESCE(h.rest, ''), h.unmet, " \
  "h.decision_ref, h.effective_date, h.carried, h.returned, h.proposed_by, "             \
  "h.proposed_at, "                                                                      \
  "CASE h.state WHEN 'proposed' THEN 1 WHEN 'accepted' THEN 2 ELSE 3 END::smallint, "    \
  "h.decided_by, h.first_seq, h.last_seq"

namespace smederij::ledger {

Handover Decode(pg::Columns& row, pg::As<Handover>) {
  Handover handover;
  handover.budget = row.Next<BudgetId>();
  handover.id = row.Next<HandoverId>();
  const auto to = row.Next<std::optional<BudgetId>>();
  auto plans = row.Next<std::vector<PlanId>>();
  const auto rest = row.Next<std::string>();
  const bool unmet = row.Next<bool>();
  auto decision_ref = row.Next<std::string>();
  if (to) {
    const bool whole = plans.empty();
    handover.what =
        CarryOver{.from = handover.budget,
                  .to = *to,
                  .plans = std::move(plans),
                  .whole = whole,
                  .rest = rest == "lapse" ? CarryOver::Rest::kLapse : CarryOver::Rest::kCarry,
                  .decision_ref = std::move(decision_ref)};
  } else {
    handover.what = ReturnFunds{
        .budget = handover.budget, .decision_ref = std::move(decision_ref), .unmet = unmet};
  }
  handover.effective = row.Next<std::optional<absl::CivilDay>>();
  handover.amounts.carried = row.Next<Money>();
  handover.amounts.returned = row.Next<Money>();
  handover.proposed_by = row.Next<SubjectId>();
  handover.proposed_at = row.Next<absl::Time>();
  handover.state = static_cast<Handover::State>(row.Next<int16_t>());
  handover.decided_by = row.Next<std::optional<SubjectId>>().value_or(SubjectId());
  handover.first_seq = row.Next<std::optional<int64_t>>().value_or(0);
  handover.last_seq = row.Next<std::optional<int64_t>>().value_or(0);
  return handover;
}

namespace {

template <class T>
using Many = std::vector<T>;
using Ids = Many<BudgetId>;
template <class T>
using Maybe = std::optional<T>;

constexpr pg::Statement<Handover(Ids, Many<HandoverId>)> kNamed{"ledger.handovers",
                                                                "SELECT " LEDGER_HANDOVER_COLUMNS
                                                                R"sql(
  FROM unnest($1, $2) AS wanted (budget_id, handover_id)
  JOIN ledger.handover AS h USING (budget_id, handover_id))sql"};

constexpr pg::Statement<Handover(Ids)> kPending{"ledger.pending_handovers",
                                                "SELECT " LEDGER_HANDOVER_COLUMNS R"sql(
  FROM ledger.handover AS h WHERE h.budget_id = ANY ($1) AND h.state = 'proposed')sql"};

constexpr pg::Statement<void(BudgetId, HandoverId, Maybe<BudgetId>, Many<PlanId>,
                             Maybe<std::string>, bool, std::string, Maybe<absl::CivilDay>, Money,
                             Money, SubjectId, absl::Time)>
    kInsert{"ledger.insert_handover", R"sql(
  INSERT INTO ledger.handover (budget_id, handover_id, to_budget_id, plans, rest, unmet,
                               decision_ref, effective_date, carried, returned, proposed_by,
                               proposed_at, state)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'proposed'))sql"};

constexpr pg::Statement<void(BudgetId, HandoverId, bool, SubjectId, int64_t, int64_t, absl::Time)>
    kDecide{"ledger.decide_handover", R"sql(
  UPDATE ledger.handover
     SET state = CASE WHEN $3 THEN 'accepted' ELSE 'refused' END, decided_by = $4,
         first_seq = NULLIF($5, 0), last_seq = NULLIF($6, 0), decided_at = $7
   WHERE budget_id = $1 AND handover_id = $2)sql"};

constexpr pg::Statement<Handover(BudgetId, absl::Time, HandoverId, int64_t)> kList{
    "ledger.list_handovers", "SELECT " LEDGER_HANDOVER_COLUMNS R"sql(
  FROM ledger.handover AS h
 WHERE h.budget_id = $1 AND (h.proposed_at, h.handover_id) > ($2, $3)
 ORDER BY h.proposed_at, h.handover_id LIMIT $4)sql"};

// What left the budget is told by the handover whose entries it is among; what came in by an entry
// of the same two people in the budget it left.
constexpr pg::Statement<int64_t(BudgetId)> kUndecided{"ledger.undecided_handovers", R"sql(
  SELECT e.seq
    FROM ledger.entry AS e
   WHERE e.budget_id = $1 AND e.type IN (13, 14, 15)
     AND (e.approver IS NOT NULL
          OR e.recorded_at > (SELECT m.applied_at FROM ledger.migration AS m
                               WHERE m.name = 'handovers'))
     AND NOT EXISTS (
       SELECT FROM ledger.handover AS h
        WHERE e.type <> 14 AND h.budget_id = e.budget_id AND h.state = 'accepted'
          AND e.seq BETWEEN h.first_seq AND h.last_seq
          AND (e.actor, e.approver, e.decision_ref) =
              ('person:' || h.proposed_by, 'person:' || h.decided_by, h.decision_ref))
     AND NOT EXISTS (
       SELECT FROM ledger.entry AS o
        WHERE e.type = 14 AND o.link_id = e.link_id AND o.type = 13
          AND (e.actor, e.approver, e.decision_ref) = (o.actor, o.approver, o.decision_ref))
  UNION
  SELECT coalesce(h.first_seq, 0)
    FROM ledger.handover AS h
   CROSS JOIN LATERAL (
     SELECT coalesce(sum(p.amount) FILTER (WHERE p.to_kind <> 1), 0) AS carried,
            coalesce(sum(p.amount) FILTER (WHERE p.to_kind = 1), 0) AS returned
       FROM ledger.posting AS p
      WHERE p.budget_id = h.budget_id AND p.seq BETWEEN h.first_seq AND h.last_seq
        AND p.type = CASE WHEN h.to_budget_id IS NULL THEN 15 ELSE 13 END) AS p
   WHERE h.budget_id = $1 AND h.state = 'accepted'
     AND (h.carried::numeric, h.returned::numeric) IS DISTINCT FROM (p.carried, p.returned)
   ORDER BY 1 LIMIT 100)sql"};

void Keep(std::vector<Handover> found, Books& books) {
  for (Handover& handover : found) {
    const HandoverId id = handover.id;
    books.by_budget.at(handover.budget).handovers.insert_or_assign(id, std::move(handover));
  }
}

absl::Status Insert(pg::Tx& tx, const Handover& h, absl::Time now) {
  if (const auto* carry = std::get_if<CarryOver>(&h.what)) {
    const bool lapses = carry->rest == CarryOver::Rest::kLapse;
    const auto rest = carry->whole ? Maybe<std::string>(lapses ? "lapse" : "carry") : std::nullopt;
    return tx.Exec(kInsert, h.budget, h.id, carry->to, carry->plans, rest, false,
                   carry->decision_ref, h.effective, h.amounts.carried, h.amounts.returned,
                   h.proposed_by, now);
  }
  const auto& give_back = std::get<ReturnFunds>(h.what);
  return tx.Exec(kInsert, h.budget, h.id, std::nullopt, {}, std::nullopt, give_back.unmet,
                 give_back.decision_ref, h.effective, h.amounts.carried, h.amounts.returned,
                 h.proposed_by, now);
}

}  // namespace

absl::Status ReadHandovers(pg::Tx& tx, absl::Span<const Command* const> commands, Books& books) {
  Ids budgets;
  Many<HandoverId> named;
  std::set<BudgetId> proposing;
  for (const Command* command : commands) {
    if (const auto* propose = std::get_if<ProposeHandover>(&command->what)) {
      const BudgetId budget = LeftBy(propose->what);
      if (books.by_budget.contains(budget)) proposing.insert(budget);
    } else if (const auto* decide = std::get_if<DecideHandover>(&command->what)) {
      if (!books.by_budget.contains(decide->budget)) continue;
      budgets.push_back(decide->budget);
      named.push_back(decide->handover);
    }
  }
  if (!named.empty()) {
    ASSIGN_OR_RETURN(std::vector<Handover> found, tx.All(kNamed, budgets, named));
    Keep(std::move(found), books);
  }
  if (!proposing.empty()) {
    ASSIGN_OR_RETURN(std::vector<Handover> found,
                     tx.All(kPending, Ids(proposing.begin(), proposing.end())));
    Keep(std::move(found), books);
  }
  return absl::OkStatus();
}

// Rare; and what is proposed, refused and proposed again in one batch has to be in that order.
absl::Status StoreHandovers(pg::Tx& tx, const Books& books,
                            const std::vector<Handover>& handovers) {
  for (const Handover& h : handovers) {
    if (h.state == Handover::State::kProposed) {
      RETURN_IF_ERROR(Insert(tx, h, books.now));
    } else {
      RETURN_IF_ERROR(tx.Exec(kDecide, h.budget, h.id, h.state == Handover::State::kAccepted,
                              h.decided_by, h.first_seq, h.last_seq, books.now));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Handover>> FindHandover(pg::Tx& tx, BudgetId budget, HandoverId id) {
  return tx.Maybe(kNamed, Ids{budget}, Many<HandoverId>{id});
}

absl::StatusOr<std::vector<Handover>> ListHandovers(pg::Tx& tx, BudgetId budget,
                                                    const HandoverPlace& after, int64_t limit) {
  return tx.All(kList, budget, after.proposed_at, after.id, limit);
}

absl::StatusOr<std::vector<int64_t>> UndecidedHandovers(pg::Tx& tx, BudgetId budget) {
  return tx.All(kUndecided, budget);
}

absl::Span<const pg::AnyStatement> HandoverStatements() {
  static const pg::AnyStatement statements[] = {kNamed,  kPending, kInsert,
                                                kDecide, kList,    kUndecided};
  return statements;
}

}  // namespace smederij::ledger
