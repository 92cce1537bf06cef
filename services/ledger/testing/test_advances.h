#pragma once

#include <string>

#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {

// A plan with 1,000 cents, 800 of which are committed.
struct Advances {
  TestSpending ledger;
  std::string plan = NewId();
  std::string budget = ledger.Awarded(plan, 1'000);
  std::string commitment = ledger.Commit(ledger.CommitRequest(budget, plan, 800))->commitment_id();

  v1::RequestPaymentRequest Request(int64_t cents, const std::string& due = "2999-12-31") {
    auto request = ledger.PaymentRequest(budget, commitment, cents, NewId());
    request.set_receipts_due(due);
    return request;
  }
  std::string Instructed(int64_t cents, const std::string& due = "2999-12-31") {
    const auto requested = ledger.Request(Request(cents, due));
    CHECK(requested.ok());
    const std::string& id = requested->payment_id();
    CHECK(ledger.Approve(budget, id, ledger.approver()).ok());
    CHECK(ledger.Instruct(budget, id, NewId().substr(0, 30)).ok());
    return id;
  }
  // The group has the money.
  std::string Paid(int64_t cents, const std::string& due = "2999-12-31") {
    const std::string id = Instructed(cents, due);
    CHECK(ledger.Settle(budget, id).ok());
    return id;
  }
  int64_t Held(v1::AccountKind kind) {
    return ledger.Balance(budget, kind, kind == v1::ACCOUNT_KIND_COMMITTED ? commitment : plan);
  }
  std::string Stopped(const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  }
};

}  // namespace smederij::ledger
