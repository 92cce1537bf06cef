#include "common/base/ranges.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace smederij {

std::string RangesText(absl::Span<const uint32_t> numbers) {
  constexpr size_t kMoreBytesMax = absl::string_view(" and 4294967295 more").size();
  std::string text;
  for (size_t first = 0; first < numbers.size();) {
    size_t last = first;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    const std::string part = absl::StrCat(first == 0 ? "" : ", ", numbers[first],
                                          first == last ? "" : absl::StrCat("-", numbers[last]));
    if (text.size() + part.size() + kMoreBytesMax > kRangesBytesMax) {
      return absl::StrCat(text, " and ", numbers.size() - first, " more");
    }
    text += part;
    first = last + 1;
  }
  return text;
}

}  // namespace smederij
