#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace smederij::cli {

// A mark that was made on a printed roll, and the line of the file it stands in (from 1).
struct FileMark {
  uint32_t roll_number = 0;
  size_t line = 0;

  bool operator==(const FileMark&) const = default;
};

// The marks of a list of numbers: one a line, in the first column, whatever follows a comma,
// semicolon or tab. Blank lines, lines that begin with "#" and a first line of words are left out.
// Refusals: BAD_MARKS_FILE with every wrong line (the first hundred); NO_MARKS.
absl::StatusOr<std::vector<FileMark>> ParseMarks(absl::string_view text);

// A refusal of the service with its fields told by the lines of the file.
absl::Status ByLine(const absl::Status& refused, const std::vector<FileMark>& marks);

}  // namespace smederij::cli
