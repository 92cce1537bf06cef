#include "services/ledger/api/payee_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using Payees = v1::PayeeService::Stub;

constexpr char kFirst[] = "NL91ABNA0417164300", kSecond[] = "DE89370400440532013000";

// Two treasurers of one municipality, and a payee.
struct Desk {
  TestLedger ledger;
  testing::Person anna, bert;
  std::string payee;

  Desk() {
    anna.grants = bert.grants = {{.role = policy::v1::ROLE_TREASURER}};
    bert.municipality = anna.municipality;
    const auto registered = Register(anna, RegisterRequest());
    CHECK(registered.ok());
    payee = registered->payee_id();
  }

  static v1::RegisterPayeeRequest RegisterRequest() {
    v1::RegisterPayeeRequest request;
    request.set_request_id(NewId());
    request.set_name("Klusbedrijf De Vries");
    request.set_iban("NL91 ABNA 0417 1643 00");
    return request;
  }
  absl::StatusOr<v1::Payee> Register(const testing::Person& who,
                                     const v1::RegisterPayeeRequest& request,
                                     bool* replayed = nullptr) {
    return ledger.server().Ask(&Payees::RegisterPayee, request, ledger.server().As(who), replayed);
  }
  absl::StatusOr<v1::Payee> Propose(const testing::Person& who, const std::string& iban = kSecond) {
    v1::ProposeIbanRequest request;
    request.set_request_id(NewId());
    request.set_payee_id(payee);
    request.set_iban(iban);
    return ledger.server().Ask(&Payees::ProposeIban, request, ledger.server().As(who));
  }
  absl::StatusOr<v1::Payee> Decide(const testing::Person& who, int32_t version, bool accept) {
    v1::DecideIbanRequest request;
    request.set_request_id(NewId());
    request.set_payee_id(payee);
    request.set_version(version);
    request.set_accept(accept);
    return ledger.server().Ask(&Payees::DecideIban, request, ledger.server().As(who));
  }
  absl::StatusOr<v1::PayeeDetails> Get(const testing::Person& who) {
    v1::GetPayeeRequest request;
    request.set_payee_id(payee);
    return ledger.server().Ask(&Payees::GetPayee, request, ledger.server().As(who));
  }
};

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

TEST(Payees, AnotherIbanIsValidOnlyWhenASecondPersonAcceptedIt) {
  Desk desk;
  EXPECT_EQ(desk.Get(desk.anna)->name(), "Klusbedrijf De Vries");
  EXPECT_EQ(desk.Get(desk.anna)->iban(), kFirst);
  ASSERT_EQ(desk.Propose(desk.anna)->proposed_version(), 2);
  EXPECT_EQ(desk.Get(desk.bert)->iban(), kFirst);
  EXPECT_EQ(desk.Get(desk.bert)->proposed_iban(), kSecond);
  EXPECT_EQ(Reason(desk.Decide(desk.anna, 2, true)), "SELF_APPROVAL");
  // Nor as somebody else in the same person.
  desk.anna.grants = {{.role = policy::v1::ROLE_PAYMENT_APPROVER}};
  EXPECT_EQ(Reason(desk.Decide(desk.anna, 2, true)), "SELF_APPROVAL");
  EXPECT_EQ(desk.Get(desk.bert)->iban(), kFirst);
  const auto accepted = desk.Decide(desk.bert, 2, true);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->iban_version(), 2);
  EXPECT_EQ(desk.Get(desk.bert)->iban(), kSecond);
  EXPECT_EQ(desk.Get(desk.bert)->proposed_iban(), "");
}

TEST(Payees, ARefusedIbanLeavesTheOldOneAndTheNextGetsANewVersion) {
  Desk desk;
  ASSERT_TRUE(desk.Propose(desk.anna).ok());
  ASSERT_TRUE(desk.Decide(desk.anna, 2, false).ok());  // Thought better of it.
  EXPECT_EQ(desk.Get(desk.anna)->iban(), kFirst);
  EXPECT_EQ(desk.Propose(desk.bert)->proposed_version(), 3);
  ASSERT_TRUE(desk.Decide(desk.anna, 3, true).ok());
  EXPECT_EQ(desk.Get(desk.anna)->iban(), kSecond);
}

TEST(Payees, RefusalsComeInOrder) {
  Desk desk;
  EXPECT_EQ(Reason(desk.Decide(desk.bert, 2, true)), "IBAN_NOT_PROPOSED");
  ASSERT_TRUE(desk.Propose(desk.anna).ok());
  EXPECT_EQ(Reason(desk.Propose(desk.bert)), "IBAN_CHANGE_PENDING");
  EXPECT_EQ(Reason(desk.Decide(desk.anna, 3, true)), "IBAN_NOT_PROPOSED");
  EXPECT_EQ(Reason(desk.Decide(desk.anna, 0, true)), "OUT_OF_RANGE");
  EXPECT_EQ(Reason(desk.Propose(desk.anna, "NL92ABNA0417164300")), "BAD_IBAN");
  desk.bert.grants[0].district = DistrictId::Random();
  EXPECT_EQ(Reason(desk.Get(desk.bert)), "ROLE_NOT_HELD_THERE");
  desk.bert.municipality = MunicipalityId::Random();
  EXPECT_EQ(Reason(desk.Get(desk.bert)), "OTHER_MUNICIPALITY");
  EXPECT_EQ(Reason(desk.Propose(desk.bert)), "OTHER_MUNICIPALITY");
  desk.payee = NewId();
  EXPECT_EQ(Reason(desk.Get(desk.bert)), "PAYEE_NOT_FOUND");
  auto request = Desk::RegisterRequest();
  request.set_iban("x");
  EXPECT_EQ(Reason(desk.Register(desk.anna, request)), "BAD_IBAN");
  request.set_name("two\nlines");
  EXPECT_EQ(Reason(desk.Register(desk.anna, request)), "BAD_TEXT");
}

TEST(Payees, ARepeatedRequestIsAnsweredAgainAndNotDone) {
  Desk desk;
  auto request = Desk::RegisterRequest();
  request.set_iban(kSecond);  // The other is a payee's already.
  bool replayed = false;
  const std::string first = desk.Register(desk.anna, request)->payee_id();
  EXPECT_EQ(desk.Register(desk.anna, request, &replayed)->payee_id(), first);
  EXPECT_TRUE(replayed);
  EXPECT_EQ(Reason(desk.Register(desk.bert, request)), "REQUEST_ID_REUSED");
  request.set_name("Somebody else");
  EXPECT_EQ(Reason(desk.Register(desk.anna, request)), "REQUEST_ID_REUSED");
}

TEST(Payees, TheDatabaseHoldsNeitherNameNorNumber) {
  Desk desk;
  ASSERT_TRUE(desk.Propose(desk.anna).ok());
  for (const char* open : {"De Vries", "0417164300", "370400440532013000"}) {
    EXPECT_TRUE(
        desk.ledger.database()
            .Sql(absl::StrCat("DO $$ BEGIN IF EXISTS (SELECT FROM ledger.payee AS p",
                              " JOIN ledger.payee_iban AS i USING (payee_id)",
                              " CROSS JOIN ledger.payee_request AS r",
                              " WHERE concat(encode(p.name_sealed, 'escape'),",
                              " encode(i.iban_sealed, 'escape'), encode(r.response, 'escape'))",
                              " LIKE '%", open, "%') THEN RAISE 'it does'; END IF; END $$"))
            .ok());
  }
}

TEST(Payees, TheSchemaKeepsItToTwoPeople) {
  Desk desk;
  ASSERT_TRUE(desk.Propose(desk.anna).ok());
  const auto stopped = [&](const std::string& sql) {
    return pg::ConstraintOf(desk.ledger.database().Sql(sql));
  };
  EXPECT_EQ(stopped("UPDATE ledger.payee_iban SET state = 'accepted', decided_by = proposed_by, "
                    "decided_at = now() WHERE version = 2"),
            "payee_iban_accepted_by_another");
  EXPECT_EQ(stopped("UPDATE ledger.payee_iban SET state = 'accepted' WHERE version = 2"),
            "payee_iban_decided_by_somebody");
  EXPECT_EQ(stopped("UPDATE ledger.payee_iban SET iban_sealed = '' WHERE version = 1"),
            "payee_iban_decided_once");
  EXPECT_EQ(stopped("INSERT INTO ledger.payee_iban SELECT payee_id, 3, '', 'proposed', proposed_by "
                    "FROM ledger.payee_iban WHERE version = 2"),
            "payee_iban_one_proposed");
}

}  // namespace
}  // namespace smederij::ledger
