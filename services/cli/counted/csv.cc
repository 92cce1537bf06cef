#include "services/cli/counted/csv.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/document/csv_cell.h"

namespace smederij::cli {
namespace {

using ballots::tally::ToText;

std::string Row(const std::vector<std::string>& cells) {
  const auto write = [](std::string* out, const std::string& cell) {
    absl::StrAppend(out, CsvCell(cell));
  };
  return absl::StrCat(absl::StrJoin(cells, ",", write), "\r\n");
}

}  // namespace

std::string CsvHeader(bool file) {
  std::vector<std::string> cells = {"number", "id",      "name",   "decision", "award",
                                    "cost",   "support", "reason", "sentence"};
  if (file) cells.insert(cells.begin(), "file");
  return Row(cells);
}

std::string CsvRows(const Counted& counted, bool file, Language language) {
  std::string rows;
  for (const uint32_t plan : InOrder(counted)) {
    const ballots::tally::Plan& asked = counted.file.election.plans[plan];
    const ballots::tally::PlanOutcome& got = counted.outcome.plans[plan];
    std::vector<std::string> cells = {absl::StrCat(asked.number),
                                      asked.id,
                                      counted.file.plans[plan].name,
                                      std::string(NameOf(got.decision)),
                                      ToText(got.award),
                                      ToText(asked.cost),
                                      absl::StrCat(got.support),
                                      std::string(NameOf(got.reason)),
                                      SentenceFor(counted, plan, language)};
    if (file) cells.insert(cells.begin(), counted.path);
    rows += Row(cells);
  }
  return rows;
}

}  // namespace smederij::cli
