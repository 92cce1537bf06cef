#include "services/ledger/bench/filled_budget.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/check.h"
#include "services/ledger/domain/budget.h"
#include "services/ledger/domain/entry.h"

namespace smederij::ledger {
namespace {

constexpr int64_t kPlans = 200;

std::string Hex(absl::string_view bytes) {
  return absl::StrCat("\\\\x", absl::BytesToHexString(bytes));
}
std::string Hex(const Hash& hash) {
  return Hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// Appropriations, one pot, and then awards of a cent to plans in turn: the shape of a budget in
// which very much happens.
class Filler {
 public:
  explicit Filler(MunicipalityId municipality) {
    budget_.district = DistrictId::Random();
    budget_.municipality = municipality;
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

  BudgetId budget() const { return budget_.id; }

  void Fill(const testing::PgDatabase& database, const std::filesystem::path& directory,
            int64_t count) {
    std::ofstream entries(directory / "entries"), postings(directory / "postings");
    Post(EntryType::kAppropriate, Source("municipality"), Available(), count, entries, postings);
    Post(EntryType::kHoldPot, Available(), Pot(round_), count, entries, postings);
    while (seq_ < count) {
      const PlanId plan = plans_[static_cast<size_t>(seq_ % kPlans)];
      Post(EntryType::kReserveAwards, Pot(round_), Reserved(plan), 1, entries, postings);
    }
    entries.close();
    postings.close();
    Load(database, directory, count);
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

  void Load(const testing::PgDatabase& database, const std::filesystem::path& directory,
            int64_t appropriated) {
    const std::string id = absl::StrCat("'", budget_.id.ToString(), "'");
    const std::string opening = CanonicalOpening(budget_);
    const auto bytes = [](absl::string_view of) {
      return absl::StrCat("'\\x", absl::BytesToHexString(of), "'");
    };
    std::string sql = absl::StrCat(
        // As a replica's session: what the constraints would check is what is measured afterwards.
        "SET session_replication_role = replica; SET synchronous_commit = off;"
        "INSERT INTO ledger.district VALUES ('",
        budget_.district.ToString(), "', '", budget_.municipality.ToString(),
        "'); INSERT INTO ledger.budget (budget_id, municipality_id, district_id, fund, fiscal_year,"
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
        ", ", accounts_.size(), ", ", appropriated, ");");
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
        (directory / "postings").string(),
        // And what every one of them was asked by.
        "'; INSERT INTO ledger.request (budget_id, request_id, method, actor, request_hash, "
        "response) "
        "SELECT budget_id, gen_random_uuid(), 'Appropriate', actor, hash, canonical FROM "
        "ledger.entry "
        "WHERE budget_id = ",
        id, "; ANALYZE ledger.entry; ANALYZE ledger.posting; ANALYZE ledger.request");
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

}  // namespace

BudgetId FillBudget(const testing::PgDatabase& database, MunicipalityId municipality,
                    int64_t entries) {
  std::string directory = std::filesystem::temp_directory_path() / "filled_budget.XXXXXX";
  CHECK(mkdtemp(directory.data()) != nullptr);
  // The server, which may run as somebody else, reads the files.
  std::filesystem::permissions(
      directory, std::filesystem::perms::others_exec | std::filesystem::perms::others_read,
      std::filesystem::perm_options::add);
  Filler filler(municipality);
  filler.Fill(database, directory, entries);
  std::filesystem::remove_all(directory);
  return filler.budget();
}

}  // namespace smederij::ledger
