// Random steps of an award's money, right ones and wrong ones, against a model that can be read at
// a glance: every answer, every reason and every balance. A failure prints its seed; SMEDERIJ_SEED
// runs that one again. With SMEDERIJ_ALL it is 500 walks of 100 steps.
#include "services/ledger/testing/spending_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "services/ledger/testing/shrink.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;
using Model = SpendingModel;

class Walk {
 public:
  explicit Walk(TestSpending& ledger) : ledger_(ledger) {
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

  void Step(uint64_t seed) {
    random_.seed(seed);
    switch (Below(20)) {
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
      case 13:
        return Below(4) == 0 ? Fail() : Settle();
      case 14:
      case 15:
      case 16:
        return Part();
      case 17:
        return ProposeBack();
      case 18:
        return DecideBack();
      default:
        return Repeat();
    }
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
        EXPECT_EQ(payment.returned_cents(), expected.returned);
        EXPECT_EQ(payment.receipts_due().empty(), !expected.advance);
      }
    }
  }

 private:
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
  void Commit() {
    const size_t which = Below(10) == 0 ? Below(3) : Below(2);
    auto request = ledger_.CommitRequest(budgets_[which],
                                         Below(10) == 0 ? Any(plans_) : plans_[which], Cents());
    const int64_t cents = request.amount_cents();
    request.set_vat_cents(Malformed(cents) ? 0 : Below(3) == 0 ? cents / 2 : 0);
    const auto answer = ledger_.Commit(request);
    const std::string reason = Malformed(cents)
                                   ? "AMOUNT_OUT_OF_RANGE"
                                   : model_.Spend(request.budget_id(), request.plan_id(), cents);
    if (!Expect(reason, answer)) return;
    EXPECT_EQ(answer->vat_cents(), request.vat_cents());
    const std::string& id = answer->commitment_id();
    model_.Move(request.budget_id(), {4, request.plan_id()}, {5, id}, cents);
    model_.commitments[id] = {.budget = request.budget_id(),
                              .plan = request.plan_id(),
                              .left = cents,
                              .vat = request.vat_cents(),
                              .closed = false};
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
  // However it is written, it is the same invoice.
  std::string Spelled(const std::string& invoice) {
    switch (Below(4)) {
      case 0:
        return absl::AsciiStrToUpper(invoice);
      case 1:
        return absl::StrReplaceAll(invoice, {{"-", " /"}});
      default:
        return invoice;
    }
  }
  void Request() {
    const std::string& commitment = Any(commitments_);
    const std::string budget = BudgetOf(model_.commitments, commitment);
    const std::string invoice = absl::StrCat(ledger_.payee(), plans_[0], Below(40));
    const testing::Person& who = Any(people_);
    const int64_t cents = Cents();
    auto request = ledger_.PaymentRequest(budget, commitment, cents, Spelled(invoice));
    const bool advance = Below(2) == 0;
    if (advance) request.set_receipts_due("2999-12-31");
    if (!advance && !Malformed(cents) && Below(3) == 0) request.set_vat_cents(cents / 3);
    const int64_t vat = request.vat_cents();
    const auto answer = ledger_.Request(request, who);
    const std::string reason = Malformed(cents)
                                   ? "AMOUNT_OUT_OF_RANGE"
                                   : model_.Request(budget, commitment, cents, invoice, vat);
    if (!Expect(reason, answer)) return;
    model_.payments[answer->payment_id()] = {.budget = budget,
                                             .commitment = commitment,
                                             .invoice = invoice,
                                             .requester = who.subject.ToString(),
                                             .cents = cents,
                                             .vat = vat,
                                             .approvers = {},
                                             .advance = advance};
    payments_.push_back(answer->payment_id());
  }
  void Approve() {
    const std::string& id = Any(payments_);
    const std::string budget = BudgetOf(model_.payments, id);
    const testing::Person& who = Any(people_);
    const auto answer = ledger_.Approve(budget, id, who);
    if (!Expect(model_.Approve(budget, id, who.subject.ToString(), LimitOf(who)), answer)) return;
    EXPECT_EQ(answer->state(), model_.payments[id].state);
  }
  void Reject() {
    const std::string& id = Any(payments_);
    const std::string budget = BudgetOf(model_.payments, id);
    std::string reason = model_.Step(budget, id, v1::Payment::STATE_REQUESTED);
    if (!reason.empty()) reason = model_.Step(budget, id, v1::Payment::STATE_APPROVED);
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
    payment.state = payment.advance ? v1::Payment::STATE_ADVANCED : v1::Payment::STATE_SETTLED;
    model_.Move(budget, {6, plan}, {payment.advance ? 10 : 7, plan}, payment.cents);
  }
  // Mostly of an advance that is open, and mostly what is owed or less.
  void Part() {
    std::string id = Any(payments_);
    for (int tries = 0; tries < 10 && Below(8) != 0; ++tries) {
      const auto at = model_.payments.find(id);
      if (at != model_.payments.end() && at->second.state == v1::Payment::STATE_ADVANCED) break;
      id = Any(payments_);
    }
    const auto known = model_.payments.find(id);
    const int64_t owed =
        known == model_.payments.end()
            ? 0
            : known->second.cents - known->second.accounted - known->second.returned;
    const int64_t cents =
        Below(3) == 0 ? Cents() : owed - static_cast<int64_t>(Below(2)) * owed / 3;
    const std::string budget = BudgetOf(model_.payments, id);
    // Walks share a municipality, in which a bank line and a document count once.
    const std::string ref = absl::StrCat(plans_[0].substr(0, 20), " ", Below(10));
    const testing::Person& who = Any(people_);
    const bool back = Below(3) == 0;
    auto receipt = ledger_.AccountRequest(budget, id, cents, ref);
    receipt.set_document_hash(absl::StrCat(plans_[0].substr(0, 30), 10 + Below(10)));
    auto line = ledger_.ReturnRequest(budget, id, cents, ref);
    // Every other one is shared, mostly by those who agree on its total.
    const bool shared = (back ? ref : receipt.document_hash()).back() % 2 == 0;
    const int64_t total = !shared ? 0 : Below(10) == 0 ? Cents() : kShared;
    receipt.set_total_cents(total);
    line.set_total_cents(total);
    const auto answer = back ? ledger_.GiveBack(line, who) : ledger_.Account(receipt, who);
    const bool malformed = Malformed(cents) || (total != 0 && (Malformed(total) || total < cents));
    const Model::Part part{.budget = budget,
                           .payment = id,
                           .name = ref,
                           .evidence = back ? ref : receipt.document_hash(),
                           .cents = cents,
                           .total = total == 0 ? cents : total,
                           .back = back};
    const std::string reason =
        malformed ? "AMOUNT_OUT_OF_RANGE" : model_.Add(part, who.subject.ToString(), LimitOf(who));
    if (Expect(reason, answer)) {
      EXPECT_EQ(answer->state(), model_.payments[id].state);
      model_.parts.back().seq = answer->seq();
    }
  }
  void ProposeBack() {
    if (model_.parts.empty()) return;
    const size_t which = Below(model_.parts.size());
    const Model::Part& part = model_.parts[which];
    const std::string budget = Below(20) == 0 ? budgets_.back() : part.budget;
    const testing::Person& who = Any(people_);
    const auto answer = ledger_.ProposeReversal(ReversalRequest(budget, part.seq), who);
    if (!Expect(model_.Propose(budget, which), answer)) return;
    model_.reversals[answer->reversal_id()] = {
        .budget = budget, .part = which, .by = who.subject.ToString()};
    reversals_.push_back(answer->reversal_id());
  }
  // Mostly what nobody has decided on.
  void DecideBack() {
    std::string id = Any(reversals_);
    for (int tries = 0; tries < 10 && model_.Decided(id); ++tries) id = Any(reversals_);
    const std::string budget = BudgetOf(model_.reversals, id);
    const testing::Person& who = Any(people_);
    const bool accept = Below(5) != 0;
    const auto answer = ledger_.DecideReversal(budget, id, accept, who);
    Expect(model_.Decide(budget, id, accept, who.subject.ToString()), answer);
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
  std::vector<std::string> budgets_, plans_, commitments_, payments_, reversals_;
  std::vector<testing::Person> people_;
  std::vector<std::pair<v1::OpenCommitmentRequest, std::string>> committed_;
};

TEST(SpendingModel, RandomStepsAgreeWithIt) {
  const uint64_t seed = SeedOfRun();
  const int walks = std::getenv("SMEDERIJ_ALL") != nullptr ? 500 : 8;
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  TestSpending ledger;
  std::mt19937_64 seeds(seed);
  int shared = 0, taken_back = 0;
  Shrinking shrinking([&](const Steps& steps) {
    Walk walk(ledger);
    for (const uint64_t step : steps) walk.Step(step);
    walk.Compare();
    shared += walk.model().shared;
    taken_back += walk.model().taken_back;
  });
  for (int walk = 0; walk < walks && !::testing::Test::HasFailure(); ++walk) {
    shrinking.Run(RandomSteps(seeds(), 100));
  }
  // So many walks come across both, whatever the seed.
  EXPECT_TRUE(walks < 500 || (shared > 0 && taken_back > 0));
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
