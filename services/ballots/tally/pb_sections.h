#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ballots/tally/pb_rows.h"

namespace smederij::ballots::tally {

// The parts of a .pb file, in order.
enum class PbSection { kNone, kMeta, kProjects, kVotes };

absl::string_view NameOf(PbSection section);  // "META", …

// The section that a row of these cells starts, or kNone: its name alone, the rest is empty.
PbSection SectionOf(const std::vector<absl::string_view>& cells);

// Refuses a text that is not UTF-8.
absl::Status CheckPbText(absl::string_view text);

// Walks through the rows of a .pb file and holds them to its form: three sections, each once and
// in order, each with a header.
class PbSections {
 public:
  enum class Part { kSection, kHeader, kRow, kEnd };

  explicit PbSections(absl::string_view text) : rows_(text) {}

  // What the next row is. Refusal: PB_INVALID.
  absl::StatusOr<Part> Next();

  const PbRows& rows() const { return rows_; }
  PbSection section() const { return section_; }  // In which the row stands, or that it starts.

 private:
  PbSection Following() const;
  absl::Status Start(PbSection starts);
  absl::Status CheckHeader() const;
  absl::Status Missing(PbSection section) const;

  PbRows rows_;
  PbSection section_ = PbSection::kNone;
  bool header_pending_ = false;
};

}  // namespace smederij::ballots::tally
