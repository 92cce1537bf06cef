#pragma once

#include <deque>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij::ballots::tally {

// The refusal of a .pb file.
absl::Status PbInvalid(size_t line, absl::string_view field, absl::string_view wrong);

// Splits a .pb file into rows of cells: semicolons, CSV quoting where a cell starts with a quote,
// LF or CRLF, blanks around cells trimmed, blank lines left out. Cells live as long as this and
// the text.
class PbRows {
 public:
  // Drops a byte order mark.
  explicit PbRows(absl::string_view text);

  // The next row; false at the end. Refusal: PB_INVALID for a quote that is never closed.
  absl::StatusOr<bool> Next();

  const std::vector<absl::string_view>& cells() const { return cells_; }
  size_t line() const { return line_; }  // On which the row starts; the first is 1.
  // Whether text followed a closing quote somewhere in the row; it was appended.
  bool joined() const { return joined_; }
  size_t blank_lines() const { return blank_lines_; }

 private:
  void ReadPlainRow(absl::string_view row);
  absl::Status ReadQuotedRow();
  absl::StatusOr<absl::string_view> ReadQuotedCell();

  absl::string_view rest_;
  std::vector<absl::string_view> cells_;
  std::deque<std::string> unquoted_;
  size_t line_ = 0;
  size_t next_line_ = 1;
  size_t blank_lines_ = 0;
  bool joined_ = false;
};

}  // namespace smederij::ballots::tally
