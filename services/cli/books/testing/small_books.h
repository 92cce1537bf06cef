#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/cli/books/journal.h"

namespace smederij::cli {

// Books of a test: what a council gave, a pot, two plans, and texts that mean harm.
struct SmallBooks {
  Journal journal{};
  std::vector<ledger::v1::Entry> entries{};

  Entries Read() const {
    return [this](const std::function<void(const ledger::v1::Entry&)>& visit) {
      for (const ledger::v1::Entry& entry : entries) visit(entry);
      return absl::OkStatus();
    };
  }

  // What an account holds after every entry.
  void Account(ledger::v1::AccountKind kind, const std::string& reference) {
    ledger::v1::AccountBalance account;
    account.set_account_no(static_cast<int64_t>(journal.accounts.size()) + 1);
    account.set_kind(kind);
    account.set_reference(reference);
    journal.accounts.push_back(account);
  }

  struct Move {
    int64_t from = 0, to = 0, cents = 0;
  };
  void Post(ledger::v1::EntryType type, const std::string& decision,
            const std::vector<Move>& moves) {
    ledger::v1::Entry entry;
    entry.set_seq(static_cast<int64_t>(entries.size()) + 1);
    entry.set_type(type);
    entry.mutable_record_time()->set_seconds(1'767'225'599);  // 23:59:59 UTC, 31 December 2025.
    entry.mutable_record_time()->set_nanos(120'000'000);
    entry.set_period_no(1);
    entry.set_actor("person:2f9d3c1e-8a41-4c7b-9d3e-5b1c2a3d4e5f");
    entry.set_decision_ref(decision);
    entry.set_canonical("\x01\xff");
    for (const Move& move : moves) {
      auto* const posting = entry.add_postings();
      posting->set_from_account_no(move.from);
      posting->set_to_account_no(move.to);
      posting->set_amount_cents(move.cents);
      auto& from = journal.accounts[static_cast<size_t>(move.from - 1)];
      auto& to = journal.accounts[static_cast<size_t>(move.to - 1)];
      from.set_balance_cents(from.balance_cents() - move.cents);
      to.set_balance_cents(to.balance_cents() + move.cents);
    }
    entries.push_back(entry);
    journal.budget.set_head_seq(entry.seq());
  }
};

inline SmallBooks MakeSmallBooks(const std::string& decision = "council 2026-17") {
  namespace v1 = ledger::v1;
  SmallBooks books;
  books.journal.budget.set_budget_id("3b0f5d0e-52fd-4f5c-9f0a-0d6a3ff4b111");
  books.journal.budget.set_district_id("5b0f5d0e-52fd-4f5c-9f0a-0d6a3ff4b112");
  books.journal.budget.set_fund("general");
  books.journal.budget.set_fiscal_year(2026);
  books.journal.budget.set_currency("EUR");
  books.Account(v1::ACCOUNT_KIND_AVAILABLE, "");
  books.Account(v1::ACCOUNT_KIND_SOURCE, "municipality");
  books.Account(v1::ACCOUNT_KIND_POT, "70000000-0000-4000-8000-000000000001");
  books.Account(v1::ACCOUNT_KIND_RESERVED, "70000000-0000-4000-8000-000000000002");
  books.Account(v1::ACCOUNT_KIND_RESERVED, "70000000-0000-4000-8000-000000000003");
  books.Post(v1::ENTRY_TYPE_APPROPRIATE, decision, {{2, 1, 1'234'567'05}});
  books.Post(v1::ENTRY_TYPE_HOLD_POT, "round plan 3", {{1, 3, 9'000'00}});
  books.Post(v1::ENTRY_TYPE_RESERVE_AWARDS, "", {{3, 4, 1}, {3, 5, 8'000'10}});
  books.Post(v1::ENTRY_TYPE_RELEASE_POT, "", {{3, 1, 999'89}});
  return books;
}

}  // namespace smederij::cli
