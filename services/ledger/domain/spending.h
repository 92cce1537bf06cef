#pragma once

#include <set>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/ledger/domain/books.h"

// The life of money after an award: the decisions of books.h that are about commitments.
namespace smederij::ledger {

absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const OpenCommitment& open);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const CloseCommitment& close);
absl::StatusOr<Effect> Decide(const Books& books, const Command& command,
                              const ReleaseAward& release);

// The budget of a command that is about an award's money, and the accounts it may touch before any
// commitment was read.
BudgetId SpendingBudgetOf(const Command& command);
std::vector<std::pair<BudgetId, AccountKey>> SpendingAccountsOf(const Command& command);

// Whether commitments may end. Refusals, first that applies: PAYMENTS_OPEN, ADVANCES_OPEN.
absl::Status NothingOpen(const Book& book, const std::set<CommitmentId>& commitments);

// What a commitment holds and no payment has asked for.
Money UnclaimedOf(const Book& book, CommitmentId commitment);

// What a commitment's payments may still have of its VAT.
Money VatLeftOf(const Book& book, const Commitment& commitment);

// Every account through which money of `plan` goes under `commitment`.
std::vector<AccountKey> AccountsOf(PlanId plan, CommitmentId commitment);

// The books after what `effect` says of commitments and payments; its entries are Apply's.
void ApplySpending(const Effect& effect, Books& books);

}  // namespace smederij::ledger
