#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/domain/objection_term.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Pair;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// A grant that was announced on Wednesday 4 March 2026: one may object until Wednesday 15 April.
class ObjectionTerms : public ::testing::Test {
 protected:
  ObjectionTerms() { ledger_.clock().Stop(Utc("2026-03-20T12:00:00Z")); }

  static absl::Time Utc(const char* time) {
    absl::Time parsed;
    std::string error;
    CHECK(absl::ParseTime(absl::RFC3339_full, time, &parsed, &error));
    return parsed;
  }
  v1::OpenCommitmentRequest Grant() const {
    auto request = ledger_.CommitRequest(budget_, plan_, 100);
    request.set_ground(v1::Commitment::GROUND_GRANT);
    request.set_decision_date("2026-03-04");
    return request;
  }
  v1::Commitment Listed() {
    const auto list = ledger_.Commitments(budget_);
    CHECK(list.ok() && list->commitments_size() == 1);
    return list->commitments(0);
  }

  TestSpending ledger_;
  const std::string plan_ = NewId(), budget_ = ledger_.Awarded(plan_, 100);
};

TEST_F(ObjectionTerms, OfAGrantNothingIsPaidUntilItHasRunOut) {
  const auto opened = ledger_.Commit(Grant());
  ASSERT_TRUE(opened.ok()) << opened.status();
  for (const v1::Commitment& commitment : {*opened, Listed()}) {
    EXPECT_EQ(commitment.ground(), v1::Commitment::GROUND_GRANT);
    EXPECT_EQ(commitment.decision_date(), "2026-03-04");
    EXPECT_EQ(commitment.objection_days(), kObjectionDays);
    EXPECT_EQ(commitment.payable_from(), "2026-04-16");
  }
  const std::string payment =
      ledger_.Request(ledger_.PaymentRequest(budget_, opened->commitment_id(), 100, "invoice"))
          ->payment_id();
  ASSERT_TRUE(ledger_.Approve(budget_, payment, ledger_.approver()).ok());
  ledger_.clock().Stop(Utc("2026-04-15T21:59:59.999Z"));  // Midnight in Amsterdam is to come.
  EXPECT_EQ(Reason(ledger_.Instruct(budget_, payment, "bank 1")), "OBJECTION_TERM_RUNNING");
  ledger_.clock().Stop(Utc("2026-04-15T22:00:00Z"));
  EXPECT_EQ(Reason(ledger_.Instruct(budget_, payment, "bank 1")), "");
  EXPECT_THAT(ledger_.Findings(), IsEmpty());
}

TEST_F(ObjectionTerms, NobodyCutsOneShortButItMayTakeLonger) {
  auto request = Grant();
  request.set_payable_from("2026-04-15");
  const auto cut = ledger_.Commit(request);
  EXPECT_EQ(Reason(cut), "OBJECTION_TERM_CUT");
  EXPECT_THAT(FactsOf(cut.status()),
              IsSupersetOf({Pair("earliest", "2026-04-16"), Pair("decision_date", "2026-03-04"),
                            Pair("objection_days", "42"), Pair("payable_from", "2026-04-15")}));
  request.set_payable_from("2026-04-28");  // The 27th is a public holiday.
  const auto opened = ledger_.Commit(request);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->payable_from(), "2026-04-28");
}

TEST_F(ObjectionTerms, AContractHasNone) {
  auto request = Grant();
  request.set_ground(v1::Commitment::GROUND_CONTRACT);
  const auto opened = ledger_.Commit(request);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->payable_from(), "2026-03-04");
  EXPECT_EQ(opened->objection_days(), 0);
  EXPECT_EQ(Listed().ground(), v1::Commitment::GROUND_CONTRACT);
  EXPECT_THAT(ledger_.Findings(), IsEmpty());
}

TEST_F(ObjectionTerms, RefusalsInOrder) {
  auto request = Grant();
  request.set_payee_id(NewId());
  request.set_payable_from("2026-03-20");
  EXPECT_EQ(Reason(ledger_.Commit(request)), "OBJECTION_TERM_CUT");
  request.set_decision_date("2026-03-21");
  EXPECT_EQ(Reason(ledger_.Commit(request)), "DECISION_DATE_AHEAD");
  request.set_effective_date("2026-03-21");
  EXPECT_EQ(Reason(ledger_.Commit(request)), "EFFECTIVE_DATE_AHEAD");
  for (const char* const bad : {"", "2026-02-30", "0000-01-01", "4 March"}) {
    request.set_decision_date(bad);
    EXPECT_EQ(Reason(ledger_.Commit(request)), "BAD_DATE") << bad;
  }
  for (const int bad : {0, 3, -1}) {
    request.set_ground(static_cast<v1::Commitment::Ground>(bad));
    EXPECT_EQ(Reason(ledger_.Commit(request)), "BAD_GROUND") << bad;
  }
}

TEST_F(ObjectionTerms, TheSchemaKeepsThem) {
  ASSERT_TRUE(ledger_.Commit(Grant()).ok());
  const auto stopped = [&](const std::string& sql) {
    return pg::ConstraintOf(ledger_.database().Sql(sql));
  };
  for (const char* const column :
       {"ground = 2", "decision_date = '2020-01-01'", "objection_days = 0"}) {
    EXPECT_EQ(stopped(absl::StrCat("UPDATE ledger.commitment SET ", column)),
              "commitment_keeps_its_terms");
  }
  ASSERT_TRUE(ledger_.database()
                  .Sql("ALTER TABLE ledger.commitment DISABLE TRIGGER commitment_keeps_its_terms")
                  .ok());
  EXPECT_EQ(stopped("UPDATE ledger.commitment SET payable_from = '2026-04-15'"),
            "commitment_objection_term");
  EXPECT_EQ(stopped("UPDATE ledger.commitment SET decision_date = '2026-03-21', "
                    "payable_from = '2026-12-01'"),
            "commitment_decided_before");
  EXPECT_EQ(stopped("UPDATE ledger.commitment SET ground = 0"), "commitment_ground_is_whole");
  EXPECT_EQ(stopped("UPDATE ledger.commitment SET ground = 3, objection_days = 0"),
            "commitment_ground_known");
  // Whoever owns the tables can call it a contract, and is found.
  ASSERT_TRUE(ledger_.database()
                  .Sql("UPDATE ledger.commitment SET ground = 2, objection_days = 0, "
                       "payable_from = '2026-03-04'")
                  .ok());
  EXPECT_THAT(ledger_.Findings(), Contains(HasSubstr("what it rests on")));
}

}  // namespace
}  // namespace smederij::ledger
