#include "services/ballots/tally/pb_rows.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace smederij::ballots::tally {
namespace {

constexpr size_t kQuoteLengthMax = 60;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// The start of `text`, no character of it cut in two.
absl::string_view Start(absl::string_view text) {
  size_t length = std::min(text.size(), kQuoteLengthMax);
  while (length > 0 && length < text.size() && (text[length] & 0xC0) == 0x80) --length;
  return text.substr(0, length);
}

std::string OnOneLine(absl::string_view text) {
  const absl::string_view start = Start(text);
  return absl::StrCat(absl::Utf8SafeCEscape(start), start.size() < text.size() ? "…" : "");
}

}  // namespace

absl::Status PbInvalid(size_t line, absl::string_view field, absl::string_view wrong,
                       absl::string_view remedy) {
  const std::string shown = OnOneLine(field);
  return Error(kInvalidArgument, "PB_INVALID",
               absl::StrCat("line ", line, ", ", shown, ": ", wrong, "; ", remedy))
      .With("line", line)
      .With("field", shown)
      .With("wrong", wrong)
      .With("remedy", remedy);
}

std::string PbQuote(absl::string_view text) { return absl::StrCat("\"", OnOneLine(text), "\""); }

// Written out because reading a big city is mostly this.
absl::string_view PbTrim(absl::string_view cell) {
  size_t first = 0, last = cell.size();
  while (first < last && IsBlank(cell[first])) ++first;
  while (last > first && IsBlank(cell[last - 1])) --last;
  return cell.substr(first, last - first);
}

PbRows::PbRows(absl::string_view text) : rest_(absl::StripPrefix(text, "\xEF\xBB\xBF")) {}

absl::StatusOr<bool> PbRows::Next() {
  while (!rest_.empty()) {
    line_ = next_line_;
    cells_.clear();
    joined_ = false;
    const char* const begin = rest_.data();
    const size_t end = rest_.find('\n');
    const absl::string_view row = rest_.substr(0, end);
    if (row.find('"') == absl::string_view::npos) {
      rest_.remove_prefix(end == absl::string_view::npos ? rest_.size() : end + 1);
      ++next_line_;
      ReadPlainRow(row);
    } else {
      RETURN_IF_ERROR(ReadQuotedRow());
    }
    CutSource(begin);
    if (cells_.size() > 1 || !PbTrim(cells_[0]).empty()) return true;
    ++blank_lines_;
  }
  return false;
}

void PbRows::CutSource(const char* begin) {
  source_ = absl::string_view(begin, static_cast<size_t>(rest_.data() - begin));
  line_end_ = PbLineEnd::kNone;
  if (!absl::ConsumeSuffix(&source_, "\n")) return;
  line_end_ = absl::ConsumeSuffix(&source_, "\r") ? PbLineEnd::kCrLf : PbLineEnd::kLf;
}

void PbRows::ReadPlainRow(absl::string_view row) {
  for (;;) {
    const size_t end = row.find(';');
    cells_.push_back(PbTrim(row.substr(0, end)));
    if (end == absl::string_view::npos) return;
    row.remove_prefix(end + 1);
  }
}

absl::Status PbRows::ReadQuotedRow() {
  for (;;) {
    if (absl::StartsWith(rest_, "\"")) {
      ASSIGN_OR_RETURN(const absl::string_view cell, ReadQuotedCell());
      cells_.push_back(cell);
    } else {
      const size_t end = std::min(rest_.find_first_of(";\n"), rest_.size());
      cells_.push_back(PbTrim(rest_.substr(0, end)));
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
  rest_.remove_prefix(1);
  absl::string_view cell;
  std::string* unquoted = nullptr;  // Once the cell is more than one piece of the text.
  const auto append = [&](absl::string_view part) {
    if (unquoted == nullptr) unquoted = &unquoted_.emplace_back(cell);
    absl::StrAppend(unquoted, part);
    cell = *unquoted;
  };
  for (bool first = true;; first = false) {
    const size_t quote = rest_.find('"');
    if (quote == absl::string_view::npos) {
      return PbInvalid(line_, absl::StrCat("cell ", cells_.size() + 1), "a quote is never closed",
                       "close it, and double every quote inside the cell");
    }
    const absl::string_view part = rest_.substr(0, quote);
    next_line_ += static_cast<size_t>(std::count(part.begin(), part.end(), '\n'));
    rest_.remove_prefix(quote + 1);
    if (first) {
      cell = part;
    } else {
      append(part);
    }
    if (!absl::ConsumePrefix(&rest_, "\"")) break;
    append("\"");
  }
  const size_t end = std::min(rest_.find_first_of(";\n"), rest_.size());
  if (const absl::string_view after = rest_.substr(0, end); !PbTrim(after).empty()) {
    joined_ = true;
    append(after.substr(0, after.find_last_not_of(" \t\r") + 1));
  }
  rest_.remove_prefix(end);
  return cell;
}

}  // namespace smederij::ballots::tally
