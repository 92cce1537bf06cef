#pragma once

#include <string>

#include "services/ledger/testing/test_advances.h"

namespace smederij::ledger {

// An advance of 500 that is open, in a budget and on a commitment (of 800) of its own.
struct Advance {
  std::string budget, payment, commitment, plan;
};
inline Advance OpenAdvance(TestSpending& ledger, const std::string& payee) {
  Advance advance;
  advance.plan = NewId();
  advance.budget = ledger.Awarded(advance.plan, 1'000);
  auto commit = ledger.CommitRequest(advance.budget, advance.plan, 800);
  commit.set_payee_id(payee);
  advance.commitment = ledger.Commit(commit)->commitment_id();
  auto request = ledger.PaymentRequest(advance.budget, advance.commitment, 500, NewId());
  request.set_receipts_due("2999-12-31");
  advance.payment = ledger.Request(request)->payment_id();
  CHECK(ledger.Approve(advance.budget, advance.payment, ledger.approver()).ok());
  CHECK(ledger.Instruct(advance.budget, advance.payment, NewId().substr(0, 30)).ok());
  CHECK(ledger.Settle(advance.budget, advance.payment).ok());
  return advance;
}
inline Advance OpenAdvance(TestSpending& ledger) { return OpenAdvance(ledger, ledger.payee()); }

// Receipts of a document that comes to `total`, or to what they account for when that is 0.
inline v1::AccountForAdvanceRequest ReceiptRequest(const Advance& of, int64_t cents,
                                                   const std::string& name,
                                                   const std::string& document, int64_t total = 0) {
  auto request = TestSpending::AccountRequest(of.budget, of.payment, cents, name);
  request.set_document_hash(std::string(32 - document.size(), ' ') + document);
  request.set_total_cents(total);
  return request;
}
inline v1::ReturnAdvanceRequest LineRequest(const Advance& of, int64_t cents,
                                            const std::string& line, int64_t total = 0) {
  auto request = TestSpending::ReturnRequest(of.budget, of.payment, cents, line);
  request.set_total_cents(total);
  return request;
}

}  // namespace smederij::ledger
