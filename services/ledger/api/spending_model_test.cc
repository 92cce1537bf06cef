// Random steps of an award's money, right ones and wrong ones, against a model that can be read at
// a glance: every answer, every reason and every balance. A failure prints its seed; SMEDERIJ_SEED
// runs that one again. With SMEDERIJ_ALL it is 500 walks of 100 steps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;
using State = v1::Payment::State;

// The money of some budgets after its award, without hashes, batches or SQL.
struct Model {
  struct Commitment {
    std::string budget, plan;
    int64_t left = 0;
    bool closed = false;
  };
  struct Payment {
    std::string budget, commitment, invoice, requester;
    int64_t cents = 0;
    std::set<std::string> approvers;
    State state = v1::Payment::STATE_REQUESTED;
    bool Claims() const {
      return state == v1::Payment::STATE_REQUESTED || state == v1::Payment::STATE_APPROVED;
    }
    bool Ended() const {
      return state == v1::Payment::STATE_FAILED || state == v1::Payment::STATE_REJECTED;
    }
  };
  // Kind and reference to cents; what is not there holds nothing.
  using Accounts = std::map<std::pair<int, std::string>, int64_t>;
  std::map<std::string, Accounts> budgets;
  std::map<std::string, Commitment> commitments;
  std::map<std::string, Payment> payments;
  std::set<std::string> bank_refs;

  void Move(const std::string& budget, std::pair<int, std::string> from,
            std::pair<int, std::string> to, int64_t cents) {
    budgets[budget][from] -= cents;
    budgets[budget][to] += cents;
  }

  std::string Spend(const std::string& budget, const std::string& plan, int64_t cents) {
    if (!budgets.contains(budget)) return "BUDGET_NOT_FOUND";
    if (!budgets[budget].contains({4, plan})) return "AWARD_NOT_FOUND";
    return budgets[budget][{4, plan}] < cents ? "INSUFFICIENT_FUNDS" : "";
  }
  std::string Find(const std::string& budget, const std::string& commitment) {
    if (!budgets.contains(budget)) return "BUDGET_NOT_FOUND";
    const auto found = commitments.find(commitment);
    if (found == commitments.end() || found->second.budget != budget) {
      return "COMMITMENT_NOT_FOUND";
    }
    return found->second.closed ? "COMMITMENT_CLOSED" : "";
  }
  std::string Close(const std::string& budget, const std::string& id) {
    if (std::string refused = Find(budget, id); !refused.empty()) return refused;
    for (const auto& [payment_id, payment] : payments) {
      if (payment.commitment == id &&
          (payment.Claims() || payment.state == v1::Payment::STATE_INSTRUCTED)) {
        return "PAYMENTS_OPEN";
      }
    }
    Commitment& commitment = commitments[id];
    commitment.closed = true;
    Move(budget, {5, id}, {4, commitment.plan}, commitment.left);
    commitment.left = 0;
    return "";
  }
  std::string Request(const std::string& budget, const std::string& commitment, int64_t cents,
                      const std::string& invoice) {
    if (std::string refused = Find(budget, commitment); !refused.empty()) return refused;
    int64_t left = commitments[commitment].left;
    for (const auto& [id, payment] : payments) {  // One payee has them all.
      if (payment.invoice == invoice && !payment.Ended()) return "DUPLICATE_INVOICE";
      if (payment.commitment == commitment && payment.Claims()) left -= payment.cents;
    }
    return left < cents ? "OVER_COMMITMENT" : "";
  }
  // What every step of a payment has to pass.
  std::string Step(const std::string& budget, const std::string& id, State from) {
    if (!budgets.contains(budget)) return "BUDGET_NOT_FOUND";
    const auto found = payments.find(id);
    if (found == payments.end() || found->second.budget != budget) return "PAYMENT_NOT_FOUND";
    return found->second.state == from ? "" : "WRONG_STATE";
  }
  std::string Approve(const std::string& budget, const std::string& id, const std::string& who) {
    if (std::string refused = Step(budget, id, v1::Payment::STATE_REQUESTED); !refused.empty()) {
      return refused;
    }
    Payment& payment = payments[id];
    if (payment.requester == who) return "SELF_APPROVAL";
    if (!payment.approvers.insert(who).second) return "ALREADY_APPROVED";
    const size_t needed = payment.cents > kTwoApproversAboveCents ? 2 : 1;
    if (payment.approvers.size() == needed) payment.state = v1::Payment::STATE_APPROVED;
    return "";
  }
};

class Walk {
 public:
  Walk(TestSpending& ledger, uint64_t seed) : ledger_(ledger), random_(seed) {
    for (int i = 0; i < 2; ++i) {
      plans_.push_back(NewId());
      budgets_.push_back(ledger_.Awarded(plans_.back(), kAward));
      model_.budgets[budgets_.back()] = {{{4, plans_.back()}, kAward}, {{2, ""}, 0}};
    }
    budgets_.push_back(NewId());  // One that does not exist.
    plans_.push_back(NewId());    // One that got nothing.
    commitments_ = payments_ = {NewId()};
    // Three people who may do everything, but not everything alone.
    for (int i = 0; i < 3; ++i) {
      people_.push_back(ledger_.Somebody(policy::v1::ROLE_PAYMENT_APPROVER));
      people_.back().grants.push_back({.role = policy::v1::ROLE_AREA_DIRECTOR});
      people_.back().grants.push_back({.role = policy::v1::ROLE_TREASURER});
    }
  }

  void Step() {
    switch (Below(14)) {
      case 0:
      case 1:
        return Commit();
      case 2:
        return Close();
      case 3:
        return Release();
      case 4:
      case 5:
      case 6:
        return Request();
      case 7:
      case 8:
      case 9:
        return Approve();
      case 10:
        return Below(4) == 0 ? Reject() : Instruct();
      case 11:
        return Instruct();
      case 12:
        return Below(3) == 0 ? Fail() : Settle();
      default:
        return Repeat();
    }
  }

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
        EXPECT_EQ(payment.state(), model_.payments[payment.payment_id()].state);
      }
    }
  }

 private:
  static constexpr int64_t kAward = 40'000'00;

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

  template <class T>
  bool Expect(const std::string& reason, const absl::StatusOr<T>& answer) {
    EXPECT_EQ(ReasonOf(answer.status()), reason) << answer.status();
    EXPECT_EQ(answer.ok(), reason.empty()) << answer.status();
    return answer.ok() && reason.empty();
  }

  void Commit() {
    const size_t which = Below(10) == 0 ? Below(3) : Below(2);
    const auto request = ledger_.CommitRequest(
        budgets_[which], Below(10) == 0 ? Any(plans_) : plans_[which], Cents());
    const int64_t cents = request.amount_cents();
    const auto answer = ledger_.Commit(request);
    const std::string reason = Malformed(cents)
                                   ? "AMOUNT_OUT_OF_RANGE"
                                   : model_.Spend(request.budget_id(), request.plan_id(), cents);
    if (!Expect(reason, answer)) return;
    const std::string& id = answer->commitment_id();
    model_.Move(request.budget_id(), {4, request.plan_id()}, {5, id}, cents);
    model_.commitments[id] = {
        .budget = request.budget_id(), .plan = request.plan_id(), .left = cents, .closed = false};
    commitments_.push_back(id);
    committed_.emplace_back(request, answer->SerializeAsString());
  }
  void Close() {
    const std::string& id = Any(commitments_);
    const std::string budget = BudgetOf(model_.commitments, id);
    Expect(model_.Close(budget, id), ledger_.Close(budget, id));
  }
  void Release() {
    const std::string &budget = Any(budgets_), &plan = Any(plans_);
    const int64_t cents = Cents() / 10;
    const std::string reason =
        Malformed(cents) ? "AMOUNT_OUT_OF_RANGE" : model_.Spend(budget, plan, cents);
    if (!Expect(reason, ledger_.ReleaseAward(budget, plan, cents))) return;
    model_.Move(budget, {4, plan}, {2, ""}, cents);
  }
  void Request() {
    const std::string& commitment = Any(commitments_);
    const std::string budget = BudgetOf(model_.commitments, commitment);
    const std::string invoice = absl::StrCat(ledger_.payee(), plans_[0], Below(40));
    const testing::Person& who = Any(people_);
    const int64_t cents = Cents();
    const auto answer =
        ledger_.Request(ledger_.PaymentRequest(budget, commitment, cents, invoice), who);
    const std::string reason = Malformed(cents)
                                   ? "AMOUNT_OUT_OF_RANGE"
                                   : model_.Request(budget, commitment, cents, invoice);
    if (!Expect(reason, answer)) return;
    model_.payments[answer->payment_id()] = {.budget = budget,
                                             .commitment = commitment,
                                             .invoice = invoice,
                                             .requester = who.subject.ToString(),
                                             .cents = cents,
                                             .approvers = {}};
    payments_.push_back(answer->payment_id());
  }
  void Approve() {
    const std::string& id = Any(payments_);
    const std::string budget = BudgetOf(model_.payments, id);
    const testing::Person& who = Any(people_);
    const auto answer = ledger_.Approve(budget, id, who);
    if (!Expect(model_.Approve(budget, id, who.subject.ToString()), answer)) return;
    EXPECT_EQ(answer->state(), model_.payments[id].state);
  }
  void Reject() {
    const std::string& id = Any(payments_);
    const std::string budget = BudgetOf(model_.payments, id);
    const std::string reason = model_.Step(budget, id, v1::Payment::STATE_REQUESTED);
    if (!Expect(reason, ledger_.Reject(budget, id))) return;
    model_.payments[id].state = v1::Payment::STATE_REJECTED;
  }
  void Instruct() {
    const std::string& id = Any(payments_);
    const std::string budget = BudgetOf(model_.payments, id);
    const std::string ref = absl::StrCat(plans_[0].substr(0, 20), Below(60));
    const testing::Person& who = Any(people_);
    std::string reason = model_.Step(budget, id, v1::Payment::STATE_APPROVED);
    if (reason.empty() && model_.payments[id].requester == who.subject.ToString()) {
      reason = "SELF_INSTRUCTION";
    }
    if (reason.empty() && model_.bank_refs.contains(ref)) reason = "BANK_REFERENCE_USED";
    if (!Expect(reason, ledger_.Instruct(budget, id, ref, who))) return;
    model_.bank_refs.insert(ref);
    Model::Payment& payment = model_.payments[id];
    Model::Commitment& commitment = model_.commitments[payment.commitment];
    payment.state = v1::Payment::STATE_INSTRUCTED;
    commitment.left -= payment.cents;
    model_.Move(budget, {5, payment.commitment}, {6, commitment.plan}, payment.cents);
  }
  void Settle() {
    const std::string& id = Any(payments_);
    const std::string budget = BudgetOf(model_.payments, id);
    const std::string reason = model_.Step(budget, id, v1::Payment::STATE_INSTRUCTED);
    if (!Expect(reason, ledger_.Settle(budget, id))) return;
    Model::Payment& payment = model_.payments[id];
    const std::string& plan = model_.commitments[payment.commitment].plan;
    payment.state = v1::Payment::STATE_SETTLED;
    model_.Move(budget, {6, plan}, {7, plan}, payment.cents);
  }
  void Fail() {
    const std::string& id = Any(payments_);
    const std::string budget = BudgetOf(model_.payments, id);
    const std::string reason = model_.Step(budget, id, v1::Payment::STATE_INSTRUCTED);
    if (!Expect(reason, ledger_.Fail(budget, id))) return;
    Model::Payment& payment = model_.payments[id];
    Model::Commitment& commitment = model_.commitments[payment.commitment];
    payment.state = v1::Payment::STATE_FAILED;
    commitment.left += payment.cents;
    model_.Move(budget, {6, commitment.plan}, {5, payment.commitment}, payment.cents);
  }
  // An old request again: the first answer, whatever happened since; altered, a refusal.
  void Repeat() {
    if (committed_.empty()) return;
    auto [request, first] = Any(committed_);
    if (Below(2) == 0) {
      request.set_quote_ref("another quote");
      EXPECT_EQ(ReasonOf(ledger_.Commit(request).status()), "REQUEST_ID_REUSED");
      return;
    }
    bool replayed = false;
    const auto answer = ledger_.Commit(request, &replayed);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_TRUE(replayed);
    EXPECT_EQ(answer->SerializeAsString(), first);
  }

  TestSpending& ledger_;
  std::mt19937_64 random_;
  Model model_;
  std::vector<std::string> budgets_, plans_, commitments_, payments_;
  std::vector<testing::Person> people_;
  std::vector<std::pair<v1::OpenCommitmentRequest, std::string>> committed_;
};

TEST(SpendingModel, RandomStepsAgreeWithIt) {
  uint64_t seed = std::random_device()();
  if (const char* text = std::getenv("SMEDERIJ_SEED")) {
    ASSERT_TRUE(absl::SimpleAtoi(text, &seed));
  }
  const int walks = std::getenv("SMEDERIJ_ALL") != nullptr ? 500 : 8;
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  TestSpending ledger;
  std::mt19937_64 seeds(seed);
  for (int walk = 0; walk < walks && !::testing::Test::HasFailure(); ++walk) {
    Walk steps(ledger, seeds());
    for (int i = 0; i < 100 && !::testing::Test::HasFailure(); ++i) steps.Step();
    steps.Compare();
  }
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
