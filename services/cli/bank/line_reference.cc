#include "services/cli/bank/line_reference.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace smederij::cli {
namespace {

constexpr size_t kReferenceBytesMax = 35;
constexpr size_t kNumberBytes = 4;  // "-999"; should there be more, the rest is shortened further.

bool MayStand(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains(absl::string_view("-/:.+_"), c);
}

// As much of it as leaves room for what comes after.
std::string Shortened(absl::string_view reference, size_t room) {
  std::string kept;
  for (const char c : reference) {
    if (kept.size() < room && MayStand(c)) kept.push_back(c);
  }
  return kept;
}

}  // namespace

bool CanStand(absl::string_view reference) {
  return !reference.empty() && reference.size() <= kReferenceBytesMax &&
         std::all_of(reference.begin(), reference.end(), &MayStand);
}

std::vector<std::string> ReferencesOf(const std::vector<StatementLine>& statement) {
  std::map<std::string, int> of_bank;
  // A line has the same number in a statement that tells less of the day.
  std::map<std::tuple<bool, bool, std::string>, int> alike;
  for (const StatementLine& line : statement) ++of_bank[line.bank_ref];
  std::vector<std::string> references;
  for (const StatementLine& line : statement) {
    if (CanStand(line.bank_ref) && of_bank[line.bank_ref] == 1) {
      references.push_back(line.bank_ref);
      continue;
    }
    const std::string what = absl::StrCat(
        line.day.empty() ? "" : "-", absl::StrReplaceAll(line.day, {{"-", ""}}), "-", line.cents);
    const size_t room = kReferenceBytesMax - what.size();
    const std::string stem = Shortened(line.end_to_end_id, room - kNumberBytes);
    const std::string number = absl::StrCat("-", ++alike[{line.debit, line.booked, stem + what}]);
    references.push_back(absl::StrCat(Shortened(stem, room - number.size()), what, number));
  }
  return references;
}

}  // namespace smederij::cli
