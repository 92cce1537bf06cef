#include "services/ballots/tally/pb.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/pb_table.h"
#include "services/ballots/tally/pb_votes.h"

namespace smederij::ballots::tally {
namespace {

class Reader {
 public:
  Reader(absl::string_view text, const PbOptions& options)
      : table_(text), votes_(options, table_, file_) {}

  absl::StatusOr<PbFile> Read() {
    for (;;) {
      ASSIGN_OR_RETURN(const PbSections::Part part, table_.Next());
      if (table_.rows().joined()) {
        table_.Warn("quotes", "text after a closing quote is taken to belong to the cell");
      }
      RETURN_IF_ERROR(ReadPart(part));
      if (part == PbSections::Part::kEnd) break;
    }
    if (const size_t blank = table_.rows().blank_lines(); blank > 0) {
      table_.Warn(0, "lines", absl::StrCat(blank, " blank lines are passed over"));
    }
    table_.Finish(file_);
    return std::move(file_);
  }

 private:
  absl::Status ReadPart(PbSections::Part part) {
    switch (part) {
      case PbSections::Part::kSection:
        return FinishBefore(table_.section());
      case PbSections::Part::kHeader:
        return ReadHeader();
      case PbSections::Part::kRow:
        return ReadRow();
      case PbSections::Part::kEnd:
        return CheckCount("num_votes", file_.election.ballots.size());
    }
    CHECK(false);
  }

  absl::Status FinishBefore(PbSection next) {
    if (next == PbSection::kProjects) return FinishMeta();
    if (next != PbSection::kVotes) return absl::OkStatus();
    NumberPlans();
    return CheckCount("num_projects", file_.plans.size());
  }

  absl::Status ReadRow() {
    table_.WarnLength();
    return table_.section() == PbSection::kMeta       ? ReadMeta()
           : table_.section() == PbSection::kProjects ? ReadProject()
                                                      : votes_.ReadRow();
  }

  absl::Status ReadHeader() {
    if (table_.section() == PbSection::kVotes) return votes_.ReadHeader();
    constexpr absl::string_view kMeta[] = {"key", "value"};
    constexpr absl::string_view kProjects[] = {"project_id", "cost"};
    if (table_.section() == PbSection::kMeta) return table_.ReadHeader(kMeta);
    RETURN_IF_ERROR(table_.ReadHeader(kProjects));
    at_ = {.id = table_.Column("project_id"),
           .cost = table_.Column("cost"),
           .name = table_.Column("name"),
           .category = table_.Column("category"),
           .neighborhood = table_.Column("neighborhood"),
           .votes = table_.Column("votes"),
           .score = table_.Column("score"),
           .selected = table_.Column("selected"),
           .number = table_.Column(kPbNumberColumn)};
    return absl::OkStatus();
  }

  absl::Status ReadMeta() {
    const std::string key = absl::AsciiStrToLower(table_.Cell(table_.Column("key")));
    if (key.empty()) return table_.Invalid("key", "is empty", "name the key or remove the row");
    if (!meta_line_.emplace(key, table_.rows().line()).second) {
      return table_.Invalid(key, "the key stands twice", "keep one of the rows");
    }
    file_.meta.emplace_back(key, std::string(table_.Cell(table_.Column("value"))));
    return absl::OkStatus();
  }

  absl::Status FinishMeta() {
    constexpr std::pair<absl::string_view, absl::string_view> kNeeded[] = {
        {"budget", "add a row such as budget;100000"},
        {"vote_type", "add a row such as vote_type;approval"}};
    for (const auto& [key, remedy] : kNeeded) {
      if (!meta_line_.contains(key)) return table_.Invalid(key, "META does not have it", remedy);
    }
    for (const absl::string_view key : {"num_projects", "num_votes"}) {
      if (!meta_line_.contains(key)) table_.Warn(key, "META does not have it");
    }
    for (const absl::string_view key : {"budget_per_category", "budget_per_neighborhood"}) {
      if (meta_line_.contains(key)) table_.Warn(meta_line_[key], key, "is not applied");
    }
    Election& election = file_.election;
    ASSIGN_OR_RETURN(election.budget,
                     table_.Amount(meta_line_["budget"], "budget", file_.Meta("budget")));
    election.currency = std::string(file_.Meta("currency"));
    return ReadKind();
  }

  absl::Status ReadKind() {
    constexpr std::pair<absl::string_view, BallotKind> kKinds[] = {
        {"approval", BallotKind::kApproval},
        {"choose-1", BallotKind::kChooseOne},
        {"cumulative", BallotKind::kPoints},
        {"scoring", BallotKind::kPoints},
        {"ordinal", BallotKind::kRanking}};
    const absl::string_view type = file_.Meta("vote_type");
    for (const auto& [name, kind] : kKinds) {
      if (name != type) continue;
      file_.election.kind = kind;
      return absl::OkStatus();
    }
    return PbInvalid(meta_line_["vote_type"], "vote_type",
                     absl::StrCat(PbQuote(type), " is no known type"),
                     "write approval, choose-1, cumulative, scoring or ordinal");
  }

  absl::Status CheckCount(absl::string_view key, size_t counted) {
    if (!meta_line_.contains(key)) return absl::OkStatus();
    size_t told = 0;
    if (absl::SimpleAtoi(file_.Meta(key), &told) && told == counted) return absl::OkStatus();
    return PbInvalid(meta_line_[key], key,
                     absl::StrCat("says ", PbQuote(file_.Meta(key)), ", the file has ", counted),
                     "correct the number or look for what is missing");
  }

  absl::Status ReadProject() {
    const absl::string_view id = table_.Cell(at_.id);
    if (id.empty()) return table_.Invalid("project_id", "is empty", "give every plan an id");
    if (id.find(',') != absl::string_view::npos) {
      return table_.Invalid("project_id", "has a comma, so no ballot can name it",
                            "write the id without it, on the ballots too");
    }
    if (!ids_.emplace(id).second) {
      return table_.Invalid("project_id", absl::StrCat(PbQuote(id), " stands twice"),
                            "give every plan an id of its own");
    }
    if (file_.plans.size() == kPlansMax) {
      return table_.Invalid("project_id", "is one plan too many",
                            absl::StrCat("leave at most ", kPlansMax, " plans in the file"));
    }
    Plan plan;
    plan.id = std::string(id);
    ASSIGN_OR_RETURN(plan.number, ReadNumber());
    plan.category = std::string(table_.Cell(at_.category));
    ASSIGN_OR_RETURN(plan.cost, table_.Amount(table_.rows().line(), "cost", table_.Cell(at_.cost)));
    if (plan.cost > file_.election.budget) {
      plan.withdrawn = plan.cost == kPbWithdrawnCost;
      table_.Warn("cost", absl::StrCat("plan ", PbQuote(id), " ",
                                       plan.withdrawn ? "is taken to be withdrawn"
                                                      : "costs more than the budget"));
    }
    file_.election.plans.push_back(std::move(plan));
    PbPlan about;
    about.name = std::string(table_.Cell(at_.name));
    about.neighborhood = std::string(table_.Cell(at_.neighborhood));
    about.votes = table_.WholeNumber<int64_t>("votes", at_.votes);
    about.score = table_.WholeNumber<int64_t>("score", at_.score);
    about.selected = table_.WholeNumber<int>("selected", at_.selected);
    file_.plans.push_back(std::move(about));
    return absl::OkStatus();
  }

  // Of the current plan; 0 where the file does not number them.
  absl::StatusOr<uint32_t> ReadNumber() {
    uint32_t number = 0;
    if (at_.number < 0) return number;
    const absl::string_view text = table_.Cell(at_.number);
    const absl::string_view wrong = !absl::SimpleAtoi(text, &number)  ? " is no whole number"
                                    : !numbers_.insert(number).second ? " stands twice"
                                                                      : "";
    if (wrong.empty()) return number;
    return table_.Invalid(kPbNumberColumn, absl::StrCat(PbQuote(text), wrong),
                          "give every plan a number of its own, or leave the column out");
  }

  void NumberPlans() {
    if (at_.number >= 0) return;
    std::vector<Plan*> order;
    for (Plan& plan : file_.election.plans) order.push_back(&plan);
    std::sort(order.begin(), order.end(),
              [](const Plan* a, const Plan* b) { return a->id < b->id; });
    for (uint32_t place = 0; place < order.size(); ++place) order[place]->number = place + 1;
  }

  struct Columns {
    int id = -1, cost = -1, name = -1, category = -1, neighborhood = -1, votes = -1, score = -1,
        selected = -1, number = -1;
  };

  PbTable table_;
  PbFile file_{};
  PbVotes votes_;
  Columns at_{};
  absl::flat_hash_map<std::string, size_t> meta_line_{};
  absl::flat_hash_set<absl::string_view> ids_{};
  absl::flat_hash_set<uint32_t> numbers_{};
};

}  // namespace

absl::string_view PbFile::Meta(absl::string_view key) const {
  for (const auto& [name, value] : meta) {
    if (absl::string_view(name) == key) return value;
  }
  return "";
}

absl::StatusOr<PbFile> ReadPb(absl::string_view text, const PbOptions& options) {
  RETURN_IF_ERROR(CheckPbText(text));
  return Reader(text, options).Read();
}

std::optional<Rule> OfficialRule(const PbFile& file) {
  const absl::string_view told = file.Meta("rule");
  const BallotKind kind = file.election.kind;
  const bool graded = kind == BallotKind::kPoints || kind == BallotKind::kRanking;
  Rule rule;
  if (absl::StartsWith(told, "equalshares/add1")) {
    if (graded) return std::nullopt;
    rule.name = "mes_cost_add1_full";
    return rule;
  }
  constexpr absl::string_view kGreedy[] = {"greedy", "greedy-threshold", "greedy-no-skip",
                                           "greedy-custom", "greedy-exclusive"};
  if (std::find(std::begin(kGreedy), std::end(kGreedy), told) == std::end(kGreedy)) {
    return std::nullopt;
  }
  rule.name = graded ? "greedy_points" : "greedy_votes";
  // The custom rule of the files is that of Poznań: what is left must be 80 % of the cost.
  rule.stop_at_first_misfit = told == "greedy-no-skip" || told == "greedy-custom";
  if (told == "greedy-custom") rule.last_plan_percent_min = 80;
  int64_t threshold = 0;
  const bool thresholded = told == "greedy-threshold" || told == "greedy-no-skip";
  if (thresholded && absl::SimpleAtoi(file.Meta("min_project_score_threshold"), &threshold)) {
    rule.support_min = std::max<int64_t>(0, threshold);
  }
  return rule;
}

}  // namespace smederij::ballots::tally
