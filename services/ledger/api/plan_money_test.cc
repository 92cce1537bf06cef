#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A district with two budgets that pay for three plans.
struct District {
  TestLedger ledger;
  std::string district = NewId(), round = NewId();
  std::string slide = NewId(), bench = NewId(), trees = NewId();
  std::string general = Open("general", 2026), green = Open("green", 2025);

  District() {
    CHECK(ledger
              .Reserve(ReserveRequest(round, 1,
                                      {{general, 600, slide},
                                       {general, 100, bench},
                                       {green, 50, slide},
                                       {green, 70, trees}}))
              .ok());
  }
  std::string Open(const std::string& fund, int year) {
    auto request = OpenRequest(district);
    request.set_fund(fund);
    request.set_fiscal_year(year);
    const auto budget = ledger.Open(request);
    CHECK(budget.ok());
    CHECK(ledger.Appropriate(AppropriateRequestOf(budget->budget_id(), 1'000)).ok());
    CHECK(ledger.Hold(HoldRequest(budget->budget_id(), round, 900)).ok());
    return budget->budget_id();
  }
  absl::StatusOr<v1::ListPlanMoneyResponse> List(const v1::ListPlanMoneyRequest& request) {
    return ledger.server().Ask(&Stub::ListPlanMoney, request);
  }
};

v1::ListPlanMoneyRequest OfDistrict(const std::string& district, int size = 0) {
  v1::ListPlanMoneyRequest request;
  request.set_district_id(district);
  request.set_page_size(size);
  return request;
}
v1::ListPlanMoneyRequest OfPlan(const std::string& plan) {
  v1::ListPlanMoneyRequest request;
  request.set_plan_id(plan);
  return request;
}

TEST(PlanMoney, IsToldPerBudgetAndByWhatItIsFor) {
  District town;
  const auto answer = town.List(OfPlan(town.slide));
  ASSERT_TRUE(answer.ok()) << answer.status();
  std::map<std::string, int64_t> left;
  for (const v1::PlanMoney& money : answer->money()) {
    EXPECT_EQ(money.plan_id(), town.slide);
    ASSERT_THAT(money.parts(), SizeIs(1));
    EXPECT_EQ(money.parts(0).kind(), v1::ACCOUNT_KIND_RESERVED);
    EXPECT_EQ(money.parts(0).balance_cents(), money.left_cents());
    EXPECT_EQ(money.total_cents(), money.left_cents());
    left[money.budget_id()] = money.left_cents();
  }
  EXPECT_EQ(left, (std::map<std::string, int64_t>{{town.general, 600}, {town.green, 50}}));
  EXPECT_THAT(town.List(OfPlan(NewId()))->money(), IsEmpty());
}

TEST(PlanMoney, OfADistrictComesInPagesThatLeaveNothingOut) {
  District town;
  District elsewhere;
  std::map<std::pair<std::string, std::string>, int64_t> all;
  auto request = OfDistrict(town.district, 3);
  do {
    const auto page = town.List(request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->money_size(), 3);
    for (const v1::PlanMoney& money : page->money()) {
      EXPECT_TRUE(
          all.emplace(std::pair(money.plan_id(), money.budget_id()), money.total_cents()).second);
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(all, (std::map<std::pair<std::string, std::string>, int64_t>{
                     {{town.slide, town.general}, 600},
                     {{town.bench, town.general}, 100},
                     {{town.slide, town.green}, 50},
                     {{town.trees, town.green}, 70}}));
  auto year = OfDistrict(town.district);
  year.set_fiscal_year(2025);
  EXPECT_THAT(town.List(year)->money(), SizeIs(2));
}

TEST(PlanMoney, IsOfADistrictOrOfAPlan) {
  District town;
  const auto reason = [&](const v1::ListPlanMoneyRequest& request) {
    return ReasonOf(town.List(request).status());
  };
  EXPECT_EQ(reason({}), "BAD_ID");
  auto both = OfDistrict(town.district);
  both.set_plan_id(town.slide);
  EXPECT_EQ(reason(both), "BAD_ID");
  auto year = OfPlan(town.slide);
  year.set_fiscal_year(2025);
  EXPECT_EQ(reason(year), "OUT_OF_RANGE");
  EXPECT_EQ(reason(OfDistrict(town.district, -1)), "BAD_PAGE");
  auto token = OfDistrict(NewId());
  token.set_page_token(town.List(OfDistrict(town.district, 1))->next_page_token());
  EXPECT_EQ(reason(token), "BAD_PAGE");
}

}  // namespace
}  // namespace smederij::ledger
