// Two verifiers that share no line, over the same bundles: they must agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/vectors_test.h"
#include "services/ballots/bundle/verify.h"
#include "services/ballots/testing/ballot_box.h"
#include "services/ballots/testing/tamper.h"
#include "tests/e2e/town.h"
#include "tests/interop/folders.h"
#include "tests/interop/node.h"

namespace smederij::e2e {
namespace {

namespace bundle = ballots::bundle;
namespace fs = std::filesystem;
using ballots::Choice;
using ballots::Manifest;
using ballots::testing::Approve;
using ballots::testing::BallotBox;
using ballots::testing::SampleBox;
using ballots::testing::SampleIssued;
using ballots::testing::SampleManifest;
using bundle::Files;
using nlohmann::json;

// What the second verifier says of each folder.
std::vector<json> Second(const std::vector<std::string>& folders) {
  std::vector<std::string> arguments{
      "/usr/bin/env", "node",
      absl::StrCat(std::getenv("SMEDERIJ_SOURCE"), "/tests/interop/verify.mjs")};
  arguments.insert(arguments.end(), folders.begin(), folders.end());
  const Ended ended = Run(arguments);
  EXPECT_EQ(ended.err, "");
  std::vector<json> lines;
  for (const absl::string_view line : absl::StrSplit(ended.out, '\n', absl::SkipEmpty())) {
    lines.push_back(json::parse(line.begin(), line.end()));
  }
  EXPECT_EQ(lines.size(), folders.size());
  return lines;
}

std::string First(const Files& files) {
  const bundle::Report report = bundle::Verify(files);
  for (const bundle::StepReport& step : report.steps) {
    if (step.verdict != bundle::Verdict::kFails) continue;
    return absl::StrCat("REFUSED ", NameOf(step.step));
  }
  return report.outcome() == bundle::Outcome::kPartial ? "PARTIAL" : "VERIFIED";
}

std::string Said(const json& line) {
  const std::string outcome = line.at("outcome");
  return outcome != "REFUSED" ? outcome
                              : absl::StrCat(outcome, " ", line.at("step").get<std::string>());
}

Files FilesOf(const bundle::Contents& contents) {
  const auto files = bundle::ToFiles(contents);
  CHECK(files.ok());
  return *files;
}

// A round of points, weights, ties, and a threshold.
BallotBox Points() {
  Manifest manifest = SampleManifest();
  manifest.ballot_rule.kind = ballots::BallotKind::kPoints;
  manifest.ballot_rule.points_total_max = 10;
  manifest.count_rule.rule = "greedy_points";
  manifest.count_rule.support_min_basis_points = 1000;
  manifest.count_rule.tie_order = {ballots::TieBreak::kCost};
  manifest.classes[1].weight = 3;
  BallotBox box(manifest);
  const auto vote = [&box](std::vector<Choice::Line> lines, uint16_t class_id) {
    box.Put(box.NewVoter(class_id).Cast(
        1, Encode(Choice{.kind = ballots::BallotKind::kPoints, .lines = std::move(lines)})));
  };
  vote({{1, 6}, {2, 4}}, 1);
  vote({{1, 2}, {3, 8}}, 2);
  vote({{2, 10}}, 1);
  box.Close();
  return box;
}

// Paper at three stations, ballot by ballot where the rule wants it so.
BallotBox OnPaper(absl::string_view rule, uint32_t k_min = 1) {
  Manifest manifest = SampleManifest();
  manifest.count_rule.rule = std::string(rule);
  manifest.k_min = k_min;
  manifest.classes[1].weight = 2;
  return ballots::testing::PaperBox(manifest);
}

BallotBox WithRule(absl::string_view rule) {
  Manifest manifest = SampleManifest();
  manifest.count_rule.rule = std::string(rule);
  return SampleBox(manifest);
}

TEST(Verifiers, AgreeOnWhatHolds) {
  SMEDERIJ_REQUIRE_NODE();
  Manifest small_class = SampleManifest();
  small_class.k_min = 2;
  BallotBox withheld(small_class);
  for (int i = 0; i < 4; ++i) withheld.Vote({1});
  withheld.Vote({2}, /*class_id=*/2);
  withheld.Close();
  bundle::Contents auditors = withheld.Certify(SampleIssued()), publics = auditors;
  publics.openings.clear();
  // On paper four units are small and hide each other; the adults' stack is open.
  bundle::Contents papers = OnPaper("greedy_votes", 4).Certify(SampleIssued()),
                   open_papers = papers;
  open_papers.openings.clear();
  std::erase_if(open_papers.papers, [](const bundle::PaperOpening& paper) {
    return ballots::ParsePaperContent(paper.content)->totals.size() != 3;
  });
  BallotBox many;  // More than a tile of leaves.
  for (int i = 0; i < 300; ++i) many.Vote({1, 3});
  many.Close();

  struct Case {
    Files files;
    const char* outcome;
    const char* count;
  };
  const std::vector<Case> cases = {
      {FilesOf(SampleBox().Certify(SampleIssued())), "VERIFIED", "full"},
      {FilesOf(Points().Certify(SampleIssued())), "VERIFIED", "full"},
      {FilesOf(WithRule("mes_cost_add1u").Certify(SampleIssued())), "VERIFIED", "sums"},
      {FilesOf(WithRule("phragmen").Certify(SampleIssued())), "VERIFIED", "sums"},
      {FilesOf(many.Certify({{1, 300}})), "VERIFIED", "full"},
      {FilesOf(OnPaper("greedy_votes").Certify(SampleIssued())), "VERIFIED", "full"},
      {FilesOf(OnPaper("greedy_cost").Certify(SampleIssued())), "VERIFIED", "sums"},
      {FilesOf(OnPaper("phragmen").Certify(SampleIssued())), "VERIFIED", "sums"},
      {FilesOf(OnPaper("mes_cost").Certify(SampleIssued())), "VERIFIED", "sums"},
      {FilesOf(papers), "VERIFIED", "full"},
      {FilesOf(open_papers), "PARTIAL", ""},
      {FilesOf(auditors), "VERIFIED", "full"},
      {FilesOf(publics), "PARTIAL", ""}};
  Folders folders;
  std::vector<std::string> written;
  for (const Case& c : cases) written.push_back(folders.Write(c.files));
  const std::vector<json> second = Second(written);
  ASSERT_EQ(second.size(), cases.size());
  for (size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(First(cases[i].files), cases[i].outcome) << i;
    EXPECT_EQ(Said(second[i]), cases[i].outcome) << i << second[i];
    EXPECT_EQ(second[i].value("count", "none"), cases[i].count) << i;
  }
}

TEST(Verifiers, AgreeOnWhatDoesNotHoldAndAtWhichStep) {
  SMEDERIJ_REQUIRE_NODE();
  uint64_t seed = std::random_device()();
  const char* const given = std::getenv("SMEDERIJ_SEED");
  ASSERT_TRUE(given == nullptr || absl::SimpleAtoi(given, &seed));
  SCOPED_TRACE(absl::StrCat("SMEDERIJ_SEED=", seed));
  std::mt19937_64 random(seed);
  const Files good = FilesOf(OnPaper("greedy_votes").Certify(SampleIssued()));
  Folders folders;
  std::vector<std::string> written;
  std::vector<std::string> first, what;
  for (const auto& [path, bytes] : good) {
    if (path == bundle::kReadmeFile) continue;
    for (int i = 0; i < 40; ++i) {
      Files bent = good;
      bent[path] = ballots::testing::Tampered(path, bytes, random);
      if (bent[path] == bytes || ballots::testing::SaysTheSame(good, bent)) continue;
      written.push_back(folders.Write(bent));
      first.push_back(First(bent));
      what.push_back(absl::StrCat(path, " ", i));
    }
  }
  ASSERT_GT(written.size(), 200u);
  const std::vector<json> second = Second(written);
  ASSERT_EQ(second.size(), first.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(Said(second[i]), first[i]) << what[i] << ": " << second[i];
    EXPECT_THAT(first[i], ::testing::StartsWith("REFUSED"));
  }
}

// What an operator with the log's key could try: signed, and wrong.
TEST(Verifiers, AgreeOnWhatWasSignedAndIsWrong) {
  SMEDERIJ_REQUIRE_NODE();
  BallotBox box = SampleBox();
  const bundle::Contents good = box.Certify(SampleIssued());
  std::vector<Files> bent;
  const auto sign = [&](bundle::Contents contents) {
    contents.checkpoint = box.SignHead(contents.leaves);
    bent.push_back(FilesOf(contents));
  };
  for (size_t leaf = 1; leaf < good.leaves.size(); ++leaf) {
    bundle::Contents dropped = good, twice = good, flipped = good;
    dropped.leaves.erase(dropped.leaves.begin() + static_cast<int64_t>(leaf));
    sign(dropped);
    twice.leaves.insert(twice.leaves.begin() + static_cast<int64_t>(leaf), good.leaves[leaf]);
    sign(twice);
    std::string& bytes = flipped.leaves[leaf];
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    sign(flipped);
    bytes = good.leaves[leaf];
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    // These two end with an official's pseudonym, and any would do.
    if (leaf != 1 && leaf + 1 != good.leaves.size()) sign(flipped);
    if (leaf + 1 == good.leaves.size()) continue;
    bundle::Contents swapped = good;
    std::swap(swapped.leaves[leaf], swapped.leaves[leaf + 1]);
    if (leaf < 2 || leaf > 6) sign(swapped);  // The order of ballots is nobody's business.
  }
  for (size_t i = 0; i < good.openings.size(); ++i) {
    bundle::Contents dropped = good, other = good;
    dropped.openings.erase(dropped.openings.begin() + static_cast<int64_t>(i));
    sign(dropped);
    other.openings[i].choice = Approve({1, 2, 3});
    sign(other);
  }
  BallotBox stuffed = SampleBox();
  bent.push_back(FilesOf(stuffed.Certify({{1, 3}, {2, 1}})));
  Folders folders;
  std::vector<std::string> written;
  for (const Files& files : bent) written.push_back(folders.Write(files));
  const std::vector<json> second = Second(written);
  ASSERT_EQ(second.size(), bent.size());
  for (size_t i = 0; i < bent.size(); ++i) {
    const std::string first = First(bent[i]);
    EXPECT_THAT(first, ::testing::StartsWith("REFUSED")) << i;
    EXPECT_EQ(Said(second[i]), first) << i << second[i];
  }
}

// The same of paper: every bit of meaning in a batch and in a station's closing.
TEST(Verifiers, AgreeOnPaperThatWasSignedAndIsWrong) {
  SMEDERIJ_REQUIRE_NODE();
  std::vector<Files> bent;
  std::vector<std::string> what;
  for (const char* rule : {"greedy_votes", "phragmen"}) {
    BallotBox box = OnPaper(rule);
    const bundle::Contents good = box.Certify(SampleIssued());
    const auto sign = [&](bundle::Contents contents, const std::string& name) {
      contents.checkpoint = box.SignHead(contents.leaves);
      bent.push_back(FilesOf(contents));
      what.push_back(absl::StrCat(rule, " ", name));
    };
    // Manifest, approval, two ballots, close, four batches, three stations, openings, tally.
    for (size_t leaf = 5; leaf < 12; ++leaf) {
      bundle::Contents dropped = good, twice = good;
      dropped.leaves.erase(dropped.leaves.begin() + static_cast<int64_t>(leaf));
      sign(dropped, absl::StrCat("without leaf ", leaf));
      if (leaf < 9) {  // The same closing again says the same.
        twice.leaves.insert(twice.leaves.begin() + static_cast<int64_t>(leaf), good.leaves[leaf]);
        sign(twice, absl::StrCat("twice leaf ", leaf));
      }
      // All but the pseudonyms at the end, of which any would do.
      for (size_t byte = 0; byte + 32 < good.leaves[leaf].size(); byte += 3) {
        bundle::Contents flipped = good;
        flipped.leaves[leaf][byte] = static_cast<char>(flipped.leaves[leaf][byte] ^ 2);
        sign(flipped, absl::StrCat("leaf ", leaf, " byte ", byte));
      }
    }
    for (size_t i = 0; i < good.papers.size(); ++i) {
      bundle::Contents dropped = good, other = good;
      dropped.papers.erase(dropped.papers.begin() + static_cast<int64_t>(i));
      sign(dropped, absl::StrCat("without paper ", i));
      other.papers[i].content.back() = static_cast<char>(other.papers[i].content.back() ^ 1);
      sign(other, absl::StrCat("other paper ", i));
    }
  }
  Folders folders;
  std::vector<std::string> written;
  for (const Files& files : bent) written.push_back(folders.Write(files));
  const std::vector<json> second = Second(written);
  ASSERT_EQ(second.size(), bent.size());
  for (size_t i = 0; i < bent.size(); ++i) {
    const std::string first = First(bent[i]);
    EXPECT_EQ(Said(second[i]), first) << what[i] << second[i];
    EXPECT_THAT(first, ::testing::StartsWith("REFUSED")) << what[i];
  }
}

// Libraries differ on what lies at the edges; these two must not.
TEST(Verifiers, AgreeOnEverySignature) {
  SMEDERIJ_REQUIRE_NODE();
  const fs::path path = crypto::VectorFolder() / "wycheproof_ed25519_test.json";
  REQUIRE_VECTORS(path);
  std::vector<std::array<std::string, 3>> cases;
  const json vectors = json::parse(crypto::ReadAll(path));
  for (const json& group : vectors["testGroups"]) {
    for (const json& test : group["tests"]) {
      if (crypto::FromHex(test["sig"]).size() != 64) continue;
      cases.push_back({crypto::FromHex(group["publicKey"]["pk"]), crypto::FromHex(test["msg"]),
                       crypto::FromHex(test["sig"])});
    }
  }
  // Points of small order, in every encoding, as key and as R, under which S = 0 may fit anything.
  std::vector<std::string> small;
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    small.push_back(absl::HexStringToBytes(hex));
    small.push_back(small.back());
    small.back().back() = static_cast<char>(small.back().back() ^ 0x80);
  }
  const crypto::SigningKey key = crypto::SigningKey::Random();
  const std::string own_key = crypto::ToBytes(key.verifying_key());
  const std::string own = crypto::ToBytes(key.Sign("message"));
  for (const std::string& point : small) {
    for (const std::string& r : small) {
      for (const char* message : {"", "a", "b", "message"}) {
        cases.push_back({point, message, r + std::string(32, '\0')});
      }
    }
    cases.push_back({own_key, "message", point + own.substr(32)});
    cases.push_back({point, "message", own});
  }
  cases.push_back({own_key, "message", own});

  Folders folders;
  std::string text, expected;
  for (const auto& [point, message, signature] : cases) {
    absl::StrAppend(&text, absl::BytesToHexString(point), ",", absl::BytesToHexString(message), ",",
                    absl::BytesToHexString(signature), "\n");
    expected +=
        crypto::Verify(*crypto::ToArray<32>(point), message, *crypto::ToArray<64>(signature)) ? '1'
                                                                                              : '0';
  }
  const std::string folder = folders.Write({{"cases", text}});
  const Ended ended =
      e2e::Run({"/usr/bin/env", "node",
                absl::StrCat(std::getenv("SMEDERIJ_SOURCE"), "/tests/interop/ed25519_cases.mjs"),
                folder + "/cases"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, expected + "\n");
  EXPECT_GT(std::count(expected.begin(), expected.end(), '1'), 50);
}

TEST(Verifiers, AgreeOnARoundThatWasPlayed) {
  SMEDERIJ_REQUIRE_NODE();
  Town town;
  const Ended played = town.Play();
  ASSERT_EQ(played.code, 0) << played.err;
  const std::string round = json::parse(played.out.substr(played.out.rfind('{'))).at("round");
  Folders folders;
  const std::string folder = folders.path("played");
  const Ended exported = town.Smederij({"bundle", "export", round, "--output", folder});
  ASSERT_EQ(exported.code, 0) << exported.err;
  const Ended again = town.Smederij({"bundle", "export", round, "--output", folder});
  EXPECT_EQ(again.code, 1);
  EXPECT_THAT(again.err, ::testing::HasSubstr("OUTPUT_EXISTS"));
  const auto verify = [&] {
    return e2e::Run({absl::StrCat(std::getenv("SMEDERIJ_BIN"), "/smederij"), "verify", folder});
  };
  const Ended first = verify();
  EXPECT_EQ(first.code, 0) << first.out;
  EXPECT_THAT(first.out, ::testing::HasSubstr("VERIFIED"));
  EXPECT_EQ(Said(Second({folder})[0]), "VERIFIED");
  std::ofstream(fs::path(folder) / "openings.jsonl", std::ios::app) << "{}\n";
  const Ended bent = verify();
  EXPECT_EQ(bent.code, 1);
  EXPECT_THAT(bent.out, ::testing::HasSubstr("openings.jsonl, line 56"));
  EXPECT_EQ(Said(Second({folder})[0]), "REFUSED openings");
}

}  // namespace
}  // namespace smederij::e2e
