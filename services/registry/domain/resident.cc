#include "services/registry/domain/resident.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/registry/domain/day.h"
#include "services/registry/domain/text.h"

namespace smederij::registry {

bool IsSubject(absl::string_view subject) {
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  return !subject.empty() && subject.size() <= kSubjectBytesMax &&
         std::all_of(subject.begin(), subject.end(), printable);
}

void LineMistakes::Add(size_t line, absl::string_view field, absl::string_view wrong) {
  if (++found_ > kToldMax) return;
  told_.Add(absl::StrCat("residents[", line, "].", field), wrong);
}

absl::Status LineMistakes::status() const {
  if (found_ == 0) return absl::OkStatus();
  return told_.status("BAD_RESIDENTS", absl::StrCat(found_, " mistakes; nothing was imported"));
}

ResidentLine CheckResident(size_t line, absl::string_view subject, absl::string_view birth_date,
                           absl::string_view postcode, absl::string_view name, const Area& area,
                           absl::CivilDay today, LineMistakes& mistakes) {
  ResidentLine resident;
  if (!IsSubject(subject)) {
    mistakes.Add(line, "subject", "must be 1 to 128 printable characters without blanks");
  }
  if (const std::optional<absl::CivilDay> day = ParseDay(birth_date); !day) {
    mistakes.Add(line, "birth_date", "must be a day that exists, as 2009-05-17");
  } else if (*day > today) {
    mistakes.Add(line, "birth_date", "lies in the future");
  } else {
    resident.particulars.birth_date = *day;
  }
  const std::optional<std::string> parsed = ParsePostcode(postcode);
  if (!parsed || !IsWhole(*parsed)) {
    mistakes.Add(line, "postcode", "must read 7901 AB");
  } else if (const std::optional<DistrictId> district = area.Find(*parsed); !district) {
    mistakes.Add(line, "postcode", "lies in no district");
  } else {
    resident.district = *district;
    resident.particulars.postcode = *parsed;
  }
  if (!name.empty() && !IsPlainText(name, kNameBytesMax)) {
    mistakes.Add(line, "name", "must be at most 200 bytes of plain text");
  } else {
    resident.particulars.name = std::string(name);
  }
  return resident;
}

}  // namespace smederij::registry
