// Row ledger_verify: seconds to derive the books of one budget of a million entries again, every
// hash, every link, every posting, every balance, from a database that was filled with COPY. `a`:
// entries, `b`: entries a second. SMEDERIJ_ENTRIES for another number.
//
// Row ledger_statement_ms: one page of 50 entries, the slowest of the first and the last of them.
// `a`: the first, `b`: the last, which take as long. Row ledger_trial_as_of_ms: the trial balance
// after the entry in the middle. `a`: entries summed, `b`: after the newest one, where it stands.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/check.h"
#include "common/pg/pool.h"
#include "common/testing/pg_database.h"
#include "services/ledger/domain/budget.h"
#include "services/ledger/domain/entry.h"
#include "services/ledger/storage/migrations.h"
#include "services/ledger/storage/statement_store.h"
#include "services/ledger/storage/walk.h"
#include "tests/load/rows.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kEntries = 1'000'000, kPlans = 200;
constexpr double kSecondsMax = 10, kPageMsMax = 20, kTrialMsMax = 5'000;

int64_t Entries() {
  int64_t entries = 0;
  const char* const told = std::getenv("SMEDERIJ_ENTRIES");
  return told != nullptr && absl::SimpleAtoi(told, &entries) ? entries : kEntries;
}

std::string Hex(absl::string_view bytes) {
  return absl::StrCat("\\\\x", absl::BytesToHexString(bytes));
}
std::string Hex(const Hash& hash) {
  return Hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// Appropriations, one pot, and then awards of a cent to plans in turn: the shape of a budget in
// which very much happens.
class Books {
 public:
  Books() {
    budget_.district = DistrictId::Random();
    budget_.municipality = MunicipalityId::Random();
    budget_.fund = "general";
    budget_.fiscal_year = 2026;
    budget_.currency = "EUR";
    budget_.id = IdOfBudget(budget_.district, "general", 2026, "EUR");
    budget_.opened_at = absl::FromCivil(absl::CivilDay(2026, 6, 15), absl::UTCTimeZone());
    budget_.request = RequestId::Random();
    budget_.actor = "person:bench";
    hash_ = OpeningHash(CanonicalOpening(budget_));
    Find(Available());
    for (int64_t i = 0; i < kPlans; ++i) plans_.push_back(PlanId::Random());
  }

  const Budget& budget() const { return budget_; }

  void Fill(const testing::PgDatabase& database, const std::filesystem::path& directory) {
    std::ofstream entries(directory / "entries"), postings(directory / "postings");
    const int64_t count = Entries();
    Post(EntryType::kAppropriate, Source("municipality"), Available(), count, entries, postings);
    Post(EntryType::kHoldPot, Available(), Pot(round_), count, entries, postings);
    while (seq_ < count) {
      const PlanId plan = plans_[static_cast<size_t>(seq_ % kPlans)];
      Post(EntryType::kReserveAwards, Pot(round_), Reserved(plan), 1, entries, postings);
    }
    entries.close();
    postings.close();
    Load(database, directory);
  }

 private:
  Account& Find(const AccountKey& key) {
    const auto [at, added] = accounts_.try_emplace(key);
    if (added) at->second = {.no = static_cast<int64_t>(accounts_.size()), .key = key};
    return at->second;
  }

  void Post(EntryType type, const AccountKey& from_key, const AccountKey& to_key, int64_t cents,
            std::ostream& entries, std::ostream& postings) {
    Account& from = Find(from_key);
    Account& to = Find(to_key);
    from.debits += Money::Cents(cents);
    to.credits += Money::Cents(cents);
    Entry entry;
    entry.budget = budget_.id;
    entry.seq = ++seq_;
    entry.type = type;
    entry.period_no = 6;
    entry.recorded_at = budget_.opened_at + absl::Milliseconds(seq_);
    entry.request = budget_.request;
    entry.actor = "service:proposals/person:2f9d3c1e-8a41-4c7b-9d3e-111111111111";
    entry.decision_ref = type == EntryType::kReserveAwards ? "" : "council 2026-17";
    entry.prev_hash = hash_;
    entry.postings = {{.from_no = from.no,
                       .from = from_key,
                       .to_no = to.no,
                       .to = to_key,
                       .amount = Money::Cents(cents),
                       .from_balance = from.balance(),
                       .to_balance = to.balance()}};
    const std::string canonical = Canonical(entry);
    hash_ = ChainHash(hash_, canonical);
    const int type_no = static_cast<int>(type);
    entries << budget_.id.ToString() << '\t' << seq_ << '\t'
            << (seq_ == 1 ? "\\N" : absl::StrCat(seq_ - 1)) << '\t' << Hex(entry.prev_hash) << '\t'
            << Hex(canonical) << '\t' << Hex(hash_) << '\t' << type_no << "\t6\t"
            << absl::FormatTime("%Y-%m-%d %H:%M:%E6S+00", entry.recorded_at, absl::UTCTimeZone())
            << '\t' << entry.request.ToString() << '\t' << entry.actor << "\t\\N\t"
            << entry.decision_ref << "\t\\N\t\\N\n";
    postings << budget_.id.ToString() << '\t' << seq_ << "\t1\t" << type_no << '\t' << from.no
             << '\t' << static_cast<int>(from_key.kind) << '\t' << to.no << '\t'
             << static_cast<int>(to_key.kind) << '\t' << cents << '\t' << from.balance().cents()
             << '\t' << to.balance().cents() << '\n';
  }

  void Load(const testing::PgDatabase& database, const std::filesystem::path& directory) {
    const std::string id = absl::StrCat("'", budget_.id.ToString(), "'");
    const std::string opening = CanonicalOpening(budget_);
    const auto bytes = [](absl::string_view of) {
      return absl::StrCat("'\\x", absl::BytesToHexString(of), "'");
    };
    std::string sql = absl::StrCat(
        // As a replica's session: what the constraints would check is what is measured afterwards.
        "SET session_replication_role = replica; SET synchronous_commit = off;"
        "INSERT INTO ledger.budget (budget_id, municipality_id, district_id, fund, fiscal_year,"
        " currency, opened_at, request_id, actor, opening, opening_hash) VALUES (",
        id, ", '", budget_.municipality.ToString(), "', '", budget_.district.ToString(),
        "', 'general', 2026, 'EUR', '2026-06-15 00:00:00+00', '", budget_.request.ToString(),
        "', 'person:bench', ", bytes(opening), ", sha256(", bytes(opening), "));",
        "INSERT INTO ledger.period SELECT ", id,
        ", m, make_date(2026, m, 1), (make_date(2026, m, 1) + interval '1 month - 1 day')::date",
        " FROM generate_series(1, 12) AS m;",
        "INSERT INTO ledger.budget_head (budget_id, seq, hash, account_count, appropriated) VALUES "
        "(",
        id, ", ", seq_, ", ", bytes({reinterpret_cast<const char*>(hash_.data()), hash_.size()}),
        ", ", accounts_.size(), ", ", Entries(), ");");
    for (const auto& [key, account] : accounts_) {
      absl::StrAppend(&sql, "INSERT INTO ledger.account VALUES (", id, ", ", account.no, ", ",
                      static_cast<int>(key.kind), ", '", key.reference, "', ",
                      MayOverdraw(key.kind) ? "true" : "false", ", ", account.debits.cents(), ", ",
                      account.credits.cents(), ");");
      if (key.kind != AccountKind::kReserved) continue;
      absl::StrAppend(&sql, "INSERT INTO ledger.award VALUES (", id, ", '", round_.ToString(),
                      "', '", key.reference, "', ", account.credits.cents(), ");");
    }
    absl::StrAppend(
        &sql,
        "COPY ledger.entry (budget_id, seq, prev_seq, prev_hash, canonical, hash, type, period_no,"
        " recorded_at, request_id, actor, approver, decision_ref, link_id, reverses_seq) FROM '",
        (directory / "entries").string(), "'; COPY ledger.posting FROM '",
        (directory / "postings").string(), "'; ANALYZE ledger.entry; ANALYZE ledger.posting");
    const absl::Status loaded = database.Sql(sql);
    if (!loaded.ok()) fprintf(stderr, "%s\n", loaded.ToString().c_str());
    CHECK(loaded.ok());
  }

  Budget budget_;
  RoundId round_ = RoundId::Random();
  std::vector<PlanId> plans_;
  std::map<AccountKey, Account> accounts_;
  int64_t seq_ = 0;
  Hash hash_{};
};

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
  std::string directory = std::filesystem::temp_directory_path() / "verify_bench.XXXXXX";
  CHECK(mkdtemp(directory.data()) != nullptr);
  // The server, which may run as somebody else, reads the files.
  std::filesystem::permissions(
      directory, std::filesystem::perms::others_exec | std::filesystem::perms::others_read,
      std::filesystem::perm_options::add);
  Books books;
  books.Fill(database, directory);
  std::filesystem::remove_all(directory);
  pg::Pool pool({.conninfo = database.app(), .size = 1});
  MeasureWalk(pool, books.budget().id);
  MeasureReading(pool, books.budget().id);
}

}  // namespace
}  // namespace smederij::ledger

int main() {
  smederij::ledger::Run();
  return 0;
}
