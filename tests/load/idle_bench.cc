// Rows ready_ms_<service> and idle_rss_mb_<service>: a second start with the database up, and the
// memory of the process a second after it. `a` and `b`: best and worst of five starts, or peak and
// resident.

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/town.h"
#include "tests/load/rows.h"

namespace smederij::load {
namespace {

constexpr int kStarts = 5;
// A service lets go of its start-up code just after it says that it is ready.
constexpr std::chrono::seconds kIdleAfter(1);
constexpr double kReadyMsMax = 50;
constexpr double kIdleMbMax = 25;

// A "VmRSS:   1234 kB" line of a process's status, in MB.
double StatusMb(pid_t pid, absl::string_view field) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    double kb = 0;
    if (words.size() > 1 && words[0] == absl::StrCat(field, ":") &&
        absl::SimpleAtod(words[1], &kb)) {
      return kb / 1024;
    }
  }
  return 0;
}

void Measure(e2e::Town& town, const std::string& service) {
  std::vector<double> milliseconds;
  for (int i = 0; i < kStarts; ++i) {
    town.Stop(service);
    const auto start = std::chrono::steady_clock::now();
    town.Start(service);
    milliseconds.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
            .count());
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  const double median = milliseconds[kStarts / 2];
  PrintRow(absl::StrCat("ready_ms_", service), median, "≤ 50", median <= kReadyMsMax,
           milliseconds.front(), milliseconds.back());
  std::this_thread::sleep_for(kIdleAfter);
  const double resident = StatusMb(town.pid(service), "VmRSS");
  PrintRow(absl::StrCat("idle_rss_mb_", service), resident, "≤ 25", resident <= kIdleMbMax,
           StatusMb(town.pid(service), "VmHWM"), resident);
}

}  // namespace
}  // namespace smederij::load

int main() {
  smederij::e2e::Town town;
  for (const char* service : smederij::e2e::Town::kServices) {
    smederij::load::Measure(town, service);
  }
  return 0;
}
