// Row verify_bundle_s: a bundle of 100,000 ballots, each with a credential of its own, verified on
// every core: 100,000 RSA and as many Ed25519 signatures, and the count. `a`: ballots, `b`: CPU
// seconds over all cores, for a machine that others use too. Making the bundle takes some minutes
// of a core, for every credential is a private operation; with a number as its argument the program
// makes so many ballots instead.

#include <atomic>
#include <ctime>
#include <iostream>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/ballots/bundle/verify.h"
#include "services/ballots/testing/ballot_box.h"
#include "tests/load/rows.h"

namespace smederij::ballots::bundle {
namespace {

constexpr size_t kBallots = 100'000;
constexpr double kSecondsMax = 10;

double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

Files MakeBundle(size_t ballots) {
  Manifest manifest = testing::SampleManifest();
  manifest.classes[0].roll_size = static_cast<int64_t>(ballots);
  testing::BallotBox box(manifest);
  std::vector<testing::Envelope> envelopes(ballots);
  std::atomic<size_t> next{0};
  const auto vote = [&] {
    for (size_t i = next++; i < ballots; i = next++) {
      const auto plan = static_cast<uint32_t>(1 + i % 3);
      envelopes[i] = box.NewVoter().Cast(1, testing::Approve({plan}));
    }
  };
  std::vector<std::thread> voters;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) voters.emplace_back(vote);
  vote();
  for (std::thread& voter : voters) voter.join();
  for (const testing::Envelope& envelope : envelopes) box.Put(envelope);
  box.Close();
  const auto files = ToFiles(box.Certify({{1, static_cast<int64_t>(ballots)}}));
  CHECK(files.ok());
  return *files;
}

int Run(size_t ballots) {
  const Files files = MakeBundle(ballots);
  const absl::Time start = absl::Now();
  const double cpu_start = CpuSeconds();
  const Report report = Verify(files);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  const double cpu = CpuSeconds() - cpu_start;
  if (report.outcome() != Outcome::kVerified) {
    std::cerr << "smederij-bench-verify: the bundle does not hold\n";
    return 1;
  }
  load::PrintRow("verify_bundle_s", seconds, "≤ 10", seconds <= kSecondsMax,
                 static_cast<double>(report.ballots), cpu);
  return 0;
}

}  // namespace
}  // namespace smederij::ballots::bundle

int main(int argc, char** argv) {
  size_t ballots = smederij::ballots::bundle::kBallots;
  if (argc > 1 && !absl::SimpleAtoi(argv[1], &ballots)) return 2;
  return smederij::ballots::bundle::Run(ballots);
}
