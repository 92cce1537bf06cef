#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/base/error.h"
#include "services/ledger/testing/spending_model.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {

// The ground of random steps of an award's money: who there is, what they know of, and the model of
// it that every answer is compared with.
class SpendingGround {
 public:
  using Model = SpendingModel;

  explicit SpendingGround(TestSpending& ledger) : ledger_(ledger) {
    for (int i = 0; i < 2; ++i) {
      plans_.push_back(NewId());
      budgets_.push_back(ledger_.Awarded(plans_.back(), kAward));
      model_.budgets[budgets_.back()] = {{{4, plans_.back()}, kAward}, {{2, ""}, 0}};
    }
    budgets_.push_back(NewId());  // One that does not exist.
    plans_.push_back(NewId());    // One that got nothing.
    commitments_ = payments_ = reversals_ = {NewId()};
    // Three people who may do everything, but not everything alone; the last not much at once.
    for (int i = 0; i < 3; ++i) {
      people_.push_back(ledger_.Somebody(policy::v1::ROLE_PAYMENT_APPROVER));
      if (i == 2) people_.back().grants[0].limit_cents = kLimit;
      people_.back().grants.push_back({.role = policy::v1::ROLE_AREA_DIRECTOR});
      people_.back().grants.push_back({.role = policy::v1::ROLE_TREASURER});
    }
    // Steps at random seldom come as far as an advance that is open.
    for (const size_t which : {0, 0, 1, 1}) Advance(which);
  }

  const Model& model() const { return model_; }

  void Compare() {
    for (auto& [budget, accounts] : model_.budgets) {
      const auto trial = ledger_.Trial(budget);
      ASSERT_TRUE(trial.ok()) << trial.status();
      EXPECT_EQ(trial->total_cents(), 0);
      Model::Accounts actual;
      for (const auto& account : trial->accounts()) {
        if (account.kind() == v1::ACCOUNT_KIND_SOURCE || account.kind() == v1::ACCOUNT_KIND_POT) {
          continue;
        }
        EXPECT_GE(account.balance_cents(), 0);
        actual[{account.kind(), account.reference()}] = account.balance_cents();
      }
      for (auto& [account, cents] : actual) accounts.try_emplace(account, 0);
      for (auto& [account, cents] : accounts) actual.try_emplace(account, 0);
      EXPECT_EQ(actual, accounts);
    }
    for (const auto& [budget, accounts] : model_.budgets) {
      const auto page = ledger_.Payments(budget, v1::Payment::STATE_UNSPECIFIED, 500);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const auto& payment : page->payments()) {
        const Model::Payment& expected = model_.payments[payment.payment_id()];
        EXPECT_EQ(payment.state(), expected.state);
        EXPECT_EQ(payment.accounted_cents(), expected.accounted);
        EXPECT_EQ(payment.returned_cents(), expected.returned + expected.repaid);
        EXPECT_EQ(payment.returned_vat_cents(), expected.repaid_vat);
        EXPECT_EQ(payment.receipts_due().empty(), !expected.advance);
      }
    }
  }

 protected:
  static constexpr int64_t kAward = 40'000'00, kLimit = 3'000'00, kShared = 12'000'00,
                           kAdvance = 4'000'00;

  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  template <class T>
  T& Any(std::vector<T>& of) {
    return of[Below(of.size())];
  }
  // Mostly what can be; now and then the edges of what an amount is, and beyond.
  int64_t Cents() {
    static constexpr int64_t kOdd[] = {
        0, -1, Money::kCentsMax, Money::kCentsMax + 1, INT64_MAX, INT64_MIN, 1, 5'000'00, 5'000'01};
    return Below(12) == 0 ? kOdd[Below(std::size(kOdd))]
                          : 1 + static_cast<int64_t>(Below(8'000'00));
  }
  static bool Malformed(int64_t cents) { return cents < 1 || cents > Money::kCentsMax; }
  // The budget an id belongs to; now and then another.
  template <class Known>
  std::string BudgetOf(const Known& known, const std::string& id) {
    const auto found = known.find(id);
    return found == known.end() || Below(20) == 0 ? Any(budgets_) : found->second.budget;
  }

  static int64_t LimitOf(const testing::Person& who) { return who.grants[0].limit_cents; }

  template <class T>
  bool Expect(const std::string& reason, const absl::StatusOr<T>& answer) {
    EXPECT_EQ(ReasonOf(answer.status()), reason) << answer.status();
    EXPECT_EQ(answer.ok(), reason.empty()) << answer.status();
    return answer.ok() && reason.empty();
  }

  // All that makes an advance of that plan, the right way.
  void Advance(size_t which) {
    const std::string &budget = budgets_[which], &plan = plans_[which];
    const auto commitment = ledger_.Commit(ledger_.CommitRequest(budget, plan, kAdvance));
    const std::string& of = commitment->commitment_id();
    auto request = ledger_.PaymentRequest(budget, of, kAdvance, NewId());
    request.set_receipts_due("2999-12-31");
    const auto payment = ledger_.Request(request, people_[0]);
    const std::string &id = payment->payment_id(), ref = NewId().substr(0, 30);
    CHECK(ledger_.Approve(budget, id, people_[1]).ok());
    CHECK(ledger_.Instruct(budget, id, ref, people_[1]).ok());
    CHECK(ledger_.Settle(budget, id).ok());
    model_.Advance(plan, id, ref,
                   {.budget = budget,
                    .commitment = of,
                    .invoice = request.invoice_ref(),
                    .requester = people_[0].subject.ToString(),
                    .cents = kAdvance,
                    .approvers = {people_[1].subject.ToString()}});
    commitments_.push_back(of);
    payments_.push_back(id);
  }
  TestSpending& ledger_;
  std::mt19937_64 random_;
  Model model_;
  std::vector<std::string> budgets_, plans_, commitments_, payments_, reversals_;
  std::vector<testing::Person> people_;
};

}  // namespace smederij::ledger
