// What accounts for an advance counts once in its municipality: a receipt, and a line of the
// bank's. Of those that say to come to more, see shared_parts_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/pg/transact.h"
#include "services/ledger/storage/migrations.h"
#include "services/ledger/testing/open_advance.h"
#include "services/ledger/testing/second_replica.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;
using Facts = std::vector<std::pair<std::string, std::string>>;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

absl::StatusOr<v1::Payment> Account(TestSpending& ledger, const Advance& of, int64_t cents,
                                    const std::string& name, const std::string& document) {
  return ledger.Account(ReceiptRequest(of, cents, name, document), ledger.approver());
}

// Everybody works for another municipality from now on; gives a payee of it.
std::string Move(TestSpending& ledger) {
  const MunicipalityId there = MunicipalityId::Random();
  for (testing::Person* person : {&ledger.treasurer(), &ledger.holder(), &ledger.requester(),
                                  &ledger.approver(), &ledger.colleague()}) {
    person->municipality = there;
  }
  v1::RegisterPayeeRequest request;
  request.set_request_id(NewId());
  request.set_name("Klusbedrijf De Boer");
  request.set_iban("NL91ABNA0417164300");
  const auto registered =
      ledger.server().Ask(&v1::PayeeService::Stub::RegisterPayee, request, ledger.Treasurer());
  CHECK(registered.ok());
  return registered->payee_id();
}

TEST(CountedOnce, ABankLineReturnsOneAdvance) {
  TestSpending ledger;
  const Advance first = OpenAdvance(ledger), second = OpenAdvance(ledger);
  const auto back = ledger.GiveBack(first.budget, first.payment, 100, "LINE-1");
  ASSERT_TRUE(back.ok()) << back.status();
  const auto refused = ledger.GiveBack(second.budget, second.payment, 501, "LINE-1");
  EXPECT_EQ(Reason(refused), "BANK_REFERENCE_USED");
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(FactsOf(refused.status()), (Facts{{"budget_id", first.budget},
                                              {"left_cents", "0"},
                                              {"payment_id", first.payment},
                                              {"seq", absl::StrCat(back->seq())},
                                              {"total_cents", "100"}}));
  EXPECT_EQ(Reason(ledger.GiveBack(second.budget, second.payment, 501, "LINE-2")), "OVER_ADVANCE");
  ASSERT_TRUE(ledger.GiveBack(second.budget, second.payment, 100, "LINE-2").ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CountedOnce, AReceiptAccountsForOneAdvanceByWhateverName) {
  TestSpending ledger;
  const Advance first = OpenAdvance(ledger), second = OpenAdvance(ledger);
  const auto accounted = Account(ledger, first, 100, "till 1", "receipt");
  ASSERT_TRUE(accounted.ok()) << accounted.status();
  const Facts where = {{"budget_id", first.budget},
                       {"left_cents", "0"},
                       {"payment_id", first.payment},
                       {"seq", absl::StrCat(accounted->seq())},
                       {"total_cents", "100"}};
  for (const Advance& of : {first, second}) {
    const auto refused = Account(ledger, of, 501, "another name", "receipt");
    EXPECT_EQ(Reason(refused), "DOCUMENT_USED");
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(FactsOf(refused.status()), where);
    EXPECT_EQ(Reason(Account(ledger, of, 501, "another name", "another")), "OVER_ADVANCE");
  }
  // A name counts once per payment.
  EXPECT_TRUE(Account(ledger, second, 100, "till 1", "another").ok());
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CountedOnce, AnotherMunicipalityHasReceiptsAndBankLinesOfItsOwn) {
  TestSpending ledger;
  const Advance here = OpenAdvance(ledger);
  ASSERT_TRUE(Account(ledger, here, 100, "till 1", "receipt").ok());
  ASSERT_TRUE(ledger.GiveBack(here.budget, here.payment, 100, "LINE-1").ok());
  const Advance there = OpenAdvance(ledger, Move(ledger));
  EXPECT_EQ(Reason(Account(ledger, there, 100, "till 1", "receipt")), "");
  EXPECT_EQ(Reason(ledger.GiveBack(there.budget, there.payment, 100, "LINE-1")), "");
  EXPECT_EQ(Reason(ledger.GiveBack(there.budget, there.payment, 100, "LINE-1")),
            "BANK_REFERENCE_USED");
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

TEST(CountedOnce, ARepeatedRequestIsTheSameReceiptAndLine) {
  TestSpending ledger;
  const Advance advance = OpenAdvance(ledger);
  const auto receipt = ReceiptRequest(advance, 500, "till 1", "receipt");
  const auto first = ledger.Account(receipt, ledger.approver());
  ASSERT_TRUE(first.ok()) << first.status();
  bool replayed = false;
  const auto again = ledger.Account(receipt, ledger.approver(), &replayed);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  const Advance other = OpenAdvance(ledger);
  const auto line = ledger.ReturnRequest(other.budget, other.payment, 500, "LINE-1");
  const auto back = ledger.GiveBack(line, ledger.treasurer());
  ASSERT_TRUE(back.ok()) << back.status();
  replayed = false;
  EXPECT_EQ(ledger.GiveBack(line, ledger.treasurer(), &replayed)->SerializeAsString(),
            back->SerializeAsString());
  EXPECT_TRUE(replayed);
}

// Two budgets have two heads, and two replicas two memories: only the tables are common.
TEST(CountedOnce, OfTwoBudgetsAndTwoReplicasAtOnce) {
  TestSpending ledger;
  SecondReplica second(ledger);
  const Advance of[] = {OpenAdvance(ledger), OpenAdvance(ledger)};
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> receipts = 0, lines = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        auto& server = i % 2 == 0 ? ledger.server() : second.server();
        const Advance& advance = of[i % 2];
        const auto accounted = server.Ask(&SpendingStub::AccountForAdvance,
                                          ReceiptRequest(advance, 1, absl::StrCat(round, " ", i),
                                                         absl::StrCat("receipt ", round)),
                                          server.As(ledger.approver()));
        EXPECT_TRUE(accounted.ok() || Reason(accounted) == "DOCUMENT_USED") << accounted.status();
        receipts += accounted.ok();
        const auto back = server.Ask(&SpendingStub::ReturnAdvance,
                                     TestSpending::ReturnRequest(advance.budget, advance.payment, 1,
                                                                 absl::StrCat("LINE-", round)),
                                     server.As(ledger.treasurer()));
        EXPECT_TRUE(back.ok() || Reason(back) == "BANK_REFERENCE_USED") << back.status();
        lines += back.ok();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(receipts, 1);
    EXPECT_EQ(lines, 1);
  }
  EXPECT_THAT(ledger.Findings(), IsEmpty());
}

// ── What the schema itself refuses ─────────────────────────────────────────────────────────────

// The step after the newest one of `of`, as the service's own role would write it.
std::string Step(const Advance& of, const std::string& part) {
  return absl::StrCat(
      "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, "
      "person, actor, request_id, stepped_at, seq, note, requested_by, approvals_needed, amount, "
      "receipt_ref, document_hash, return_ref, municipality_id, total) SELECT budget_id, "
      "payment_id, step_no + 1, 7, 7, gen_random_uuid(), '', gen_random_uuid(), now(), 1, '', "
      "requested_by, "
      "approvals_needed, 1, ",
      part,
      ", b.municipality_id, 100 FROM ledger.payment_step AS s JOIN ledger.budget AS b USING "
      "(budget_id) "
      "WHERE budget_id = '",
      of.budget, "' ORDER BY step_no DESC LIMIT 1");
}

TEST(CountedOnceSchema, TheServicesOwnRoleCannotCountTwice) {
  TestSpending ledger;
  const Advance first = OpenAdvance(ledger), second = OpenAdvance(ledger);
  ASSERT_TRUE(Account(ledger, first, 100, "till 1", "receipt").ok());
  ASSERT_TRUE(ledger.GiveBack(first.budget, first.payment, 100, "LINE-1").ok());
  const auto stopped = [&](const std::string& part) {
    const auto run = [&](pg::Tx& tx) { return tx.Script(Step(second, part)); };
    return pg::ConstraintOf(
        pg::Transact(ledger.pool(), {.deadline = absl::Now() + absl::Seconds(20)}, run));
  };
  EXPECT_EQ(stopped(absl::StrCat("'another', decode('",
                                 absl::BytesToHexString(std::string(25, ' ') + "receipt"),
                                 "', 'hex'), NULL")),
            "evidence_not_exceeded");
  EXPECT_EQ(stopped("NULL, NULL, 'LINE-1'"), "evidence_not_exceeded");
}

// What counted twice before this was a rule keeps no ledger from its new version; the first of it
// counts from now on, and of older parts nothing is left to others.
TEST(CountedOnceSchema, OlderBooksKeepWhatTheyHave) {
  pg::Migrations before = Migrations();
  const auto rule =
      std::find_if(before.steps.begin(), before.steps.end(),
                   [](const pg::Migration& step) { return step.name == "parts_once"; });
  ASSERT_NE(rule, before.steps.end());
  before.steps = before.steps.first(static_cast<size_t>(rule - before.steps.begin()));
  const testing::PgDatabase database(before);
  const auto part = [](int seq, const std::string& what) {
    return absl::StrCat(
        "INSERT INTO ledger.payment_step (budget_id, payment_id, step_no, from_state, to_state, "
        "person, actor, request_id, stepped_at, seq, note, requested_by, approvals_needed, amount, "
        "receipt_ref, document_hash, return_ref) SELECT budget_id, gen_random_uuid(), 5, 7, 7, "
        "gen_random_uuid(), '', gen_random_uuid(), now(), ",
        seq, ", '', gen_random_uuid(), 1, 1, ", what, " FROM ledger.budget;");
  };
  const auto older = database.Sql(absl::StrCat(
      "SET session_replication_role = replica;"
      "INSERT INTO ledger.budget (budget_id, municipality_id, district_id, fund, fiscal_year, "
      "currency, opened_at, request_id, actor, opening, opening_hash) SELECT gen_random_uuid(), ",
      "'11111111-1111-4111-8111-111111111111', gen_random_uuid(), 'general', 2026, 'EUR', now(), "
      "gen_random_uuid(), '', '', sha256('') FROM generate_series(1, 2);",
      part(1, "'till 1', sha256('receipt'), NULL"), part(2, "'till 2', sha256('receipt'), NULL"),
      part(3, "'till 3', sha256('other'), NULL"), part(4, "NULL, NULL, 'LINE-1'")));
  ASSERT_TRUE(older.ok()) << older;
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  pg::Pool owner({.conninfo = database.owner()});
  const auto steps = pg::Migrate(owner, Migrations(), soon);
  ASSERT_TRUE(steps.ok()) << steps.status();
  pg::Pool pool({.conninfo = database.app()});
  constexpr pg::Statement<std::tuple<int64_t, int64_t, int64_t, int64_t>()> count{"test.count",
                                                                                  R"sql(
    SELECT count(*), count(municipality_id), sum(total)::bigint,
           (SELECT count(*) FROM ledger.evidence WHERE total = 1 AND counted = 1)
      FROM ledger.payment_step)sql"};
  const auto read = [&](pg::Tx& tx) { return tx.One(count); };
  const auto counts = pg::Transact(pool, {.deadline = soon, .read_only = true}, read);
  ASSERT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(*counts, std::tuple(8, 3, 8, 3));
  EXPECT_EQ(pg::ConstraintOf(database.Sql("UPDATE ledger.payment_step SET note = 'x'")),
            "payment_step_append_only");
}

}  // namespace
}  // namespace smederij::ledger
