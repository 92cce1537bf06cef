// Any bytes as a .pb file. What has the form of one is written and parsed back to the same cells,
// and to the same bytes where the document says so. What can be read is counted or refused, and
// goes on as a document of its own. Nothing stops the program.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/base/check.h"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/pb_export.h"

namespace smederij::ballots::tally {
namespace {

PbDocument MustParse(absl::string_view text) {
  absl::StatusOr<PbDocument> document = ParsePbDocument(text);
  CHECK(document.ok());
  return *std::move(document);
}

void CheckRoundTrip(const PbDocument& document, absl::string_view text) {
  const absl::StatusOr<std::string> written = WritePb(document);
  CHECK(written.ok());
  CHECK((*written == text) == (document.changes_total == 0));
  const PbDocument again = MustParse(*written);
  CHECK(again.meta == document.meta);
  CHECK(again.projects == document.projects);
  CHECK(again.votes == document.votes);
  CHECK(again.changes_total == 0);
}

// What is read from the document of an election is that election.
void CheckExport(const PbFile& file) {
  const absl::StatusOr<PbDocument> document = DocumentOf(file);
  if (!document.ok()) return;
  const absl::StatusOr<std::string> text = WritePb(*document);
  if (!text.ok()) return;  // A voter called like a section, with a blank ballot.
  const absl::StatusOr<PbFile> again = ReadPb(*text);
  CHECK(again.ok());
  const Election &one = file.election, &other = again->election;
  CHECK(one.budget == other.budget && one.kind == other.kind);
  CHECK(one.plans.size() == other.plans.size() && one.ballots.size() == other.ballots.size());
  for (size_t at = 0; at < one.plans.size(); ++at) {
    CHECK(one.plans[at].id == other.plans[at].id);
    CHECK(one.plans[at].number == other.plans[at].number);
    CHECK(one.plans[at].cost == other.plans[at].cost);
  }
  for (size_t row = 0; row < one.ballots.size(); ++row) {
    const BallotView ballot = one.ballots[row], same = other.ballots[row];
    CHECK(ballot.choices.size() == same.choices.size());
    for (size_t at = 0; at < ballot.choices.size(); ++at) {
      CHECK(ballot.choices[at].plan == same.choices[at].plan);
    }
  }
}

// Only a last plan that nearly fits is paid beyond the budget.
bool MayOverspend(const Outcome& outcome) {
  return std::any_of(outcome.plans.begin(), outcome.plans.end(), [](const PlanOutcome& plan) {
    return plan.reason == Reason::kFundedNearlyFitted;
  });
}

void CheckCount(const PbFile& file, const PbDocument& document, const Rule& rule) {
  const absl::StatusOr<Outcome> outcome = Count(file.election, rule);
  if (!outcome.ok()) return;
  CHECK(outcome->spent <= file.election.budget || MayOverspend(*outcome));
  const absl::StatusOr<PbDocument> told = WithOutcome(document, file.election, rule, *outcome);
  CHECK(told.ok());
  const absl::StatusOr<std::string> text = WritePb(*told);
  CHECK(text.ok());
  CHECK(ReadPb(*text).ok());
}

// One of the rules for such ballots, told by the bytes.
Rule PickRule(absl::string_view text, BallotKind kind) {
  size_t sum = text.size();
  for (const char c : text) sum = sum * 31 + static_cast<unsigned char>(c);
  Rule rule;
  for (size_t at = sum; rule.name.empty() || !CheckRule(rule, kind).ok(); ++at) {
    rule.name = std::string(Rules()[at % Rules().size()].name);
  }
  return rule;
}

void Try(absl::string_view text) {
  const absl::StatusOr<PbDocument> document = ParsePbDocument(text);
  if (document.ok()) CheckRoundTrip(*document, text);
  const absl::StatusOr<PbFile> file = ReadPb(text, {.keep_voters = true});
  if (!file.ok()) return;
  CHECK(document.ok());
  CheckExport(*file);
  CheckCount(*file, *document, PickRule(text, file->election.kind));
  if (const std::optional<Rule> rule = OfficialRule(*file)) CheckCount(*file, *document, *rule);
}

}  // namespace
}  // namespace smederij::ballots::tally

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  smederij::ballots::tally::Try(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
