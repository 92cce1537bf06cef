#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/pb_sections.h"

// Inside the .pb reader. Not for callers of ReadPb.
namespace smederij::ballots::tally {

// The rows of a file under the header of the section they stand in, and what was odd about them.
class PbTable {
 public:
  explicit PbTable(absl::string_view text) : sections_(text) {}

  absl::StatusOr<PbSections::Part> Next() { return sections_.Next(); }
  const PbRows& rows() const { return sections_.rows(); }
  PbSection section() const { return sections_.section(); }

  // Makes the current row the header. Refused when a column stands twice or a required one is
  // missing.
  absl::Status ReadHeader(absl::Span<const absl::string_view> required);

  // The column of that name, -1 when there is none.
  int Column(absl::string_view name) const;
  // Of the current row, without blanks around it; empty when there is none. Lives as long as the
  // text and this.
  absl::string_view Cell(int column) const;
  bool Has(int column) const;  // Whether the current row reaches it.
  void WarnLength();           // When the row is not as long as the header.

  // An amount, where a decimal comma passes with a warning.
  absl::StatusOr<Rational> Amount(size_t line, absl::string_view field, absl::string_view text);

  // For what is only handed through: left out with a warning when it is no whole number.
  template <class T>
  std::optional<T> WholeNumber(absl::string_view field, int column) {
    const absl::string_view text = Cell(column);
    T value = 0;
    if (text.empty()) return std::nullopt;
    if (absl::SimpleAtoi(text, &value)) return value;
    Warn(field, absl::StrCat(PbQuote(text), " is no whole number, left out"));
    return std::nullopt;
  }

  // About the current row.
  absl::Status Invalid(absl::string_view field, absl::string_view wrong,
                       absl::string_view remedy) const {
    return PbInvalid(rows().line(), field, wrong, remedy);
  }
  void Warn(absl::string_view field, absl::string_view text) { Warn(rows().line(), field, text); }
  void Warn(size_t line, absl::string_view field, absl::string_view text);

  // Hands over the warnings.
  void Finish(PbFile& file);

 private:
  PbSections sections_;
  std::vector<std::string> header_{};
  std::vector<PbWarning> warnings_{};
  size_t warnings_total_ = 0;
};

}  // namespace smederij::ballots::tally
