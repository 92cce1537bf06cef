#pragma once

#include <string>

#include "absl/strings/str_replace.h"

// For tests: a .pb file to change a little.
namespace smederij::ballots::tally {

inline constexpr char kSmallPb[] =
    "META\n"
    "key;value\n"
    "budget;100\n"
    "vote_type;approval\n"
    "num_projects;2\n"
    "num_votes;2\n"
    "PROJECTS\n"
    "project_id;cost;name\n"
    "10;60;Park\n"
    "9;40;Pool\n"
    "VOTES\n"
    "voter_id;vote;age\n"
    "v1;10,9;30\n"
    "v2;9;\n";

// The same with points.
inline std::string SmallCumulativePb() {
  return absl::StrReplaceAll(kSmallPb, {{"approval", "cumulative"},
                                        {"voter_id;vote;age", "voter_id;vote;points"},
                                        {"10,9;30", "10,9;3,1"},
                                        {"v2;9;", "v2;9;2"}});
}

}  // namespace smederij::ballots::tally
