#include "common/obs/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace smederij::obs {
namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::string FirstLine(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// Seconds since 1970 at which the machine booted.
double BootSeconds() {
  std::ifstream file("/proc/stat");
  std::string line;
  while (std::getline(file, line)) {
    double seconds = 0;
    const absl::string_view text = line;
    if (text.substr(0, 6) == "btime " && absl::SimpleAtod(text.substr(6), &seconds)) return seconds;
  }
  return 0;
}

}  // namespace

double ProcessStartSeconds() {
  constexpr size_t kStartTime = 19;  // Field 22 of stat(5), counted after the command's ")".
  const std::string stat = FirstLine("/proc/self/stat");
  const size_t end = stat.rfind(')');
  if (end == std::string::npos || end + 2 > stat.size()) return 0;
  const std::vector<std::string> fields = absl::StrSplit(stat.substr(end + 2), ' ');
  double ticks = 0;
  if (fields.size() <= kStartTime || !absl::SimpleAtod(fields[kStartTime], &ticks)) return 0;
  return BootSeconds() + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double ProcessResidentBytes() {
  const std::vector<std::string> fields = absl::StrSplit(FirstLine("/proc/self/statm"), ' ');
  double pages = 0;
  if (fields.size() < 2 || !absl::SimpleAtod(fields[1], &pages)) return 0;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double ProcessCpuSeconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
}

double ProcessOpenFiles() {
  std::error_code failed;
  double open = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", failed), end; !failed && it != end;
       it.increment(failed)) {
    ++open;
  }
  return open;
}

}  // namespace smederij::obs
