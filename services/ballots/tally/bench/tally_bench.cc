// Rows tally_vs_pabutools and tally_add1_s: the rule alone, file already read, in CPU seconds on
// one core, against what the peer took for the same outcome. `a`: the peer's seconds, `b`: ours.
//
// Rows tally_generated_s and tally_generated_mb: mes_cost_add1_full over made-up cities of 100,000
// ballots and 200 plans. The slowest of several manners counts; `a`: the quickest, `b`: the
// slowest, or the ballots and plans. SMEDERIJ_SEED repeats them.
//
// Row pb_read_ms: reading the largest real file. `a`: its megabytes, `b`: megabytes a second.

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "services/ballots/tally/count.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/testing/generated.h"
#include "services/ballots/tally/testing/shared_data.h"
#include "tests/load/rows.h"

namespace smederij::ballots::tally {
namespace {

using load::PrintRow;
using nlohmann::json;

constexpr double kPeerSecondsMin = 1;  // Below, the peer's clock tells little.
constexpr double kRatioMin = 300;
constexpr double kAdd1SecondsMax = 2;
constexpr uint32_t kGeneratedPlans = 200;
constexpr size_t kGeneratedBallots = 100'000;
constexpr double kGeneratedSecondsMax = 2;
constexpr double kGeneratedMbMax = 500;
constexpr char kLargestFile[] = "Poland_Krakow_2024.pb";
constexpr double kReadMsMax = 50;
constexpr int kRepeats = 3;  // The least of them counts: others run on this machine too.

struct Measured {
  std::string rule;
  double peer = 0;
  double ours = 0;
};

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::set<std::string> IdsOf(const Election& election, const Outcome& outcome) {
  std::set<std::string> ids;
  for (const uint32_t plan : outcome.selected) ids.insert(election.plans[plan].id);
  return ids;
}

// Exits when the outcome is not the reference's: a wrong count has no speed.
Measured Measure(const Election& election, const json& reference) {
  Rule rule;
  rule.name = reference["rule"].get<std::string>();
  Measured measured{rule.name, reference["cpu_s"].get<double>(), HUGE_VAL};
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const double start = CpuSeconds();
    const absl::StatusOr<Outcome> outcome = Count(election, rule);
    measured.ours = std::min(measured.ours, CpuSeconds() - start);
    if (outcome.ok() &&
        IdsOf(election, *outcome) == reference["selected"].get<std::set<std::string>>()) {
      continue;
    }
    std::cerr << "another outcome than the reference: " << reference["file"] << ' ' << rule.name
              << '\n';
    std::exit(1);
  }
  return measured;
}

std::vector<Measured> MeasureAll(const std::filesystem::path& data) {
  std::map<std::string, std::vector<json>> by_file;
  std::ifstream in(data / "outcomes.jsonl");
  for (std::string line; std::getline(in, line);) {
    json reference = json::parse(line);
    if (reference["cpu_s"].get<double>() < kPeerSecondsMin) continue;
    by_file[reference["file"].get<std::string>()].push_back(std::move(reference));
  }
  std::vector<Measured> all;
  for (const auto& [name, references] : by_file) {
    const absl::StatusOr<PbFile> file =
        ReadPb(ReadAll(data / "pabulib" / name), {.repeated_points = RepeatedPoints::kLast});
    if (!file.ok()) {
      std::cerr << name << ": " << file.status() << '\n';
      std::exit(1);
    }
    for (const json& reference : references) all.push_back(Measure(file->election, reference));
  }
  return all;
}

uint64_t Seed() {
  const char* given = std::getenv("SMEDERIJ_SEED");
  return given == nullptr ? std::random_device()() : std::stoull(given);
}

double PeakMb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double SecondsToCount(const Election& election, const Rule& rule) {
  double seconds = HUGE_VAL;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const double start = CpuSeconds();
    if (const absl::Status status = Count(election, rule).status(); !status.ok()) {
      std::cerr << status << '\n';
      std::exit(1);
    }
    seconds = std::min(seconds, CpuSeconds() - start);
  }
  return seconds;
}

// Before anything else: the peak memory is the process's.
void MeasureGenerated() {
  const uint64_t seed = Seed();
  Rule rule;
  rule.name = "mes_cost_add1_full";
  double slowest = 0, quickest = HUGE_VAL;
  for (const Manner& manner : kManners) {
    const double seconds = SecondsToCount(
        Generator(manner, BallotKind::kApproval, seed).Make(kGeneratedPlans, kGeneratedBallots),
        rule);
    std::cerr << manner.name << ", seed " << seed << ": " << seconds << " s\n";
    slowest = std::max(slowest, seconds);
    quickest = std::min(quickest, seconds);
  }
  PrintRow("tally_generated_s", slowest, "≤ 2", slowest <= kGeneratedSecondsMax, quickest, slowest);
  const double mb = PeakMb();
  PrintRow("tally_generated_mb", mb, "≤ 500", mb <= kGeneratedMbMax, kGeneratedBallots,
           kGeneratedPlans);
}

void MeasureReading(const std::filesystem::path& data) {
  const std::string text = ReadAll(data / "pabulib" / kLargestFile);
  double seconds = HUGE_VAL;
  for (int repeat = 0; repeat < kRepeats * kRepeats; ++repeat) {
    const double start = CpuSeconds();
    if (const absl::Status status = ReadPb(text).status(); !status.ok()) {
      std::cerr << status << '\n';
      std::exit(1);
    }
    seconds = std::min(seconds, CpuSeconds() - start);
  }
  const double mb = static_cast<double>(text.size()) / 1e6;
  PrintRow("pb_read_ms", seconds * 1e3, "≤ 50", seconds * 1e3 <= kReadMsMax, mb, mb / seconds);
}

int Run() {
  MeasureGenerated();
  const std::optional<std::filesystem::path> data = SharedData();
  if (!data) {
    std::cerr << "smederij-bench-tally: no reference data; set SMEDERIJ_SHARED\n";
    return 1;
  }
  MeasureReading(*data);
  const std::vector<Measured> all = MeasureAll(*data);
  double logarithms = 0, peer = 0, ours = 0;
  Measured slowest;
  for (const Measured& measured : all) {
    logarithms += std::log(measured.peer / measured.ours);
    peer += measured.peer;
    ours += measured.ours;
    if (measured.rule == "mes_cost_add1_full" && measured.peer > slowest.peer) slowest = measured;
  }
  const double ratio = std::exp(logarithms / static_cast<double>(all.size()));
  PrintRow("tally_vs_pabutools", ratio, "≥ 300", ratio >= kRatioMin, peer, ours);
  PrintRow("tally_add1_s", slowest.ours, "≤ 2", slowest.ours <= kAdd1SecondsMax, slowest.peer,
           slowest.ours);
  return 0;
}

}  // namespace
}  // namespace smederij::ballots::tally

int main() { return smederij::ballots::tally::Run(); }
