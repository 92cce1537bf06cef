#include "services/ballots/tally/pb_rows.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace smederij::ballots::tally {
namespace {

absl::string_view Trim(absl::string_view cell) {
  constexpr absl::string_view kBlanks = " \t\r";
  const size_t first = cell.find_first_not_of(kBlanks);
  if (first == absl::string_view::npos) return cell.substr(0, 0);
  return cell.substr(first, cell.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

absl::Status PbInvalid(size_t line, absl::string_view field, absl::string_view wrong) {
  // An empty file has no line to name.
  const std::string where =
      line > 0 ? absl::StrCat("line ", line, ", ", field) : std::string(field);
  return Error(kInvalidArgument, "PB_INVALID", absl::StrCat(where, ": ", wrong))
      .With("line", line)
      .With("field", field)
      .With("wrong", wrong);
}

PbRows::PbRows(absl::string_view text) : rest_(absl::StripPrefix(text, "\xEF\xBB\xBF")) {}

absl::StatusOr<bool> PbRows::Next() {
  while (!rest_.empty()) {
    line_ = next_line_;
    cells_.clear();
    unquoted_.clear();
    joined_ = false;
    const size_t end = rest_.find('\n');
    const absl::string_view row = rest_.substr(0, end);
    if (row.find('"') == absl::string_view::npos) {
      rest_.remove_prefix(end == absl::string_view::npos ? rest_.size() : end + 1);
      ++next_line_;
      ReadPlainRow(row);
    } else {
      RETURN_IF_ERROR(ReadQuotedRow());
    }
    if (cells_.size() > 1 || !cells_[0].empty()) return true;
    ++blank_lines_;
  }
  return false;
}

void PbRows::ReadPlainRow(absl::string_view row) {
  for (;;) {
    const size_t end = row.find(';');
    cells_.push_back(Trim(row.substr(0, end)));
    if (end == absl::string_view::npos) return;
    row.remove_prefix(end + 1);
  }
}

absl::Status PbRows::ReadQuotedRow() {
  for (;;) {
    if (absl::StartsWith(rest_, "\"")) {
      ASSIGN_OR_RETURN(const absl::string_view cell, ReadQuotedCell());
      cells_.push_back(Trim(cell));
    } else {
      const size_t end = std::min(rest_.find_first_of(";\n"), rest_.size());
      cells_.push_back(Trim(rest_.substr(0, end)));
      rest_.remove_prefix(end);
    }
    const bool more = absl::StartsWith(rest_, ";");
    if (!rest_.empty()) rest_.remove_prefix(1);
    if (!more) break;
  }
  ++next_line_;
  return absl::OkStatus();
}

// From the opening quote up to the semicolon or line end after the cell.
absl::StatusOr<absl::string_view> PbRows::ReadQuotedCell() {
  std::string& cell = unquoted_.emplace_back();
  rest_.remove_prefix(1);
  for (;;) {
    const size_t quote = rest_.find('"');
    if (quote == absl::string_view::npos) {
      return PbInvalid(line_, absl::StrCat("cell ", cells_.size() + 1), "a quote is never closed");
    }
    const absl::string_view part = rest_.substr(0, quote);
    next_line_ += static_cast<size_t>(std::count(part.begin(), part.end(), '\n'));
    absl::StrAppend(&cell, part);
    rest_.remove_prefix(quote + 1);
    if (!absl::StartsWith(rest_, "\"")) break;
    cell.push_back('"');
    rest_.remove_prefix(1);
  }
  const size_t end = std::min(rest_.find_first_of(";\n"), rest_.size());
  if (!Trim(rest_.substr(0, end)).empty()) {
    joined_ = true;
    absl::StrAppend(&cell, rest_.substr(0, end));
  }
  rest_.remove_prefix(end);
  return cell;
}

}  // namespace smederij::ballots::tally
