#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {

// What becomes of what no plan has.
using Rest = v1::CarryOver::Rest;
inline constexpr Rest kStays = v1::CarryOver::REST_UNSPECIFIED;  // The path alone goes over.
inline constexpr Rest kGoesOver = v1::CarryOver::REST_CARRY;
inline constexpr Rest kLapses = v1::CarryOver::REST_LAPSE;

// Four years of one district that are over, in one fund, and a plan that may go on from one to the
// next: a path.
struct FollowingYears {
  TestSpending ledger;
  std::string district = NewId(), round = NewId(), path = NewId();
  std::vector<std::string> budgets;

  FollowingYears() {
    ledger.clock().Set(InAmsterdam("2026-07-01T12:00:00"));
    for (int year = 2021; year < 2025; ++year) budgets.push_back(Opened(year));
  }
  std::string Opened(int year, const std::string& fund = "general") {
    auto request = OpenRequest(district);
    request.set_fiscal_year(year);
    request.set_fund(fund);
    return ledger.Open(request)->budget_id();
  }
  int64_t Give(const std::string& budget, const std::string& source, int64_t cents) {
    auto request = AppropriateRequestOf(budget, cents);
    request.set_source(source);
    const auto posted = ledger.Appropriate(request);
    CHECK(posted.ok());
    return posted->seq();
  }
  void Award(const std::string& budget, int64_t cents) {
    CHECK(ledger.Hold(HoldRequest(budget, round, cents)).ok());
    CHECK(ledger.Reserve(ReserveRequest(round, 1, {{budget, cents, path}})).ok());
  }
  absl::StatusOr<v1::DecideHandoverResponse> Carry(const std::string& from, const std::string& to,
                                                   Rest rest) {
    v1::CarryOver request;
    request.set_from_budget_id(from);
    request.set_to_budget_id(to);
    request.set_rest(rest);
    if (rest == kStays) request.add_plan_ids(path);
    request.set_decision_ref("council 2022-1");
    return ledger.CarryOver(request);
  }
  absl::StatusOr<v1::DecideHandoverResponse> CarryPath(const std::string& from,
                                                       const std::string& to) {
    return Carry(from, to, kStays);
  }
  // What stands on the accounts of a kind that are not empty, by reference.
  std::map<std::string, int64_t> Held(const std::string& budget, v1::AccountKind kind) {
    std::map<std::string, int64_t> held;
    const auto trial = ledger.Trial(budget);
    for (const auto& account : trial->accounts()) {
      if (account.kind() == kind && account.balance_cents() != 0) {
        held[account.reference()] = account.balance_cents();
      }
    }
    return held;
  }
  // As whoever has every right does it.
  void Tamper(const std::string& sql) {
    const absl::Status done =
        ledger.database().Sql(absl::StrCat("SET session_replication_role = replica;", sql));
    CHECK(done.ok());
  }
};

}  // namespace smederij::ledger
