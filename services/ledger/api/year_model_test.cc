// Random months and years of a district's budgets, right requests and wrong ones, against a model
// that can be read at a glance: every answer, every reason, every balance. A failure prints its
// seed; SMEDERIJ_SEED runs that one again. With SMEDERIJ_ALL it is 300 walks of 100 steps.
#include "services/ledger/testing/year_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/testing/shrink.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;
using Model = YearModel;

class Walk {
 public:
  explicit Walk(TestSpending& ledger) : ledger_(ledger) {
    const std::string district = NewId();
    for (int year = 2020; year < 2024; ++year) {
      auto request = OpenRequest(district);
      request.set_fiscal_year(year);
      budgets_.push_back(ledger_.Open(request)->budget_id());
      model_.budgets[budgets_.back()].year = year;
    }
    for (int i = 0; i < 3; ++i) plans_.push_back(NewId());
    const std::string round = NewId(), &first = budgets_.front();
    CHECK(ledger_.Appropriate(AppropriateRequestOf(first, 10'000)).ok());
    CHECK(ledger_.Hold(HoldRequest(first, round, 6'000)).ok());
    const std::vector<Line> awards = {{first, 3'000, plans_[0]}, {first, 2'000, plans_[1]}};
    CHECK(ledger_.Reserve(ReserveRequest(round, 1, awards)).ok());
    Model::Budget& book = model_.budgets[first];
    book.entries = 3;
    book.decided = {{"municipality", 10'000}};
    book.accounts = {{{1, "municipality"}, -10'000},
                     {{2, ""}, 4'000},
                     {{3, round}, 1'000},
                     {{4, plans_[0]}, 3'000},
                     {{4, plans_[1]}, 2'000}};
    rounds_ = {round};
    for (const auto& [fund, day] :
         {std::pair("overdue", "2020-12-31"), {"free", "2999-12-31"}, {"used", "2999-12-31"}}) {
      OpenConditional(district, fund, day);
    }
    Use(budgets_.back());
    budgets_.push_back(NewId());  // One that does not exist.
  }

  void Step(uint64_t seed) {
    random_.seed(seed);
    switch (Below(18)) {
      case 0:
        return Appropriate(Any(budgets_));
      case 1:
        return Below(4) == 0 ? ReleasePot() : Commit();
      case 2:
        return Commit();
      case 3:
        return Instruct();
      case 4:
        return Settle();
      case 5:
        return Close();
      case 6:
      case 7:
        return Carry();
      case 8:
      case 9:
        return Propose();
      case 10:
        return Decide();
      case 11:
        return Account();
      case 12:
        return Index();
      case 13:
      case 14:
        return Return();
      case 15:
      case 16:
        return DecideHandover();
      default:
        return CloseBudget();
    }
  }

  void Compare() {
    for (auto& [id, expected] : model_.budgets) {
      const auto trial = ledger_.Trial(id);
      ASSERT_TRUE(trial.ok()) << trial.status();
      EXPECT_EQ(trial->total_cents(), 0);
      EXPECT_EQ(trial->as_of_seq(), expected.entries);
      std::map<Model::Key, int64_t> actual, wanted;
      for (const auto& account : trial->accounts()) {
        if (account.balance_cents() != 0) {
          actual[{account.kind(), account.reference()}] = account.balance_cents();
        }
      }
      for (const auto& [key, cents] : expected.accounts) {
        if (cents != 0) wanted[key] = cents;
      }
      EXPECT_EQ(actual, wanted) << expected.year;
      const auto periods = ledger_.Periods(id);
      for (size_t i = 0; i < 12; ++i) {
        EXPECT_EQ(periods->periods(static_cast<int>(i)).state(),
                  static_cast<int>(expected.periods[i]) + 1);
      }
      EXPECT_EQ(ledger_.Get(id)->state(), expected.closed    ? v1::Budget::STATE_CLOSED
                                          : expected.carried ? v1::Budget::STATE_CARRIED
                                                             : v1::Budget::STATE_OPEN);
    }
  }

 private:
  // Money for the first plan, until a day.
  void OpenConditional(const std::string& district, const std::string& fund,
                       const std::string& deadline) {
    const auto opened = ledger_.Open(ConditionalRequest(district, fund, 2023, plans_[0], deadline));
    CHECK(opened.ok());
    budgets_.push_back(opened->budget_id());
    Model::Budget& book = model_.budgets[budgets_.back()];
    book.year = 2023;
    book.fund = fund;
    book.conditional = true;
    book.overdue = fund == "overdue";
  }
  // A round holds 500 of it, of which the first plan got 300.
  void Use(const std::string& id) {
    const std::string round = NewId();
    CHECK(ledger_.Appropriate(AppropriateRequestOf(id, 900)).ok());
    CHECK(ledger_.Hold(HoldRequest(id, round, 500)).ok());
    CHECK(ledger_.Reserve(ReserveRequest(round, 1, {{id, 300, plans_[0]}})).ok());
    Model::Budget& book = model_.budgets[id];
    book.entries = 3;
    book.decided = {{"municipality", 900}};
    book.accounts = {
        {{1, "municipality"}, -900}, {{2, ""}, 400}, {{3, round}, 200}, {{4, plans_[0]}, 300}};
  }
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  template <class T>
  T& Any(std::vector<T>& of) {
    return of[Below(of.size())];
  }
  const testing::Person& Treasurer() {
    return Below(2) == 0 ? ledger_.treasurer() : ledger_.colleague();
  }
  template <class T>
  bool Expect(const std::string& reason, const absl::StatusOr<T>& answer) {
    EXPECT_EQ(ReasonOf(answer.status()), reason) << answer.status();
    EXPECT_EQ(answer.ok(), reason.empty()) << answer.status();
    return answer.ok() && reason.empty();
  }

  void Appropriate(const std::string& id) {
    const auto request = AppropriateRequestOf(id, 1 + static_cast<int64_t>(Below(100)));
    if (!Expect(model_.Takes(id), ledger_.Appropriate(request))) return;
    model_.Move(id, {1, "municipality"}, {2, ""}, request.amount_cents());
    model_.budgets[id].decided["municipality"] += request.amount_cents();
    ++model_.budgets[id].entries;
  }
  void ReleasePot() {
    const std::string &id = Any(budgets_), &round = rounds_.front();
    if (!Expect(model_.ReleasePot(id, round), ledger_.Release(ReleaseRequest(id, round)))) return;
    const int64_t left = model_.budgets[id].Held({3, round});
    if (left == 0) return;
    model_.Move(id, {3, round}, {2, ""}, left);
    ++model_.budgets[id].entries;
  }
  void Commit() {
    const std::string &id = Any(budgets_), &plan = Any(plans_);
    const auto cents = static_cast<int64_t>(1 + Below(800));
    std::string reason = model_.Takes(id);
    if (reason.empty()) {
      if (!model_.budgets[id].accounts.contains({4, plan})) {
        reason = "AWARD_NOT_FOUND";
      } else if (model_.budgets[id].Held({4, plan}) < cents) {
        reason = "INSUFFICIENT_FUNDS";
      }
    }
    const auto answer = ledger_.Commit(ledger_.CommitRequest(id, plan, cents));
    if (!Expect(reason, answer)) return;
    model_.Move(id, {4, plan}, {5, answer->commitment_id()}, cents);
    model_.budgets[id].commitments[answer->commitment_id()] = plan;
    ++model_.budgets[id].entries;
  }
  // From the request to the bank: of whatever is left of some open commitment.
  void Instruct() {
    for (auto& [id, book] : model_.budgets) {
      for (const auto& [commitment, plan] : book.commitments) {
        const int64_t left = book.Held({5, commitment});
        if (left == 0 || !model_.Takes(id).empty() || Below(2) == 0) continue;
        const int64_t cents = 1 + static_cast<int64_t>(Below(static_cast<size_t>(left)));
        auto request = ledger_.PaymentRequest(id, commitment, cents, NewId());
        const bool advance = Below(2) == 0;
        if (advance) request.set_receipts_due("2999-12-31");
        const auto payment = ledger_.Request(request);
        ASSERT_TRUE(payment.ok()) << payment.status();
        ASSERT_TRUE(ledger_.Approve(id, payment->payment_id(), ledger_.approver()).ok());
        ASSERT_TRUE(ledger_.Instruct(id, payment->payment_id(), NewId().substr(0, 30)).ok());
        book.payments[payment->payment_id()] = commitment;
        model_.Move(id, {5, commitment}, {6, plan}, cents);
        ++book.entries;
        paying_.push_back({id, payment->payment_id(), cents, advance});
        return;
      }
    }
  }
  void Settle() {
    if (paying_.empty()) return;
    const size_t which = Below(paying_.size());
    const auto [id, payment, cents, advance] = paying_[which];
    if (!Expect(model_.Takes(id), ledger_.Settle(id, payment))) return;
    Model::Budget& book = model_.budgets[id];
    const std::string& plan = book.commitments[book.payments[payment]];
    model_.Move(id, {6, plan}, {advance ? 10 : 7, plan}, cents);
    ++book.entries;
    if (advance) {
      book.advances[payment] = book.payments[payment];
      advanced_.push_back(paying_[which]);
    }
    book.payments.erase(payment);
    paying_.erase(paying_.begin() + static_cast<std::ptrdiff_t>(which));
  }
  // All of an advance at once: by receipts, or as money that came back.
  void Account() {
    if (advanced_.empty()) return;
    const size_t which = Below(advanced_.size());
    const auto [id, payment, cents, advance] = advanced_[which];
    const bool back = Below(2) == 0;
    const auto answer = back ? ledger_.GiveBack(id, payment, cents, NewId().substr(0, 30))
                             : ledger_.Account(id, payment, cents, "receipt 1");
    if (!Expect(model_.Takes(id), answer)) return;
    Model::Budget& book = model_.budgets[id];
    const std::string commitment = book.advances[payment], plan = book.commitments[commitment];
    model_.Move(id, {10, plan}, back ? std::pair(5, commitment) : std::pair(7, plan), cents);
    ++book.entries;
    book.advances.erase(payment);
    advanced_.erase(advanced_.begin() + static_cast<std::ptrdiff_t>(which));
  }
  void Close() {
    for (auto& [id, book] : model_.budgets) {
      if (book.commitments.empty() || Below(2) == 0) continue;
      const auto [commitment, plan] = *book.commitments.begin();
      std::string reason = model_.Takes(id);
      for (const auto& [payment, of] : book.payments) {
        if (reason.empty() && of == commitment) reason = "PAYMENTS_OPEN";
      }
      for (const auto& [payment, of] : book.advances) {
        if (reason.empty() && of == commitment) reason = "ADVANCES_OPEN";
      }
      if (!Expect(reason, ledger_.Close(id, commitment))) return;
      const int64_t left = book.Held({5, commitment});
      model_.Move(id, {5, commitment}, {4, plan}, left);
      book.entries += left > 0 ? 1 : 0;
      book.commitments.erase(commitment);
      return;
    }
  }
  void Carry() {
    const size_t from = Below(3);
    v1::CarryOver carry;
    carry.set_from_budget_id(Below(20) == 0 ? Any(budgets_) : budgets_[from]);
    carry.set_to_budget_id(Below(20) == 0 ? Any(budgets_) : budgets_[from + 1]);
    Model::Handover over{.from = carry.from_budget_id(), .to = carry.to_budget_id()};
    if (Below(4) != 0) {
      over.plans.insert(Any(plans_));
      if (Below(2) == 0) over.plans.insert(Any(plans_));
    }
    for (const std::string& plan : over.plans) carry.add_plan_ids(plan);
    if (over.plans.empty()) over.rest = static_cast<v1::CarryOver::Rest>(1 + Below(2));
    carry.set_rest(over.rest);
    carry.set_decision_ref("council");
    ProposeHandover(HandoverRequest(carry), std::move(over));
  }
  void Return() {
    v1::ReturnFunds give_back;
    give_back.set_budget_id(Any(budgets_));
    give_back.set_decision_ref("council");
    give_back.set_unmet(Below(2) == 0);
    ProposeHandover(HandoverRequest(give_back),
                    {.from = give_back.budget_id(), .unmet = give_back.unmet()});
  }
  // Mostly decided at once, else when it is stale, or never.
  void ProposeHandover(const v1::ProposeHandoverRequest& request, Model::Handover over) {
    const testing::Person& who = Treasurer();
    const auto answer = ledger_.ProposeHandover(request, who);
    if (!Expect(model_.ProposeHandover(over), answer)) return;
    EXPECT_EQ(std::pair(answer->carried_cents(), answer->returned_cents()), over.amounts);
    over.by = who.subject.ToString();
    model_.handovers[answer->handover_id()] = std::move(over);
    handovers_.push_back(*answer);
    if (Below(4) == 0) Appropriate(answer->budget_id());
    if (Below(3) != 0) DecideHandover();
  }
  void DecideHandover() {
    if (handovers_.empty()) return;
    v1::Handover over = Below(4) == 0 ? Any(handovers_) : handovers_.back();
    if (Below(20) == 0) over.set_handover_id(NewId());
    testing::Person who = Treasurer();
    const int64_t limit = Below(6) == 0 ? 500 : 1'000'000;
    who.grants[0].limit_cents = limit;
    const bool accept = Below(4) != 0;
    Expect(model_.DecideHandover(over.budget_id(), over.handover_id(), accept,
                                 who.subject.ToString(), limit),
           ledger_.DecideHandover(over, accept, who));
  }
  void Index() {
    const size_t from = Below(3);
    v1::IndexAppropriationsRequest request;
    request.set_request_id(NewId());
    request.set_from_budget_id(Below(10) == 0 ? Any(budgets_) : budgets_[from]);
    request.set_budget_id(Below(10) == 0 ? Any(budgets_) : budgets_[from + 1]);
    request.set_rate_basis_points(static_cast<int32_t>(Below(20'001)) - 10'000);
    request.set_decision_ref("programme budget");
    Expect(model_.Index(request.from_budget_id(), request.budget_id(), request.rate_basis_points()),
           ledger_.server().Ask(&BooksStub::IndexAppropriations, request, ledger_.Treasurer()));
  }
  void Propose() {
    const std::string& id = Any(budgets_);
    const auto trial = ledger_.Trial(id);
    v1::ProposeClosingRequest request;
    request.set_request_id(NewId());
    request.set_budget_id(id);
    int period = static_cast<int>(1 + Below(12));
    if (model_.budgets.contains(id) && Below(3) != 0) {  // Mostly the next one.
      const auto& periods = model_.budgets[id].periods;
      for (period = 1; period < 12; ++period) {
        if (periods[static_cast<size_t>(period - 1)] != Model::Period::kClosed) break;
      }
    }
    request.set_period_no(period);
    const bool right = Below(8) != 0;
    request.set_expected_seq(trial.ok() ? trial->as_of_seq() + (Below(10) == 0 ? 1 : 0) : 0);
    request.set_trial_balance_hash(trial.ok() && right ? trial->trial_balance_hash()
                                                       : std::string(32, 'x'));
    const testing::Person& who = Treasurer();
    const auto answer = ledger_.ProposeClosing(request, who);
    if (!Expect(model_.ProposeClosing(id, period, request.expected_seq(), right), answer)) return;
    Model::Budget& book = model_.budgets[id];
    book.closings[answer->closing_id()] = {.period = period, .by = who.subject.ToString()};
    book.periods[static_cast<size_t>(period - 1)] = Model::Period::kClosing;
    closings_.push_back(*answer);
  }
  void Decide() {
    if (closings_.empty()) return;
    v1::Closing closing = Below(3) == 0 ? Any(closings_) : closings_.back();
    if (Below(20) == 0) closing.set_closing_id(NewId());
    const testing::Person& who = Treasurer();
    const bool accept = Below(4) != 0;
    Expect(model_.DecideClosing(closing.budget_id(), closing.closing_id(), accept,
                                who.subject.ToString()),
           ledger_.DecideClosing(closing, accept, who));
  }
  void CloseBudget() {
    const std::string& id = Any(budgets_);
    Expect(model_.CloseBudget(id), ledger_.CloseBudget(id));
  }

  struct Paying {
    std::string budget, payment;
    int64_t cents = 0;
    bool advance = false;
  };
  TestSpending& ledger_;
  std::mt19937_64 random_;
  Model model_;
  std::vector<std::string> budgets_, plans_, rounds_;
  std::vector<Paying> paying_, advanced_;
  std::vector<v1::Closing> closings_;
  std::vector<v1::Handover> handovers_;
};

TEST(YearModel, RandomMonthsAndYearsAgreeWithIt) {
  const uint64_t seed = SeedOfRun();
  const int walks = std::getenv("SMEDERIJ_ALL") != nullptr ? 300 : 10;
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  TestSpending ledger;
  std::mt19937_64 seeds(seed);
  Shrinking shrinking([&](const Steps& steps) {
    Walk walk(ledger);
    for (const uint64_t step : steps) walk.Step(step);
    walk.Compare();
  });
  for (int walk = 0; walk < walks && !::testing::Test::HasFailure(); ++walk) {
    shrinking.Run(RandomSteps(seeds(), 100));
  }
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
