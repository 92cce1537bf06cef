#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "services/registry/domain/mistakes.h"
#include "services/registry/domain/place.h"

namespace smederij::registry {

inline constexpr size_t kSubjectBytesMax = 128;
inline constexpr size_t kNameBytesMax = 200;

// What an external subject must look like: 1 … 128 bytes of printable ASCII without blanks, which
// is what identity providers send.
bool IsSubject(absl::string_view subject);

// Mistakes in the lines of an import: all are counted, the first hundred told.
class LineMistakes {
 public:
  void Add(size_t line, absl::string_view field, absl::string_view wrong);
  bool empty() const { return found_ == 0; }
  // OK, or INVALID_ARGUMENT BAD_RESIDENTS with a field "residents[line].…" each.
  absl::Status status() const;

 private:
  static constexpr size_t kToldMax = 100;
  size_t found_ = 0;
  Mistakes told_;
};

// What the roll of a polling evening is printed from. At rest only sealed.
struct Particulars {
  std::string name = {};  // As printed; empty where none was imported.
  absl::CivilDay birth_date = {};
  std::string postcode = {};  // Whole, "7901AB".

  bool operator==(const Particulars&) const = default;
};

// A line of an import, checked, without the subject.
struct ResidentLine {
  Particulars particulars = {};
  DistrictId district = {};
};

// Checks line number `line`. `today` bounds birth dates from above. Mistakes are added; the result
// is meaningless when there are any.
ResidentLine CheckResident(size_t line, absl::string_view subject, absl::string_view birth_date,
                           absl::string_view postcode, absl::string_view name, const Area& area,
                           absl::CivilDay today, LineMistakes& mistakes);

}  // namespace smederij::registry
