#include "services/ballots/testing/tamper.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/ballots/bundle/verify.h"
#include "services/ballots/testing/ballot_box.h"

// Whatever is done to a good bundle is told, and never more than that.
namespace smederij::ballots::bundle {
namespace {

using testing::PaperBox;
using testing::SampleBox;
using testing::SampleIssued;
using testing::SaysTheSame;
using testing::Tampered;

Files Good() {
  const auto files = ToFiles(SampleBox().Certify(SampleIssued()));
  CHECK(files.ok());
  return *files;
}

Files WithPaper() {
  const auto files = ToFiles(PaperBox().Certify(SampleIssued()));
  CHECK(files.ok());
  return *files;
}

uint64_t Seed() {
  uint64_t seed = std::random_device()();
  if (const char* given = std::getenv("SMEDERIJ_SEED")) CHECK(absl::SimpleAtoi(given, &seed));
  return seed;
}

TEST(Tampering, WithAnyFileIsToldWithItsNameAndNeverCrashes) {
  const uint64_t seed = Seed();
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  std::mt19937_64 random(seed);
  const Files good = WithPaper();
  ASSERT_EQ(Verify(good).outcome(), Outcome::kVerified);
  const int times = std::getenv("SMEDERIJ_ALL") != nullptr ? 1000 : 60;
  int tried = 0;
  for (const auto& [path, bytes] : good) {
    if (path == kReadmeFile) continue;  // Proves nothing, and says so.
    for (int i = 0; i < times; ++i) {
      Files bent = good;
      bent[path] = Tampered(path, bytes, random);
      if (bent[path] == bytes || SaysTheSame(good, bent)) continue;
      ++tried;
      const Report report = Verify(bent, {.threads = 1});
      ASSERT_EQ(report.outcome(), Outcome::kRefused) << path << " " << i;
      size_t findings = 0;
      for (const StepReport& step : report.steps) findings += step.findings_total;
      ASSERT_GT(findings, 0u) << path << " " << i;
    }
  }
  EXPECT_GT(tried, 5 * times);
}

TEST(Tampering, AMissingOrAnAddedFileIsTold) {
  const Files good = Good();
  for (const auto& [path, bytes] : good) {
    Files bent = good;
    bent.erase(path);
    EXPECT_EQ(Verify(bent).outcome(), Outcome::kRefused) << path;
    bent = good;
    bent[path + "x"] = bytes;
    EXPECT_EQ(Verify(bent).outcome(), Outcome::kRefused) << path;
  }
  EXPECT_EQ(Verify({}).at(Step::kFiles).findings_total, 7u);
}

TEST(Tampering, AnyFileOfAnotherElectionIsTold) {
  const Files good = Good(), other = Good();
  for (const auto& [path, bytes] : other) {
    // These two held in the same words say the same.
    if (path == kReadmeFile || good.at(path) == bytes) continue;
    Files bent = good;
    bent[path] = bytes;
    EXPECT_EQ(Verify(bent).outcome(), Outcome::kRefused) << path;
  }
}

TEST(Tampering, WithALeafTellsWhichOne) {
  Files bent = Good();
  std::string& entries = bent.at("tile/entries/000.p/11");
  const size_t third = 2 + bent.at("manifest.bin").size() + 2 + 84 + 2;
  entries[third + 100] = static_cast<char>(entries[third + 100] ^ 1);
  const Report report = Verify(bent);
  ASSERT_EQ(report.at(Step::kLog).findings.size(), 1u);
  EXPECT_EQ(report.at(Step::kLog).findings[0],
            (Finding{.wrong = Wrong::kEntryDiffers, .file = "tile/entries/000.p/11", .leaf = 2}));
}

}  // namespace
}  // namespace smederij::ballots::bundle
