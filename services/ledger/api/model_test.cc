// Random requests, right ones and wrong ones, against a model of the books so simple that it can be
// read at a glance. A failure prints its seed; SMEDERIJ_SEED runs that one again,
// SMEDERIJ_OPERATIONS makes it longer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "services/ledger/testing/shrink.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  int64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

// What a budget holds, without hashes, batches or SQL.
struct Model {
  struct Reversal {
    int64_t seq = 0;
    std::string by;
    bool decided = false;
  };
  struct Budget {
    int64_t promised = 0, available = 0, entries = 0;
    std::map<std::string, int64_t> pots, reserved;
    std::map<int64_t, int64_t> appropriations;  // What may be taken back: entry to cents.
    std::set<int64_t> reversed;
    std::map<std::string, Reversal> reversals;
  };
  std::map<std::string, Budget> budgets;
  std::set<std::pair<std::string, uint32_t>> versions;
  // By round, what a budget gives a plan.
  std::map<std::string, std::map<std::pair<std::string, std::string>, int64_t>> awards;

  std::string Appropriate(const std::string& id, int64_t cents) {
    if (!budgets.contains(id)) return "BUDGET_NOT_FOUND";
    Budget& budget = budgets[id];
    if (budget.promised > Money::kCentsMax - cents) return "BUDGET_FULL";
    budget.promised += cents;
    budget.available += cents;
    budget.appropriations[++budget.entries] = cents;
    return "";
  }
  std::string ProposeReversal(const std::string& id, int64_t seq) {
    if (!budgets.contains(id)) return "BUDGET_NOT_FOUND";
    Budget& budget = budgets[id];
    if (seq > budget.entries) return "ENTRY_NOT_FOUND";
    if (!budget.appropriations.contains(seq)) return "NOT_REVERSIBLE";
    if (budget.reversed.contains(seq)) return "ALREADY_REVERSED";
    for (const auto& [reversal_id, reversal] : budget.reversals) {
      if (reversal.seq == seq && !reversal.decided) return "REVERSAL_PENDING";
    }
    return "";
  }
  std::string DecideReversal(const std::string& id, const std::string& reversal_id, bool accept,
                             const std::string& who) {
    if (!budgets.contains(id)) return "BUDGET_NOT_FOUND";
    Budget& budget = budgets[id];
    const auto found = budget.reversals.find(reversal_id);
    if (found == budget.reversals.end()) return "REVERSAL_NOT_FOUND";
    Reversal& reversal = found->second;
    if (reversal.decided) return "REVERSAL_DECIDED";
    if (accept) {
      if (reversal.by == who) return "SELF_APPROVAL";
      const int64_t cents = budget.appropriations[reversal.seq];
      if (budget.available < cents) return "INSUFFICIENT_FUNDS";
      budget.available -= cents;
      budget.promised -= cents;
      budget.reversed.insert(reversal.seq);
      ++budget.entries;
    }
    reversal.decided = true;
    return "";
  }
  std::string Hold(const std::string& id, const std::string& round, int64_t cents) {
    if (!budgets.contains(id)) return "BUDGET_NOT_FOUND";
    Budget& budget = budgets[id];
    if (budget.pots.contains(round)) return "POT_EXISTS";
    if (budget.available < cents) return "INSUFFICIENT_FUNDS";
    budget.available -= cents;
    budget.pots[round] = cents;
    ++budget.entries;
    return "";
  }
  std::string Reserve(const std::string& round, uint32_t version, const std::vector<Line>& lines) {
    std::set<std::pair<std::string, std::string>> seen;
    for (const Line& line : lines) {
      if (!seen.insert({line.budget, line.plan}).second) return "PLAN_TWICE";
    }
    for (const Line& line : lines) {
      if (!budgets.contains(line.budget)) return "BUDGET_NOT_FOUND";
    }
    std::map<std::string, int64_t> totals;
    for (const Line& line : lines) {
      if (!budgets[line.budget].pots.contains(round)) return "POT_NOT_FOUND";
      totals[line.budget] += line.cents;
    }
    if (versions.contains({round, version})) return "AWARDS_ALREADY_RESERVED";
    for (const auto& [id, total] : totals) {
      if (budgets[id].pots[round] < total) return "INSUFFICIENT_FUNDS";
    }
    for (const auto& [id, total] : totals) {
      budgets[id].pots[round] -= total;
      ++budgets[id].entries;
    }
    for (const Line& line : lines) {
      budgets[line.budget].reserved[line.plan] += line.cents;
      awards[round][{line.budget, line.plan}] += line.cents;
    }
    versions.insert({round, version});
    return "";
  }
  // Nothing is spent or given back here, so what a plan had from the round is there to be taken.
  std::string Adjust(const std::string& round, uint32_t version, const std::vector<Line>& lines) {
    std::map<std::pair<std::string, std::string>, int64_t> wanted;
    for (const Line& line : lines) {
      if (!wanted.insert({{line.budget, line.plan}, line.cents}).second) return "PLAN_TWICE";
    }
    for (const Line& line : lines) {
      if (!budgets.contains(line.budget)) return "BUDGET_NOT_FOUND";
    }
    for (const Line& line : lines) {
      if (!budgets[line.budget].pots.contains(round)) return "POT_NOT_FOUND";
    }
    uint32_t latest = 0;
    for (const auto& [of, number] : versions)
      latest = of == round ? std::max(latest, number) : latest;
    if (version != latest + 1) return "STALE_VERSION";
    for (const auto& [key, cents] : awards[round]) {
      if (cents > 0 && !wanted.contains(key)) return "AWARDS_INCOMPLETE";
    }
    std::map<std::string, Budget> after = budgets;
    for (const auto& [key, cents] : wanted) {
      after[key.first].pots[round] -= cents - awards[round][key];
      if (cents != awards[round][key])
        after[key.first].reserved[key.second] += cents - awards[round][key];
    }
    for (auto& [id, budget] : after) {
      if (!budget.pots.contains(round) || budget.pots[round] >= 0) continue;
      budget.available += budget.pots[round];
      budget.pots[round] = 0;
      if (budget.available < 0) return "INSUFFICIENT_FUNDS";
    }
    for (auto& [id, budget] : after) {
      if (budget.reserved != budgets[id].reserved) ++budget.entries;
    }
    budgets = after;
    for (const auto& [key, cents] : wanted) awards[round][key] = cents;
    versions.insert({round, version});
    return "";
  }
  std::string Release(const std::string& id, const std::string& round) {
    if (!budgets.contains(id)) return "BUDGET_NOT_FOUND";
    Budget& budget = budgets[id];
    if (!budget.pots.contains(round)) return "POT_NOT_FOUND";
    if (budget.pots[round] == 0) return "";
    budget.available += budget.pots[round];
    budget.pots[round] = 0;
    ++budget.entries;
    return "";
  }
};

class Walk {
 public:
  Walk() {
    for (int i = 0; i < 3; ++i) {
      const std::string id = ledger_.BudgetOf(0);
      model_.budgets[id] = {};
      budgets_.push_back(id);
    }
    budgets_.push_back(NewId());  // One that does not exist.
    for (int i = 0; i < 4; ++i) rounds_.push_back(NewId());
    for (int i = 0; i < 6; ++i) plans_.push_back(NewId());
  }

  void Step(uint64_t seed) {
    random_.seed(seed);
    switch (Below(15)) {
      case 0:
      case 1:
        return Appropriate();
      case 2:
      case 3:
        return Hold();
      case 4:
      case 5:
      case 6:
        return Reserve();
      case 7:
        return Release();
      case 11:
      case 12:
        return Adjust();
      case 8:
        return ProposeReversal();
      case 9:
      case 10:
        return DecideReversal();
      default:
        return Repeat();
    }
  }

  void Compare() {
    for (const auto& [id, expected] : model_.budgets) {
      const auto trial = ledger_.Trial(id);
      ASSERT_TRUE(trial.ok()) << trial.status();
      EXPECT_EQ(trial->total_cents(), 0);
      EXPECT_EQ(trial->as_of_seq(), expected.entries);
      Model::Budget actual;
      actual.entries = expected.entries;
      for (const auto& account : trial->accounts()) {
        const int64_t cents = account.balance_cents();
        if (account.kind() == v1::ACCOUNT_KIND_SOURCE) actual.promised -= cents;
        if (account.kind() == v1::ACCOUNT_KIND_AVAILABLE) actual.available = cents;
        if (account.kind() == v1::ACCOUNT_KIND_POT) actual.pots[account.reference()] = cents;
        if (account.kind() == v1::ACCOUNT_KIND_RESERVED) {
          actual.reserved[account.reference()] = cents;
        }
      }
      EXPECT_EQ(actual.promised, expected.promised);
      EXPECT_EQ(actual.available, expected.available);
      EXPECT_EQ(actual.pots, expected.pots);
      EXPECT_EQ(actual.reserved, expected.reserved);
    }
    EXPECT_THAT(ledger_.Findings(), IsEmpty());
  }

 private:
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  template <class T>
  const T& Any(const std::vector<T>& of) {
    return of[Below(of.size())];
  }
  int64_t Cents() {
    // Mostly small, so that accounts run empty; now and then the edge.
    return Below(40) == 0 ? Money::kCentsMax - static_cast<int64_t>(Below(2))
                          : 1 + static_cast<int64_t>(Below(500));
  }

  template <class T>
  void Expect(const std::string& reason, const absl::StatusOr<T>& answer) {
    EXPECT_EQ(ReasonOf(answer.status()), reason) << answer.status();
    EXPECT_EQ(answer.ok(), reason.empty()) << answer.status();
  }

  void Appropriate() {
    const auto request = AppropriateRequestOf(Any(budgets_), Cents());
    Expect(model_.Appropriate(request.budget_id(), request.amount_cents()),
           ledger_.Appropriate(request));
  }
  void Hold() {
    const auto request = HoldRequest(Any(budgets_), Any(rounds_), Cents());
    const auto answer = ledger_.Hold(request);
    Expect(model_.Hold(request.budget_id(), request.round_id(), request.amount_cents()), answer);
    if (answer.ok()) held_.emplace_back(request, answer->SerializeAsString());
  }
  void Reserve() {
    std::vector<Line> lines(1 + Below(4));
    for (Line& line : lines) {
      line = {.budget = budgets_[Below(10) == 0 ? 3 : Below(3)],
              .cents = Below(30) == 0 ? Cents() : 1 + static_cast<int64_t>(Below(60)),
              .plan = Any(plans_)};
    }
    const std::string round = Any(rounds_);
    const auto version = static_cast<uint32_t>(1 + Below(8));
    const auto answer = ledger_.Reserve(ReserveRequest(round, version, lines));
    Expect(model_.Reserve(round, version, lines), answer);
  }
  void Release() {
    if (Below(3) != 0) return;  // Else pots are empty most of the time.
    const auto request = ReleaseRequest(Any(budgets_), Any(rounds_));
    Expect(model_.Release(request.budget_id(), request.round_id()), ledger_.Release(request));
  }
  void Adjust() {
    const std::string& round = Any(rounds_);
    std::vector<Line> lines;
    // Mostly what there is, changed; now and then with something left out, or something wrong.
    for (const auto& [key, cents] : model_.awards[round]) {
      if (Below(30) == 0) continue;
      const auto now = Below(3) == 0 ? static_cast<int64_t>(Below(80)) : cents;
      lines.push_back({.budget = key.first, .cents = now, .plan = key.second});
    }
    if (lines.empty() || Below(2) == 0) {
      lines.push_back({.budget = budgets_[Below(20) == 0 ? 3 : Below(3)],
                       .cents = static_cast<int64_t>(Below(60)),
                       .plan = Any(plans_)});
    }
    uint32_t version = 1;
    for (const auto& [of, number] : model_.versions) {
      if (of == round) version = std::max(version, number + 1);
    }
    if (Below(8) == 0) version = static_cast<uint32_t>(1 + Below(20));
    const auto answer = ledger_.Adjust(AdjustRequest(round, version, lines));
    Expect(model_.Adjust(round, version, lines), answer);
  }
  void ProposeReversal() {
    const std::string& budget = Any(budgets_);
    const auto seq = static_cast<int64_t>(1 + Below(40));
    const testing::Person& who = Below(2) == 0 ? ledger_.treasurer() : ledger_.colleague();
    const auto answer = ledger_.ProposeReversal(ReversalRequest(budget, seq), who);
    const std::string reason = model_.ProposeReversal(budget, seq);
    Expect(reason, answer);
    if (!answer.ok()) return;
    model_.budgets[budget].reversals[answer->reversal_id()] = {
        .seq = seq, .by = who.subject.ToString(), .decided = false};
    reversals_.emplace_back(budget, answer->reversal_id());
  }
  void DecideReversal() {
    auto [budget, reversal] = Any(reversals_);
    if (Below(15) == 0) budget = Any(budgets_);
    const testing::Person& who = Below(2) == 0 ? ledger_.treasurer() : ledger_.colleague();
    const bool accept = Below(4) != 0;
    Expect(model_.DecideReversal(budget, reversal, accept, who.subject.ToString()),
           ledger_.DecideReversal(budget, reversal, accept, who));
  }
  // An old request again: the first answer, whatever happened since; altered, a refusal.
  void Repeat() {
    if (held_.empty()) return;
    auto [request, first] = held_[Below(held_.size())];
    if (Below(2) == 0) {
      request.set_amount_cents(request.amount_cents() % 1000 + 1'000'000);
      EXPECT_EQ(ReasonOf(ledger_.Hold(request).status()), "REQUEST_ID_REUSED");
      return;
    }
    bool replayed = false;
    const auto answer = ledger_.Hold(request, &replayed);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_TRUE(replayed);
    EXPECT_EQ(answer->SerializeAsString(), first);
  }

  std::mt19937_64 random_;
  TestLedger ledger_;
  Model model_;
  std::vector<std::string> budgets_, rounds_, plans_;
  std::vector<std::pair<std::string, std::string>> reversals_ = {{NewId(), NewId()}};
  std::vector<std::pair<v1::HoldPotRequest, std::string>> held_;
};

TEST(Model, RandomRequestsAgreeWithIt) {
  const uint64_t seed = SeedOfRun();
  const int64_t operations = FromEnvironment("SMEDERIJ_OPERATIONS", 400);
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  Shrinking([](const Steps& steps) {
    Walk walk;
    for (size_t i = 0; i < steps.size(); ++i) {
      walk.Step(steps[i]);
      if (i % 100 == 99) walk.Compare();
    }
    walk.Compare();
  }).Run(RandomSteps(seed, static_cast<size_t>(operations)));
}

}  // namespace
}  // namespace smederij::ledger
