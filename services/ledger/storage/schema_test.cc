// What the schema itself refuses, whoever asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/pg/transact.h"
#include "services/ledger/storage/advance_store.h"
#include "services/ledger/storage/award_store.h"
#include "services/ledger/storage/closing_store.h"
#include "services/ledger/storage/code_store.h"
#include "services/ledger/storage/handover_store.h"
#include "services/ledger/storage/indexing_store.h"
#include "services/ledger/storage/invoice_store.h"
#include "services/ledger/storage/log_store.h"
#include "services/ledger/storage/log_walk.h"
#include "services/ledger/storage/migrations.h"
#include "services/ledger/storage/payee_store.h"
#include "services/ledger/storage/payment_store.h"
#include "services/ledger/storage/plan_money.h"
#include "services/ledger/storage/posting_store.h"
#include "services/ledger/storage/reversal_store.h"
#include "services/ledger/storage/spending_store.h"
#include "services/ledger/storage/statement_store.h"
#include "services/ledger/storage/step_store.h"
#include "services/ledger/storage/verification_store.h"
#include "services/ledger/storage/verify_records.h"
#include "services/ledger/storage/walk.h"
#include "services/ledger/testing/test_ledger.h"

namespace smederij::ledger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;

// A budget with five entries, the second of which holds a pot.
struct Books {
  TestLedger ledger;
  std::string budget = ledger.BudgetOf(1'000);
  std::string round = NewId();

  Books() {
    CHECK(ledger.Hold(HoldRequest(budget, round, 600)).ok());
    CHECK(ledger.Reserve(ReserveRequest(round, 1, {{budget, 100}})).ok());
    CHECK(ledger.Appropriate(AppropriateRequestOf(budget, 50)).ok());
    CHECK(ledger.Release(ReleaseRequest(budget, round)).ok());
  }

  // The constraint that stops this SQL of a superuser's, "" when nothing does.
  std::string Stopped(const std::string& sql) {
    return pg::ConstraintOf(ledger.database().Sql("BEGIN;" + sql + ";COMMIT"));
  }
  // The same after the superuser switched off the triggers that say "append-only".
  std::string StoppedWithoutTriggers(const std::string& sql) {
    return Stopped(
        "ALTER TABLE ledger.entry DISABLE TRIGGER USER;"
        "ALTER TABLE ledger.posting DISABLE TRIGGER USER;"
        "ALTER TABLE ledger.budget DISABLE TRIGGER USER;"
        "ALTER TABLE ledger.account DISABLE TRIGGER USER;" +
        sql);
  }
};

TEST(Schema, EveryStatementFitsIt) {
  const testing::PgDatabase database(Migrations());
  pg::Pool pool({.conninfo = database.app()});
  const absl::Time soon = absl::Now() + absl::Seconds(20);
  EXPECT_EQ(pg::CheckStatements(pool, soon, PostingStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, ReadStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, PayeeStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, StepStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, SpendingStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, InvoiceStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, PaymentStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, AdvanceStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, WalkStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, PlanMoneyStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, VerificationStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, RecordStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, ReversalStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, AwardStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, ClosingStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, HandoverStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, IndexingStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, CodeStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, LogStatements()), absl::OkStatus());
  EXPECT_EQ(pg::CheckStatements(pool, soon, LogWalkStatements()), absl::OkStatus());
}

TEST(Schema, ItsMovesAreTheDomains) {
  const testing::PgDatabase database(Migrations());
  pg::Pool pool({.conninfo = database.app()});
  constexpr pg::Statement<bool(int16_t, int16_t, int16_t)> has{"test.has_rule", R"sql(
    SELECT EXISTS (SELECT FROM ledger.posting_rule
                    WHERE type = $1 AND from_kind = $2 AND to_kind = $3))sql"};
  const auto compare = [&](pg::Tx& tx) -> absl::Status {
    for (int16_t type = 0; type <= 20; ++type) {
      for (int16_t from = 0; from <= 12; ++from) {
        for (int16_t to = 0; to <= 12; ++to) {
          ASSIGN_OR_RETURN(const bool stored, tx.One(has, type, from, to));
          EXPECT_EQ(stored, Allows(static_cast<EntryType>(type), static_cast<AccountKind>(from),
                                   static_cast<AccountKind>(to)))
              << type << " " << from << " " << to;
        }
      }
    }
    return absl::OkStatus();
  };
  EXPECT_TRUE(pg::Transact(pool, {.deadline = absl::Now() + absl::Seconds(20)}, compare).ok());
}

TEST(Schema, ItsTypesOfEntriesAreTheDomains) {
  const testing::PgDatabase database(Migrations());
  pg::Pool pool({.conninfo = database.app()});
  constexpr pg::Statement<std::tuple<int16_t, std::string, bool, bool>()> types{"test.entry_types",
                                                                                R"sql(
    SELECT type, name, reversible, dated FROM ledger.entry_type ORDER BY type)sql"};
  const auto compare = [&](pg::Tx& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const auto rows, tx.All(types));
    for (const auto& [type, name, reversible, dated] : rows) {
      EXPECT_EQ(NameOf(static_cast<EntryType>(type)), name);
      EXPECT_EQ(Reversible(static_cast<EntryType>(type)), reversible) << name;
      EXPECT_EQ(MayBeDated(static_cast<EntryType>(type)), dated) << name;
    }
    EXPECT_EQ(NameOf(static_cast<EntryType>(rows.size() + 1)), "");
    return absl::OkStatus();
  };
  EXPECT_TRUE(pg::Transact(pool, {.deadline = absl::Now() + absl::Seconds(20)}, compare).ok());
}

TEST(Schema, ItsStepsOfAPaymentAreTheDomains) {
  const testing::PgDatabase database(Migrations());
  pg::Pool pool({.conninfo = database.app()});
  constexpr pg::Statement<bool(int16_t, int16_t)> has{"test.has_transition", R"sql(
    SELECT EXISTS (SELECT FROM ledger.payment_transition
                    WHERE from_state = $1 AND to_state = $2))sql"};
  const auto compare = [&](pg::Tx& tx) -> absl::Status {
    for (int16_t from = 0; from <= 8; ++from) {
      for (int16_t to = 0; to <= 8; ++to) {
        ASSIGN_OR_RETURN(const bool stored, tx.One(has, from, to));
        EXPECT_EQ(stored, MayFollow(static_cast<PaymentState>(from), static_cast<PaymentState>(to)))
            << from << " " << to;
      }
    }
    return absl::OkStatus();
  };
  EXPECT_TRUE(pg::Transact(pool, {.deadline = absl::Now() + absl::Seconds(20)}, compare).ok());
}

TEST(Schema, WhatIsWrittenStaysEvenForASuperuser) {
  Books books;
  EXPECT_EQ(books.Stopped("UPDATE ledger.entry SET actor = 'x'"), "entry_append_only");
  EXPECT_EQ(books.Stopped("DELETE FROM ledger.entry"), "entry_append_only");
  EXPECT_EQ(books.Stopped("TRUNCATE ledger.entry CASCADE"), "entry_append_only");
  EXPECT_EQ(books.Stopped("UPDATE ledger.posting SET amount = 1"), "posting_append_only");
  EXPECT_EQ(books.Stopped("DELETE FROM ledger.posting"), "posting_append_only");
  EXPECT_EQ(books.Stopped("DELETE FROM ledger.request"), "request_append_only");
  EXPECT_EQ(books.Stopped("DELETE FROM ledger.award_version"), "award_version_append_only");
  EXPECT_EQ(books.Stopped("DELETE FROM ledger.account"), "account_never_removed");
  EXPECT_EQ(books.Stopped("DELETE FROM ledger.budget"), "budget_never_removed");
}

TEST(Schema, TheServicesOwnRoleMayNotEvenTry) {
  Books books;
  for (const char* sql :
       {"UPDATE ledger.entry SET actor = 'x'", "DELETE FROM ledger.posting",
        "UPDATE ledger.account SET reference = 'x'",
        "UPDATE ledger.budget SET condition_category = 'x'",
        "UPDATE ledger.period SET last_day = first_day", "DELETE FROM ledger.request",
        "INSERT INTO ledger.posting_rule VALUES (1, 4, 2)", "TRUNCATE ledger.entry",
        "UPDATE ledger.request SET response = ''",
        "ALTER TABLE ledger.entry DISABLE TRIGGER ALL"}) {
    const auto run = [&](pg::Tx& tx) { return tx.Script(sql); };
    const absl::Status status =
        pg::Transact(books.ledger.pool(), {.deadline = absl::Now() + absl::Seconds(20)}, run);
    EXPECT_EQ(pg::SqlStateOf(status), "42501") << sql << status;
  }
}

// Without the triggers the chain itself still stands in the way.
TEST(Chain, AnEditedEntryIsRefused) {
  Books books;
  EXPECT_EQ(books.StoppedWithoutTriggers(
                "UPDATE ledger.entry SET canonical = canonical || '\\x00' WHERE seq = 2"),
            "entry_hash_of_chain");
}

TEST(Chain, AnEditedEntryWithAFreshHashIsRefused) {
  Books books;
  EXPECT_EQ(books.StoppedWithoutTriggers(
                "UPDATE ledger.entry SET canonical = canonical || '\\x00',"
                "  hash = sha256(prev_hash || canonical || '\\x00') WHERE seq = 2"),
            "entry_follows_previous");
  // The newest has no successor, but the head knows it.
  EXPECT_EQ(books.StoppedWithoutTriggers(
                "UPDATE ledger.entry SET canonical = canonical || '\\x00',"
                "  hash = sha256(prev_hash || canonical || '\\x00') WHERE seq = 5"),
            "head_is_an_entry");
}

TEST(Chain, ARemovedEntryIsRefused) {
  Books books;
  EXPECT_EQ(books.StoppedWithoutTriggers("DELETE FROM ledger.posting WHERE seq = 3;"
                                         "DELETE FROM ledger.entry WHERE seq = 3"),
            "entry_follows_previous");
  EXPECT_EQ(books.StoppedWithoutTriggers("DELETE FROM ledger.posting WHERE seq = 5;"
                                         "DELETE FROM ledger.entry WHERE seq = 5"),
            "head_is_an_entry");
}

TEST(Chain, AnInventedSuccessorIsRefused) {
  Books books;
  const std::string columns =
      "INSERT INTO ledger.entry (budget_id, seq, prev_seq, prev_hash, canonical, hash, type, "
      "period_no, recorded_at, request_id, actor, decision_ref) SELECT budget_id, ";
  const std::string rest =
      ", '\\x00', %, type, period_no, recorded_at, request_id, actor, decision_ref "
      "FROM ledger.entry WHERE seq = 5";
  const auto with_hash = [&](const std::string& numbers, const std::string& hash) {
    std::string tail = rest;
    tail.replace(tail.find('%'), 1, hash);
    return columns + numbers + tail;
  };
  // Chained to an entry that is not there.
  EXPECT_EQ(books.Stopped(with_hash("6, 5, sha256('x')", "sha256(sha256('x') || '\\x00')")),
            "entry_follows_previous");
  // With a gap.
  EXPECT_EQ(books.Stopped(with_hash("7, 6, hash", "sha256(hash || '\\x00')")),
            "entry_follows_previous");
  EXPECT_EQ(books.Stopped(with_hash("7, 5, hash", "sha256(hash || '\\x00')")), "entry_seq_gapless");
  EXPECT_EQ(books.Stopped(with_hash("7, NULL, hash", "sha256(hash || '\\x00')")),
            "entry_seq_gapless");
}

TEST(Chain, TheFirstEntryHangsOnTheOpeningRecord) {
  Books books;
  EXPECT_EQ(books.StoppedWithoutTriggers("UPDATE ledger.budget SET opening = '\\x00'"),
            "budget_opening_hash");
  EXPECT_EQ(books.StoppedWithoutTriggers(
                "UPDATE ledger.budget SET opening = '\\x00', opening_hash = sha256('\\x00')"),
            "entry_starts_at_opening");
}

TEST(Moves, OnlyTheRulesOnesCanBeStored) {
  Books books;
  const auto posting = [](int type, const char* from, const char* to, int64_t amount) {
    return absl::StrCat("INSERT INTO ledger.posting SELECT f.budget_id, 5, 9, ", type,
                        ", f.account_no, f.kind, t.account_no, t.kind, ", amount, ", 0, 0 ",
                        "FROM ledger.account AS f, ledger.account AS t WHERE f.kind = ", from,
                        " AND t.kind = ", to, " LIMIT 1");
  };
  EXPECT_EQ(books.Stopped(posting(1, "4", "2", 1)), "posting_rule_allows");
  EXPECT_EQ(books.Stopped(posting(2, "3", "2", 1)), "posting_rule_allows");
  // A move that a rule allows, but not the one of entry 5.
  EXPECT_EQ(books.Stopped(posting(1, "1", "2", 1)), "posting_of_its_entry");
  EXPECT_EQ(books.Stopped(posting(1, "1", "2", 0)), "posting_amount_range");
  EXPECT_EQ(books.Stopped(posting(1, "1", "2", Money::kCentsMax + 1)), "posting_amount_range");
  // Over budgets.
  const std::string other = books.ledger.BudgetOf(5);
  EXPECT_EQ(books.Stopped(absl::StrCat("INSERT INTO ledger.posting SELECT '", books.budget,
                                       "', 5, 9, 1, 77, 1, 1, 2, 1, 0, 0")),
            "posting_from_account");
}

TEST(Moves, NoAccountButASourceGoesBelowZero) {
  Books books;
  EXPECT_EQ(books.Stopped("UPDATE ledger.account SET debits = credits + 1 WHERE kind = 2"),
            "account_not_overdrawn");
  EXPECT_EQ(books.Stopped("UPDATE ledger.account SET may_overdraw = true WHERE kind = 2"),
            "account_kind_known");
}

TEST(Periods, AnEntryInOneThatIsNotOpenIsRefused) {
  Books books;
  const std::string next =
      "INSERT INTO ledger.entry (budget_id, seq, prev_seq, prev_hash, canonical, hash, type, "
      "period_no, recorded_at, request_id, actor, decision_ref) SELECT budget_id, 6, 5, hash, "
      "'\\x00', sha256(hash || '\\x00'), type, period_no, recorded_at, request_id, actor, "
      "decision_ref FROM ledger.entry WHERE seq = 5";
  EXPECT_EQ(books.Stopped("UPDATE ledger.period SET state = 'closing';" + next),
            "entry_in_open_period");
  const std::string gone = "DELETE FROM ledger.period;" + next;
  EXPECT_EQ(books.Stopped(gone), "period_never_removed");
  EXPECT_EQ(books.Stopped("ALTER TABLE ledger.period DISABLE TRIGGER USER;" + gone),
            "entry_in_open_period");
}

// ── What constraints cannot see, the verifier does ─────────────────────────────────────────────

TEST(Verify, FindsWhatWasChangedWithEveryCheckSwitchedOff) {
  const std::pair<const char*, const char*> tampering[] = {
      {"UPDATE ledger.posting SET amount = amount + 1 WHERE seq = 3",
       "its canonical bytes are not what its columns and postings say"},
      {"UPDATE ledger.account SET reference = 'f0f0f0f0-0000-4000-8000-000000000000' WHERE kind = "
       "4",
       "its canonical bytes are not what its columns and postings say"},
      {"UPDATE ledger.account SET credits = credits + 1 WHERE kind = 4",
       "the balances do not add up to zero"},
      {"UPDATE ledger.entry SET actor = 'person:x' WHERE seq = 2",
       "its canonical bytes are not what its columns and postings say"},
      {"UPDATE ledger.posting SET from_balance = from_balance + 1 WHERE seq = 2",
       "a balance on the way is not the sum of the postings"},
      {"DELETE FROM ledger.posting WHERE seq = 5; DELETE FROM ledger.entry WHERE seq = 5",
       "the head stands at 5, the entries end at 4"},
      {"DELETE FROM ledger.posting WHERE seq = 3; DELETE FROM ledger.entry WHERE seq = 3",
       "follows entry 2"},
      {"UPDATE ledger.budget SET district_id = budget_id",
       "the opening record is not what the budget's columns say"},
      {"UPDATE ledger.budget_head SET appropriated = 7",
       "what was appropriated is not the sum of the postings"},
      {"UPDATE ledger.posting SET type = 1 WHERE seq = 3",
       "a posting is of another type than its entry"},
      {"INSERT INTO ledger.posting SELECT budget_id, seq, 2, type, from_no, from_kind, to_no, "
       "to_kind, "
       "1, 0, 0 FROM ledger.posting WHERE seq = 1",
       "its canonical bytes are not what its columns and postings say"},
      {"UPDATE ledger.progress SET record_count = record_count - 1",
       "the number of records is not the one that was counted"},
  };
  for (const auto& [sql, finding] : tampering) {
    Books books;
    ASSERT_THAT(books.ledger.Findings(), IsEmpty());
    // A replica's session: no trigger and no foreign key.
    ASSERT_TRUE(books.ledger.database()
                    .Sql(absl::StrCat("SET session_replication_role = replica;", sql))
                    .ok())
        << sql;
    EXPECT_THAT(books.ledger.Findings(), Contains(finding)) << sql;
  }
}

}  // namespace
}  // namespace smederij::ledger
