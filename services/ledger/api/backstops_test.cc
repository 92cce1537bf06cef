// What the service refuses and the schema does as well, and the verifier finds when both were
// passed by: objection terms, accounts that nobody accepted, conditions, sources.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Pair;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// A plan with an approved payment of 100, on a grant that may be paid from 1 March 2026 on.
struct Town {
  TestSpending ledger;
  std::string plan = NewId(), budget, commitment, payment;

  Town() {
    ledger.clock().Set(InAmsterdam("2026-03-02T12:00:00"));
    budget = ledger.Awarded(plan, 500);
    auto commit = ledger.CommitRequest(budget, plan, 300);
    commit.set_payable_from("2026-03-01");
    commitment = ledger.Commit(commit)->commitment_id();
    payment = Asked();
    CHECK(ledger.Approve(budget, payment, ledger.approver()).ok());
  }
  std::string Asked(const std::string& invoice = "2026-1") {
    const auto asked = ledger.Request(ledger.PaymentRequest(budget, commitment, 100, invoice));
    CHECK(asked.ok());
    return asked->payment_id();
  }
  std::string Stopped(const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  }
  // As whoever has every right does it.
  void Tamper(const std::string& sql) {
    CHECK(ledger.database().Sql("SET session_replication_role = replica;" + sql).ok());
  }
};

// ── A payment that was approved and should not have been ───────────────────────────────────────

TEST(RejectPayment, StopsWhatWasApprovedAsLongAsTheBankWasNotTold) {
  Town town;
  TestSpending& ledger = town.ledger;
  const auto rejected = ledger.Reject(town.budget, town.payment);
  ASSERT_TRUE(rejected.ok()) << rejected.status();
  EXPECT_EQ(rejected->state(), v1::Payment::STATE_REJECTED);
  EXPECT_EQ(Reason(ledger.Instruct(town.budget, town.payment, "BANK-1")), "WRONG_STATE");
  // The same invoice may be asked for again, and the commitment be closed when it is not.
  const std::string again = town.Asked();
  ASSERT_TRUE(ledger.Reject(town.budget, again).ok());
  EXPECT_TRUE(ledger.Close(town.budget, town.commitment).ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── The objection term of a grant ──────────────────────────────────────────────────────────────

TEST(ObjectionTerm, NoDayWithinItCanBeGivenAfterwards) {
  Town town;
  v1::InstructPaymentRequest request;
  request.set_request_id(NewId());
  request.set_budget_id(town.budget);
  request.set_payment_id(town.payment);
  request.set_bank_ref("BANK-1");
  request.set_effective_date("2026-02-28");
  const auto refused =
      town.ledger.server().Ask(&SpendingStub::InstructPayment, request, town.ledger.Treasurer());
  EXPECT_EQ(Reason(refused), "OBJECTION_TERM_RUNNING");
  request.set_effective_date("2026-03-01");
  EXPECT_TRUE(town.ledger.server()
                  .Ask(&SpendingStub::InstructPayment, request, town.ledger.Treasurer())
                  .ok());
}

TEST(ObjectionTerm, TheBankIsNotToldBefore) {
  Town town;
  EXPECT_EQ(
      town.Stopped(absl::StrCat(
          "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state,"
          " person, actor, request_id, stepped_at, seq, note, requested_by, approvals_needed)"
          " SELECT budget_id, payment_id, 3, 2, 3, gen_random_uuid(), 'a', gen_random_uuid(),"
          " '2026-02-28 23:59:59+01', 4, '', requested_by, approvals_needed FROM ledger.payment")),
      "payment_after_objection_term");
  ASSERT_TRUE(town.ledger.Instruct(town.budget, town.payment, "BANK-1").ok());
  ASSERT_THAT(town.ledger.Findings(), IsEmpty());
  town.Tamper("UPDATE ledger.payment_step SET stepped_at = '2026-02-28 12:00+01'");
  EXPECT_THAT(town.ledger.Findings(),
              Contains("told the bank before the objection term had run out"));
}

// ── Four eyes on an account ────────────────────────────────────────────────────────────────────

TEST(PayeeAccount, IsPaidToWhenASecondPersonHasAcceptedIt) {
  Town town;
  ASSERT_TRUE(town.ledger.database()
                  .Sql("INSERT INTO ledger.payee_iban (payee_id, version, iban_sealed, state,"
                       " proposed_by) SELECT payee_id, 2, iban_sealed, 'proposed', proposed_by"
                       " FROM ledger.payee_iban")
                  .ok());
  EXPECT_EQ(town.Stopped("ALTER TABLE ledger.payment DISABLE TRIGGER payment_goes_on;"
                         "UPDATE ledger.payment SET iban_version = 2, bank_ref = 'B', state = 3"),
            "payment_iban_accepted");
  ASSERT_TRUE(town.ledger.Instruct(town.budget, town.payment, "BANK-1").ok());
  ASSERT_THAT(town.ledger.Findings(), IsEmpty());
  town.Tamper("UPDATE ledger.payment SET iban_version = 2");
  EXPECT_THAT(town.ledger.Findings(),
              Contains("told the bank of an account that no second person accepted"));
}

// ── Money that is for something ────────────────────────────────────────────────────────────────

struct Trees {
  TestSpending ledger;
  std::string trees = NewId(), round = NewId(), budget;

  explicit Trees(const std::string& deadline = "2026-06-30") {
    ledger.clock().Set(InAmsterdam("2026-06-30T23:00:00"));
    auto open = OpenRequest();
    open.set_fund("trees");
    open.mutable_condition()->set_deadline(deadline);
    open.mutable_condition()->add_plan_ids(trees);
    budget = ledger.Open(open)->budget_id();
    for (const char* source : {"corporation", "province"}) {
      auto request = AppropriateRequestOf(budget, 1'000);
      request.set_source(source);
      CHECK(ledger.Appropriate(request).ok());
    }
    CHECK(ledger.Hold(HoldRequest(budget, round, 1'000)).ok());
    CHECK(ledger.Reserve(ReserveRequest(round, 1, {{budget, 1'000, trees}})).ok());
  }
};

TEST(ConditionalMoney, IsNotAwardedToOthersNorLater) {
  // Whatever the service believes: its clock stands a day before, and its plan is another.
  for (const char* belief : {"UPDATE ledger.entry SET recorded_at = '2026-07-01 00:30+02'",
                             "UPDATE ledger.account SET reference = gen_random_uuid()"
                             " WHERE kind = 4"}) {
    Trees town;
    ASSERT_THAT(town.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(town.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", belief,
                                      ";DELETE FROM ledger.posting WHERE type = 3"))
                    .ok());
    const std::string award =
        "INSERT INTO ledger.posting SELECT e.budget_id, e.seq, 1, 3, p.account_no, 3,"
        " r.account_no, 4, 1000, 0, 1000 FROM ledger.entry AS e, ledger.account AS p,"
        " ledger.account AS r WHERE e.type = 3 AND p.kind = 3 AND r.kind = 4";
    EXPECT_EQ(pg::ConstraintOf(town.ledger.database().Sql(award)), "award_meets_condition")
        << belief;
    ASSERT_TRUE(town.ledger.database().Sql("SET session_replication_role = replica;" + award).ok());
    EXPECT_THAT(town.ledger.Findings(), Contains("awards money whose condition is not met"))
        << belief;
  }
}

TEST(Sources, GetNoMoreBackThanTheyGave) {
  Trees town;
  TestSpending& ledger = town.ledger;
  ledger.clock().Set(InAmsterdam("2026-07-01T12:00:00"));
  ASSERT_TRUE(ledger.Return(town.budget).ok());  // 500 each.
  ASSERT_TRUE(ledger.ReleaseAward(town.budget, town.trees, 1'000).ok());
  const auto proposed = ledger.ProposeReversal(ReversalRequest(town.budget, 1), ledger.treasurer());
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  const auto refused =
      ledger.DecideReversal(town.budget, proposed->reversal_id(), true, ledger.colleague());
  EXPECT_EQ(Reason(refused), "INSUFFICIENT_FUNDS");
  EXPECT_THAT(FactsOf(refused.status()), Contains(Pair("held_cents", "500")));
  EXPECT_EQ(pg::ConstraintOf(ledger.database().Sql(
                "UPDATE ledger.account SET credits = debits + 1 WHERE kind = 1")),
            "account_source_not_positive");
  ASSERT_TRUE(ledger.Return(town.budget).ok());
  EXPECT_EQ(ledger.Balance(town.budget, v1::ACCOUNT_KIND_SOURCE, "corporation"), 0);
  EXPECT_EQ(ledger.Balance(town.budget, v1::ACCOUNT_KIND_SOURCE, "province"), 0);
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ledger
