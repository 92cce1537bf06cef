// Row ledger_verify: seconds to derive the books of one budget of a million entries again, every
// hash, every link, every posting, every balance, from a database that was filled with COPY. `a`:
// entries, `b`: entries a second. SMEDERIJ_ENTRIES for another number.
//
// Row ledger_statement_ms: one page of 50 entries, the slowest of the first and the last of them.
// `a`: the first, `b`: the last, which take as long. Row ledger_trial_as_of_ms: the trial balance
// after the entry in the middle. `a`: entries summed, `b`: after the newest one, where it stands.
#include <chrono>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "common/base/check.h"
#include "common/pg/pool.h"
#include "common/testing/pg_database.h"
#include "services/ledger/bench/filled_budget.h"
#include "services/ledger/storage/migrations.h"
#include "services/ledger/storage/statement_store.h"
#include "services/ledger/storage/walk.h"
#include "tests/load/rows.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kEntries = 1'000'000;
constexpr double kSecondsMax = 10, kPageMsMax = 20, kTrialMsMax = 5'000;

int64_t Entries() {
  int64_t entries = 0;
  const char* const told = std::getenv("SMEDERIJ_ENTRIES");
  return told != nullptr && absl::SimpleAtoi(told, &entries) ? entries : kEntries;
}

template <class Work>
double Seconds(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void MeasureWalk(pg::Pool& pool, BudgetId budget) {
  const double seconds = Seconds([&] {
    Walk walk(budget);
    for (bool done = false; !done;) {
      const auto step = walk.Step(pool, absl::InfiniteFuture(), 100'000);
      CHECK(step.ok());
      done = *step;
    }
    for (const Finding& finding : walk.findings()) fprintf(stderr, "%s\n", finding.what.c_str());
    CHECK(walk.findings().empty() && walk.seq() == Entries());
  });
  const auto entries = static_cast<double>(Entries());
  load::PrintRow("ledger_verify", seconds, "≤ 10", seconds <= kSecondsMax, entries,
                 entries / seconds);
}

void MeasureReading(pg::Pool& pool, BudgetId budget) {
  const pg::TxOptions options{.deadline = absl::InfiniteFuture(), .read_only = true};
  const auto page = [&](int64_t after) {
    const auto read = [&](pg::Tx& tx) { return ListEntries(tx, budget, after, 51); };
    const auto once = [&] { CHECK(pg::Transact(pool, options, read).ok()); };
    once();
    return Seconds(once) * 1000;
  };
  const double first = page(0), last = page(Entries() - 51);
  load::PrintRow("ledger_statement_ms", std::max(first, last), "≤ 20",
                 std::max(first, last) <= kPageMsMax, first, last);
  const auto sum = [&](pg::Tx& tx) { return AccountsAsOf(tx, budget, Entries() / 2); };
  const auto now = [&](pg::Tx& tx) { return AccountsNow(tx, budget); };
  const double middle = 1000 * Seconds([&] { CHECK(pg::Transact(pool, options, sum).ok()); });
  const double newest = 1000 * Seconds([&] { CHECK(pg::Transact(pool, options, now).ok()); });
  load::PrintRow("ledger_trial_as_of_ms", middle, "≤ 5000", middle <= kTrialMsMax,
                 static_cast<double>(Entries() / 2), newest);
}

void Run() {
  const testing::PgDatabase database(Migrations());
  const BudgetId budget = FillBudget(database, MunicipalityId::Random(), Entries());
  pg::Pool pool({.conninfo = database.app(), .size = 1});
  MeasureWalk(pool, budget);
  MeasureReading(pool, budget);
}

}  // namespace
}  // namespace smederij::ledger

int main() {
  smederij::ledger::Run();
  return 0;
}
