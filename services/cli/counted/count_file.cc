#include "services/cli/counted/count_file.h"

#include <utility>

#include "common/base/status_macros.h"
#include "services/cli/files/pabulib_file.h"

namespace smederij::cli {

absl::StatusOr<Counted> CountText(const std::string& path, std::string text,
                                  const Charter& charter) {
  Counted counted{.path = path,
                  .text = std::move(text),
                  .again = AsTyped(charter.flags),
                  .weights = charter.flags.weights};
  ASSIGN_OR_RETURN(counted.file, ballots::tally::ReadPb(counted.text, {.keep_voters = true}));
  ASSIGN_OR_RETURN(counted.rule, ApplyCharter(charter, counted.file));
  ASSIGN_OR_RETURN(counted.outcome, Count(counted.file.election, counted.rule));
  return counted;
}

absl::StatusOr<Counted> CountFile(const std::string& path, const Charter& charter) {
  ASSIGN_OR_RETURN(std::string bytes, ReadBytes(path));
  return CountText(path, std::move(bytes), charter);
}

}  // namespace smederij::cli
