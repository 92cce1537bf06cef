#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {

// A year that is over and the next one: 700 of 1,000 went to a long strike, 200 of that to a
// supplier.
struct HandoverYears {
  TestSpending ledger;
  std::string district = NewId(), round = NewId(), plan = NewId();
  std::string first = Opened(2023), second = Opened(2024);

  HandoverYears() {
    CHECK(ledger.Appropriate(AppropriateRequestOf(first, 1'000)).ok());
    CHECK(ledger.Hold(HoldRequest(first, round, 700)).ok());
    CHECK(ledger.Reserve(ReserveRequest(round, 1, {{first, 700, plan}})).ok());
    CHECK(ledger.Commit(ledger.CommitRequest(first, plan, 200)).ok());
  }
  std::string Opened(int year) {
    auto request = OpenRequest(district);
    request.set_fiscal_year(year);
    return ledger.Open(request)->budget_id();
  }
  // Of the plan, or of all there is.
  v1::ProposeHandoverRequest Request(v1::CarryOver::Rest rest = v1::CarryOver::REST_UNSPECIFIED) {
    v1::CarryOver carry;
    carry.set_from_budget_id(first);
    carry.set_to_budget_id(second);
    if (rest == v1::CarryOver::REST_UNSPECIFIED) carry.add_plan_ids(plan);
    carry.set_rest(rest);
    carry.set_decision_ref("council 2024-1");
    return HandoverRequest(carry);
  }
  absl::StatusOr<v1::Handover> Propose(v1::CarryOver::Rest rest = {}) {
    return ledger.ProposeHandover(Request(rest), ledger.treasurer());
  }
  std::string Accepted(const v1::Handover& handover) {
    return ReasonOf(ledger.DecideHandover(handover, true, ledger.colleague()).status());
  }
};

// 1,000 of a corporation's that was to be awarded by a day that is past.
struct OverdueMoney {
  TestSpending ledger;
  std::string budget;

  OverdueMoney() {
    auto open = OpenRequest();
    open.set_fund("trees");
    open.mutable_condition()->set_category("green");
    open.mutable_condition()->set_deadline("2020-01-01");
    budget = ledger.Open(open)->budget_id();
    CHECK(ledger.Appropriate(AppropriateRequestOf(budget, 1'000)).ok());
  }
  v1::ProposeHandoverRequest Request() {
    v1::ReturnFunds give_back;
    give_back.set_budget_id(budget);
    give_back.set_decision_ref("letter");
    return HandoverRequest(give_back);
  }
};

}  // namespace smederij::ledger
