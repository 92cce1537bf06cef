#include "services/cli/evening/stack_file.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/error.h"

namespace smederij::cli {
namespace {

using ballots::Choice;
using ballots::InvalidReason;
using ballots::PaperDraft;

constexpr absl::string_view kHeader = "serial;choice";
constexpr absl::string_view kInvalid = "invalid:";
constexpr size_t kToldMax = 100;       // Lines, and the rest by number.
constexpr size_t kShownMax = 20;       // Bytes of what is not understood.
constexpr size_t kLinesMax = 100'000;  // Beyond any stack: another kind of file.
constexpr size_t kLineBytesMax = 1 << 16;

constexpr std::pair<absl::string_view, InvalidReason> kReasons[] = {
    {"unreadable", InvalidReason::kUnreadable},
    {"too-many-choices", InvalidReason::kTooManyChoices},
    {"too-few-choices", InvalidReason::kTooFewChoices},
    {"points", InvalidReason::kPoints},
    {"over-pot", InvalidReason::kOverPot},
    {"unknown-plan", InvalidReason::kUnknownPlan},
    {"identifies", InvalidReason::kIdentifies},
    {"not-a-ballot", InvalidReason::kNotABallot},
};

int ReasonNamed(absl::string_view name) {
  for (const auto& [known, reason] : kReasons) {
    if (known == name) return static_cast<int>(reason);
  }
  return 0;
}

// Digits and nothing else: what is typed as "+1" or "- 1" was meant otherwise.
bool ReadNumber(absl::string_view text, uint32_t& number) {
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &number);
}

// "3" or "3=2".
std::optional<Choice::Line> ReadLine(absl::string_view text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('=', 1));
  Choice::Line line;
  if (!ReadNumber(parts.first, line.number)) return std::nullopt;
  if (text.find('=') == absl::string_view::npos) return line;
  if (!ReadNumber(parts.second, line.points)) return std::nullopt;
  return line;
}

// A piece of the file as it can be shown on a terminal.
std::string Shown(absl::string_view text) {
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kShownMax)), "\"");
}

// The draft a line is; else what is wrong with its form.
std::string ReadDraft(absl::string_view text, PaperDraft& draft) {
  if (text.size() > kLineBytesMax) return "is longer than any ballot";
  const std::vector<absl::string_view> cells = absl::StrSplit(text, ';');
  if (cells.size() != 2) return "is not a serial, a semicolon and a choice";
  if (!ReadNumber(absl::StripAsciiWhitespace(cells[0]), draft.serial)) {
    return "does not begin with a serial";
  }
  absl::string_view choice = absl::StripAsciiWhitespace(cells[1]);
  if (choice == "blank") {
    draft.says = PaperDraft::Says::kBlank;
    return "";
  }
  if (absl::ConsumePrefix(&choice, kInvalid)) {
    draft.says = PaperDraft::Says::kInvalid;
    draft.invalid = ReasonNamed(choice);
    return draft.invalid == 0 ? absl::StrCat(Shown(choice), " is not a reason") : "";
  }
  draft.says = PaperDraft::Says::kChoice;
  if (choice.empty()) return "";  // The ballot rule has a word about that.
  for (const absl::string_view part : absl::StrSplit(choice, ',')) {
    const std::optional<Choice::Line> line = ReadLine(absl::StripAsciiWhitespace(part));
    if (!line) return absl::StrCat(Shown(part), " is not a plan's number");
    draft.lines.push_back(*line);
  }
  return "";
}

// What is wrong, by line of the file; 0 is the file as a whole.
using Mistakes = std::map<size_t, std::vector<std::string>>;

absl::Status ToStatus(const Mistakes& mistakes, absl::StatusCode code, absl::string_view reason,
                      absl::string_view sentence) {
  Error refusal(code, reason, sentence);
  if (mistakes.size() > kToldMax) refusal = std::move(refusal).With("lines", mistakes.size());
  size_t told = 0;
  for (const auto& [line, wrong] : mistakes) {
    if (++told > kToldMax) break;
    const std::string field = line == 0 ? "file" : absl::StrCat("line ", line);
    refusal = std::move(refusal).At(field, absl::StrJoin(wrong, "; "));
  }
  return refusal;
}

// Puts the fields of a refusal at the lines they are about.
void AddFields(const absl::Status& refusal, const std::vector<size_t>& lines, Mistakes& mistakes) {
  for (const auto& [field, wrong] : FieldsOf(refusal)) {
    absl::string_view rest = field;
    size_t at = 0;
    const bool of_line = absl::ConsumePrefix(&rest, "ballots[") &&
                         absl::SimpleAtoi(rest.substr(0, rest.find(']')), &at) && at < lines.size();
    mistakes[of_line ? lines[at] : 0].push_back(wrong);
  }
}

}  // namespace

absl::StatusOr<Stack> ReadStack(absl::string_view text, uint32_t ballots,
                                const ballots::Manifest& manifest) {
  Stack stack;
  Mistakes mistakes;
  absl::ConsumePrefix(&text, "\xef\xbb\xbf");  // Spreadsheets put it there.
  absl::ConsumeSuffix(&text, "\n");
  size_t number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (number == kLinesMax) {
      return Error(kInvalidArgument, "BAD_STACK", "nothing was sent: this is no stack of papers")
          .At("file", absl::StrCat("has more than ", kLinesMax, " lines"));
    }
    absl::ConsumeSuffix(&line, "\r");
    if (++number == 1 && line == kHeader) continue;
    PaperDraft draft;
    const std::string wrong = ReadDraft(line, draft);
    if (wrong.empty()) {
      stack.drafts.push_back(std::move(draft));
      stack.lines.push_back(number);
    } else {
      mistakes[number].push_back(wrong);
    }
  }
  ballots::PaperBatch batch;
  batch.ballots = ballots;
  if (!stack.drafts.empty() || mistakes.empty()) {
    const auto entries = ballots::ReadDrafts(stack.drafts, batch, manifest, std::nullopt);
    AddFields(entries.status(), stack.lines, mistakes);
  }
  if (mistakes.empty()) return stack;
  return ToStatus(mistakes, kInvalidArgument, "BAD_STACK",
                  "nothing was sent, for some lines are wrong");
}

absl::Status InLines(const absl::Status& refusal, const Stack& stack) {
  if (FieldsOf(refusal).empty()) return refusal;
  Mistakes mistakes;
  AddFields(refusal, stack.lines, mistakes);
  return ToStatus(mistakes, refusal.code(), ReasonOf(refusal), refusal.message());
}

std::string ChoiceText(const PaperDraft& draft) {
  if (draft.says == PaperDraft::Says::kBlank) return "blank";
  if (draft.says == PaperDraft::Says::kInvalid) {
    for (const auto& [name, reason] : kReasons) {
      if (static_cast<int>(reason) == draft.invalid) return absl::StrCat(kInvalid, name);
    }
    return std::string(kInvalid);
  }
  std::vector<std::string> parts;
  for (const Choice::Line& line : draft.lines) {
    parts.push_back(line.points == 0 ? absl::StrCat(line.number)
                                     : absl::StrCat(line.number, "=", line.points));
  }
  return absl::StrJoin(parts, ",");
}

}  // namespace smederij::cli
