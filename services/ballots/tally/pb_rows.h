#pragma once

#include <deque>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij::ballots::tally {

// The refusal of a .pb file: where, what is wrong, and what to do about it. Facts: line, field,
// wrong, remedy.
absl::Status PbInvalid(size_t line, absl::string_view field, absl::string_view wrong,
                       absl::string_view remedy);

// A text of the file inside a message: in quotes, on one line, cut when it is long.
std::string PbQuote(absl::string_view text);

// Without the blanks around it.
absl::string_view PbTrim(absl::string_view cell);

// How a row ends; kNone is the end of the file.
enum class PbLineEnd { kNone, kLf, kCrLf };

// Splits a .pb file into rows of cells: semicolons, CSV quoting where a cell starts with a quote,
// LF or CRLF, blanks around unquoted cells trimmed, blank lines left out. Cells live as long as
// this and the text.
class PbRows {
 public:
  // Drops a byte order mark.
  explicit PbRows(absl::string_view text);

  // The next row; false at the end. Refusal: PB_INVALID for a quote that is never closed.
  absl::StatusOr<bool> Next();

  const std::vector<absl::string_view>& cells() const { return cells_; }
  size_t line() const { return line_; }                 // On which the row starts; the first is 1.
  absl::string_view source() const { return source_; }  // The row as it stands, without its end.
  PbLineEnd line_end() const { return line_end_; }
  // Whether text followed a closing quote somewhere in the row; it was appended.
  bool joined() const { return joined_; }
  size_t blank_lines() const { return blank_lines_; }

 private:
  void ReadPlainRow(absl::string_view row);
  absl::Status ReadQuotedRow();
  absl::StatusOr<absl::string_view> ReadQuotedCell();
  void CutSource(const char* begin);

  absl::string_view rest_;
  absl::string_view source_;
  PbLineEnd line_end_ = PbLineEnd::kNone;
  std::vector<absl::string_view> cells_;
  std::deque<std::string> unquoted_;  // Cells that do not stand in the text as they read.
  size_t line_ = 0;
  size_t next_line_ = 1;
  size_t blank_lines_ = 0;
  bool joined_ = false;
};

}  // namespace smederij::ballots::tally
