#pragma once

#include <gtest/gtest.h>

#include <string>

#include "absl/status/statusor.h"
#include "common/base/check.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {

// A budget of 2026, with 1,000 to decide on, and its months.
struct Year {
  TestSpending ledger;
  std::string budget;
  int month = 0;  // That takes what is posted now.

  // From `now` on, in Amsterdam.
  explicit Year(const std::string& now = "2026-05-15T12:00:00") {
    ledger.clock().Set(InAmsterdam(now));
    auto open = OpenRequest();
    open.set_fiscal_year(2026);
    budget = ledger.Open(open)->budget_id();
    CHECK(Post().ok());
    month = Month();
  }
  absl::StatusOr<v1::Posted> Post() {
    return ledger.Appropriate(AppropriateRequestOf(budget, 1'000));
  }
  // Of the newest entry.
  int Month() { return ledger.Entries(budget)->entries().rbegin()->period_no(); }
  v1::ProposeClosingRequest Request(int period) {
    const auto trial = ledger.Trial(budget);
    v1::ProposeClosingRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(budget);
    request.set_period_no(period);
    request.set_expected_seq(trial->as_of_seq());
    request.set_trial_balance_hash(trial->trial_balance_hash());
    return request;
  }
  absl::StatusOr<v1::Closing> Propose(int period) {
    return ledger.ProposeClosing(Request(period), ledger.treasurer());
  }
  absl::StatusOr<v1::Closing> Accept(const v1::Closing& closing) {
    return ledger.DecideClosing(closing, true, ledger.colleague());
  }
  // All of it, into next year's.
  absl::StatusOr<v1::DecideHandoverResponse> CarryOver() {
    const auto ours = ledger.Get(budget);
    auto open = OpenRequest(ours->district_id());
    open.set_fiscal_year(ours->fiscal_year() + 1);
    v1::CarryOver request;
    request.set_from_budget_id(budget);
    request.set_to_budget_id(ledger.Open(open)->budget_id());
    request.set_rest(v1::CarryOver::REST_CARRY);
    request.set_decision_ref("council");
    return ledger.CarryOver(request);
  }
  // Closes every period up to and with this one.
  void CloseThrough(int period) {
    for (int no = 1; no <= period; ++no) {
      const auto proposed = Propose(no);
      ASSERT_TRUE(proposed.ok()) << proposed.status();
      const auto accepted = Accept(*proposed);
      ASSERT_TRUE(accepted.ok()) << accepted.status();
    }
  }
  std::string Stopped(const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  }
};

}  // namespace smederij::ledger
