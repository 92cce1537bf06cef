#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/pb_rows.h"

namespace smederij::ballots::tally {

// One section: its columns and rows, known to us or not, in the order of the file.
struct PbSheet {
  using Cells = std::vector<std::string>;

  Cells header{};
  std::vector<Cells> rows{};

  // The column of that name, whatever its case; -1 when there is none.
  int Column(absl::string_view name) const;
  // The same, added on the right where there is none.
  size_t AddColumn(absl::string_view name);
  // A cell; empty where the row is too short or `column` is -1.
  absl::string_view Cell(size_t row, int column) const;
  // Widens the row to reach `column`.
  void SetCell(size_t row, size_t column, absl::string_view text);

  bool operator==(const PbSheet&) const = default;
};

// A .pb file as a whole, for writing: nothing in it is looked into.
struct PbDocument {
  PbSheet meta{};
  PbSheet projects{};
  PbSheet votes{};

  // How it is written. A cell that starts with a quote, or that reading would cut otherwise, always
  // stands in quotes; one with quotes further on only with `quotes_inner`.
  PbLineEnd line_end = PbLineEnd::kLf;  // Not kNone.
  bool final_line_end = true;
  bool quotes_inner = false;

  // Where WritePb does not give back the bytes that were read, though the same cells: the first
  // kPbWarningsMax of so many. None: it gives back every byte.
  std::vector<PbWarning> changes{};
  size_t changes_total = 0;

  // The value of a META key, or empty.
  absl::string_view Meta(absl::string_view key) const;
  // Changes the key's value or adds a row.
  void SetMeta(absl::string_view key, absl::string_view value);
  void RemoveMeta(absl::string_view key);
};

// Reads a file as ReadPb does, but only as far as its form: cells may hold anything. Line ends and
// quotes follow what most of its rows do. Refusal: PB_INVALID.
absl::StatusOr<PbDocument> ParsePbDocument(absl::string_view text);

// The text from which ParsePbDocument reads the same cells. Refusal: PB_UNWRITABLE where there is
// none, with the facts section, row (0 is the header) and what is wrong: a row that would be read
// as a section's name or as a blank line, or what is not UTF-8.
absl::StatusOr<std::string> WritePb(const PbDocument& document);

}  // namespace smederij::ballots::tally
