#pragma once

#include <string>

#include "services/ledger/testing/open_advance.h"

namespace smederij::ledger {

// An open advance, of which something will be accounted for wrongly.
struct Mistaken {
  TestSpending ledger;
  Advance of = OpenAdvance(ledger);

  absl::StatusOr<v1::Payment> Account(int64_t cents, const std::string& name,
                                      const std::string& document, int64_t total = 0) {
    return ledger.Account(ReceiptRequest(of, cents, name, document, total), ledger.approver());
  }
  absl::StatusOr<v1::Payment> GiveBack(int64_t cents, const std::string& line) {
    return ledger.GiveBack(of.budget, of.payment, cents, line);
  }
  absl::StatusOr<v1::Reversal> Propose(int64_t seq) {
    return ledger.ProposeReversal(ReversalRequest(of.budget, seq), ledger.treasurer());
  }
  absl::StatusOr<v1::Reversal> Accept(const v1::Reversal& reversal, const testing::Person& who) {
    return ledger.DecideReversal(of.budget, reversal.reversal_id(), true, who);
  }
  absl::StatusOr<v1::Reversal> Accept(const v1::Reversal& reversal) {
    return Accept(reversal, ledger.colleague());
  }
  absl::StatusOr<v1::Reversal> TakeBack(int64_t seq) {
    const auto proposed = Propose(seq);
    return proposed.ok() ? Accept(*proposed) : proposed;
  }
  v1::Payment Now() {
    const auto page = ledger.Payments(of.budget, v1::Payment::STATE_UNSPECIFIED);
    CHECK(page.ok());
    for (const auto& payment : page->payments()) {
      if (payment.payment_id() == of.payment) return payment;
    }
    return {};
  }
  int64_t Held(v1::AccountKind kind) {
    return ledger.Balance(of.budget, kind,
                          kind == v1::ACCOUNT_KIND_COMMITTED ? of.commitment : of.plan);
  }
};

}  // namespace smederij::ledger
