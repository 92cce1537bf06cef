// What a treasurer does that moves no money, at random against a model: payees and their IBANs,
// ledger codes, new budgets, and every request again. SMEDERIJ_SEED runs one again; with
// SMEDERIJ_ALL it is 500 walks of 100 steps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "common/base/error.h"
#include "services/ledger/testing/shrink.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;
using Payees = v1::PayeeService::Stub;

const std::vector<std::string> kIbans = {"NL91ABNA0417164300", "DE89370400440532013000",
                                         "BE68539007547034", "FR1420041010050500013M02606",
                                         "CH9300762011623852957"};

struct Model {
  struct Payee {
    std::string iban, proposed_iban, proposed_by;
    int valid = 1, versions = 1, proposed = 0;
  };
  std::map<std::string, Payee> payees;
  std::set<std::tuple<std::string, std::string, int>> budgets;  // District, fund, year.
  int codes = 0;                                                // The newest version.

  // Whether it is the valid one of another payee.
  bool Taken(const std::string& iban, const std::string& by = "") const {
    for (const auto& [id, payee] : payees) {
      if (payee.iban == iban && id != by) return true;
    }
    return false;
  }
  std::string Propose(const std::string& id, const std::string& iban, const std::string& who) {
    if (!payees.contains(id)) return "PAYEE_NOT_FOUND";
    Payee& payee = payees[id];
    if (payee.proposed != 0) return "IBAN_CHANGE_PENDING";
    if (Taken(iban, id)) return "PAYEE_EXISTS";
    payee.proposed = ++payee.versions;
    payee.proposed_iban = iban;
    payee.proposed_by = who;
    return "";
  }
  std::string Decide(const std::string& id, int version, bool accept, const std::string& who) {
    if (!payees.contains(id)) return "PAYEE_NOT_FOUND";
    Payee& payee = payees[id];
    if (payee.proposed == 0 || payee.proposed != version) return "IBAN_NOT_PROPOSED";
    if (accept && payee.proposed_by == who) return "SELF_APPROVAL";
    if (accept && Taken(payee.proposed_iban, id)) return "PAYEE_EXISTS";
    if (accept) {
      payee.iban = payee.proposed_iban;
      payee.valid = version;
    }
    payee.proposed = 0;
    payee.proposed_iban.clear();
    return "";
  }
};

class Walk {
 public:
  explicit Walk(TestLedger& ledger) : ledger_(ledger) {
    const MunicipalityId municipality = MunicipalityId::Random();
    for (testing::Person& person : people_) {
      person.municipality = municipality;
      person.grants = {{.role = policy::v1::ROLE_TREASURER}};
    }
    payees_ = {NewId()};  // One that does not exist.
    districts_ = {NewId(), NewId()};
  }

  void Step(uint64_t seed) {
    random_.seed(seed);
    switch (Below(8)) {
      case 0:
        return Register();
      case 1:
      case 2:
        return Propose();
      case 3:
      case 4:
        return Decide();
      case 5:
        return SetCodes();
      case 6:
        return Open();
      default:
        return Again();
    }
  }

  void Compare() {
    for (const auto& [id, expected] : model_.payees) {
      v1::GetPayeeRequest request;
      request.set_payee_id(id);
      const auto payee = Ask(&Payees::GetPayee, request, people_[0]);
      ASSERT_TRUE(payee.ok()) << payee.status();
      EXPECT_EQ(payee->iban(), expected.iban);
      EXPECT_EQ(payee->proposed_iban(), expected.proposed_iban);
      EXPECT_EQ(payee->payee().iban_version(), expected.valid);
      EXPECT_EQ(payee->payee().proposed_version(), expected.proposed);
    }
    v1::GetLedgerCodesRequest request;
    request.set_municipality_id(people_[0].municipality.ToString());
    EXPECT_EQ(ledger_.server().Ask(&BooksStub::GetLedgerCodes, request)->version(), model_.codes);
  }

 private:
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  template <class T>
  const T& Any(const std::vector<T>& of) {
    return of[Below(of.size())];
  }
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                          const Req& request, const testing::Person& who,
                          bool* replayed = nullptr) {
    return ledger_.server().Ask(method, request, ledger_.server().As(who), replayed);
  }
  // Sends it, and keeps it to be sent again: the first answer then, whatever happened since.
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> Send(grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                           Req request, const testing::Person& who, const std::string& reason) {
    request.set_request_id(NewId());
    const auto answer = Ask(method, request, who);
    EXPECT_EQ(ReasonOf(answer.status()), reason) << answer.status();
    if (!answer.ok()) return answer;
    sent_.push_back([this, method, request, who, first = answer->SerializeAsString()] {
      bool replayed = false;
      const auto again = Ask(method, request, who, &replayed);
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_TRUE(replayed);
      EXPECT_EQ(again->SerializeAsString(), first);
      testing::Person other;
      other.grants = who.grants;
      other.municipality = who.municipality;
      EXPECT_EQ(ReasonOf(Ask(method, request, other).status()), "REQUEST_ID_REUSED");
    });
    return answer;
  }

  void Register() {
    v1::RegisterPayeeRequest request;
    request.set_name("Klusbedrijf De Vries");
    request.set_iban(Below(8) == 0 ? "NL92ABNA0417164300" : Any(kIbans));
    const bool wrong = request.iban()[3] == '2';
    const std::string reason = wrong                          ? "BAD_IBAN"
                               : model_.Taken(request.iban()) ? "PAYEE_EXISTS"
                                                              : "";
    const auto answer = Send(&Payees::RegisterPayee, request, Any(people_), reason);
    if (!answer.ok()) return;
    payees_.push_back(answer->payee_id());
    model_.payees[answer->payee_id()].iban = request.iban();
  }
  void Propose() {
    v1::ProposeIbanRequest request;
    request.set_payee_id(Any(payees_));
    request.set_iban(Any(kIbans));
    const testing::Person& who = Any(people_);
    Send(&Payees::ProposeIban, request, who,
         model_.Propose(request.payee_id(), request.iban(), who.subject.ToString()))
        .IgnoreError();
  }
  void Decide() {
    v1::DecideIbanRequest request;
    request.set_payee_id(Any(payees_));
    const auto known = model_.payees.find(request.payee_id());
    const int proposed = known == model_.payees.end() ? 0 : known->second.proposed;
    request.set_version(proposed == 0 || Below(6) == 0 ? 1 + static_cast<int>(Below(5)) : proposed);
    request.set_accept(Below(3) != 0);
    const testing::Person& who = Any(people_);
    Send(&Payees::DecideIban, request, who,
         model_.Decide(request.payee_id(), request.version(), request.accept(),
                       who.subject.ToString()))
        .IgnoreError();
  }
  void SetCodes() {
    v1::SetLedgerCodesRequest request;
    request.set_version(model_.codes + (Below(4) == 0 ? 2 : 1));
    v1::LedgerCode& paid = *request.add_codes();
    paid.set_account_kind(v1::ACCOUNT_KIND_PAID);
    paid.set_code("4300");
    paid.set_description("Wijkbudget");
    const bool next = request.version() == model_.codes + 1;
    if (Send(&BooksStub::SetLedgerCodes, request, Any(people_), next ? "" : "STALE_VERSION").ok()) {
      model_.codes = request.version();
    }
  }
  void Open() {
    v1::OpenBudgetRequest request = OpenRequest(Any(districts_));
    request.set_fund(Below(2) == 0 ? "general" : "trees");
    request.set_fiscal_year(2026 + static_cast<int>(Below(3)));
    const bool unknown = Below(8) == 0;
    if (unknown) request.set_currency("JPY");
    const auto key = std::tuple(request.district_id(), request.fund(), request.fiscal_year());
    const std::string reason = unknown                        ? "UNKNOWN_CURRENCY"
                               : model_.budgets.contains(key) ? "BUDGET_EXISTS"
                                                              : "";
    if (Send(&Stub::OpenBudget, request, Any(people_), reason).ok()) model_.budgets.insert(key);
  }
  void Again() {
    if (!sent_.empty()) sent_[Below(sent_.size())]();
  }

  TestLedger& ledger_;
  std::mt19937_64 random_;
  Model model_;
  std::vector<testing::Person> people_ = std::vector<testing::Person>(3);
  std::vector<std::string> payees_, districts_;
  std::vector<std::function<void()>> sent_;
};

TEST(DeskModel, RandomRequestsAgreeWithIt) {
  const uint64_t seed = SeedOfRun();
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  TestLedger ledger;
  std::mt19937_64 seeds(seed);
  Shrinking shrinking([&](const Steps& steps) {
    Walk walk(ledger);
    for (const uint64_t step : steps) walk.Step(step);
    walk.Compare();
  });
  const int walks = std::getenv("SMEDERIJ_ALL") != nullptr ? 500 : 5;
  for (int walk = 0; walk < walks && !::testing::Test::HasFailure(); ++walk) {
    shrinking.Run(RandomSteps(seeds(), 100));
  }
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
