#include "services/cli/counted/voters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smederij::cli {
namespace {

using ballots::tally::PbFile;
using ballots::tally::PbVoter;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> NamesOf(const Division& division) {
  std::vector<std::string> names;
  for (const VoterGroup& group : division.groups) names.push_back(group.name);
  return names;
}

PbFile FileOf(const std::vector<std::pair<PbVoter, int>>& voters) {
  PbFile file;
  for (const auto& [voter, copies] : voters) {
    for (int copy = 0; copy < copies; ++copy) {
      file.voters.push_back(voter);
      file.election.ballots.Add({});
    }
  }
  return file;
}

TEST(Voters, AgesAreBandsInOrder) {
  const PbFile file = FileOf({{{.age = 65}, 5},
                              {{.age = 0}, 5},
                              {{.age = 11}, 5},
                              {{.age = 12}, 5},
                              {{.age = 44}, 5},
                              {{}, 5}});
  const std::vector<Division> divisions = Divide(file);
  ASSERT_EQ(divisions.size(), 1u);
  EXPECT_THAT(NamesOf(divisions[0]), ElementsAre("0-11", "12-17", "30-44", "65+", "unknown"));
  EXPECT_EQ(divisions[0].group_of[0], 3u);
  EXPECT_EQ(divisions[0].group_of[29], 4u);
}

TEST(Voters, OtherTraitsAreOrderedBySize) {
  const PbFile file = FileOf({{{.sex = "F"}, 6}, {{.sex = "O"}, 5}, {{.sex = "M"}, 9}});
  EXPECT_THAT(NamesOf(Divide(file).at(0)), ElementsAre("M", "F", "O"));
}

TEST(Voters, AFewAreMergedSoThatNobodyStandsOut) {
  const PbFile file =
      FileOf({{{.sex = "F"}, 20}, {{.sex = "M"}, 10}, {{.sex = "O"}, 3}, {{.sex = ""}, 2}});
  EXPECT_THAT(NamesOf(Divide(file).at(0)), ElementsAre("F", "M", "other"));
  const PbFile lone = FileOf({{{.sex = "F"}, 20}, {{.sex = "M"}, 1}});
  EXPECT_THAT(Divide(lone), IsEmpty());
}

TEST(Voters, WhatTheFileDoesNotTellIsNoDivision) {
  EXPECT_THAT(Divide(FileOf({{{}, 30}})), IsEmpty());
  EXPECT_THAT(Divide(FileOf({{{.sex = "F"}, 30}})), IsEmpty());
}

}  // namespace
}  // namespace smederij::cli
