// Row blind_sign_vs_openssl: credentials a CPU second of the registry process alone, over the RSA
// signatures a second of `openssl speed` on one core, from the same minutes. Everything a
// credential takes there is in it: TLS, the token, the look-up, the signature and its check, the
// commit. `a`: credentials, `b`: signatures. SMEDERIJ_VOTERS for another number of voters.
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/check.h"
#include "tests/fault/polls.h"
#include "tests/load/drive.h"
#include "tests/load/rows.h"

namespace smederij::e2e {
namespace {

constexpr int kVoters = 3'000, kThreads = 8;
constexpr double kGoal = 0.85;

// Every voter, by threads that take turns.
void ForAll(int voters, const std::function<void(int)>& act) {
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int voter = next++; voter < voters; voter = next++) act(voter);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

double OpensslSignaturesPerSecond() {
  const Ended ended = Run({"/usr/bin/openssl", "speed", "-mr", "-seconds", "4", "rsa3072"});
  CHECK(ended.code == 0);
  // "+F2:…:bits:signatures a CPU second:checks a CPU second"
  for (const absl::string_view line : absl::StrSplit(ended.out, '\n')) {
    if (!absl::StartsWith(line, "+F2:")) continue;
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
    double signatures = 0;
    CHECK(fields.size() >= 5 && absl::SimpleAtod(fields[3], &signatures) && signatures > 0);
    return signatures;
  }
  CHECK(false);
  return 0;
}

void Measure() {
  int voters = kVoters;
  if (const char* const told = std::getenv("SMEDERIJ_VOTERS"))
    CHECK(absl::SimpleAtoi(told, &voters));
  Town town;
  Polls polls(town, {.voters = voters});
  polls.OpenRound();
  ForAll(voters, [&](int voter) {
    CHECK(polls.village().Token(polls.SubjectOf(voter), cli::Audience::kRegistry).ok());
  });
  const double before = load::ProcessCpu(town.pid("registry"));
  ForAll(voters, [&](int voter) { CHECK(polls.Fetch(voter).ok()); });
  const double credentials = voters / (load::ProcessCpu(town.pid("registry")) - before);
  const double signatures = OpensslSignaturesPerSecond();
  load::PrintRow("blind_sign_vs_openssl", credentials / signatures, "≥ 0.85",
                 credentials / signatures >= kGoal, credentials, signatures);
}

}  // namespace
}  // namespace smederij::e2e

int main() {
  smederij::e2e::Measure();
  return 0;
}
