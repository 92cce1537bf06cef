#include "services/ballots/tally/pb_sections.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/utf8.h"

namespace smederij::ballots::tally {
namespace {

constexpr std::array<absl::string_view, 4> kSections = {"", "META", "PROJECTS", "VOTES"};

}  // namespace

absl::string_view NameOf(PbSection section) { return kSections[static_cast<size_t>(section)]; }

PbSection SectionOf(const std::vector<absl::string_view>& cells) {
  const absl::string_view name = PbTrim(cells[0]);
  for (size_t i = 1; i < kSections.size(); ++i) {
    if (!absl::EqualsIgnoreCase(name, kSections[i])) continue;
    const bool alone = std::all_of(cells.begin() + 1, cells.end(),
                                   [](absl::string_view cell) { return PbTrim(cell).empty(); });
    if (alone) return static_cast<PbSection>(i);
  }
  return PbSection::kNone;
}

absl::Status CheckPbText(absl::string_view text) {
  const size_t bad = FirstInvalidUtf8(text);
  if (bad == absl::string_view::npos) return absl::OkStatus();
  const auto before = text.substr(0, bad);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return PbInvalid(static_cast<size_t>(line), "text", "is not UTF-8", "save the file as UTF-8");
}

absl::StatusOr<PbSections::Part> PbSections::Next() {
  ASSIGN_OR_RETURN(const bool more, rows_.Next());
  if (!more) {
    RETURN_IF_ERROR(CheckHeader());
    if (section_ != PbSection::kVotes) return Missing(Following());
    return Part::kEnd;
  }
  if (const PbSection starts = SectionOf(rows_.cells()); starts != PbSection::kNone) {
    RETURN_IF_ERROR(Start(starts));
    return Part::kSection;
  }
  if (section_ == PbSection::kNone) {
    return PbInvalid(rows_.line(), "META", "the file does not start with this section",
                     "put a line with META alone before all others");
  }
  return std::exchange(header_pending_, false) ? Part::kHeader : Part::kRow;
}

PbSection PbSections::Following() const {
  return static_cast<PbSection>(std::min(static_cast<size_t>(section_) + 1, kSections.size() - 1));
}

absl::Status PbSections::Start(PbSection starts) {
  RETURN_IF_ERROR(CheckHeader());
  if (starts <= section_) {
    return PbInvalid(rows_.line(), NameOf(starts), "the section stands twice",
                     "keep one, before the sections that follow it");
  }
  if (starts != Following()) return Missing(Following());
  section_ = starts;
  header_pending_ = true;
  return absl::OkStatus();
}

absl::Status PbSections::CheckHeader() const {
  if (!header_pending_) return absl::OkStatus();
  return PbInvalid(rows_.line(), NameOf(section_), "the section has no header",
                   "name its columns on the line after its name");
}

absl::Status PbSections::Missing(PbSection section) const {
  const absl::string_view after = NameOf(static_cast<PbSection>(static_cast<int>(section) - 1));
  return PbInvalid(std::max<size_t>(rows_.line(), 1), NameOf(section), "the section is missing",
                   after.empty() ? "a file has META, PROJECTS and VOTES, each with a header"
                                 : absl::StrCat("put it and its header after the rows of ", after));
}

}  // namespace smederij::ballots::tally
