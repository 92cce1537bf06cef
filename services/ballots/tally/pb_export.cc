#include "services/ballots/tally/pb_export.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace smederij::ballots::tally {
namespace {

absl::Status Unwritable(absl::string_view field, absl::string_view wrong) {
  return Error(kInvalidArgument, "ELECTION_UNWRITABLE", "the .pb format cannot say this election")
      .At(field, wrong);
}

absl::Status CheckAmount(absl::string_view field, const Rational& amount) {
  if (ParseDecimal(ToText(amount)).ok()) return absl::OkStatus();
  return Unwritable(field, absl::StrCat(ToText(amount), " is no decimal; round it"));
}

// Whether reading gives this id again, alone and in the list of a ballot.
absl::Status CheckId(absl::string_view field, absl::string_view id) {
  const bool bare = absl::StripAsciiWhitespace(id) == id && !id.empty();
  if (bare && id.find(',') == absl::string_view::npos) return absl::OkStatus();
  return Unwritable(field, absl::StrCat(PbQuote(id),
                                        " is empty, has a comma or blanks around it; "
                                        "rename the plan"));
}

absl::Status CheckPlan(const Election& election, size_t at) {
  const Plan& plan = election.plans[at];
  const std::string field = absl::StrCat("plans[", at, "]");
  RETURN_IF_ERROR(CheckId(absl::StrCat(field, ".id"), plan.id));
  RETURN_IF_ERROR(CheckAmount(absl::StrCat(field, ".cost"), plan.cost));
  const bool sentinel = election.budget < kPbWithdrawnCost;
  if (plan.withdrawn && !sentinel) {
    return Unwritable(absl::StrCat(field, ".withdrawn"),
                      "is said by a cost that this budget could pay; leave the plan out");
  }
  if (!plan.withdrawn && sentinel && plan.cost == kPbWithdrawnCost) {
    return Unwritable(absl::StrCat(field, ".cost"), "says that a plan is withdrawn; change it");
  }
  if (plan.exclusive_group.empty()) return absl::OkStatus();
  return Unwritable(absl::StrCat(field, ".exclusive_group"), "has no column; leave the group out");
}

absl::Status CheckVoters(const PbFile& file) {
  if (!file.voters.empty() && file.voters.size() != file.election.ballots.size()) {
    return Unwritable("voters", "are not as many as ballots; give one for each or none");
  }
  absl::flat_hash_set<absl::string_view> ids;
  for (size_t row = 0; row < file.voters.size(); ++row) {
    const std::string& id = file.voters[row].id;
    const bool bare = !id.empty() && PbTrim(id) == absl::string_view(id);
    if (bare && ids.insert(id).second) continue;
    return Unwritable(absl::StrCat("voters[", row, "].id"),
                      "is empty, has blanks around it or stands twice; give each its own");
  }
  return absl::OkStatus();
}

absl::Status CheckBallots(const PbFile& file) {
  const Ballots& ballots = file.election.ballots;
  int64_t rows = 0;
  for (size_t row = 0; row < ballots.size(); ++row) {
    const std::string field = absl::StrCat("ballots[", row, "]");
    rows += ballots[row].weight;
    if (!file.voters.empty() && ballots[row].weight > 1) {
      return Unwritable(field, "is several ballots of one voter; leave the voters out");
    }
    for (const Choice& choice : ballots[row].choices) {
      if (file.election.kind != BallotKind::kPoints || choice.points <= kPbPointsMax) continue;
      return Unwritable(field, absl::StrCat("gives a plan over ", kPbPointsMax, " points"));
    }
  }
  if (rows <= kPbBallotsMax) return absl::OkStatus();
  return Unwritable("ballots", absl::StrCat("are more than ", kPbBallotsMax, " rows"));
}

absl::Status Check(const PbFile& file) {
  const Election& election = file.election;
  RETURN_IF_ERROR(CheckElection(election));
  if (!election.pots.empty()) return Unwritable("pots", "have no column; write each by itself");
  RETURN_IF_ERROR(CheckAmount("budget", election.budget));
  if (!file.plans.empty() && file.plans.size() != election.plans.size()) {
    return Unwritable("plans", "are not told of one by one; tell of each or of none");
  }
  for (size_t at = 0; at < election.plans.size(); ++at) RETURN_IF_ERROR(CheckPlan(election, at));
  RETURN_IF_ERROR(CheckVoters(file));
  return CheckBallots(file);
}

absl::string_view VoteTypeOf(const Election& election, absl::string_view told) {
  switch (election.kind) {
    case BallotKind::kApproval:
    case BallotKind::kKnapsack:
      return "approval";
    case BallotKind::kChooseOne:
      return "choose-1";
    case BallotKind::kPoints:
      return told == "scoring" ? told : "cumulative";
    case BallotKind::kRanking:
      return "ordinal";
  }
  CHECK(false);
}

int64_t RowsOf(const Ballots& ballots) {
  int64_t rows = 0;
  for (size_t row = 0; row < ballots.size(); ++row) rows += ballots[row].weight;
  return rows;
}

void WriteMeta(const PbFile& file, PbDocument& document) {
  const Election& election = file.election;
  document.meta.header = {"key", "value"};
  for (const auto& [key, value] : file.meta) document.SetMeta(key, value);
  document.SetMeta("num_projects", absl::StrCat(election.plans.size()));
  document.SetMeta("num_votes", absl::StrCat(RowsOf(election.ballots)));
  document.SetMeta("budget", ToText(election.budget));
  document.SetMeta("vote_type", VoteTypeOf(election, document.Meta("vote_type")));
  if (document.Meta("rule").empty()) document.SetMeta("rule", "unknown");
  if (!election.currency.empty()) document.SetMeta("currency", election.currency);
}

template <class T>
std::string TextOf(const std::optional<T>& value) {
  return value ? absl::StrCat(*value) : "";
}

// Sets a cell of the last row; only where there is something, or the column stands already.
void Put(PbSheet& sheet, absl::string_view column, absl::string_view text) {
  if (text.empty() && sheet.Column(column) < 0) return;
  sheet.SetCell(sheet.rows.size() - 1, sheet.AddColumn(column), text);
}

// Whether the order of ids gives every plan the place that its number has.
bool NumberedById(const std::vector<Plan>& plans) {
  std::vector<const Plan*> order;
  for (const Plan& plan : plans) order.push_back(&plan);
  std::sort(order.begin(), order.end(),
            [](const Plan* a, const Plan* b) { return a->number < b->number; });
  return std::is_sorted(order.begin(), order.end(),
                        [](const Plan* a, const Plan* b) { return a->id < b->id; });
}

// Rows that were made before a column was widened by it.
void FillRows(PbSheet& sheet) {
  for (PbSheet::Cells& cells : sheet.rows) cells.resize(sheet.header.size());
}

void WritePlans(const PbFile& file, PbSheet& sheet) {
  const std::vector<Plan>& plans = file.election.plans;
  const bool by_id = NumberedById(plans);
  sheet.header = {"project_id", "cost"};
  for (size_t at = 0; at < plans.size(); ++at) {
    const Plan& plan = plans[at];
    const PbPlan& about = file.plans.empty() ? PbPlan() : file.plans[at];
    sheet.rows.push_back({plan.id, ToText(plan.withdrawn ? kPbWithdrawnCost : plan.cost)});
    Put(sheet, "votes", TextOf(about.votes));
    Put(sheet, "score", TextOf(about.score));
    Put(sheet, "name", about.name);
    Put(sheet, "category", plan.category);
    Put(sheet, "neighborhood", about.neighborhood);
    Put(sheet, "selected", TextOf(about.selected));
    if (!by_id) Put(sheet, kPbNumberColumn, absl::StrCat(plan.number));
  }
  FillRows(sheet);
}

// The cells `vote` and `points`.
std::pair<std::string, std::string> ChoicesText(const Election& election,
                                                const BallotView& ballot) {
  std::string vote, points;
  for (const Choice& choice : ballot.choices) {
    absl::StrAppend(&vote, vote.empty() ? "" : ",", election.plans[choice.plan].id);
    absl::StrAppend(&points, points.empty() ? "" : ",", choice.points);
  }
  return {std::move(vote), std::move(points)};
}

void WriteVotes(const PbFile& file, PbSheet& sheet) {
  const Election& election = file.election;
  const bool with_points = election.kind == BallotKind::kPoints;
  sheet.header = {"voter_id", "vote"};
  if (with_points) sheet.header.emplace_back("points");
  for (size_t row = 0; row < election.ballots.size(); ++row) {
    const auto [vote, points] = ChoicesText(election, election.ballots[row]);
    const PbVoter voter = file.voters.empty() ? PbVoter() : file.voters[row];
    for (int64_t copy = 0; copy < election.ballots[row].weight; ++copy) {
      const std::string id = file.voters.empty() ? absl::StrCat(sheet.rows.size() + 1) : voter.id;
      sheet.rows.push_back({id, vote});
      if (with_points) sheet.rows.back().push_back(points);
    }
    if (file.voters.empty()) continue;
    Put(sheet, "age", TextOf(voter.age));
    Put(sheet, "sex", voter.sex);
    Put(sheet, "voting_method", voter.voting_method);
    Put(sheet, "neighborhood", voter.neighborhood);
  }
  FillRows(sheet);
}

}  // namespace

absl::StatusOr<PbDocument> DocumentOf(const PbFile& file) {
  RETURN_IF_ERROR(Check(file));
  PbDocument document;
  WriteMeta(file, document);
  WritePlans(file, document.projects);
  WriteVotes(file, document.votes);
  return document;
}

}  // namespace smederij::ballots::tally
