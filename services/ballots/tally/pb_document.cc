#include "services/ballots/tally/pb_document.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/types/span.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/pb_sections.h"
#include "services/ballots/tally/utf8.h"

namespace smederij::ballots::tally {
namespace {

using Cells = PbSheet::Cells;

constexpr std::array kInOrder = {PbSection::kMeta, PbSection::kProjects, PbSection::kVotes};

constexpr absl::string_view kKey = "key", kValue = "value";

template <class Document>
auto& SheetOf(PbSection section, Document& document) {
  return section == PbSection::kMeta       ? document.meta
         : section == PbSection::kProjects ? document.projects
                                           : document.votes;
}

template <class Text>
void AppendCell(const Text& cell, bool quotes_inner, std::string& out) {
  const absl::string_view text(cell);
  const bool must = absl::StartsWith(text, "\"") ||
                    text.find_first_of(";\n") != absl::string_view::npos ||
                    PbTrim(text).size() != text.size();
  if (must || (quotes_inner && text.find('"') != absl::string_view::npos)) {
    absl::StrAppend(&out, "\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
  } else {
    absl::StrAppend(&out, text);
  }
}

template <class Row>
void AppendRow(const Row& cells, bool quotes_inner, std::string& out) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out.push_back(';');
    AppendCell(cells[i], quotes_inner, out);
  }
}

// Makes a document of a file and finds out how the file is written.
class Parser {
 public:
  explicit Parser(absl::string_view text)
      : sections_(text), marked_(absl::StartsWith(text, "\xEF\xBB\xBF")) {}

  absl::StatusOr<PbDocument> Parse() {
    for (;;) {
      ASSIGN_OR_RETURN(const PbSections::Part part, sections_.Next());
      if (part == PbSections::Part::kEnd) break;
      TakeRow(part);
      NoteLineEnd();
    }
    ChooseStyle();
    return std::move(document_);
  }

 private:
  // A row that one of the two ways of quoting does not give back.
  struct Odd {
    size_t line = 0;
    bool outer = false;  // Neither does the one without quotes_inner …
    bool inner = false;  // … or the one with it.
    absl::string_view why{};
  };

  void TakeRow(PbSections::Part part) {
    const PbRows& rows = sections_.rows();
    if (part == PbSections::Part::kSection) {
      if (rows.source() != NameOf(sections_.section())) {
        odd_.push_back(
            {rows.line(), true, true, "the section's name is written alone, in capitals"});
      }
      return;
    }
    Cells cells(rows.cells().begin(), rows.cells().end());
    PbSheet& sheet = SheetOf(sections_.section(), document_);
    NoteQuoting();
    if (part == PbSections::Part::kHeader) {
      sheet.header = std::move(cells);
    } else {
      sheet.rows.push_back(std::move(cells));
    }
  }

  void NoteQuoting() {
    const PbRows& rows = sections_.rows();
    const bool quoted = rows.source().find('"') != absl::string_view::npos;
    Odd odd{.line = rows.line(), .why = "blanks around cells are left out"};
    if (quoted) odd.why = "quotes are written where a cell needs them";
    if (rows.joined()) odd.why = "text after a closing quote is written inside the quotes";
    odd.outer = !Gives(rows, quoted, false);
    odd.inner = quoted ? !Gives(rows, quoted, true) : odd.outer;
    if (odd.outer && !odd.inner) ++inner_;
    if (odd.inner && !odd.outer) ++outer_;
    if (odd.outer || odd.inner) odd_.push_back(odd);
  }

  // Whether the row is written as it was read.
  bool Gives(const PbRows& rows, bool quoted, bool quotes_inner) {
    if (!quoted) {  // Then it lost at most blanks.
      size_t length = rows.cells().size() - 1;
      for (const absl::string_view cell : rows.cells()) length += cell.size();
      return length == rows.source().size();
    }
    scratch_.clear();
    AppendRow(rows.cells(), quotes_inner, scratch_);
    return absl::string_view(scratch_) == rows.source();
  }

  void NoteLineEnd() {
    const PbLineEnd end = sections_.rows().line_end();
    document_.final_line_end = end != PbLineEnd::kNone;
    if (end == PbLineEnd::kLf) ++lf_;
    if (end == PbLineEnd::kCrLf) ++crlf_;
  }

  void ChooseStyle() {
    document_.quotes_inner = inner_ > outer_;
    document_.line_end = crlf_ > lf_ ? PbLineEnd::kCrLf : PbLineEnd::kLf;
    if (marked_) Change(1, "text", "the byte order mark is left out");
    for (const Odd& odd : odd_) {
      if (document_.quotes_inner ? odd.inner : odd.outer) Change(odd.line, "row", odd.why);
    }
    if (const size_t blank = sections_.rows().blank_lines(); blank > 0) {
      Change(0, "lines", absl::StrCat(blank, " blank lines are left out"));
    }
    if (crlf_ > 0 && lf_ > 0) {
      Change(0, "lines",
             absl::StrCat(std::min(crlf_, lf_), " of ", crlf_ + lf_,
                          " line ends are not like most and are written alike"));
    }
  }

  void Change(size_t line, absl::string_view field, absl::string_view text) {
    if (++document_.changes_total > kPbWarningsMax) return;
    document_.changes.push_back({line, std::string(field), std::string(text)});
  }

  PbSections sections_;
  const bool marked_;
  PbDocument document_{};
  std::vector<Odd> odd_{};
  size_t inner_ = 0, outer_ = 0;  // Rows that ask for quotes_inner, or against it.
  size_t lf_ = 0, crlf_ = 0;
  std::string scratch_{};
};

absl::Status Unwritable(PbSection section, size_t row, absl::string_view wrong) {
  return Error(kInvalidArgument, "PB_UNWRITABLE",
               absl::StrCat(NameOf(section), ", row ", row, ": ", wrong))
      .With("section", NameOf(section))
      .With("row", row)
      .With("wrong", wrong);
}

// Whether the row can be read again.
absl::Status CheckRow(PbSection section, size_t row, const Cells& cells) {
  if (cells.empty() || (cells.size() == 1 && PbTrim(cells[0]).empty())) {
    return Unwritable(section, row, "would be read as a blank line; give it a second column");
  }
  const std::vector<absl::string_view> views(cells.begin(), cells.end());
  if (SectionOf(views) != PbSection::kNone) {
    return Unwritable(section, row,
                      absl::StrCat("would be read as the name of a section; put something beside ",
                                   PbQuote(cells[0])));
  }
  for (const std::string& cell : cells) {
    if (FirstInvalidUtf8(cell) == absl::string_view::npos) continue;
    return Unwritable(section, row, "is not UTF-8; convert it first");
  }
  return absl::OkStatus();
}

}  // namespace

int PbSheet::Column(absl::string_view name) const {
  for (size_t at = 0; at < header.size(); ++at) {
    if (absl::EqualsIgnoreCase(PbTrim(header[at]), name)) return static_cast<int>(at);
  }
  return -1;
}

size_t PbSheet::AddColumn(absl::string_view name) {
  const int column = Column(name);
  if (column >= 0) return static_cast<size_t>(column);
  header.emplace_back(name);
  return header.size() - 1;
}

absl::string_view PbSheet::Cell(size_t row, int column) const {
  const auto at = static_cast<size_t>(column);
  return column < 0 || at >= rows[row].size() ? absl::string_view() : rows[row][at];
}

void PbSheet::SetCell(size_t row, size_t column, absl::string_view text) {
  if (rows[row].size() <= column) rows[row].resize(column + 1);
  rows[row][column] = std::string(text);
}

absl::string_view PbDocument::Meta(absl::string_view key) const {
  const int keys = meta.Column(kKey), values = meta.Column(kValue);
  for (size_t row = 0; row < meta.rows.size(); ++row) {
    if (absl::EqualsIgnoreCase(PbTrim(meta.Cell(row, keys)), key)) {
      return PbTrim(meta.Cell(row, values));
    }
  }
  return "";
}

void PbDocument::SetMeta(absl::string_view key, absl::string_view value) {
  const size_t keys = meta.AddColumn(kKey), values = meta.AddColumn(kValue);
  size_t row = 0;
  while (row < meta.rows.size() &&
         !absl::EqualsIgnoreCase(PbTrim(meta.Cell(row, static_cast<int>(keys))), key)) {
    ++row;
  }
  if (row == meta.rows.size()) {
    meta.rows.emplace_back();
    meta.SetCell(row, keys, key);
  }
  meta.SetCell(row, values, value);
}

void PbDocument::RemoveMeta(absl::string_view key) {
  const int keys = meta.Column(kKey);
  if (keys < 0) return;
  std::erase_if(meta.rows, [&](const Cells& cells) {
    const auto at = static_cast<size_t>(keys);
    return at < cells.size() && absl::EqualsIgnoreCase(PbTrim(cells[at]), key);
  });
}

absl::StatusOr<PbDocument> ParsePbDocument(absl::string_view text) {
  RETURN_IF_ERROR(CheckPbText(text));
  return Parser(text).Parse();
}

absl::StatusOr<std::string> WritePb(const PbDocument& document) {
  const absl::string_view line_end = document.line_end == PbLineEnd::kCrLf ? "\r\n" : "\n";
  std::string text;
  const auto end_line = [&] { absl::StrAppend(&text, line_end); };
  for (const PbSection section : kInOrder) {
    const PbSheet& sheet = SheetOf(section, document);
    absl::StrAppend(&text, NameOf(section));
    end_line();
    for (size_t row = 0; row <= sheet.rows.size(); ++row) {
      const Cells& cells = row == 0 ? sheet.header : sheet.rows[row - 1];
      RETURN_IF_ERROR(CheckRow(section, row, cells));
      AppendRow(cells, document.quotes_inner, text);
      end_line();
    }
  }
  if (!document.final_line_end) text.resize(text.size() - line_end.size());
  return text;
}

}  // namespace smederij::ballots::tally
