#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "services/cli/books/formats.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;
using nlohmann::ordered_json;

std::string Hex(const std::string& bytes) { return absl::BytesToHexString(bytes); }

ordered_json AccountOf(const Journal& journal, int64_t no) {
  const v1::AccountBalance& account = journal.Account(no);
  return {{"no", no},
          {"kind", KindName(account.kind())},
          {"reference", account.reference()},
          {"code", journal.CodeOf(account.kind()).code()}};
}

std::string InstantOf(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ",
                          absl::FromUnixMicros(time.seconds() * 1'000'000 + time.nanos() / 1'000),
                          absl::UTCTimeZone());
}

}  // namespace

absl::Status WriteJsonl(const Journal& journal, const Entries& entries, std::ostream& out) {
  const v1::Budget& budget = journal.budget;
  const ordered_json head = {{"journal", "smederij-journal-v1"},
                             {"budget_id", budget.budget_id()},
                             {"municipality_id", budget.municipality_id()},
                             {"district_id", budget.district_id()},
                             {"fund", budget.fund()},
                             {"fiscal_year", budget.fiscal_year()},
                             {"currency", budget.currency()},
                             {"opening", Hex(budget.opening())},
                             {"entries", budget.head_seq()},
                             {"head_hash", Hex(budget.head_hash())}};
  out << head.dump() << '\n';
  return entries([&](const v1::Entry& entry) {
    ordered_json postings = ordered_json::array();
    for (const v1::Posting& posting : entry.postings()) {
      const int64_t from = posting.from_account_no(), to = posting.to_account_no();
      const Journal::Iv3 iv3 =
          journal.Iv3Of(entry, {journal.Account(to).kind(), journal.Account(from).kind()});
      postings.push_back({{"from", AccountOf(journal, from)},
                          {"to", AccountOf(journal, to)},
                          {"amount_cents", posting.amount_cents()},
                          {"taakveld", iv3.taakveld},
                          {"category", iv3.category}});
    }
    const ordered_json line = {{"seq", entry.seq()},
                               {"type", TypeName(entry.type())},
                               {"code", journal.CodeOf(entry.type()).code()},
                               {"record_time", InstantOf(entry.record_time())},
                               {"effective_date", EffectiveDay(entry)},
                               {"period_no", entry.period_no()},
                               {"decision_ref", entry.decision_ref()},
                               {"vat_cents", entry.vat_cents()},
                               {"postings", postings},
                               {"prev_hash", Hex(entry.prev_hash())},
                               {"hash", Hex(entry.entry_hash())},
                               {"canonical", Hex(entry.canonical())}};
    out << line.dump() << '\n';
  });
}

}  // namespace smederij::cli
