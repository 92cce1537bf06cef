#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/ballots/bundle/verify.h"
#include "services/ballots/testing/ballot_box.h"

// Whatever is done to a good bundle is told, and never more than that.
namespace smederij::ballots::bundle {
namespace {

using testing::SampleBox;
using testing::SampleIssued;

Files Good() {
  const auto files = ToFiles(SampleBox().Certify(SampleIssued()));
  CHECK(files.ok());
  return *files;
}

uint64_t Seed() {
  uint64_t seed = std::random_device()();
  if (const char* given = std::getenv("SMEDERIJ_SEED")) CHECK(absl::SimpleAtoi(given, &seed));
  return seed;
}

using Random = std::mt19937_64;

// Units that can be dropped, repeated or moved: lines of texts, leaves of entries, else 32 bytes.
std::vector<std::string> UnitsOf(const std::string& path, const std::string& bytes) {
  std::vector<std::string> units;
  if (absl::StartsWith(path, "tile/entries")) {
    crypto::ByteReader in(bytes);
    while (in.left() > 0) {
      const uint16_t length = in.U16();
      units.push_back(crypto::ByteWriter().U16(length).Raw(in.Raw(length)).bytes());
    }
  } else if (path == kOpeningsFile || path == kTurnoutFile || path == kCheckpointFile) {
    for (const absl::string_view line : absl::StrSplit(bytes, '\n')) {
      units.push_back(absl::StrCat(line, "\n"));
    }
    units.pop_back();
  } else {
    for (size_t at = 0; at < bytes.size(); at += 32) units.push_back(bytes.substr(at, 32));
  }
  return units;
}

std::string Tampered(const std::string& path, const std::string& bytes, Random& random) {
  std::vector<std::string> units = UnitsOf(path, bytes);
  const size_t a = random() % units.size(), b = random() % units.size();
  std::string bent = bytes;
  switch (random() % 8) {
    case 0:
    case 1: {
      const size_t bit = random() % (bytes.size() * 8);
      bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
      return bent;
    }
    case 2:
      return bytes.substr(0, random() % bytes.size());
    case 3:
      return absl::StrCat(bytes, std::string(1 + random() % 40, static_cast<char>(random())));
    case 4:
      units.erase(units.begin() + static_cast<int64_t>(a));
      return absl::StrJoin(units, "");
    case 5:
      units.insert(units.begin() + static_cast<int64_t>(a), units[b]);
      return absl::StrJoin(units, "");
    case 6:
      std::swap(units[a], units[b]);
      return absl::StrJoin(units, "");
    default:
      bent[random() % bent.size()] = static_cast<char>(random());
      return bent;
  }
}

// A checkpoint may carry more signature lines than ours: witnesses add theirs.
bool SaysTheSame(const Files& good, const Files& bent) {
  const auto manifest = DecodeManifest(good.at("manifest.bin"));
  const auto verifier = crypto::NoteVerifier::Parse(manifest->log_verifier_key);
  const auto opened = crypto::OpenNote(bent.at("checkpoint"), {*verifier});
  return bent.at("checkpoint") != good.at("checkpoint") && opened.ok() &&
         *opened == *crypto::OpenNote(good.at("checkpoint"), {*verifier});
}

TEST(Tampering, WithAnyFileIsToldWithItsNameAndNeverCrashes) {
  const uint64_t seed = Seed();
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  Random random(seed);
  const Files good = Good();
  ASSERT_EQ(Verify(good).outcome(), Outcome::kVerified);
  int tried = 0;
  for (const auto& [path, bytes] : good) {
    if (path == kReadmeFile) continue;  // Proves nothing, and says so.
    for (int i = 0; i < 150; ++i) {
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
  EXPECT_GT(tried, 800);
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
  EXPECT_EQ(Verify({}).at(Step::kFiles).findings_total, 6u);
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
