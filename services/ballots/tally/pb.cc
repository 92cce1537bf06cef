#include "services/ballots/tally/pb.h"

#include <algorithm>
#include <array>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/ballots/tally/pb_table.h"
#include "services/ballots/tally/pb_votes.h"
#include "services/ballots/tally/utf8.h"

namespace smederij::ballots::tally {
namespace {

// What cities write instead of a cost when a plan was withdrawn.
constexpr int kWithdrawnCost = 999'999'999;

enum class Section { kNone, kMeta, kProjects, kVotes };

constexpr std::array<absl::string_view, 4> kSections = {"", "META", "PROJECTS", "VOTES"};

absl::string_view NameOf(Section section) { return kSections[static_cast<size_t>(section)]; }

// A section line is its name alone: the rest of the row is empty.
Section SectionOf(const std::vector<absl::string_view>& cells) {
  for (size_t i = 1; i < kSections.size(); ++i) {
    if (!absl::EqualsIgnoreCase(cells[0], kSections[i])) continue;
    const bool alone = std::all_of(cells.begin() + 1, cells.end(),
                                   [](absl::string_view cell) { return cell.empty(); });
    if (alone) return static_cast<Section>(i);
  }
  return Section::kNone;
}

class Reader {
 public:
  Reader(absl::string_view text, const PbOptions& options)
      : table_(text), votes_(options, table_, file_) {}

  absl::StatusOr<PbFile> Read() {
    for (;;) {
      ASSIGN_OR_RETURN(const bool more, table_.Next());
      if (!more) break;
      RETURN_IF_ERROR(ReadRow());
    }
    RETURN_IF_ERROR(FinishSection());
    if (section_ != Section::kVotes) return table_.Invalid(NextSection(), "the section is missing");
    if (const size_t blank = table_.rows().blank_lines(); blank > 0) {
      table_.Warn(0, "lines", absl::StrCat(blank, " blank lines are passed over"));
    }
    table_.Finish(file_);
    return std::move(file_);
  }

 private:
  absl::Status ReadRow() {
    if (table_.rows().joined()) {
      table_.Warn("quotes", "text after a closing quote is taken to belong to the cell");
    }
    const Section starts = SectionOf(table_.rows().cells());
    if (starts != Section::kNone) return StartSection(starts);
    if (section_ == Section::kNone) {
      return table_.Invalid("META", "the file does not start with this section");
    }
    if (header_pending_) return ReadHeader();
    table_.WarnLength();
    return section_ == Section::kMeta       ? ReadMeta()
           : section_ == Section::kProjects ? ReadProject()
                                            : votes_.ReadRow();
  }

  absl::string_view NextSection() const {
    return kSections[std::min(static_cast<size_t>(section_) + 1, kSections.size() - 1)];
  }

  absl::Status StartSection(Section starts) {
    RETURN_IF_ERROR(FinishSection());
    if (starts <= section_) return table_.Invalid(NameOf(starts), "the section stands twice");
    if (NameOf(starts) != NextSection()) {
      return table_.Invalid(NextSection(), "the section is missing");
    }
    section_ = starts;
    header_pending_ = true;
    return absl::OkStatus();
  }

  absl::Status ReadHeader() {
    header_pending_ = false;
    if (section_ == Section::kVotes) return votes_.ReadHeader();
    constexpr absl::string_view kMeta[] = {"key", "value"};
    constexpr absl::string_view kProjects[] = {"project_id", "cost"};
    if (section_ == Section::kMeta) return table_.ReadHeader(kMeta);
    RETURN_IF_ERROR(table_.ReadHeader(kProjects));
    at_ = {.id = table_.Column("project_id"),
           .cost = table_.Column("cost"),
           .name = table_.Column("name"),
           .category = table_.Column("category"),
           .neighborhood = table_.Column("neighborhood"),
           .votes = table_.Column("votes"),
           .score = table_.Column("score"),
           .selected = table_.Column("selected")};
    return absl::OkStatus();
  }

  absl::Status FinishSection() {
    if (section_ != Section::kNone && header_pending_) {
      return table_.Invalid(NameOf(section_), "the section has no header");
    }
    switch (section_) {
      case Section::kNone:
        return absl::OkStatus();
      case Section::kMeta:
        return FinishMeta();
      case Section::kProjects:
        NumberPlans();
        return CheckCount("num_projects", file_.plans.size());
      case Section::kVotes:
        return CheckCount("num_votes", file_.election.ballots.size());
    }
    return absl::OkStatus();
  }

  absl::Status ReadMeta() {
    const std::string key = absl::AsciiStrToLower(table_.Cell(table_.Column("key")));
    if (key.empty()) return table_.Invalid("key", "is empty");
    if (!meta_line_.emplace(key, table_.rows().line()).second) {
      return table_.Invalid(key, "the key stands twice");
    }
    file_.meta.emplace_back(key, std::string(table_.Cell(table_.Column("value"))));
    return absl::OkStatus();
  }

  absl::Status FinishMeta() {
    for (const absl::string_view key : {"budget", "vote_type"}) {
      if (!meta_line_.contains(key)) return table_.Invalid(key, "META does not have it");
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
                     absl::StrCat("\"", type, "\" is no known type"));
  }

  absl::Status CheckCount(absl::string_view key, size_t counted) {
    if (!meta_line_.contains(key)) return absl::OkStatus();
    size_t told = 0;
    if (absl::SimpleAtoi(file_.Meta(key), &told) && told == counted) return absl::OkStatus();
    return PbInvalid(meta_line_[key], key,
                     absl::StrCat("says \"", file_.Meta(key), "\", the file has ", counted));
  }

  absl::Status ReadProject() {
    const absl::string_view id = table_.Cell(at_.id);
    if (id.empty()) return table_.Invalid("project_id", "is empty");
    if (id.find(',') != absl::string_view::npos) {
      return table_.Invalid("project_id", "has a comma, so no ballot can name it");
    }
    if (!ids_.emplace(id).second) {
      return table_.Invalid("project_id", absl::StrCat("\"", id, "\" stands twice"));
    }
    if (file_.plans.size() == kPlansMax) return table_.Invalid("project_id", "is one too many");
    Plan plan;
    plan.id = std::string(id);
    plan.category = std::string(table_.Cell(at_.category));
    ASSIGN_OR_RETURN(plan.cost, table_.Amount(table_.rows().line(), "cost", table_.Cell(at_.cost)));
    if (plan.cost > file_.election.budget) {
      plan.withdrawn = plan.cost == kWithdrawnCost;
      table_.Warn("cost", absl::StrCat("plan \"", id, "\" ",
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

  void NumberPlans() {
    std::vector<Plan*> order;
    for (Plan& plan : file_.election.plans) order.push_back(&plan);
    std::sort(order.begin(), order.end(),
              [](const Plan* a, const Plan* b) { return a->id < b->id; });
    for (uint32_t place = 0; place < order.size(); ++place) order[place]->number = place + 1;
  }

  struct Columns {
    int id = -1, cost = -1, name = -1, category = -1, neighborhood = -1, votes = -1, score = -1,
        selected = -1;
  };

  PbTable table_;
  PbFile file_{};
  PbVotes votes_;
  Section section_ = Section::kNone;
  bool header_pending_ = false;
  Columns at_{};
  absl::flat_hash_map<std::string, size_t> meta_line_{};
  absl::flat_hash_set<std::string> ids_{};
};

}  // namespace

absl::string_view PbFile::Meta(absl::string_view key) const {
  for (const auto& [name, value] : meta) {
    if (absl::string_view(name) == key) return value;
  }
  return "";
}

absl::StatusOr<PbFile> ReadPb(absl::string_view text, const PbOptions& options) {
  if (const size_t bad = FirstInvalidUtf8(text); bad != absl::string_view::npos) {
    const auto before = text.substr(0, bad);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    return PbInvalid(static_cast<size_t>(line), "text", "is not UTF-8");
  }
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
