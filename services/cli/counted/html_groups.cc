#include <vector>

#include "absl/strings/str_cat.h"
#include "services/cli/counted/html_page.h"
#include "services/cli/counted/voters.h"

namespace smederij::cli {
namespace {

using ballots::tally::GroupShare;
using ballots::tally::GroupShares;
using ballots::tally::kGroupVotersMin;
using ballots::tally::Rational;

const words::Phrase& CaptionOf(Trait trait) {
  switch (trait) {
    case Trait::kAge:
      return words::kAge;
    case Trait::kSex:
      return words::kSex;
    case Trait::kVotingMethod:
      return words::kVotingMethod;
    case Trait::kNeighborhood:
      return words::kNeighborhood;
  }
  return words::kGroup;
}

std::string LabelOf(const HtmlPage& page, Trait trait, const VoterGroup& group) {
  if (group.kind == VoterGroup::Kind::kUnknown) return page.Say(words::kUnknown);
  if (group.kind == VoterGroup::Kind::kOther) return page.Say(words::kOther);
  if (trait == Trait::kSex || trait == Trait::kVotingMethod) {
    for (const auto& [word, phrase] : words::kFileWords) {
      if (word == group.name) return page.Say(phrase);
    }
  }
  return group.name;
}

// Opens a cell; on a phone its column's head stands before it.
void OpenCell(HtmlPage& page, const words::Phrase& head) {
  page.html.Open("td", {{"role", "cell"}, {"data-label", page.Say(head)}});
}

void PutShare(HtmlPage& page, const Rational& part, const Rational& whole) {
  page.html.Element("small", page.Say(words::kPercent, HtmlPage::Percent(part, whole)));
  page.PutBar(part, whole);
}

void PutRow(HtmlPage& page, const std::string& label, const GroupShare& group,
            const GroupShare& all) {
  HtmlWriter& html = page.html;
  html.Open("tr", {{"role", "row"}});
  html.Open("th", {{"scope", "row"}, {"role", "rowheader"}}).Element("bdi", label).Close();
  OpenCell(page, words::kGroupBallots);
  html.Element("span", page.Number(group.ballots), {{"class", "number"}});
  PutShare(page, Whole(group.ballots), Whole(all.ballots));
  html.Close();
  OpenCell(page, words::kGroupMoney);
  page.PutMoney(group.money);
  PutShare(page, group.money, all.money);
  html.Close();
  OpenCell(page, words::kGroupSatisfied);
  html.Element("span", page.Number(group.satisfied), {{"class", "number"}});
  PutShare(page, Whole(group.satisfied), Whole(group.ballots));
  html.Close();
  OpenCell(page, words::kGroupAverage);
  html.Element("span", page.Average(group.awards, group.ballots), {{"class", "number"}});
  html.Close().Close();
}

void PutDivision(HtmlPage& page, const DivisionShares& division, const GroupShare& all) {
  HtmlWriter& html = page.html;
  html.Open("table", {{"class", "groups"}, {"role", "table"}}).Raw("\n");
  html.Element("caption", page.Say(CaptionOf(division.trait)));
  html.Open("thead").Open("tr", {{"role", "row"}});
  for (const words::Phrase* head : {&words::kGroup, &words::kGroupBallots, &words::kGroupMoney,
                                    &words::kGroupSatisfied, &words::kGroupAverage}) {
    html.Element("th", page.Say(*head), {{"scope", "col"}, {"role", "columnheader"}});
  }
  html.Close().Close();
  html.Open("tbody").Raw("\n");
  for (size_t i = 0; i < division.groups.size(); ++i) {
    PutRow(page, LabelOf(page, division.trait, division.groups[i]), division.shares.groups[i], all);
  }
  PutRow(page, page.Say(words::kAll), all, all);
  html.Close().Close();
}

}  // namespace

void PutGroups(HtmlPage& page) {
  const std::vector<DivisionShares> divisions = SharesByGroup(page.counted);
  const GroupShares all = SharesOfAll(page.counted);
  if (divisions.empty() && all.nobody == 0) return;
  HtmlWriter& html = page.html;
  html.Open("section", {{"aria-labelledby", "groups"}}).Raw("\n");
  html.Element("h2", page.Say(words::kGroups), {{"id", "groups"}});
  if (!divisions.empty()) {
    html.Element("p", absl::StrCat(page.Say(page.equal_shares() ? words::kGroupsShares
                                                                : words::kGroupsSupporters),
                                   " ", page.Say(words::kGroupsSmall, kGroupVotersMin)));
  }
  for (const DivisionShares& division : divisions) PutDivision(page, division, all.groups[0]);
  if (all.nobody > 0) html.Element("p", page.Say(words::kNobody, page.Money(all.nobody)));
  html.Close();
}

}  // namespace smederij::cli
