// An invoice is paid once, however somebody spells its reference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/sqlstate.h"
#include "common/pg/transact.h"
#include "services/ledger/domain/invoice.h"
#include "services/ledger/storage/migrations.h"
#include "services/ledger/testing/shrink.h"
#include "services/ledger/testing/test_spending.h"

namespace smederij::ledger {
namespace {

using ::testing::IsEmpty;

template <class T>
std::string Reason(const absl::StatusOr<T>& result) {
  return ReasonOf(result.status());
}

// A commitment of 1,000 euros.
struct Town {
  TestSpending ledger;
  std::string plan = NewId();
  std::string budget = ledger.Awarded(plan, 1'000'00);
  std::string commitment =
      ledger.Commit(ledger.CommitRequest(budget, plan, 1'000'00))->commitment_id();

  absl::StatusOr<v1::Payment> Request(const std::string& invoice) {
    return ledger.Request(TestSpending::PaymentRequest(budget, commitment, 1, invoice));
  }
};

TEST(Invoices, AreTheSameHoweverTheyAreSpelled) {
  Town town;
  const auto first = town.Request("F2026-1");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->invoice_ref(), "F2026-1");
  for (const char* const again : {"F2026-1", "f2026-1", "F 2026 / 1", "f20261", "(F.2026_1)"}) {
    const auto refused = town.Request(again);
    EXPECT_EQ(Reason(refused), "DUPLICATE_INVOICE") << again;
    EXPECT_EQ(FactsOf(refused.status())[0].second, first->payment_id());
  }
  EXPECT_TRUE(town.Request("F2026-2").ok());
  // Rejected, it may be asked for again, by any spelling; it stays as it is written.
  ASSERT_TRUE(town.ledger.Reject(town.budget, first->payment_id()).ok());
  const auto again = town.Request("f2026/1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->invoice_ref(), "f2026/1");
  EXPECT_EQ(Reason(town.Request("F2026-1")), "DUPLICATE_INVOICE");
  EXPECT_THAT(town.ledger.Findings(), IsEmpty());
}

TEST(Invoices, TheTablesKnowThemByTheSameKeyAsTheRules) {
  Town town;
  const uint64_t seed = SeedOfRun();
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  std::mt19937_64 random(seed);
  std::vector<std::string> references = {"-", "/", "\xc3\x89 1", "A'B\\C"};
  for (int i = 0; i < 40; ++i) {
    std::string reference;  // Any printable ASCII but space around it.
    for (int j = 0; j < 12; ++j) reference.push_back(static_cast<char>(' ' + random() % 95));
    reference = std::string(absl::StripAsciiWhitespace(reference));
    if (!reference.empty()) references.push_back(reference);
  }
  for (const std::string& reference : references) {
    const auto asked = town.Request(reference);
    if (!asked.ok()) {
      EXPECT_EQ(Reason(asked), "DUPLICATE_INVOICE") << asked.status();
      continue;
    }
    const absl::Status same = town.ledger.database().Sql(
        absl::StrCat("DO $$ BEGIN IF (SELECT invoice_key FROM ledger.payment WHERE payment_id = '",
                     asked->payment_id(), "') <> convert_from(decode('",
                     absl::BytesToHexString(InvoiceKeyOf(reference)),
                     "', 'hex'), 'UTF8') THEN RAISE 'it is another'; END IF; END $$"));
    EXPECT_TRUE(same.ok()) << reference << ": " << same;
  }
}

TEST(InvoicesSchema, TheServicesOwnRoleCannotPayTwice) {
  Town town;
  ASSERT_TRUE(town.Request("F2026-1").ok());
  // The same invoice by another spelling, beside the payment there is.
  const auto stopped = [&](const std::string& invoice, int twin) {
    const auto run = [&](pg::Tx& tx) {
      return tx.Script(absl::StrCat(
          "INSERT INTO ledger.payment (budget_id, payment_id, commitment_id, municipality_id, "
          "payee_id, amount, invoice_ref, requested_by, requested_at, approvals_needed, state, "
          "steps, invoice_twin) SELECT budget_id, gen_random_uuid(), commitment_id, "
          "municipality_id, payee_id, amount, '",
          invoice, "', requested_by, requested_at, approvals_needed, state, steps, ", twin,
          " FROM ledger.payment"));
    };
    return pg::ConstraintOf(
        pg::Transact(town.ledger.pool(), {.deadline = absl::Now() + absl::Seconds(20)}, run));
  };
  EXPECT_EQ(stopped("f2026 1", 0), "payment_one_per_invoice");
  EXPECT_EQ(stopped("f2026 1", 1), "payment_invoice_counts");
  EXPECT_EQ(
      pg::ConstraintOf(town.ledger.database().Sql("UPDATE ledger.payment SET invoice_twin = 1")),
      "payment_keeps_its_twin");
}

// What was paid twice by two spellings before this was a rule keeps no ledger from its new version.
TEST(InvoicesSchema, OlderBooksKeepWhatTheyHave) {
  pg::Migrations before = Migrations();
  const auto rule =
      std::find_if(before.steps.begin(), before.steps.end(),
                   [](const pg::Migration& step) { return step.name == "invoice_once"; });
  ASSERT_NE(rule, before.steps.end());
  before.steps = before.steps.first(static_cast<size_t>(rule - before.steps.begin()));
  const testing::PgDatabase database(before);
  const auto payment = [](int number, int state, const std::string& invoice) {
    return absl::StrCat(
        "INSERT INTO ledger.payment (budget_id, payment_id, commitment_id, municipality_id, "
        "payee_id, amount, invoice_ref, requested_by, requested_at, approvals_needed, state, "
        "steps) "
        "VALUES (gen_random_uuid(), '00000000-0000-4000-8000-00000000000",
        number, "', gen_random_uuid(), gen_random_uuid(), '11111111-1111-4111-8111-111111111111', ",
        "1, '", invoice, "', gen_random_uuid(), timestamptz '2026-01-01' + interval '", number,
        " minutes', 1, ", state, ", 1);");
  };
  const absl::Status older = database.Sql(
      absl::StrCat("SET session_replication_role = replica;", payment(1, 6, "f 2026 1"),
                   payment(2, 1, "F2026-1"), payment(3, 2, "f2026-1"), payment(4, 1, "F20261"),
                   payment(5, 1, "another")));
  ASSERT_TRUE(older.ok()) << older;
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  pg::Pool owner({.conninfo = database.owner()});
  const auto steps = pg::Migrate(owner, Migrations(), soon);
  ASSERT_TRUE(steps.ok()) << steps.status();
  pg::Pool pool({.conninfo = database.app()});
  constexpr pg::Statement<std::tuple<std::string, int32_t>()> twins{"test.twins", R"sql(
    SELECT invoice_ref, invoice_twin FROM ledger.payment ORDER BY payment_id)sql"};
  const auto read = [&](pg::Tx& tx) { return tx.All(twins); };
  const auto rows = pg::Transact(pool, {.deadline = soon, .read_only = true}, read);
  ASSERT_TRUE(rows.ok()) << rows.status();
  using Row = std::tuple<std::string, int32_t>;
  EXPECT_THAT(*rows,
              ::testing::ElementsAre(Row("f 2026 1", 0), Row("F2026-1", 0), Row("f2026-1", 1),
                                     Row("F20261", 2), Row("another", 0)));
  // They go on to where payments go, and take no third beside them.
  EXPECT_TRUE(database
                  .Sql("SET session_replication_role = replica;"
                       "UPDATE ledger.payment SET state = 6, steps = 2 WHERE invoice_twin = 1")
                  .ok());
  EXPECT_EQ(pg::ConstraintOf(database.Sql(absl::StrCat("SET session_replication_role = replica;",
                                                       payment(6, 1, "F/2026/1")))),
            "payment_one_per_invoice");
}

}  // namespace
}  // namespace smederij::ledger
