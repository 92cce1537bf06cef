#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/cli/books/report_page.h"

namespace smederij::cli {
namespace {

// Narrow, so that its texts can be read on a phone.
constexpr double kWidth = 460, kMiddle = 180, kBar = 14, kGap = 6, kScale = 360;
constexpr double kLabels = 36;    // What a label of two lines takes.
constexpr size_t kPlansMax = 8;   // The rest go together: a sliver tells nothing.
constexpr size_t kLabelMax = 15;  // Letters; the tables have them all.

// A place where money stands, in one of the columns.
struct Node {
  std::string label;
  int64_t cents = 0;
  const char* look = "";
  double y = 0, height = 0;
  double in = 0, out = 0;  // How much of its sides bands have taken.
};

// Cut between characters.
std::string Cut(const std::string& label) {
  size_t letters = 0;
  for (size_t i = 0; i < label.size(); ++i) {
    if ((static_cast<unsigned char>(label[i]) & 0xC0) == 0x80) continue;
    if (++letters > kLabelMax) return absl::StrCat(label.substr(0, i), "…");
  }
  return label;
}

class Picture {
 public:
  Picture(ReportPage& page, const Year& year)
      : page_(page), year_(year), all_(static_cast<double>(std::max<int64_t>(year.all_in(), 1))) {}

  void Put() {
    Fill();
    double height = 0;
    for (auto* column : {&givers_, &pots_, &plans_}) height = std::max(height, Stack(*column));
    HtmlWriter& html = page_.html;
    html.Open("svg", {{"class", "flow"},
                      {"role", "img"},
                      {"aria-label", page_.Say(words::kPictureAlt)},
                      {"viewBox", absl::StrFormat("0 0 %.0f %.0f", kWidth, height + kGap)}});
    html.Raw("\n");
    PutBands();
    PutNodes(givers_, 0, true);
    PutNodes(pots_, kMiddle, true);
    PutNodes(plans_, kWidth - kBar, false);
    html.Close();
  }

 private:
  // A band between two nodes, as wide as its money.
  struct Band {
    size_t from = 0, to = 0;
    int64_t cents = 0;
  };

  void Fill() {
    const Year::Giver all = year_.all();
    for (const auto& [source, giver] : year_.givers) {
      if (giver.given <= 0) continue;
      givers_.push_back({page_.Word(words::kSourceWords, source), giver.given, "given"});
    }
    if (all.came_over > 0) {
      givers_.push_back({page_.Say(words::kFromLastYear), all.came_over, "given"});
    }
    std::vector<std::pair<int64_t, std::string>> order;
    for (const auto& [id, plan] : year_.plans) order.emplace_back(-plan.total(), id);
    std::sort(order.begin(), order.end());
    std::map<std::string, size_t> places;
    int64_t others = 0;
    for (size_t i = 0; i < order.size(); ++i) {
      const Year::Plan& plan = year_.plans.at(order[i].second);
      const bool alone = order.size() <= kPlansMax || i + 1 < kPlansMax;
      if (alone) plans_.push_back({PlanName(order[i].second, plan), 0, "plan"});
      if (!alone && others++ == 0) plans_.push_back({"", 0, "plan"});
      places[order[i].second] = plans_.size() - 1;
    }
    if (others > 0) plans_.back().label = page_.Say(words::kOthers, others);
    const size_t rest = plans_.size();
    plans_.push_back({page_.Say(words::kStillThere), 0, "pot"});
    plans_.push_back({page_.Say(words::kFree), 0, "free"});
    plans_.push_back({page_.Say(words::kToNextYear), 0, "pot"});
    plans_.push_back({page_.Say(words::kGivenBack), 0, "free"});
    // What no plan has: back to who gave it, over to next year, or free.
    int64_t goes_over = all.went_over, given_back = all.given_back;
    for (const auto& [id, plan] : year_.plans) goes_over -= plan.went_over;
    const auto loose = [&](int64_t cents) {
      for (const auto& [place, most] : {std::pair(rest + 3, &given_back), {rest + 2, &goes_over}}) {
        const int64_t part = std::min(cents, *most);
        Flow(pots_.size() - 1, place, part);
        *most -= part;
        cents -= part;
      }
      Flow(pots_.size() - 1, rest + 1, cents);
    };
    std::map<std::string, int64_t> released;  // Of plans, what no band has yet.
    for (const auto& [id, plan] : year_.plans) released[id] = plan.released;
    // What a plan got and kept, and beside it what it gave back.
    const auto give = [&](const std::string& id, int64_t cents) {
      const int64_t back = std::min(released[id], cents);
      released[id] -= back;
      Flow(pots_.size() - 1, places.at(id), cents - back);
      loose(back);
    };
    for (const auto& [round, pot] : year_.pots) {
      const int64_t kept = pot.held - pot.given_back;
      if (kept <= 0) continue;
      pots_.push_back({PotName(round, pot), kept, "pot"});
      for (const auto& [id, plan] : year_.plans) {
        const auto got = plan.awarded.find(round);
        if (got != plan.awarded.end()) give(id, got->second);
      }
      Flow(pots_.size() - 1, rest, pot.left());
    }
    int64_t going_on = 0;
    for (const auto& [id, plan] : year_.plans) going_on += plan.came_over;
    if (going_on > 0) {
      pots_.push_back({page_.Say(words::kGoingOn), going_on, "pot"});
      for (const auto& [id, plan] : year_.plans) give(id, plan.came_over);
    }
    int64_t set_aside = 0;
    for (const Node& pot : pots_) set_aside += pot.cents;
    const int64_t free = year_.all_in() - set_aside;
    if (free > 0) {
      pots_.push_back({page_.Say(words::kFree), free, "free"});
      loose(free);
    }
    for (const size_t place : {rest + 3, rest + 2, rest + 1, rest}) {
      if (plans_[place].cents == 0) Remove(place);
    }
  }

  void Flow(size_t from, size_t to, int64_t cents) {
    if (cents <= 0) return;
    bands_.push_back({from, to, cents});
    plans_[to].cents += cents;
  }

  void Remove(size_t place) {
    plans_.erase(plans_.begin() + static_cast<std::ptrdiff_t>(place));
    for (Band& band : bands_) band.to -= band.to > place ? 1 : 0;
  }

  double Tall(int64_t cents) const { return static_cast<double>(cents) / all_ * kScale; }

  // One below the other, far enough apart for their labels. Gives where the last one ends.
  double Stack(std::vector<Node>& column) const {
    double y = 4;
    for (Node& node : column) {
      node.y = y;
      node.height = std::max(Tall(node.cents), 1.0);
      y += std::max(node.height, kLabels) + kGap;
    }
    return y;
  }

  void PutBand(Node& from, Node& to, int64_t cents, double x_from, double x_to) {
    const double tall = Tall(cents), middle = (x_from + x_to) / 2;
    const double y = from.y + from.out, z = to.y + to.in;
    from.out += tall;
    to.in += tall;
    page_.html
        .Open("path",
              {{"class", absl::StrCat("band ", to.look)},
               {"d", absl::StrFormat("M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1fV%.1fC%.1f %.1f %.1f "
                                     "%.1f %.1f %.1fZ",
                                     x_from, y, middle, y, middle, z, x_to, z, z + tall, middle,
                                     z + tall, middle, y + tall, x_from, y + tall)}})
        .Close();
  }

  void PutBands() {
    // Money has no marks: what each giver gave is spread over the pots in order.
    size_t giver = 0;
    int64_t left = givers_.empty() ? 0 : givers_[0].cents;
    for (Node& pot : pots_) {
      for (int64_t need = pot.cents; need > 0 && giver < givers_.size();) {
        const int64_t part = std::min(need, left);
        PutBand(givers_[giver], pot, part, kBar, kMiddle);
        need -= part;
        left -= part;
        if (left == 0 && ++giver < givers_.size()) left = givers_[giver].cents;
      }
    }
    for (const Band& band : bands_) {
      PutBand(pots_[band.from], plans_[band.to], band.cents, kMiddle + kBar, kWidth - kBar);
    }
  }

  void PutNodes(const std::vector<Node>& column, double x, bool text_after) {
    HtmlWriter& html = page_.html;
    const std::string text_x = absl::StrFormat("%.1f", text_after ? x + kBar + 6 : x - 6);
    for (const Node& node : column) {
      html.Open("rect", {{"class", node.look},
                         {"x", absl::StrFormat("%.1f", x)},
                         {"y", absl::StrFormat("%.1f", node.y)},
                         {"width", absl::StrFormat("%.0f", kBar)},
                         {"height", absl::StrFormat("%.1f", node.height)}});
      html.Close();
      html.Open("text", {{"x", text_x},
                         {"y", absl::StrFormat("%.1f", node.y + 13)},
                         {"text-anchor", text_after ? "start" : "end"}});
      html.Element("tspan", Cut(node.label));
      html.Element("tspan", page_.Money(year_, node.cents),
                   {{"x", text_x}, {"dy", "17"}, {"class", "sum"}});
      html.Close();
    }
  }

  ReportPage& page_;
  const Year& year_;
  const double all_;
  std::vector<Node> givers_{}, pots_{}, plans_{};
  std::vector<Band> bands_{};
};

}  // namespace

void PutPicture(ReportPage& page, const Year& year) { Picture(page, year).Put(); }

}  // namespace smederij::cli
