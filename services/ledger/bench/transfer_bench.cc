// Rows transfer_*: hash-chained entries a second through the whole service, over TLS on loopback,
// beside pgbench's TPC-B on the same durable cluster in the same run. An entry is an appropriation:
// one posting between two accounts, its chain, its idempotency key and the guard.
//
//   transfer_vs_tpcb1    all on one budget, 64 in flight, over TPC-B at scale 1 with 64 clients: on
//                        both sides everybody wants the same row
//   transfer_vs_tpcb10   over 75 budgets, 256 in flight, over TPC-B at scale 10 with 64 clients
//   transfer_growth      on one budget that a million entries were posted to already, 64 in flight,
//                        over the first of these; SMEDERIJ_ENTRIES for another number
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/check.h"
#include "common/obs/log.h"
#include "common/pg/guard.h"
#include "services/ledger/bench/filled_budget.h"
#include "services/ledger/testing/test_ledger.h"
#include "tests/load/drive.h"
#include "tests/load/rows.h"

namespace smederij::ledger {
namespace {

using load::Measured;

constexpr int kPgClients = 64, kPgSeconds = 6, kTurns = 2;
constexpr int64_t kGrown = 1'000'000;
constexpr int kHotInFlight = 64, kSpreadInFlight = 256, kSpreadBudgets = 75;

int64_t Told(const char* variable, int64_t otherwise) {
  int64_t number = 0;
  const char* const told = std::getenv(variable);
  return told != nullptr && absl::SimpleAtoi(told, &number) ? number : otherwise;
}

int Transfers() { return static_cast<int>(Told("SMEDERIJ_TRANSFERS", 20'000)); }

// On the disk that the database is on as well.
class GuardFile {
 public:
  GuardFile() {
    CHECK(mkdtemp(directory_.data()) != nullptr);
    auto guard = pg::Guard::Open(directory_, "ledger", {}, /*adopt=*/false);
    CHECK(guard.ok());
    guard_ = *std::move(guard);
  }
  ~GuardFile() { std::filesystem::remove_all(directory_); }

  pg::Guard* get() const { return guard_.get(); }

 private:
  std::string directory_ = std::filesystem::temp_directory_path() / "transfer_bench.XXXXXX";
  std::unique_ptr<pg::Guard> guard_;
};

class Bench {
 public:
  void Run() {
    const Measured hot = Transfer(Budgets(1), kHotInFlight);
    const Measured tpcb1 = TpcB(1);
    const Measured spread = Transfer(Budgets(kSpreadBudgets), kSpreadInFlight);
    const Measured tpcb10 = TpcB(10);
    Row("transfer_vs_tpcb1", hot, tpcb1, 10);
    Row("transfer_vs_tpcb10", spread, tpcb10, 6);
    std::fprintf(stderr,
                 "transfer: %.0f us CPU on one budget = service and client %.0f + PostgreSQL %.0f; "
                 "over %d budgets %.0f + %.0f; TPC-B %.0f and %.0f\n",
                 hot.cpu() * 1e6, hot.own_cpu / hot.operations * 1e6, hot.pg() * 1e6,
                 kSpreadBudgets, spread.own_cpu / spread.operations * 1e6, spread.pg() * 1e6,
                 tpcb1.pg() * 1e6, tpcb10.pg() * 1e6);
    // The disk and the neighbours have their moods: in turns.
    const std::vector<std::string> fresh = Budgets(1);
    const std::vector<std::string> grown = {FillBudget(ledger_.database(),
                                                       ledger_.treasurer().municipality,
                                                       Told("SMEDERIJ_ENTRIES", kGrown))
                                                .ToString()};
    Measured before{}, after{};
    for (int turn = 0; turn < kTurns; ++turn) {
      Add(Transfer(fresh, kHotInFlight), before);
      Add(Transfer(grown, kHotInFlight), after);
    }
    Row("transfer_growth", after, before, 0.8);
  }

 private:
  static void Row(const std::string& name, const Measured& ours, const Measured& theirs,
                  double goal) {
    const double ratio = ours.rate() / theirs.rate();
    load::PrintRow(name, ratio, absl::StrCat("≥ ", goal), ratio >= goal, ours.rate(),
                   theirs.rate());
  }

  pid_t postmaster() const { return testing::PgCluster::Shared().pid(); }

  static void Add(const Measured& turn, Measured& to) {
    to.seconds += turn.seconds;
    to.operations += turn.operations;
  }

  std::vector<std::string> Budgets(int count) {
    std::vector<std::string> ids;
    for (int i = 0; i < count; ++i) ids.push_back(ledger_.BudgetOf(1));
    return ids;
  }

  // Twice as many, of which the first half warms up.
  Measured Transfer(const std::vector<std::string>& ids, int in_flight) {
    std::vector<v1::AppropriateRequest> requests(static_cast<size_t>(2 * Transfers()));
    for (size_t i = 0; i < requests.size(); ++i) {
      requests[i].set_request_id(Uuid::Random().ToString());
      requests[i].set_budget_id(ids[i % ids.size()]);
      requests[i].set_source("municipality");
      requests[i].set_amount_cents(1);
      requests[i].set_decision_ref("council 2026-17");
    }
    const auto stubs = load::Stubs<Stub>(ledger_.server());
    const testing::From treasurer = ledger_.Treasurer();
    size_t first = 0;
    const auto start = [&](int i, std::function<void()> done) {
      const v1::AppropriateRequest& request = requests[first + static_cast<size_t>(i)];
      const auto call = [&](grpc::ClientContext* context, v1::Posted* response, auto then) {
        context->AddMetadata("authorization", absl::StrCat("Bearer ", treasurer.token));
        stubs[static_cast<size_t>(i % load::kChannels)]->async()->Appropriate(context, &request,
                                                                              response, then);
      };
      const auto posted = [](const v1::Posted& p) { return p.seq() > 0; };
      load::Start<v1::Posted>(call, posted, std::move(done));
    };
    load::Drive(Transfers(), in_flight, postmaster(), start);
    first = static_cast<size_t>(Transfers());
    return load::Drive(Transfers(), in_flight, postmaster(), start);
  }

  Measured TpcB(int scale) {
    const std::string database = absl::StrCat("tpcb_", scale);
    CHECK(ledger_.database().Sql("CREATE DATABASE " + database).ok());
    const std::string conninfo = testing::PgCluster::Shared().Conninfo("postgres", database);
    load::PgInitialise(scale, conninfo);
    return load::PgBench(
        absl::StrCat("--protocol=prepared --client=", kPgClients, " --jobs=2 --time=", kPgSeconds),
        conninfo, postmaster());
  }

  const GuardFile guard_;
  TestLedger ledger_{guard_.get()};
};

}  // namespace
}  // namespace smederij::ledger

int main() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // As services do.
  setenv("SMEDERIJ_DURABLE", "1", /*overwrite=*/1);
  smederij::obs::SetMinimumLevel(smederij::obs::Level::kError);
  smederij::ledger::Bench().Run();
  return 0;
}
