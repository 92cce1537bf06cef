#include "services/cli/evening/marks_file.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"

namespace smederij::cli {
namespace {

constexpr size_t kToldMax = 100;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// "line 0012": in the order of the file, since fields are told by name.
std::string LineName(size_t line) { return absl::StrFormat("line %04d", line); }

bool IsWords(absl::string_view cell) {
  return std::none_of(cell.begin(), cell.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

absl::StatusOr<std::vector<FileMark>> ParseMarks(absl::string_view text) {
  absl::ConsumePrefix(&text, kByteOrderMark);
  std::vector<FileMark> marks;
  Error refusal(kInvalidArgument, "BAD_MARKS_FILE", "lines that are no number on a roll");
  size_t wrong = 0, number = 0;
  bool first = true;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view trimmed = absl::StripAsciiWhitespace(line);
    if (trimmed.empty() || absl::StartsWith(trimmed, "#")) continue;
    const absl::string_view cell = absl::StripAsciiWhitespace(
        trimmed.substr(0, std::min(trimmed.find_first_of(",;\t"), trimmed.size())));
    const bool header = first && IsWords(cell);
    first = false;
    if (header) continue;
    uint32_t roll_number = 0;
    const bool digits = !cell.empty() && std::all_of(cell.begin(), cell.end(), absl::ascii_isdigit);
    if (digits && absl::SimpleAtoi(cell, &roll_number) && roll_number > 0) {
      marks.push_back({.roll_number = roll_number, .line = number});
    } else if (++wrong <= kToldMax) {
      refusal = std::move(refusal).At(LineName(number), "is no number on a roll");
    }
  }
  if (wrong > 0) return std::move(refusal).With("lines", wrong);
  if (marks.empty()) return Error(kInvalidArgument, "NO_MARKS", "the file holds no marks");
  return marks;
}

absl::Status ByLine(const absl::Status& refused, const std::vector<FileMark>& marks) {
  if (FieldsOf(refused).empty()) return refused;
  Error told(refused.code(), ReasonOf(refused), refused.message());
  for (const auto& [field, wrong] : FieldsOf(refused)) {
    absl::string_view rest = field;
    size_t index = 0;
    const bool of_line = absl::ConsumePrefix(&rest, "lines[") &&
                         absl::SimpleAtoi(rest.substr(0, rest.find(']')), &index) &&
                         index < marks.size();
    told = std::move(told).At(of_line ? LineName(marks[index].line) : field, wrong);
  }
  return told;
}

}  // namespace smederij::cli
