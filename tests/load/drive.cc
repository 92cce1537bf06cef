#include "tests/load/drive.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"

namespace smederij::load {

double OwnCpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

namespace {

double TicksOf(absl::string_view field) {
  int64_t ticks = 0;
  CHECK(absl::SimpleAtoi(field, &ticks));
  return static_cast<double>(ticks);
}

}  // namespace

double ProcessCpu(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const std::vector<std::string> fields = absl::StrSplit(text.substr(text.rfind(')') + 2), ' ');
  return (TicksOf(fields.at(11)) + TicksOf(fields.at(12))) /
         static_cast<double>(sysconf(_SC_CLK_TCK));
}

double PgCpu(pid_t postmaster) {
  double ticks = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    int pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    std::ifstream file(entry.path() / "stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    const size_t after = text.rfind(')');
    if (after == std::string::npos) continue;
    const std::vector<std::string> fields = absl::StrSplit(text.substr(after + 2), ' ');
    if (pid != postmaster && fields.at(1) != absl::StrCat(postmaster)) continue;
    // utime and stime; of the postmaster also its ended children's.
    for (const size_t i : {11, 12}) ticks += TicksOf(fields.at(i));
    if (pid == postmaster) {
      for (const size_t i : {13, 14}) ticks += TicksOf(fields.at(i));
    }
  }
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Measured Drive(int operations, int in_flight, pid_t postmaster,
               const std::function<void(int, std::function<void()>)>& start) {
  Measured measured{.operations = operations, .latencies = {}};
  measured.latencies.resize(static_cast<size_t>(operations));
  std::atomic<int> next = 0, left = operations;
  absl::Mutex mutex;
  bool over = false;
  std::function<void()> go = [&] {
    const int i = next++;
    if (i >= operations) return;
    const absl::Time begun = absl::Now();
    start(i, [&, i, begun] {
      measured.latencies[static_cast<size_t>(i)] = absl::ToDoubleSeconds(absl::Now() - begun);
      if (--left == 0) {
        const absl::MutexLock lock(&mutex);
        over = true;
      } else {
        go();
      }
    });
  };
  const double own = OwnCpu(), pg = PgCpu(postmaster);
  const absl::Time begun = absl::Now();
  for (int i = 0; i < in_flight; ++i) go();
  {
    const absl::MutexLock lock(&mutex);
    mutex.Await(absl::Condition(&over));
  }
  measured.seconds = absl::ToDoubleSeconds(absl::Now() - begun);
  measured.own_cpu = OwnCpu() - own;
  measured.pg_cpu = PgCpu(postmaster) - pg;
  std::sort(measured.latencies.begin(), measured.latencies.end());
  return measured;
}

void PgInitialise(int scale, const std::string& conninfo) {
  const std::string command = absl::StrCat("pgbench --initialize --quiet --scale=", scale, " '",
                                           conninfo, "' >/dev/null 2>&1");
  FILE* const pipe = popen(command.c_str(), "r");
  CHECK(pipe != nullptr && pclose(pipe) == 0);
}

Measured PgBench(const std::string& arguments, const std::string& conninfo, pid_t postmaster) {
  const std::string command = absl::StrCat("pgbench ", arguments, " '", conninfo, "' 2>/dev/null");
  const double before = PgCpu(postmaster);
  FILE* const pipe = popen(command.c_str(), "r");
  CHECK(pipe != nullptr);
  std::string out;
  std::array<char, 4096> buffer;
  for (size_t got; (got = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    out.append(buffer.data(), got);
  }
  CHECK(pclose(pipe) == 0);
  Measured measured{.latencies = {}};
  measured.pg_cpu = PgCpu(postmaster) - before;
  for (const absl::string_view line : absl::StrSplit(out, '\n')) {
    double rate = 0;
    if (absl::StartsWith(line, "number of transactions actually processed: ")) {
      CHECK(absl::SimpleAtoi(line.substr(line.rfind(' ') + 1), &measured.operations));
    } else if (absl::StartsWith(line, "tps = ")) {
      const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
      CHECK(absl::SimpleAtod(words.at(2), &rate) && rate > 0);
      measured.seconds = measured.operations / rate;
    }
  }
  CHECK(measured.operations > 0 && measured.seconds > 0);
  return measured;
}

}  // namespace smederij::load
