// Row verify_bundle_s: a bundle of 100,000 ballots, each with a credential of its own, verified on
// every core: 100,000 RSA and as many Ed25519 signatures, and the count. `a`: ballots, `b`: the
// bundle's megabytes. Making them takes longer, a minute or two: every credential is a private
// operation.

#include <atomic>
#include <iostream>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/ballots/bundle/verify.h"
#include "services/ballots/testing/ballot_box.h"
#include "tests/load/rows.h"

namespace smederij::ballots::bundle {
namespace {

constexpr size_t kBallots = 100'000;
constexpr double kSecondsMax = 10;

Files MakeBundle() {
  Manifest manifest = testing::SampleManifest();
  manifest.classes[0].roll_size = kBallots;
  testing::BallotBox box(manifest);
  std::vector<testing::Envelope> envelopes(kBallots);
  std::atomic<size_t> next{0};
  const auto vote = [&] {
    for (size_t i = next++; i < kBallots; i = next++) {
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
  const auto files = ToFiles(box.Certify({{1, kBallots}}));
  CHECK(files.ok());
  return *files;
}

int Run() {
  const Files files = MakeBundle();
  double megabytes = 0;
  for (const auto& [path, bytes] : files) megabytes += static_cast<double>(bytes.size()) / 1e6;
  const absl::Time start = absl::Now();
  const Report report = Verify(files);
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  if (report.outcome() != Outcome::kVerified) {
    std::cerr << "smederij-bench-verify: the bundle does not hold\n";
    return 1;
  }
  load::PrintRow("verify_bundle_s", seconds, "≤ 10", seconds <= kSecondsMax,
                 static_cast<double>(report.ballots), megabytes);
  return 0;
}

}  // namespace
}  // namespace smederij::ballots::bundle

int main() { return smederij::ballots::bundle::Run(); }
