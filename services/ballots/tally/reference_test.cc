// Compares every outcome with those of an independent implementation, and with what cities
// announced, on real elections.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "services/ballots/tally/count.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/replay.h"
#include "services/ballots/tally/testing/shared_data.h"

namespace smederij::ballots::tally {
namespace {

using nlohmann::json;

std::vector<json> ReadLines(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::vector<json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

std::set<std::string> Selected(const PbFile& file, const Outcome& outcome) {
  std::set<std::string> ids;
  for (const uint32_t plan : outcome.selected) ids.insert(file.election.plans[plan].id);
  return ids;
}

double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void Compare(const PbFile& file, const json& reference) {
  const double start = CpuSeconds();
  Rule rule;
  rule.name = reference["rule"];
  const absl::StatusOr<Outcome> outcome = Count(file.election, rule);
  const double seconds = CpuSeconds() - start;
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(Selected(file, *outcome), reference["selected"].get<std::set<std::string>>());
  EXPECT_EQ(outcome->spent.get_d(), reference["cost"].get<double>());
  const absl::Status replayed = Replay(file.election, rule, *outcome);
  EXPECT_TRUE(replayed.ok()) << replayed;
  if (std::getenv("SMEDERIJ_TIMES") != nullptr) {
    std::printf("%10.4f s, peer %8.4f s, ratio %7.0f  %s %s\n", seconds,
                reference["cpu_s"].get<double>(), reference["cpu_s"].get<double>() / seconds,
                rule.name.c_str(), reference["file"].get<std::string>().c_str());
  }
}

TEST(References, EveryOutcomeIsTheSame) {
  SMEDERIJ_NEEDS_SHARED(data);
  std::map<std::string, std::vector<json>> by_file;
  for (json& line : ReadLines(*data / "outcomes.jsonl")) {
    by_file[line["file"]].push_back(std::move(line));
  }
  for (const auto& [name, references] : by_file) {
    SCOPED_TRACE(name);
    const absl::StatusOr<PbFile> file = ReadPb(ReadAll(*data / "pabulib" / name));
    ASSERT_TRUE(file.ok()) << file.status();
    for (const json& reference : references) {
      SCOPED_TRACE(reference["rule"].get<std::string>());
      Compare(*file, reference);
    }
  }
}

// The plans whose `selected` column says 1; those of an extra rule say 2 or 3.
std::set<std::string> Announced(const PbFile& file) {
  std::set<std::string> ids;
  for (size_t plan = 0; plan < file.plans.size(); ++plan) {
    if (file.plans[plan].selected == 1) ids.insert(file.election.plans[plan].id);
  }
  return ids;
}

// The plans that got all they asked because they fitted.
std::set<std::string> InFull(const PbFile& file, const Rule& rule) {
  const absl::StatusOr<Outcome> outcome = Count(file.election, rule);
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  std::set<std::string> ids;
  for (const uint32_t plan : outcome->selected) {
    if (outcome->plans[plan].reason == Reason::kFundedNearlyFitted) continue;
    ids.insert(file.election.plans[plan].id);
  }
  return ids;
}

// By the rule, skip and threshold that the reference names, and by what the file itself says.
TEST(References, CitiesAnnouncedTheSame) {
  SMEDERIJ_NEEDS_SHARED(data);
  for (const json& line : ReadLines(*data / "official.jsonl")) {
    SCOPED_TRACE(line.dump());
    const absl::StatusOr<PbFile> file =
        ReadPb(ReadAll(*data / "pabulib" / line["file"].get<std::string>()));
    ASSERT_TRUE(file.ok()) << file.status();
    const std::optional<Rule> told = OfficialRule(*file);
    EXPECT_EQ(told.has_value(), !line["rule"].is_null());
    if (!told) continue;
    Rule named;
    named.name = line["rule"];
    named.stop_at_first_misfit = !line.value("skip", true);
    named.support_min = std::stoll(line.value("threshold", "0"));
    EXPECT_EQ(InFull(*file, named), Announced(*file));
    EXPECT_EQ(told->name, named.name);
    EXPECT_EQ(InFull(*file, *told), Announced(*file));
  }
}

}  // namespace
}  // namespace smederij::ballots::tally
