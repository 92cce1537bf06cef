#include "services/cli/counted/voters.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"

namespace smederij::cli {
namespace {

using ballots::tally::PbFile;
using ballots::tally::PbVoter;

constexpr Trait kTraits[] = {Trait::kAge, Trait::kSex, Trait::kVotingMethod, Trait::kNeighborhood};
constexpr int kAgeBands[] = {0, 12, 18, 30, 45, 65};  // Where each begins.

std::string AgeBand(int age) {
  const auto* const next = std::upper_bound(std::begin(kAgeBands), std::end(kAgeBands), age);
  if (next == std::begin(kAgeBands)) return "";
  if (next == std::end(kAgeBands)) return absl::StrCat(*(next - 1), "+");
  return absl::StrCat(*(next - 1), "-", *next - 1);
}

// The group of a voter; empty when the file does not tell.
std::string ValueOf(Trait trait, const PbVoter& voter) {
  switch (trait) {
    case Trait::kAge:
      return voter.age ? AgeBand(*voter.age) : "";
    case Trait::kSex:
      return voter.sex;
    case Trait::kVotingMethod:
      return voter.voting_method;
    case Trait::kNeighborhood:
      return voter.neighborhood;
  }
  CHECK(false);
}

// A value and its voters.
using Size = std::pair<std::string, int64_t>;

// Ages in order, others largest first; those of whom nothing is known last.
bool GoesBefore(Trait trait, const Size& a, const Size& b) {
  if (a.first.empty() != b.first.empty()) return b.first.empty();
  if (trait == Trait::kAge) return a.first < b.first;  // The bands sort as texts do.
  return a.second != b.second ? a.second > b.second : a.first < b.first;
}

VoterGroup GroupOf(const std::string& value) {
  if (value.empty()) return {.kind = VoterGroup::Kind::kUnknown, .name = "unknown"};
  return {.name = value};
}

Division DivideBy(Trait trait, const PbFile& file) {
  std::map<std::string, int64_t> counts;
  for (const PbVoter& voter : file.voters) ++counts[ValueOf(trait, voter)];
  std::vector<Size> sizes(counts.begin(), counts.end());
  std::sort(sizes.begin(), sizes.end(),
            [&](const Size& a, const Size& b) { return GoesBefore(trait, a, b); });
  std::vector<int64_t> voters;
  for (const Size& size : sizes) voters.push_back(size.second);
  const std::vector<bool> alone = ballots::tally::ShownAlone(voters, kVoterGroupsMax);
  Division division{.trait = trait};
  std::map<std::string, uint32_t> place;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (!alone[i]) continue;
    place[sizes[i].first] = static_cast<uint32_t>(division.groups.size());
    division.groups.push_back(GroupOf(sizes[i].first));
  }
  const uint32_t other = static_cast<uint32_t>(division.groups.size());
  if (division.groups.size() < sizes.size()) {
    division.groups.push_back({.kind = VoterGroup::Kind::kOther, .name = "other"});
  }
  for (const PbVoter& voter : file.voters) {
    const auto found = place.find(ValueOf(trait, voter));
    division.group_of.push_back(found == place.end() ? other : found->second);
  }
  return division;
}

}  // namespace

absl::string_view NameOf(Trait trait) {
  switch (trait) {
    case Trait::kAge:
      return "age";
    case Trait::kSex:
      return "sex";
    case Trait::kVotingMethod:
      return "voting_method";
    case Trait::kNeighborhood:
      return "neighborhood";
  }
  CHECK(false);
}

std::vector<Division> Divide(const PbFile& file) {
  std::vector<Division> divisions;
  for (const Trait trait : kTraits) {
    Division division = DivideBy(trait, file);
    if (division.groups.size() > 1) divisions.push_back(std::move(division));
  }
  return divisions;
}

std::vector<DivisionShares> SharesByGroup(const Counted& counted) {
  std::vector<DivisionShares> all;
  for (Division& division : Divide(counted.file)) {
    DivisionShares result{.trait = division.trait, .groups = std::move(division.groups)};
    result.shares = ShareOut(counted.file.election, counted.rule, counted.outcome,
                             division.group_of, result.groups.size());
    all.push_back(std::move(result));
  }
  return all;
}

ballots::tally::GroupShares SharesOfAll(const Counted& counted) {
  const std::vector<uint32_t> group_of(counted.file.election.ballots.size(), 0);
  return ShareOut(counted.file.election, counted.rule, counted.outcome, group_of, 1);
}

}  // namespace smederij::cli
