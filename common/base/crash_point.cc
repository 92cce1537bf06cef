#include "common/base/crash_point.h"

#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace smederij {
namespace {

struct Plan {
  std::string name;
  std::atomic<int> left{0};

  Plan() {
    const char* const text = std::getenv("SMEDERIJ_CRASH_AT");
    if (text == nullptr) return;
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits(':', 1));
    int times = 0;
    if (!absl::SimpleAtoi(parts.second, &times) || times < 1) return;
    name = parts.first;
    left = times;
  }
};

Plan& ThePlan() {
  static Plan plan;
  return plan;
}

}  // namespace

void CrashPoint(absl::string_view name) {
  Plan& plan = ThePlan();
  if (plan.name.empty() || plan.name != name) return;
  if (plan.left.fetch_sub(1) == 1) raise(SIGKILL);
}

void CrashPoint(absl::string_view of, absl::string_view name) {
  const std::string& planned = ThePlan().name;
  if (planned.empty() || of.empty()) return;
  if (planned == absl::StrCat(of, ".", name)) CrashPoint(planned);
}

}  // namespace smederij
