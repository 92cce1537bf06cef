#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/base/check.h"
#include "services/cli/counted/count_file.h"

// For tests: small elections as files.
namespace smederij::cli {

inline constexpr absl::string_view kSmallElection =
    "META\nkey;value\ndescription;Noordveld bouwt\nunit;Noordveld\ninstance;2025\n"
    "num_projects;4\nnum_votes;6\nbudget;100\nvote_type;approval\nrule;greedy\ncurrency;EUR\n"
    "PROJECTS\nproject_id;cost;name;category;selected\n"
    "9;60;Slide;play;1\n10;50;Bench, long;rest;0\n2;40;Trees;green;1\n7;30;=1+1;play,rest;0\n"
    "VOTES\nvoter_id;vote;age;sex;voting_method\n"
    "a;9,10;8;F;internet\nb;9,10;9;M;paper\nc;9,2;40;F;internet\nd;2,10;70;M;paper\n"
    "e;9,2;33;F;paper\nf;7;34;;internet\n";

// Of flags that are right.
inline Charter MustParse(const CharterFlags& flags) {
  absl::StatusOr<Charter> charter = ParseCharter(flags);
  CHECK(charter.ok());
  return *std::move(charter);
}

// Of a file that can be counted.
inline Counted MustCountText(absl::string_view text, const CharterFlags& flags = {}) {
  absl::StatusOr<Counted> counted = CountText("noordveld.pb", std::string(text), MustParse(flags));
  CHECK(counted.ok());
  return *std::move(counted);
}

}  // namespace smederij::cli
