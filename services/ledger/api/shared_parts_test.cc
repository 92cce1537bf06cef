// A document, or a line of the bank's, that accounts for several advances: each for a part of what
// it comes to in all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/transact.h"
#include "services/ledger/testing/open_advance.h"
#include "services/ledger/testing/second_replica.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using Facts = std::vector<std::pair<std::string, std::string>>;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

void AtOnce(int threads, const std::function<void(int)>& body) {
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back([&body, i] { body(i); });
  for (std::thread& thread : running) thread.join();
}

// Three advances in three budgets of one municipality.
struct Town {
  TestSpending ledger;
  const Advance first = OpenAdvance(ledger), second = OpenAdvance(ledger),
                third = OpenAdvance(ledger);

  absl::StatusOr<v1::Payment> Account(const Advance& of, int64_t cents, int64_t total,
                                      const std::string& name = NewId()) {
    return ledger.Account(ReceiptRequest(of, cents, name, "receipt", total), ledger.approver());
  }
  absl::StatusOr<v1::Payment> GiveBack(const Advance& of, int64_t cents, int64_t total) {
    return ledger.GiveBack(LineRequest(of, cents, "LINE-1", total), ledger.treasurer());
  }
};

TEST(SharedParts, ADocumentAccountsForSeveralAdvancesUpToWhatItComesTo) {
  Town town;
  const auto first = town.Account(town.first, 100, 300);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->accounted_cents(), 100);
  ASSERT_TRUE(town.Account(town.second, 150, 300).ok());
  const auto refused = town.Account(town.third, 51, 300);
  EXPECT_EQ(Reason(refused), "DOCUMENT_USED");
  EXPECT_EQ(FactsOf(refused.status()), (Facts{{"budget_id", town.first.budget},
                                              {"left_cents", "50"},
                                              {"payment_id", town.first.payment},
                                              {"seq", absl::StrCat(first->seq())},
                                              {"total_cents", "300"}}));
  EXPECT_EQ(Reason(town.Account(town.third, 50, 300)), "");
  EXPECT_EQ(Reason(town.Account(town.third, 1, 300)), "DOCUMENT_USED");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(SharedParts, ABankLineGivesBackSeveralAdvances) {
  Town town;
  const auto first = town.GiveBack(town.first, 500, 800);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->state(), v1::Payment::STATE_SETTLED);
  const auto refused = town.GiveBack(town.second, 301, 800);
  EXPECT_EQ(Reason(refused), "BANK_REFERENCE_USED");
  EXPECT_EQ(FactsOf(refused.status()), (Facts{{"budget_id", town.first.budget},
                                              {"left_cents", "300"},
                                              {"payment_id", town.first.payment},
                                              {"seq", absl::StrCat(first->seq())},
                                              {"total_cents", "800"}}));
  EXPECT_EQ(Reason(town.GiveBack(town.second, 300, 800)), "");
  EXPECT_EQ(Reason(town.GiveBack(town.third, 1, 800)), "BANK_REFERENCE_USED");
  // A document is no bank line, whatever it is called.
  EXPECT_EQ(Reason(town.Account(town.third, 1, 0, "LINE-1")), "");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(SharedParts, OneAdvanceMayHaveTwoOfThem) {
  Town town;
  ASSERT_TRUE(town.Account(town.first, 100, 300, "bread").ok());
  EXPECT_EQ(Reason(town.Account(town.first, 100, 300, "bread")), "RECEIPT_USED");
  EXPECT_EQ(Reason(town.Account(town.first, 100, 300, "butter")), "");
  ASSERT_TRUE(town.GiveBack(town.first, 100, 300).ok());
  EXPECT_EQ(Reason(town.GiveBack(town.first, 200, 300)), "");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(SharedParts, EachOfThemSaysTheSameTotal) {
  Town town;
  const auto first = town.Account(town.first, 100, 300);
  ASSERT_TRUE(first.ok()) << first.status();
  for (const int64_t total : {0, 299, 301}) {
    const auto refused = town.Account(town.second, 100, total);
    EXPECT_EQ(Reason(refused), "TOTAL_DIFFERS") << total;
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(FactsOf(refused.status()),
              (Facts{{"asked_cents", absl::StrCat(total == 0 ? 100 : total)},
                     {"budget_id", town.first.budget},
                     {"payment_id", town.first.payment},
                     {"seq", absl::StrCat(first->seq())},
                     {"total_cents", "300"}}));
  }
  ASSERT_TRUE(town.GiveBack(town.first, 100, 300).ok());
  EXPECT_EQ(Reason(town.GiveBack(town.second, 200, 0)), "TOTAL_DIFFERS");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(SharedPartsRefusals, InOrder) {
  Town town;
  ASSERT_TRUE(town.Account(town.first, 100, 700, "till 1").ok());
  EXPECT_EQ(Reason(town.Account(town.first, 401, 700)), "OVER_ADVANCE");
  EXPECT_EQ(Reason(town.Account(town.first, 401, 701)), "TOTAL_DIFFERS");
  EXPECT_EQ(Reason(town.Account(town.first, 601, 701)), "DOCUMENT_USED");
  EXPECT_EQ(Reason(town.Account(town.first, 601, 701, "till 1")), "RECEIPT_USED");
  ASSERT_TRUE(town.GiveBack(town.first, 100, 700).ok());
  EXPECT_EQ(Reason(town.GiveBack(town.first, 301, 700)), "OVER_ADVANCE");
  EXPECT_EQ(Reason(town.GiveBack(town.first, 301, 701)), "TOTAL_DIFFERS");
  EXPECT_EQ(Reason(town.GiveBack(town.first, 601, 701)), "BANK_REFERENCE_USED");
  // Shape, before anything the books say.
  for (const int64_t bad : {int64_t{99}, int64_t{-1}, Money::kCentsMax + 1, INT64_MIN, INT64_MAX}) {
    auto receipt = ReceiptRequest(town.first, 100, "till 1", "receipt", bad);
    EXPECT_EQ(Reason(town.ledger.Account(receipt, town.ledger.approver())), "AMOUNT_OUT_OF_RANGE");
    receipt.set_effective_date("tomorrow");
    EXPECT_EQ(Reason(town.ledger.Account(receipt, town.ledger.approver())), "AMOUNT_OUT_OF_RANGE");
    receipt.set_document_hash("short");
    EXPECT_EQ(Reason(town.ledger.Account(receipt, town.ledger.approver())), "BAD_HASH");
    auto line = LineRequest(town.first, 100, "LINE-1", bad);
    EXPECT_EQ(Reason(town.ledger.GiveBack(line, town.ledger.treasurer())), "AMOUNT_OUT_OF_RANGE");
    line.set_bank_ref("");
    EXPECT_EQ(Reason(town.ledger.GiveBack(line, town.ledger.treasurer())), "BAD_TEXT");
  }
  EXPECT_EQ(Reason(town.Account(town.second, 1, Money::kCentsMax)), "TOTAL_DIFFERS");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

// ── At once ────────────────────────────────────────────────────────────────────────────────────

// Two budgets have two heads, and two replicas two memories: only the tables are common.
TEST(SharedParts, OfTwoBudgetsAndTwoReplicasAtOnceComeToTheirTotal) {
  Town town;
  SecondReplica second(town.ledger);
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> receipts = 0, lines = 0;
    AtOnce(8, [&](int i) {
      auto& server = i % 2 == 0 ? town.ledger.server() : second.server();
      const Advance& of = i % 2 == 0 ? town.first : town.second;
      const auto accounted = server.Ask(
          &SpendingStub::AccountForAdvance,
          ReceiptRequest(of, 3, absl::StrCat(round, " ", i), absl::StrCat("receipt ", round), 10),
          server.As(town.ledger.approver()));
      EXPECT_TRUE(accounted.ok() || Reason(accounted) == "DOCUMENT_USED") << accounted.status();
      receipts += accounted.ok();
      const auto back = server.Ask(&SpendingStub::ReturnAdvance,
                                   LineRequest(of, 3, absl::StrCat("LINE-", round), 10),
                                   server.As(town.ledger.treasurer()));
      EXPECT_TRUE(back.ok() || Reason(back) == "BANK_REFERENCE_USED") << back.status();
      lines += back.ok();
    });
    EXPECT_EQ(receipts, 3);
    EXPECT_EQ(lines, 3);
  }
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(SharedParts, OfTwoReplicasThatSayDifferentTotalsOneIsRight) {
  Town town;
  SecondReplica second(town.ledger);
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> of_ten = 0, of_twenty = 0;
    AtOnce(6, [&](int i) {
      const bool here = i % 2 == 0;
      auto& server = here ? town.ledger.server() : second.server();
      const auto accounted =
          server.Ask(&SpendingStub::AccountForAdvance,
                     ReceiptRequest(here ? town.first : town.second, 1, absl::StrCat(round, " ", i),
                                    absl::StrCat("receipt ", round), here ? 10 : 20),
                     server.As(town.ledger.approver()));
      EXPECT_TRUE(accounted.ok() || Reason(accounted) == "TOTAL_DIFFERS") << accounted.status();
      (here ? of_ten : of_twenty) += accounted.ok();
    });
    EXPECT_EQ(of_ten + of_twenty, 3);
    EXPECT_EQ(of_ten * of_twenty, 0);
  }
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

// ── What the schema itself refuses, and what the verifier finds ────────────────────────────────

// A part of the advance past the domain, as the service's own role would write it.
std::string Part(const Advance& of, int64_t cents, int64_t total) {
  return absl::StrCat(
      "UPDATE ledger.payment SET steps = steps + 1, returned = returned + ", cents,
      " WHERE payment_id = '", of.payment,
      "';INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, "
      "person, actor, request_id, stepped_at, seq, note, requested_by, approvals_needed, amount, "
      "return_ref, municipality_id, total) SELECT s.budget_id, s.payment_id, p.steps, 7, 7, "
      "gen_random_uuid(), '', gen_random_uuid(), now(), p.steps - 4, '', s.requested_by, 1, ",
      cents, ", 'LINE-1', b.municipality_id, ", total,
      " FROM ledger.payment AS p JOIN ledger.payment_step AS s USING (budget_id, payment_id) JOIN "
      "ledger.budget AS b USING (budget_id) WHERE s.step_no = 1 AND payment_id = '",
      of.payment, "';");
}

absl::Status Write(TestSpending& ledger, const std::string& sql, pg::Isolation isolation) {
  const auto run = [&](pg::Tx& tx) { return tx.Script(sql); };
  return pg::Transact(ledger.pool(),
                      {.deadline = absl::Now() + absl::Seconds(20), .isolation = isolation}, run);
}

TEST(SharedPartsSchema, TheServicesOwnRoleCountsNoMoreThanThereIs) {
  Town town;
  const auto stopped = [&](const Advance& of, int64_t cents, int64_t total) {
    return pg::ConstraintOf(
        Write(town.ledger, Part(of, cents, total), pg::Isolation::kReadCommitted));
  };
  EXPECT_EQ(stopped(town.first, 2, 1), "payment_part_in_total");
  EXPECT_EQ(stopped(town.first, 60, 100), "");
  EXPECT_EQ(stopped(town.second, 41, 100), "evidence_not_exceeded");
  EXPECT_EQ(stopped(town.second, 40, 101), "evidence_has_one_total");
  EXPECT_EQ(stopped(town.second, 40, 100), "");
  EXPECT_EQ(stopped(town.third, 1, 100), "evidence_not_exceeded");
  // What counts is derived from the parts, and by nobody else.
  for (const char* sql :
       {"UPDATE ledger.evidence SET counted = 0", "DELETE FROM ledger.evidence",
        "INSERT INTO ledger.evidence VALUES (gen_random_uuid(), 'document', 1, 1)"}) {
    EXPECT_EQ(pg::SqlStateOf(Write(town.ledger, sql, pg::Isolation::kReadCommitted)), "42501")
        << sql;
  }
}

TEST(SharedPartsSchema, NotEvenAtOnceAndHoweverIsolated) {
  for (const auto isolation : {pg::Isolation::kReadCommitted, pg::Isolation::kRepeatableRead,
                               pg::Isolation::kSerializable}) {
    TestSpending ledger;
    std::vector<Advance> advances;
    for (int i = 0; i < 8; ++i) advances.push_back(OpenAdvance(ledger));
    std::atomic<int> done = 0;
    AtOnce(8, [&](int i) {
      const absl::Status status =
          Write(ledger, Part(advances[static_cast<size_t>(i)], 30, 100), isolation);
      if (status.ok()) {
        ++done;
      } else {
        EXPECT_EQ(pg::ConstraintOf(status), "evidence_not_exceeded") << status;
      }
    });
    EXPECT_EQ(done, 3);
  }
}

TEST(SharedPartsSchema, WhatCountsOtherwiseIsFound) {
  const std::string counts = "what it rests on counts otherwise than its parts say",
                    rests = "what it rests on is not what it says";
  const std::pair<const char*, std::string> tampering[] = {
      {"UPDATE ledger.evidence SET counted = 100 WHERE evidence LIKE 'document %'", counts},
      {"UPDATE ledger.evidence SET total = 1000 WHERE evidence LIKE 'document %'", counts},
      {"UPDATE ledger.evidence SET counted = 0 WHERE evidence LIKE 'bank line %'", counts},
      {"DELETE FROM ledger.evidence", counts},
      {"UPDATE ledger.payment_step SET total = 301 WHERE total = 300 AND amount = 100", counts},
      {"UPDATE ledger.payment_step SET total = 301 WHERE total = 300", rests},
      // More than there is, in rows that agree with each other: the parts are in the chain.
      {"UPDATE ledger.payment_step SET return_ref = 'LINE-1' WHERE return_ref = 'LINE-2';"
       "UPDATE ledger.evidence SET counted = 200, total = 200 WHERE evidence = 'bank line LINE-1'",
       rests}};
  for (const auto& [sql, finding] : tampering) {
    Town town;
    ASSERT_TRUE(town.Account(town.first, 100, 300).ok());
    ASSERT_TRUE(town.Account(town.second, 150, 300).ok());
    ASSERT_TRUE(town.GiveBack(town.first, 100, 0).ok());
    ASSERT_TRUE(town.ledger.GiveBack(town.second.budget, town.second.payment, 100, "LINE-2").ok());
    ASSERT_THAT(town.ledger.Findings(), IsEmpty());
    ASSERT_TRUE(town.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(town.ledger.Findings(), Contains(finding)) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
