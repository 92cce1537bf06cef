#include "services/cli/counted/pb.h"

#include <algorithm>
#include <utility>

#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/pb_document.h"
#include "services/ballots/tally/pb_export.h"
#include "services/cli/counted/mistakes.h"

namespace smederij::cli {
namespace {

using ballots::tally::PbDocument;
using ballots::tally::Plan;

absl::Status CheckSayable(const Counted& counted) {
  const std::vector<Plan>& plans = counted.file.election.plans;
  const bool exclusive = std::any_of(
      plans.begin(), plans.end(), [](const Plan& plan) { return !plan.exclusive_group.empty(); });
  constexpr absl::string_view kNoWords = "has no words in a .pb file";
  Mistakes mistakes;
  if (exclusive) mistakes.Add("--exclusive", kNoWords);
  if (!counted.file.election.pots.empty()) mistakes.Add("--pot", kNoWords);
  if (!counted.weights.empty()) mistakes.Add("--weight", kNoWords);
  return mistakes.Finish("PB_CANNOT_SAY", "the format cannot say all of this");
}

}  // namespace

absl::StatusOr<std::string> ToPb(const Counted& counted) {
  RETURN_IF_ERROR(CheckSayable(counted));
  ASSIGN_OR_RETURN(PbDocument document, ballots::tally::ParsePbDocument(counted.text));
  ASSIGN_OR_RETURN(document, WithOutcome(std::move(document), counted.file.election, counted.rule,
                                         counted.outcome));
  return WritePb(document);
}

}  // namespace smederij::cli
