#include "services/cli/document/csv_cell.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace smederij::cli {
namespace {

constexpr absl::string_view kStartsFormula = "=+-@\t\r";

}  // namespace

std::string CsvCell(absl::string_view text, char separator) {
  std::string cell(text);
  const bool formula = !text.empty() && kStartsFormula.find(text[0]) != absl::string_view::npos;
  if (formula) cell.insert(0, 1, '\'');
  const char quoted[] = {separator, '"', '\r', '\n', '\0'};
  if (cell.find_first_of(quoted) == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

}  // namespace smederij::cli
