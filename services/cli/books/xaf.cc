#include <cstdlib>
#include <initializer_list>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/books/formats.h"
#include "services/cli/document/xml_writer.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;

constexpr absl::string_view kNamespace = "http://www.auditfiles.nl/XAF/3.2";
constexpr absl::string_view kVersion = "0.1";
constexpr size_t kTextMax = 999;
constexpr absl::string_view kVatId =
    "BCF";  // The only code: what the compensation fund gives back.

// A UUID without hyphens: an identification has 35 characters at most, a UUID 36.
std::string Short(const std::string& uuid) { return absl::StrReplaceAll(uuid, {{"-", ""}}); }

// A commitment's account carries the commitment's id, not its plan's; what goes over, a source's
// name.
bool CarriesPlan(v1::AccountKind kind) {
  return kind == v1::ACCOUNT_KIND_RESERVED || kind == v1::ACCOUNT_KIND_CLEARING ||
         kind == v1::ACCOUNT_KIND_ADVANCED || kind == v1::ACCOUNT_KIND_PAID;
}

// "12", or "4300.12" with the municipality's code before it: one account's all the same.
std::string IdOf(const Journal& journal, const v1::AccountBalance& account, int64_t no) {
  const std::string& code = journal.CodeOf(account.kind()).code();
  return code.empty() ? absl::StrCat(no) : absl::StrCat(code, ".", no);
}

void PutHeader(const v1::Budget& budget, const XafOptions& options, XmlWriter& xml) {
  xml.Open("header");
  xml.Put("fiscalYear", budget.fiscal_year());
  xml.Put("startDate", absl::StrCat(budget.fiscal_year(), "-01-01"));
  xml.Put("endDate", absl::StrCat(budget.fiscal_year(), "-12-31"));
  xml.Put("curCode", budget.currency());
  xml.Put("dateCreated", options.day);
  xml.Put("softwareDesc", "Smederij");
  xml.Put("softwareVersion", kVersion);
  xml.Close("header");
}

void PutAccounts(const Journal& journal, XmlWriter& xml) {
  xml.Open("generalLedger");
  for (const v1::AccountBalance& account : journal.accounts) {
    xml.Open("ledgerAccount");
    const v1::LedgerCode& code = journal.CodeOf(account.kind());
    const std::string name = code.code().empty()
                                 ? AccountName(account)
                                 : absl::StrCat(code.description(), ", ", AccountName(account));
    xml.Put("accID", IdOf(journal, account, account.account_no()));
    xml.Put("accDesc", Fitting(name, kTextMax));
    xml.Put("accTp", "B");
    if (!code.code().empty()) {
      xml.Put("leadCode", code.code());
      xml.Put("leadDescription", code.description());
    }
    xml.Close("ledgerAccount");
  }
  xml.Close("generalLedger");
}

void PutVatCodes(XmlWriter& xml) {
  xml.Open("vatCodes");
  xml.Open("vatCode");
  xml.Put("vatID", kVatId);
  xml.Put("vatDesc", "BTW-compensatiefonds");
  xml.Close("vatCode");
  xml.Close("vatCodes");
}

void PutPeriods(int32_t year, XmlWriter& xml) {
  xml.Open("periods");
  for (int month = 1; month <= 12; ++month) {
    const absl::CivilMonth first(year, month);
    xml.Open("period");
    xml.Put("periodNumber", month);
    xml.Put("startDatePeriod", absl::FormatCivilTime(absl::CivilDay(first)));
    xml.Put("endDatePeriod", absl::FormatCivilTime(absl::CivilDay(first + 1) - 1));
    xml.Close("period");
  }
  xml.Close("periods");
}

void PutLine(const Journal& journal, const v1::Entry& entry, int nr, int64_t account_no,
             int64_t cents, absl::string_view side, XmlWriter& xml) {
  const v1::AccountBalance& account = journal.Account(account_no);
  xml.Open("trLine");
  xml.Put("nr", nr);
  xml.Put("accID", IdOf(journal, account, account_no));
  xml.Put("docRef", Fitting(entry.decision_ref(), kTextMax));
  xml.Put("effDate", EffectiveDay(entry));
  xml.PutAmount("amnt", cents);
  xml.Put("amntTp", side);
  const Journal::Iv3 iv3 = journal.Iv3Of(entry, {account.kind()});
  if (!iv3.taakveld.empty()) xml.Put("costID", iv3.taakveld);
  if (!iv3.category.empty()) xml.Put("prodID", iv3.category);
  if (CarriesPlan(account.kind())) xml.Put("projID", Short(account.reference()));
  // Of what came back as of what was paid: its line's side tells which.
  if (entry.vat_cents() != 0 && account.kind() == v1::ACCOUNT_KIND_PAID) {
    xml.Open("vat");
    xml.Put("vatID", kVatId);
    xml.PutAmount("vatAmnt", std::abs(entry.vat_cents()));
    xml.Put("vatAmntTp", side);
    xml.Close("vat");
  }
  xml.Close("trLine");
}

void PutTransaction(const Journal& journal, const v1::Entry& entry, XmlWriter& xml) {
  if (entry.postings().empty()) return;  // The end of a period: no transaction.
  xml.Open("transaction");
  xml.Put("nr", entry.seq());
  const v1::LedgerCode& code = journal.CodeOf(entry.type());
  xml.Put("desc", code.code().empty() ? TypeName(entry.type())
                                      : absl::StrCat(TypeName(entry.type()), ", ", code.code(), " ",
                                                     code.description()));
  xml.Put("periodNumber", entry.period_no());
  xml.Put("trDt", DayOf(entry.record_time()));
  int nr = 0;
  for (const v1::Posting& posting : entry.postings()) {
    const int64_t cents = posting.amount_cents();
    PutLine(journal, entry, ++nr, posting.from_account_no(), cents, "D", xml);
    PutLine(journal, entry, ++nr, posting.to_account_no(), cents, "C", xml);
  }
  xml.Close("transaction");
}

// An auditor is given what adds up, or nothing.
absl::Status Compare(const Journal& journal, std::map<int64_t, int64_t> balances) {
  const auto differs = [](int64_t account_no, int64_t trial, int64_t entries) {
    return Error(kFailedPrecondition, "ENTRIES_DIFFER",
                 "the entries do not add up to the trial balance: have the ledger verified")
        .With("account_no", account_no)
        .With("trial_balance_cents", trial)
        .With("entries_cents", entries);
  };
  for (const v1::AccountBalance& account : journal.accounts) {
    const int64_t sum = std::exchange(balances[account.account_no()], 0);
    if (sum != account.balance_cents()) {
      return differs(account.account_no(), account.balance_cents(), sum);
    }
  }
  for (const auto& [account_no, sum] : balances) {
    if (sum != 0) return differs(account_no, 0, sum);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteXaf(const Journal& journal, const Entries& entries, const XafOptions& options,
                      std::ostream& out) {
  int64_t lines = 0;
  Money total;
  std::map<int64_t, int64_t> balances;
  const absl::Status counted = entries([&](const v1::Entry& entry) {
    for (const v1::Posting& posting : entry.postings()) {
      lines += 2;
      total += Money::Cents(posting.amount_cents());
      balances[posting.from_account_no()] -= posting.amount_cents();
      balances[posting.to_account_no()] += posting.amount_cents();
    }
  });
  if (!counted.ok()) return counted;
  RETURN_IF_ERROR(Compare(journal, std::move(balances)));
  const v1::Budget& budget = journal.budget;
  XmlWriter xml(out);
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<auditfile xmlns=\"" << kNamespace << "\">\n";
  PutHeader(budget, options, xml);
  xml.Open("company");
  xml.Put("companyIdent", Short(budget.budget_id()));
  xml.Put("companyName", Fitting(options.name, kTextMax));
  xml.Put("taxRegistrationCountry", "NL");
  xml.Put("taxRegIdent", options.tax_id);
  PutAccounts(journal, xml);
  PutVatCodes(xml);
  PutPeriods(budget.fiscal_year(), xml);
  xml.Open("transactions");
  xml.Put("linesCount", lines);
  xml.PutAmount("totalDebit", total.cents());
  xml.PutAmount("totalCredit", total.cents());
  xml.Open("journal");
  xml.Put("jrnID", "SMEDERIJ");
  xml.Put("desc", "Journal of the budget");
  xml.Put("jrnTp", "M");
  const absl::Status written =
      entries([&](const v1::Entry& entry) { PutTransaction(journal, entry, xml); });
  xml.Close("journal");
  xml.Close("transactions");
  xml.Close("company");
  xml.Close("auditfile");
  return written;
}

}  // namespace smederij::cli
