#include "services/ledger/api/ledger_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "services/ledger/domain/entry.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Kind, reference and balance of every account.
using Balances = std::map<std::pair<int, std::string>, int64_t>;
Balances BalancesOf(const v1::TrialBalance& trial) {
  Balances balances;
  for (const auto& account : trial.accounts()) {
    balances[{account.kind(), account.reference()}] = account.balance_cents();
  }
  return balances;
}

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(Ledger, AYearOfMoneyFromTheCouncilToThePlans) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(12'000'00);
  auto corporation = AppropriateRequestOf(budget, 3'000'00);
  corporation.set_source("housing-corporation");
  ASSERT_TRUE(ledger.Appropriate(corporation).ok());
  const std::string round = NewId(), playground = NewId(), benches = NewId(), trees = NewId();
  ASSERT_TRUE(ledger.Hold(HoldRequest(budget, round, 10'000'00)).ok());
  const auto first = ledger.Reserve(
      ReserveRequest(round, 1, {{budget, 6'000'00, playground}, {budget, 1'500'00, benches}}));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->entries(), SizeIs(1));
  EXPECT_EQ(first->entries(0).seq(), 4);
  ASSERT_TRUE(ledger.Reserve(ReserveRequest(round, 2, {{budget, 500'00, trees}})).ok());
  const auto released = ledger.Release(ReleaseRequest(budget, round));
  ASSERT_TRUE(released.ok()) << released.status();

  const auto trial = ledger.Trial(budget);
  ASSERT_TRUE(trial.ok()) << trial.status();
  EXPECT_EQ(trial->total_cents(), 0);
  EXPECT_EQ(trial->as_of_seq(), 6);
  EXPECT_EQ(BalancesOf(*trial), (Balances{{{1, "municipality"}, -12'000'00},
                                          {{1, "housing-corporation"}, -3'000'00},
                                          {{2, ""}, 7'000'00},
                                          {{3, round}, 0},
                                          {{4, playground}, 6'000'00},
                                          {{4, benches}, 1'500'00},
                                          {{4, trees}, 500'00}}));
  const auto state = ledger.Get(budget);
  EXPECT_EQ(state->available_cents(), 7'000'00);
  EXPECT_EQ(state->appropriated_cents(), 15'000'00);
  EXPECT_EQ(state->head_seq(), 6);
  EXPECT_EQ(state->head_hash(), released->entry_hash());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(Ledger, ATrialBalanceTellsHowItStoodAfterAnyEntry) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(100), round = NewId();
  ASSERT_TRUE(ledger.Hold(HoldRequest(budget, round, 60)).ok());
  ASSERT_TRUE(ledger.Release(ReleaseRequest(budget, round)).ok());
  EXPECT_EQ(BalancesOf(*ledger.Trial(budget, 1)),
            (Balances{{{1, "municipality"}, -100}, {{2, ""}, 100}}));
  EXPECT_EQ(BalancesOf(*ledger.Trial(budget, 2)),
            (Balances{{{1, "municipality"}, -100}, {{2, ""}, 40}, {{3, round}, 60}}));
  EXPECT_EQ(BalancesOf(*ledger.Trial(budget, 3)), BalancesOf(*ledger.Trial(budget)));
  EXPECT_EQ(Reason(ledger.Trial(budget, 4)), "SEQ_NOT_REACHED");
  EXPECT_EQ(Reason(ledger.Trial(budget, -1)), "OUT_OF_RANGE");
  EXPECT_EQ(Reason(ledger.Trial(NewId(), 9)), "BUDGET_NOT_FOUND");
}

TEST(Ledger, AnyoneCanCheckTheChainFromWhatIsPublic) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(100), round = NewId();
  ASSERT_TRUE(ledger.Hold(HoldRequest(budget, round, 60)).ok());
  ASSERT_TRUE(ledger.Reserve(ReserveRequest(round, 1, {{budget, 1}, {budget, 2}})).ok());
  const auto state = ledger.Get(budget);
  const auto bytes = [](const crypto::Hash& hash) {
    return std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
  };
  std::string hash = bytes(crypto::Sha256(state->opening()));
  const auto page = ledger.Entries(budget);
  ASSERT_TRUE(page.ok());
  for (const v1::Entry& entry : page->entries()) {
    EXPECT_EQ(entry.prev_hash(), hash);
    hash = bytes(crypto::Sha256({hash, entry.canonical()}));
    EXPECT_EQ(entry.entry_hash(), hash);
  }
  EXPECT_EQ(hash, state->head_hash());
}

TEST(Ledger, EntriesComeInPagesWithTheBalancesAfterThem) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(1);
  for (int64_t cents = 2; cents <= 7; ++cents) {
    ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(budget, cents)).ok());
  }
  std::vector<int64_t> seqs, after;
  std::string token;
  do {
    const auto page = ledger.Entries(budget, 3, token);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->entries_size(), 3);
    for (const v1::Entry& entry : page->entries()) {
      seqs.push_back(entry.seq());
      after.push_back(entry.postings(0).to_balance_cents());
      EXPECT_EQ(entry.postings(0).from_balance_cents(), -after.back());
    }
    for (const v1::AccountBalance& account : page->accounts()) {
      if (account.kind() == v1::ACCOUNT_KIND_AVAILABLE) {
        EXPECT_EQ(account.balance_cents(), after.back());
      }
    }
    token = page->next_page_token();
  } while (!token.empty());
  EXPECT_THAT(seqs, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(after, ElementsAre(1, 3, 6, 10, 15, 21, 28));
}

TEST(Ledger, APageThatNobodyOfferedIsRefused) {
  TestLedger ledger;
  const std::string one = ledger.BudgetOf(1), other = ledger.BudgetOf(1);
  ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(one, 5)).ok());
  const std::string token = ledger.Entries(one, 1)->next_page_token();
  ASSERT_FALSE(token.empty());
  EXPECT_TRUE(ledger.Entries(one, 1, token).ok());
  EXPECT_EQ(Reason(ledger.Entries(other, 1, token)), "BAD_PAGE");
  EXPECT_EQ(Reason(ledger.Entries(one, 1, "xx")), "BAD_PAGE");
  EXPECT_EQ(Reason(ledger.Entries(one, -1)), "BAD_PAGE");
}

TEST(Ledger, BudgetsAreListedNewestYearFirst) {
  TestLedger ledger;
  const std::string district = NewId();
  for (const auto& [year, fund] : std::vector<std::pair<int, std::string>>{
           {2025, "general"}, {2027, "green-2"}, {2026, "general"}, {2027, "general"}}) {
    auto request = OpenRequest(district);
    request.set_fiscal_year(year);
    request.set_fund(fund);
    ASSERT_TRUE(ledger.Open(request).ok());
  }
  ledger.BudgetOf(1);  // Of another district.
  std::vector<std::string> listed;
  v1::ListBudgetsRequest request;
  request.set_district_id(district);
  request.set_page_size(1);
  do {
    const auto page = ledger.server().Ask(&Stub::ListBudgets, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Budget& budget : page->budgets()) {
      listed.push_back(absl::StrCat(budget.fiscal_year(), " ", budget.fund()));
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(listed, ElementsAre("2027 general", "2027 green-2", "2026 general", "2025 general"));
}

// ── Refusals, in order of precedence ───────────────────────────────────────────────────────────

TEST(OpenBudgetRefusals, InOrder) {
  TestLedger ledger;
  const auto good = OpenRequest();
  ASSERT_TRUE(ledger.Open(good).ok());
  auto again = OpenRequest(good.district_id());
  EXPECT_EQ(Reason(ledger.Open(again)), "BUDGET_EXISTS");
  testing::Person stranger;
  stranger.grants = {{.role = policy::v1::ROLE_TREASURER}};
  EXPECT_EQ(Reason(ledger.server().Ask(&Stub::OpenBudget, again, ledger.server().As(stranger))),
            "OTHER_MUNICIPALITY");
  again.set_currency("JPY");
  EXPECT_EQ(Reason(ledger.server().Ask(&Stub::OpenBudget, again, ledger.server().As(stranger))),
            "UNKNOWN_CURRENCY");
  again.set_request_id(good.request_id());
  again.set_currency("EUR");
  again.set_fiscal_year(2027);
  EXPECT_TRUE(ledger.Open(again).ok());  // Another budget: its request ids are its own.
  again.set_currency("eur");
  EXPECT_EQ(Reason(ledger.Open(again)), "BAD_TEXT");
  again.set_fiscal_year(1999);
  EXPECT_EQ(Reason(ledger.Open(again)), "OUT_OF_RANGE");
  for (const char* fund : {"", "General", "a--b", "-a", "a-", "a b", "fünf"}) {
    again.set_fund(fund);
    EXPECT_EQ(Reason(ledger.Open(again)), "BAD_TEXT") << fund;
  }
  again.set_district_id("x");
  EXPECT_EQ(Reason(ledger.Open(again)), "BAD_ID");
}

TEST(AppropriateRefusals, InOrder) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(100);
  auto request = AppropriateRequestOf(budget, Money::kCentsMax);
  EXPECT_EQ(Reason(ledger.Appropriate(request)), "BUDGET_FULL");
  request.set_amount_cents(Money::kCentsMax - 100);
  ASSERT_TRUE(ledger.Appropriate(request).ok());
  ASSERT_TRUE(ledger.database()
                  .Sql("UPDATE ledger.period SET state = 'closing' WHERE period_no <= 12")
                  .ok());
  auto next = AppropriateRequestOf(budget, Money::kCentsMax);
  EXPECT_EQ(Reason(ledger.Appropriate(next)), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(Reason(ledger.Appropriate(next)), "BUDGET_CLOSED");
  next.set_request_id(request.request_id());
  EXPECT_EQ(Reason(ledger.Appropriate(next)), "REQUEST_ID_REUSED");
  ledger.treasurer().grants[0].limit_cents = 5'000;
  EXPECT_EQ(Reason(ledger.Appropriate(next)), "AMOUNT_OVER_LIMIT");
  ledger.treasurer().grants[0].district = DistrictId::Random();
  EXPECT_EQ(Reason(ledger.Appropriate(next)), "ROLE_NOT_HELD_THERE");
  ledger.treasurer().municipality = MunicipalityId::Random();
  EXPECT_EQ(Reason(ledger.Appropriate(next)), "OTHER_MUNICIPALITY");
  next.set_budget_id(NewId());
  EXPECT_EQ(Reason(ledger.Appropriate(next)), "BUDGET_NOT_FOUND");
  for (const std::string& bad : {std::string(), std::string("two\nlines"), std::string(" padded"),
                                 std::string(201, 'x'), std::string("nul\0", 4)}) {
    next.set_decision_ref(bad);
    EXPECT_EQ(Reason(ledger.Appropriate(next)), "BAD_TEXT") << bad;
  }
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, Money::kCentsMax + 1}) {
    next.set_amount_cents(bad);
    EXPECT_EQ(Reason(ledger.Appropriate(next)), "AMOUNT_OUT_OF_RANGE") << bad;
  }
  next.set_source("");
  EXPECT_EQ(Reason(ledger.Appropriate(next)), "BAD_TEXT");
  next.set_budget_id("");
  EXPECT_EQ(Reason(ledger.Appropriate(next)), "BAD_ID");
}

TEST(HoldPotRefusals, InOrder) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(100), round = NewId();
  EXPECT_EQ(Reason(ledger.Hold(HoldRequest(budget, round, 101))), "INSUFFICIENT_FUNDS");
  const auto held = HoldRequest(budget, round, 100);
  ASSERT_TRUE(ledger.Hold(held).ok());
  auto again = HoldRequest(budget, round, 101);
  EXPECT_EQ(Reason(ledger.Hold(again)), "POT_EXISTS");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(Reason(ledger.Hold(again)), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(Reason(ledger.Hold(again)), "BUDGET_CLOSED");
  again.set_request_id(held.request_id());
  EXPECT_EQ(Reason(ledger.Hold(again)), "REQUEST_ID_REUSED");
  bool replayed = false;
  EXPECT_TRUE(ledger.Hold(held, &replayed).ok());  // Though by now everything else forbids it.
  EXPECT_TRUE(replayed);
  again.set_budget_id(NewId());
  EXPECT_EQ(Reason(ledger.Hold(again)), "BUDGET_NOT_FOUND");
  again.set_round_id("x");
  EXPECT_EQ(Reason(ledger.Hold(again)), "BAD_ID");
}

TEST(ReserveAwardsRefusals, InOrder) {
  TestLedger ledger;
  const std::string rich = ledger.BudgetOf(1'000), poor = ledger.BudgetOf(10), round = NewId();
  ASSERT_TRUE(ledger.Hold(HoldRequest(rich, round, 500)).ok());
  ASSERT_TRUE(ledger.Hold(HoldRequest(poor, round, 10)).ok());
  // All lines or none: the rich budget's part must not stay behind.
  EXPECT_EQ(Reason(ledger.Reserve(ReserveRequest(round, 1, {{rich, 500}, {poor, 11}}))),
            "INSUFFICIENT_FUNDS");
  EXPECT_EQ(Reason(ledger.Reserve(ReserveRequest(round, 1, {{rich, 400}, {rich, 101}}))),
            "INSUFFICIENT_FUNDS");
  EXPECT_EQ(ledger.Get(rich)->head_seq(), 2);
  const auto first = ReserveRequest(round, 1, {{rich, 400}, {poor, 10}});
  const auto reserved = ledger.Reserve(first);
  ASSERT_TRUE(reserved.ok()) << reserved.status();
  EXPECT_THAT(reserved->entries(), SizeIs(2));
  auto again = ReserveRequest(round, 1, {{rich, 101}});
  EXPECT_EQ(Reason(ledger.Reserve(again)), "AWARDS_ALREADY_RESERVED");
  again.set_round_id(NewId());
  EXPECT_EQ(Reason(ledger.Reserve(again)), "POT_NOT_FOUND");
  EXPECT_THAT(ledger.Findings(), IsEmpty());  // It would see what comes next.
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(Reason(ledger.Reserve(again)), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(Reason(ledger.Reserve(again)), "BUDGET_CLOSED");
  *again.add_lines() = again.lines(0);
  again.mutable_lines(1)->set_budget_id(NewId());
  EXPECT_EQ(Reason(ledger.Reserve(again)), "BUDGET_NOT_FOUND");
  *again.mutable_lines(1) = again.lines(0);
  EXPECT_EQ(Reason(ledger.Reserve(again)), "PLAN_TWICE");
  again.set_award_version(0);
  EXPECT_EQ(Reason(ledger.Reserve(again)), "OUT_OF_RANGE");
  again.set_award_version(1);
  again.clear_lines();
  EXPECT_EQ(Reason(ledger.Reserve(again)), "OUT_OF_RANGE");
  EXPECT_EQ(ledger.Get(rich)->head_seq(), 3);
}

TEST(ReleasePotRefusals, InOrder) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(100), round = NewId();
  EXPECT_EQ(Reason(ledger.Release(ReleaseRequest(budget, round))), "POT_NOT_FOUND");
  ASSERT_TRUE(ledger.Hold(HoldRequest(budget, round, 70)).ok());
  const auto first = ledger.Release(ReleaseRequest(budget, round));
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->seq(), 3);
  // Nothing left: no entry, and no refusal.
  const auto again = ReleaseRequest(budget, round);
  for (int i = 0; i < 2; ++i) {
    bool replayed = false;
    const auto second = ledger.Release(again, &replayed);
    ASSERT_TRUE(second.ok()) << second.status();
    EXPECT_EQ(second->seq(), 0);
    EXPECT_EQ(second->entry_hash(), "");
    EXPECT_EQ(replayed, i == 1);
  }
  EXPECT_EQ(ledger.Get(budget)->head_seq(), 3);
  EXPECT_EQ(ledger.Get(budget)->available_cents(), 100);
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.period SET state = 'closing'").ok());
  EXPECT_EQ(Reason(ledger.Release(ReleaseRequest(budget, NewId()))), "PERIOD_CLOSED");
  ASSERT_TRUE(ledger.database().Sql("UPDATE ledger.budget SET state = 'closed'").ok());
  EXPECT_EQ(Reason(ledger.Release(ReleaseRequest(budget, NewId()))), "BUDGET_CLOSED");
  EXPECT_EQ(Reason(ledger.Release(ReleaseRequest(NewId(), NewId()))), "BUDGET_NOT_FOUND");
}

// ── Requests that are repeated ─────────────────────────────────────────────────────────────────

TEST(Requests, ARepeatGetsTheFirstAnswerAndLeavesNoTrace) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(100);
  const auto request = AppropriateRequestOf(budget, 5);
  bool replayed = true;
  const auto first = ledger.Appropriate(request, &replayed);
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(replayed);
  ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(budget, 9)).ok());
  const auto second = ledger.Appropriate(request, &replayed);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(replayed);
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(ledger.Get(budget)->appropriated_cents(), 114);
}

TEST(Requests, AnIdIsItsCallersAlone) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(100);
  const auto request = AppropriateRequestOf(budget, 5);
  ASSERT_TRUE(ledger.Appropriate(request).ok());
  ledger.treasurer().subject = SubjectId::Random();
  EXPECT_EQ(Reason(ledger.Appropriate(request)), "REQUEST_ID_REUSED");
}

TEST(Requests, ARefusedOneMayBeTriedAgain) {
  TestLedger ledger;
  const std::string budget = ledger.BudgetOf(100);
  const auto request = HoldRequest(budget, NewId(), 150);
  EXPECT_EQ(Reason(ledger.Hold(request)), "INSUFFICIENT_FUNDS");
  ASSERT_TRUE(ledger.Appropriate(AppropriateRequestOf(budget, 50)).ok());
  EXPECT_TRUE(ledger.Hold(request).ok());
}

}  // namespace
}  // namespace smederij::ledger
