#include "services/ballots/tally/pb_votes.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace smederij::ballots::tally {
namespace {

constexpr absl::string_view kAsManyPoints = "give points for every plan, in the same sequence";
constexpr size_t kVotersReserved = 1'000'000;  // A file cannot make us reserve more unseen.

}  // namespace

absl::Status PbVotes::ReadHeader() {
  constexpr absl::string_view kRequired[] = {"voter_id", "vote"};
  RETURN_IF_ERROR(table_.ReadHeader(kRequired));
  at_ = {.id = table_.Column("voter_id"),
         .vote = table_.Column("vote"),
         .points = table_.Column("points"),
         .age = table_.Column("age"),
         .sex = table_.Column("sex"),
         .method = table_.Column("voting_method"),
         .neighborhood = table_.Column("neighborhood")};
  if (file_.election.kind == BallotKind::kPoints && at_.points < 0) {
    return table_.Invalid("points", "the column is missing",
                          "add it, or say another vote_type in META");
  }
  const std::vector<Plan>& plans = file_.election.plans;
  for (uint32_t plan = 0; plan < plans.size(); ++plan) plan_of_.emplace(plans[plan].id, plan);
  seen_.assign(plans.size(), {});
  size_t expected = 0;
  if (absl::SimpleAtoi(file_.Meta("num_votes"), &expected)) {
    voters_.reserve(std::min(expected, kVotersReserved));
  }
  return absl::OkStatus();
}

absl::Status PbVotes::ReadRow() {
  const absl::string_view id = table_.Cell(at_.id);
  if (id.empty()) return table_.Invalid("voter_id", "is empty", "give every voter an id");
  if (!voters_.insert(id).second) {
    return table_.Invalid("voter_id", absl::StrCat(PbQuote(id), " stands twice"),
                          "give every voter an id of its own");
  }
  // A blank ballot has an empty cell; without one the file was cut off in this row.
  if (!table_.Has(at_.vote)) {
    return table_.Invalid("vote", "the row ends before this column",
                          "fetch the whole file again, or end a blank ballot with a semicolon");
  }
  RETURN_IF_ERROR(ReadChoices());
  if (file_.election.kind == BallotKind::kChooseOne && choices_.size() > 1) {
    return table_.Invalid("vote", "has more than one plan",
                          "leave one, or say another vote_type in META");
  }
  file_.election.ballots.Add(choices_);
  if (options_.keep_voters) KeepVoter(id);
  return absl::OkStatus();
}

void PbVotes::KeepVoter(absl::string_view id) {
  PbVoter voter;
  voter.id = std::string(id);
  voter.age = table_.WholeNumber<int>("age", at_.age);
  voter.sex = std::string(table_.Cell(at_.sex));
  voter.voting_method = std::string(table_.Cell(at_.method));
  voter.neighborhood = std::string(table_.Cell(at_.neighborhood));
  file_.voters.push_back(std::move(voter));
}

absl::Status PbVotes::ReadChoices() {
  const bool with_points = file_.election.kind == BallotKind::kPoints;
  absl::string_view vote = table_.Cell(at_.vote);
  absl::string_view points = with_points ? table_.Cell(at_.points) : absl::string_view();
  bool more = !vote.empty(), more_points = !points.empty();
  choices_.clear();
  ++ballot_;
  while (more) {
    const absl::string_view id = TakeItem("vote", vote, more);
    const auto found = plan_of_.find(id);
    if (found == plan_of_.end()) {
      return id.empty() ? table_.Invalid("vote", "names no plan where a comma asks for one",
                                         "remove the comma")
                        : table_.Invalid("vote", absl::StrCat("there is no plan ", PbQuote(id)),
                                         "add it to PROJECTS or take it off the ballot");
    }
    Choice choice{.plan = found->second};
    if (with_points) {
      if (!more_points) {
        return table_.Invalid("points", "are fewer than the plans of the vote", kAsManyPoints);
      }
      RETURN_IF_ERROR(ReadPoints(TakeItem("points", points, more_points), choice));
    }
    RETURN_IF_ERROR(AddChoice(choice));
  }
  if (more_points) {
    return table_.Invalid("points", "are more than the plans of the vote", kAsManyPoints);
  }
  return absl::OkStatus();
}

absl::Status PbVotes::ReadPoints(absl::string_view text, Choice& choice) const {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  if (digits && absl::SimpleAtoi(text, &choice.points) && choice.points <= kPbPointsMax) {
    return absl::OkStatus();
  }
  return table_.Invalid("points", absl::StrCat(PbQuote(text), " is no number of points"),
                        absl::StrCat("write whole numbers up to ", kPbPointsMax));
}

// Cuts the first item off a comma list.
absl::string_view PbVotes::TakeItem(absl::string_view field, absl::string_view& list, bool& more) {
  const size_t comma = list.find(',');
  const absl::string_view raw = list.substr(0, comma);
  more = comma != absl::string_view::npos;
  if (more) list.remove_prefix(comma + 1);
  const absl::string_view item = absl::StripAsciiWhitespace(raw);
  if (item.size() != raw.size()) table_.Warn(field, "blanks around commas are dropped");
  return item;
}

absl::Status PbVotes::AddChoice(const Choice& choice) {
  if (seen_[choice.plan].ballot == ballot_) return AddRepeated(choice);
  seen_[choice.plan] = {.ballot = ballot_, .place = choices_.size()};
  choices_.push_back(choice);
  return absl::OkStatus();
}

absl::Status PbVotes::AddRepeated(const Choice& choice) {
  ++file_.repeated_choices;
  const std::string& id = file_.election.plans[choice.plan].id;
  if (file_.election.kind != BallotKind::kPoints) {
    table_.Warn("vote", absl::StrCat("plan ", PbQuote(id), " stands twice, counted once"));
    return absl::OkStatus();
  }
  const bool sum = options_.repeated_points == RepeatedPoints::kSum;
  table_.Warn("vote", absl::StrCat("plan ", PbQuote(id), " stands twice, ",
                                   sum ? "its points are added" : "its last points count"));
  Choice& earlier = choices_[seen_[choice.plan].place];
  earlier.points = sum ? earlier.points + choice.points : choice.points;
  if (earlier.points > kPbPointsMax) {
    return table_.Invalid("points", "are too many for one plan",
                          absl::StrCat("give it ", kPbPointsMax, " at most"));
  }
  return absl::OkStatus();
}

}  // namespace smederij::ballots::tally
