#pragma once

#include <string>

#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {

// A plan with 1,000 cents, 605 of them committed, 105 of those VAT.
struct Repaid {
  TestSpending ledger;
  std::string plan = NewId();
  std::string budget = ledger.Awarded(plan, 1'000);
  std::string commitment = Commit(605, 105);

  std::string Commit(int64_t cents, int64_t vat) {
    auto request = ledger.CommitRequest(budget, plan, cents);
    request.set_vat_cents(vat);
    const auto committed = ledger.Commit(request);
    CHECK(committed.ok());
    return committed->commitment_id();
  }
  v1::RequestPaymentRequest Invoice(int64_t cents, int64_t vat) {
    auto request = ledger.PaymentRequest(budget, commitment, cents, NewId());
    request.set_vat_cents(vat);
    return request;
  }
  std::string Instructed(const v1::RequestPaymentRequest& request) {
    const auto requested = ledger.Request(request);
    CHECK(requested.ok());
    CHECK(ledger.Approve(budget, requested->payment_id(), ledger.approver()).ok());
    CHECK(ledger.Instruct(budget, requested->payment_id(), NewId().substr(0, 30)).ok());
    return requested->payment_id();
  }
  // The payee has the money.
  std::string Settled(int64_t cents, int64_t vat = 0) {
    const std::string id = Instructed(Invoice(cents, vat));
    CHECK(ledger.Settle(budget, id).ok());
    return id;
  }
  // The group has it.
  std::string Advanced(int64_t cents) {
    auto request = Invoice(cents, 0);
    request.set_receipts_due("2999-12-31");
    const std::string id = Instructed(request);
    CHECK(ledger.Settle(budget, id).ok());
    return id;
  }
  absl::StatusOr<v1::Payment> Repay(const std::string& payment, int64_t cents,
                                    const std::string& line, int64_t vat = 0) {
    return ledger.Repay(budget, payment, cents, line, vat);
  }
  absl::StatusOr<v1::Reversal> Propose(int64_t seq) {
    return ledger.ProposeReversal(ReversalRequest(budget, seq), ledger.treasurer());
  }
  absl::StatusOr<v1::Reversal> Accept(const v1::Reversal& reversal, const testing::Person& who) {
    return ledger.DecideReversal(budget, reversal.reversal_id(), true, who);
  }
  absl::StatusOr<v1::Reversal> TakeBack(int64_t seq) {
    const auto proposed = Propose(seq);
    return proposed.ok() ? Accept(*proposed, ledger.colleague()) : proposed;
  }
  v1::Payment Now(const std::string& payment) {
    const auto page = ledger.Payments(budget, v1::Payment::STATE_UNSPECIFIED);
    CHECK(page.ok());
    for (const auto& found : page->payments()) {
      if (found.payment_id() == payment) return found;
    }
    return {};
  }
  v1::Entry Entry(int64_t seq) {
    const auto entries = ledger.Entries(budget, 500);
    CHECK(entries.ok());
    return entries->entries(static_cast<int>(seq) - 1);
  }
  int64_t Held(v1::AccountKind kind) {
    return ledger.Balance(budget, kind, kind == v1::ACCOUNT_KIND_COMMITTED ? commitment : plan);
  }
};

}  // namespace smederij::ledger
