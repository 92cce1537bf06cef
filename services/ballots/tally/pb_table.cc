#include "services/ballots/tally/pb_table.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace smederij::ballots::tally {

absl::Status PbTable::ReadHeader(absl::Span<const absl::string_view> required) {
  header_.clear();
  for (const absl::string_view cell : rows().cells()) header_.emplace_back(PbTrim(cell));
  absl::flat_hash_set<std::string> seen;
  for (const std::string& name : header_) {
    if (!name.empty() && !seen.insert(absl::AsciiStrToLower(name)).second) {
      return Invalid(name, "the column stands twice", "rename or remove one of them");
    }
  }
  for (const absl::string_view name : required) {
    if (Column(name) < 0)
      return Invalid(name, "the column is missing", "name it in the header, between semicolons");
  }
  return absl::OkStatus();
}

int PbTable::Column(absl::string_view name) const {
  for (size_t at = 0; at < header_.size(); ++at) {
    if (absl::EqualsIgnoreCase(header_[at], name)) return static_cast<int>(at);
  }
  return -1;
}

absl::string_view PbTable::Cell(int column) const {
  return Has(column) ? PbTrim(rows().cells()[static_cast<size_t>(column)]) : absl::string_view();
}

bool PbTable::Has(int column) const {
  return column >= 0 && static_cast<size_t>(column) < rows().cells().size();
}

void PbTable::WarnLength() {
  const size_t cells = rows().cells().size();
  if (cells < header_.size()) {
    Warn("row", "is shorter than its header; what is missing is taken to be empty");
  } else if (cells > header_.size()) {
    Warn("row", "is longer than its header; the rest is passed over");
  }
}

absl::StatusOr<Rational> PbTable::Amount(size_t line, absl::string_view field,
                                         absl::string_view text) {
  absl::StatusOr<Rational> amount = ParseDecimal(text);
  if (amount.ok()) return amount;
  if (std::count(text.begin(), text.end(), ',') == 1) {
    amount = ParseDecimal(absl::StrReplaceAll(text, {{",", "."}}));
    if (amount.ok()) {
      Warn(line, field, absl::StrCat(PbQuote(text), ": the comma is read as a decimal point"));
      return amount;
    }
  }
  return PbInvalid(line, field, absl::StrCat(PbQuote(text), " is no amount"),
                   "write digits with at most one decimal point, such as 1250.50");
}

void PbTable::Warn(size_t line, absl::string_view field, absl::string_view text) {
  if (++warnings_total_ > kPbWarningsMax) return;
  warnings_.push_back({line, std::string(field), std::string(text)});
}

void PbTable::Finish(PbFile& file) {
  file.warnings = std::move(warnings_);
  file.warnings_total = warnings_total_;
}

}  // namespace smederij::ballots::tally
