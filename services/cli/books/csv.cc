#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "services/cli/books/formats.h"
#include "services/cli/document/csv_cell.h"

namespace smederij::cli {
namespace {

namespace v1 = ledger::v1;

// Without it a spreadsheet takes the file for Latin-1.
constexpr absl::string_view kByteOrderMark = "\uFEFF";

std::string WithComma(int64_t cents) {
  return absl::StrFormat("%d,%02d", cents / 100, cents % 100);
}

// A number may begin with a minus; a text that does is kept from becoming a formula.
struct Cell {
  Cell(std::string of) : text(std::move(of)) {}
  Cell(const char* of) : text(of) {}
  explicit Cell(int64_t of) : text(absl::StrCat(of)), number(true) {}

  std::string text;
  bool number = false;
};

void Put(const std::vector<Cell>& cells, std::ostream& out) {
  const auto write = [](std::string* row, const Cell& cell) {
    absl::StrAppend(row, cell.number ? cell.text : CsvCell(cell.text, ';'));
  };
  out << absl::StrJoin(cells, ";", write) << "\r\n";
}

}  // namespace

absl::Status WriteCsv(const Journal& journal, const Entries& entries, std::ostream& out) {
  out << kByteOrderMark;
  Put({"entry", "line", "date", "period", "type", "from", "to", "amount", "amount_cents",
       "currency", "decision", "effective_date", "vat_cents", "type_code", "from_code", "to_code",
       "taakveld", "category"},
      out);
  return entries([&](const v1::Entry& entry) {
    int line = 0;
    for (const v1::Posting& posting : entry.postings()) {
      const v1::AccountKind from = journal.Account(posting.from_account_no()).kind();
      const v1::AccountKind to = journal.Account(posting.to_account_no()).kind();
      const Journal::Iv3 iv3 = journal.Iv3Of(entry, {to, from});
      Put({absl::StrCat(entry.seq()), absl::StrCat(++line), DayOf(entry.record_time()),
           absl::StrCat(entry.period_no()), TypeName(entry.type()),
           AccountName(journal.Account(posting.from_account_no())),
           AccountName(journal.Account(posting.to_account_no())), WithComma(posting.amount_cents()),
           absl::StrCat(posting.amount_cents()), journal.budget.currency(), entry.decision_ref(),
           EffectiveDay(entry),
           entry.vat_cents() == 0 ? Cell(std::string()) : Cell(entry.vat_cents()),
           journal.CodeOf(entry.type()).code(), journal.CodeOf(from).code(),
           journal.CodeOf(to).code(), iv3.taakveld, iv3.category},
          out);
    }
  });
}

}  // namespace smederij::cli
