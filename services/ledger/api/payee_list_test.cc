// What can be read of payees: what waits for a second person, a lost id, the account that a payment
// went to; and that an account is of one payee.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/domain/payee.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Payees = v1::PayeeService::Stub;
using Version = v1::IbanVersion;

constexpr char kFirst[] = "NL91ABNA0417164300", kSecond[] = "DE89370400440532013000",
               kThird[] = "BE68539007547034";

// A town with two treasurers, an approver and an auditor.
struct Desk {
  TestLedger ledger;
  testing::Person anna, bert, approver, auditor;

  Desk() {
    anna.grants = bert.grants = {{.role = policy::v1::ROLE_TREASURER}};
    approver.grants = {{.role = policy::v1::ROLE_PAYMENT_APPROVER}};
    auditor.grants = {{.role = policy::v1::ROLE_AUDITOR}};
    bert.municipality = approver.municipality = auditor.municipality = anna.municipality;
  }

  template <class Req, class Res>
  absl::StatusOr<Res> Ask(grpc::Status (Payees::*method)(grpc::ClientContext*, const Req&, Res*),
                          Req request, const testing::Person& who) {
    if constexpr (requires { request.set_request_id(""); }) request.set_request_id(NewId());
    return ledger.server().Ask(method, request, ledger.server().As(who));
  }
  absl::StatusOr<v1::Payee> Register(const std::string& name, const std::string& iban) {
    v1::RegisterPayeeRequest request;
    request.set_name(name);
    request.set_iban(iban);
    return Ask(&Payees::RegisterPayee, request, anna);
  }
  absl::StatusOr<v1::Payee> Propose(const std::string& payee, const std::string& iban) {
    v1::ProposeIbanRequest request;
    request.set_payee_id(payee);
    request.set_iban(iban);
    return Ask(&Payees::ProposeIban, request, anna);
  }
  absl::StatusOr<v1::Payee> Decide(const std::string& payee, int32_t version, bool accept = true) {
    v1::DecideIbanRequest request;
    request.set_payee_id(payee);
    request.set_version(version);
    request.set_accept(accept);
    return Ask(&Payees::DecideIban, request, bert);
  }
  absl::StatusOr<v1::PayeeDetails> Get(const std::string& payee, int32_t version = 0) {
    v1::GetPayeeRequest request;
    request.set_payee_id(payee);
    request.set_iban_version(version);
    return Ask(&Payees::GetPayee, request, approver);
  }
  v1::ListPayeesRequest ListRequest(bool waiting = false) const {
    v1::ListPayeesRequest request;
    request.set_municipality_id(anna.municipality.ToString());
    request.set_iban_change_waiting(waiting);
    return request;
  }
  absl::StatusOr<v1::ListPayeesResponse> List(const testing::Person& who, bool waiting = false) {
    return Ask(&Payees::ListPayees, ListRequest(waiting), who);
  }
};

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

std::vector<std::string> NamesOf(const absl::StatusOr<v1::ListPayeesResponse>& page) {
  std::vector<std::string> names;
  if (!page.ok()) return {page.status().ToString()};
  for (const v1::PayeeDetails& payee : page->payees()) names.push_back(payee.name());
  return names;
}

TEST(PayeeList, AnApproverFindsTheChangesThatWait) {
  Desk desk;
  ASSERT_TRUE(desk.Register("De Vries", kFirst).ok());
  const std::string changing = desk.Register("De Boer", kSecond)->payee_id();
  EXPECT_THAT(desk.List(desk.approver, true)->payees(), IsEmpty());
  ASSERT_TRUE(desk.Propose(changing, kThird).ok());
  const auto waiting = desk.List(desk.approver, true);
  ASSERT_THAT(NamesOf(waiting), ElementsAre("De Boer"));
  const v1::PayeeDetails& found = waiting->payees(0);
  EXPECT_EQ(found.payee().payee_id(), changing);
  EXPECT_EQ(found.payee().proposed_version(), 2);
  EXPECT_EQ(found.iban(), kSecond);
  EXPECT_EQ(found.proposed_iban(), kThird);
  EXPECT_EQ(found.registered_by(), desk.anna.subject.ToString());
  ASSERT_EQ(found.ibans_size(), 2);
  EXPECT_EQ(found.ibans(0).state(), Version::STATE_ACCEPTED);
  EXPECT_EQ(found.ibans(0).iban(), kSecond);
  EXPECT_EQ(found.ibans(0).decided_by(), "");  // It came with the payee.
  EXPECT_EQ(found.ibans(1).state(), Version::STATE_PROPOSED);
  EXPECT_EQ(found.ibans(1).iban(), kThird);
  EXPECT_EQ(found.ibans(1).proposed_by(), desk.anna.subject.ToString());
  EXPECT_GE(found.ibans(1).propose_time().seconds(), found.register_time().seconds());
  EXPECT_FALSE(found.ibans(1).has_decide_time());
  // As whoever asks for it alone sees it.
  EXPECT_EQ(desk.Get(changing)->SerializeAsString(), found.SerializeAsString());

  ASSERT_TRUE(desk.Decide(changing, 2).ok());
  EXPECT_THAT(desk.List(desk.approver, true)->payees(), IsEmpty());
  EXPECT_THAT(NamesOf(desk.List(desk.approver)), ElementsAre("De Vries", "De Boer"));
  const auto decided = desk.Get(changing);
  EXPECT_EQ(decided->ibans(1).state(), Version::STATE_ACCEPTED);
  EXPECT_EQ(decided->ibans(1).decided_by(), desk.bert.subject.ToString());
  EXPECT_TRUE(decided->ibans(1).has_decide_time());
  ASSERT_TRUE(desk.Propose(changing, kSecond).ok());
  ASSERT_TRUE(desk.Decide(changing, 3, false).ok());
  EXPECT_EQ(desk.Get(changing)->ibans(2).state(), Version::STATE_REFUSED);
}

TEST(PayeeList, PagesFollowEachOtherAndBelongToOneList) {
  Desk desk;
  std::vector<std::string> names;
  for (const char* const iban : {kFirst, kSecond, kThird}) {
    names.push_back(absl::StrCat("Payee ", names.size()));
    ASSERT_TRUE(desk.Register(names.back(), iban).ok());
  }
  std::vector<std::string> read;
  v1::ListPayeesRequest request = desk.ListRequest();
  request.set_page_size(2);
  std::string second;
  do {
    const auto page = desk.Ask(&Payees::ListPayees, request, desk.anna);
    for (const std::string& name : NamesOf(page)) read.push_back(name);
    ASSERT_TRUE(page.ok());
    request.set_page_token(page->next_page_token());
    if (second.empty()) second = page->next_page_token();
  } while (!request.page_token().empty());
  EXPECT_EQ(read, names);
  request = desk.ListRequest(true);
  request.set_page_token(second);
  EXPECT_EQ(Reason(desk.Ask(&Payees::ListPayees, request, desk.anna)), "BAD_PAGE");
  request = desk.ListRequest();
  request.set_page_size(-1);
  EXPECT_EQ(Reason(desk.Ask(&Payees::ListPayees, request, desk.anna)), "BAD_PAGE");
  request.set_municipality_id("x");
  EXPECT_EQ(Reason(desk.Ask(&Payees::ListPayees, request, desk.anna)), "BAD_ID");
}

TEST(PayeeList, AnAuditorReadsWhoDecidedAndNothingPersonal) {
  Desk desk;
  const std::string payee = desk.Register("De Vries", kFirst)->payee_id();
  ASSERT_TRUE(desk.Propose(payee, kSecond).ok());
  // Also one who pays in a district, which is not the municipality.
  for (const bool pays_there : {false, true}) {
    if (pays_there) {
      desk.auditor.grants.push_back(
          {.role = policy::v1::ROLE_TREASURER, .district = DistrictId::Random()});
    }
    const auto list = desk.List(desk.auditor);
    ASSERT_TRUE(list.ok()) << list.status();
    ASSERT_EQ(list->payees_size(), 1);
    EXPECT_EQ(list->payees(0).payee().payee_id(), payee);
    EXPECT_EQ(list->payees(0).ibans(1).proposed_by(), desk.anna.subject.ToString());
    EXPECT_FALSE(list->payees(0).unreadable());
    for (const char* const personal : {"Vries", "ABNA", "DE89"}) {
      EXPECT_FALSE(absl::StrContains(list->SerializeAsString(), personal)) << personal;
    }
  }
  desk.auditor.grants.pop_back();
  v1::GetPayeeRequest request;
  request.set_payee_id(payee);
  EXPECT_EQ(Reason(desk.Ask(&Payees::GetPayee, request, desk.auditor)), "ROLE_NOT_HELD");
}

TEST(PayeeList, IsForTheMunicipalitysOwn) {
  Desk desk;
  ASSERT_TRUE(desk.Register("De Vries", kFirst).ok());
  testing::Person stranger;
  stranger.grants = desk.anna.grants;
  EXPECT_EQ(Reason(desk.List(stranger)), "OTHER_MUNICIPALITY");
  stranger.municipality = desk.anna.municipality;
  stranger.grants[0].district = DistrictId::Random();
  EXPECT_EQ(Reason(desk.List(stranger)), "ROLE_NOT_HELD_THERE");
  stranger.grants[0] = {.role = policy::v1::ROLE_BUDGET_HOLDER};
  EXPECT_EQ(Reason(desk.List(stranger)), "ROLE_NOT_HELD");
  // Those of others are not in it.
  testing::Person elsewhere;
  elsewhere.grants = desk.anna.grants;
  v1::ListPayeesRequest request;
  request.set_municipality_id(elsewhere.municipality.ToString());
  EXPECT_THAT(desk.Ask(&Payees::ListPayees, request, elsewhere)->payees(), IsEmpty());
}

TEST(PayeeList, TheIbanAPaymentWentToIsFoundHoweverManyCameAfter) {
  Desk desk;
  const std::string payee = desk.Register("De Vries", kFirst)->payee_id();
  ASSERT_TRUE(desk.Propose(payee, kSecond).ok());
  ASSERT_TRUE(desk.Decide(payee, 2).ok());
  int32_t version = 2;
  for (; version < kIbansShownMax + 5;) {
    version = desk.Propose(payee, kThird)->proposed_version();
    ASSERT_TRUE(desk.Decide(payee, version, false).ok());
  }
  const auto newest = desk.Get(payee);
  ASSERT_EQ(newest->ibans_size(), kIbansShownMax + 1);
  EXPECT_EQ(newest->ibans(0).version(), 2);  // The valid one, and then the newest.
  EXPECT_EQ(newest->ibans(1).version(), version - kIbansShownMax + 1);
  EXPECT_EQ(newest->iban(), kSecond);
  const auto first = desk.Get(payee, 1);
  ASSERT_EQ(first->ibans_size(), 1);
  EXPECT_EQ(first->ibans(0).version(), 1);
  EXPECT_EQ(first->ibans(0).iban(), kFirst);
  EXPECT_EQ(first->iban(), kSecond);
  EXPECT_EQ(Reason(desk.Get(payee, version + 1)), "IBAN_NOT_FOUND");
  EXPECT_EQ(Reason(desk.Get(payee, -1)), "OUT_OF_RANGE");
  EXPECT_EQ(Reason(desk.Get(NewId(), version + 1)), "PAYEE_NOT_FOUND");
}

TEST(PayeeList, OneThatDoesNotOpenKeepsNobodyFromFindingTheOthers) {
  Desk desk;
  const std::string broken = desk.Register("De Vries", kFirst)->payee_id();
  ASSERT_TRUE(desk.Register("De Boer", kSecond).ok());
  ASSERT_TRUE(
      desk.ledger.database()
          .Sql(absl::StrCat("UPDATE ledger.payee SET name_sealed = '\\x00' WHERE payee_id = '",
                            broken, "'"))
          .ok());
  const auto list = desk.List(desk.approver);
  ASSERT_THAT(NamesOf(list), ElementsAre("", "De Boer"));
  EXPECT_TRUE(list->payees(0).unreadable());
  EXPECT_EQ(list->payees(0).iban(), kFirst);
  EXPECT_FALSE(list->payees(1).unreadable());
  EXPECT_EQ(Reason(desk.Get(broken)), "SEAL_BROKEN");
}

std::string HolderIn(const absl::Status& refused) {
  for (const auto& [fact, value] : FactsOf(refused)) {
    if (fact == "payee_id") return value;
  }
  return "";
}

TEST(PayeeOnce, AnAccountIsOfOnePayeeOfAMunicipality) {
  Desk desk;
  const std::string first = desk.Register("De Vries", kFirst)->payee_id();
  const auto again = desk.Register("Klusbedrijf De Vries", "NL91 ABNA 0417 1643 00");
  EXPECT_EQ(Reason(again), "PAYEE_EXISTS");
  EXPECT_EQ(HolderIn(again.status()), first);
  EXPECT_FALSE(absl::StrContains(again.status().ToString(), "0417"));
  // Another's account is not proposed either, nor accepted when somebody got it meanwhile.
  const std::string other = desk.Register("De Boer", kSecond)->payee_id();
  const auto proposed = desk.Propose(other, kFirst);
  EXPECT_EQ(Reason(proposed), "PAYEE_EXISTS");
  EXPECT_EQ(HolderIn(proposed.status()), first);
  ASSERT_TRUE(desk.Propose(other, kThird).ok());
  EXPECT_EQ(Reason(desk.Propose(other, kFirst)), "IBAN_CHANGE_PENDING");
  const std::string quicker = desk.Register("De Wit", kThird)->payee_id();
  const auto accepted = desk.Decide(other, 2);
  EXPECT_EQ(Reason(accepted), "PAYEE_EXISTS");
  EXPECT_EQ(HolderIn(accepted.status()), quicker);
  EXPECT_TRUE(desk.Decide(other, 2, false).ok());
  // In another municipality it may be somebody's.
  desk.anna.municipality = MunicipalityId::Random();
  EXPECT_TRUE(desk.Register("De Vries", kFirst).ok());
}

TEST(PayeeOnce, WhatAPayeeLeftIsFree) {
  Desk desk;
  const std::string first = desk.Register("De Vries", kFirst)->payee_id();
  EXPECT_TRUE(desk.Propose(first, kFirst).ok());  // Its own is not another's.
  ASSERT_TRUE(desk.Decide(first, 2).ok());
  ASSERT_TRUE(desk.Propose(first, kSecond).ok());
  ASSERT_TRUE(desk.Decide(first, 3).ok());
  EXPECT_EQ(Reason(desk.Register("De Boer", kSecond)), "PAYEE_EXISTS");
  EXPECT_TRUE(desk.Register("De Boer", kFirst).ok());
}

TEST(PayeeOnce, OfManyAtOnceOneIsRegistered) {
  Desk desk;
  std::vector<std::string> reasons(8);
  std::vector<std::thread> clerks;
  for (std::string& reason : reasons) {
    clerks.emplace_back([&] { reason = Reason(desk.Register("De Vries", kFirst)); });
  }
  for (std::thread& clerk : clerks) clerk.join();
  std::sort(reasons.begin(), reasons.end());
  EXPECT_EQ(reasons.front(), "");
  EXPECT_EQ(std::count(reasons.begin(), reasons.end(), "PAYEE_EXISTS"), 7);
  EXPECT_EQ(desk.List(desk.anna)->payees_size(), 1);
}

TEST(PayeeOnce, OneFromBeforeIsKnownFromItsNextAccountOn) {
  Desk desk;
  const std::string first = desk.Register("De Vries", kFirst)->payee_id();
  ASSERT_TRUE(desk.ledger.database().Sql("UPDATE ledger.payee SET iban_fingerprint = NULL").ok());
  ASSERT_TRUE(desk.Propose(first, kSecond).ok());
  ASSERT_TRUE(desk.Decide(first, 2).ok());
  EXPECT_EQ(Reason(desk.Register("De Boer", kSecond)), "PAYEE_EXISTS");
}

TEST(PayeeOnce, TheSchemaForbidsASecond) {
  Desk desk;
  ASSERT_TRUE(desk.Register("De Vries", kFirst).ok());
  ASSERT_TRUE(desk.Register("De Boer", kSecond).ok());
  const auto stopped = [&](const std::string& sql) {
    return pg::ConstraintOf(desk.ledger.database().Sql(sql));
  };
  EXPECT_EQ(stopped("UPDATE ledger.payee SET iban_fingerprint = "
                    "(SELECT iban_fingerprint FROM ledger.payee LIMIT 1)"),
            "payee_one_per_iban");
  EXPECT_EQ(stopped("UPDATE ledger.payee SET iban_fingerprint = '\\x00'"),
            "payee_iban_fingerprint_size");
}

}  // namespace
}  // namespace smederij::ledger
