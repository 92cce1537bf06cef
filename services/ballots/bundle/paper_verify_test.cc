#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/ballots/bundle/verify.h"
#include "services/ballots/testing/ballot_box.h"

// Bundles of elections where people voted on paper too.
namespace smederij::ballots::bundle {
namespace {

using testing::Approve;
using testing::BallotBox;
using ::testing::ElementsAre;
using testing::PaperBox;
using testing::SampleManifest;

using Names = std::vector<std::string>;

const Issued kIssued = {{1, 1}, {2, 1}};

Files FilesOf(const Contents& contents) {
  const auto files = ToFiles(contents);
  CHECK(files.ok());
  return *files;
}

// What is found, "step: WRONG" each, in order; "verified" or "partial" when nothing is.
Names Found(const Files& files) {
  const Report report = Verify(files, {.threads = 1});
  Names found;
  for (const StepReport& step : report.steps) {
    for (const Finding& finding : step.findings) {
      found.push_back(absl::StrCat(NameOf(step.step), ": ", NameOf(finding.wrong)));
    }
  }
  if (found.empty() && report.outcome() == Outcome::kVerified) found.push_back("verified");
  if (found.empty() && report.outcome() == Outcome::kPartial) found.push_back("partial");
  return found;
}

Manifest WithStation(const std::string& rule = "greedy_votes") {
  Manifest manifest = SampleManifest();
  manifest.count_rule.rule = rule;
  manifest.stations = {{.number = 1, .name = "Dorpshuis"}};
  return manifest;
}

std::map<uint32_t, int64_t> SupportOf(const Result& result) {
  std::map<uint32_t, int64_t> support;
  for (const PlanResult& plan : result.plans) support[plan.number] = plan.support;
  return support;
}

TEST(Paper, IsCountedWithWhatWasCastOnline) {
  Manifest manifest = SampleManifest();
  manifest.classes[1].weight = 2;
  const Files files = FilesOf(PaperBox(manifest).Certify(kIssued));
  EXPECT_EQ(Found(files), Names{"verified"});
  const Report report = Verify(files);
  EXPECT_EQ(report.ballots, 12);
  EXPECT_EQ(report.paper, 10);
  EXPECT_EQ(report.opened, 12);
  // Online 1,2 · 3 (youth); on paper adults 1 · 1,3 · blank · 2,3, youth 2 · 3 · blank and, counted
  // again, 1 · 3 · 3. A youth counts twice.
  EXPECT_EQ(SupportOf(*report.result), (std::map<uint32_t, int64_t>{{1, 5}, {2, 4}, {3, 10}}));
  EXPECT_EQ(files.at("turnout.csv"),
            "class_id,roll_size,issued,marked,ballots,paper,invalid,blank\n"
            "1,900,1,11,5,4,1,1\n2,80,1,12,7,6,0,1\n");
}

// Whether a ballot was cast online, or on paper and counted singly or in sums, the same wins by the
// same steps for the same reasons.
TEST(Paper, ComesToTheSameAsTheSameBallotsOnline) {
  const std::vector<std::vector<uint32_t>> ballots = {{1}, {1, 2}, {2, 3}, {3}, {3}, {}, {1, 2, 3}};
  for (const char* rule : {"greedy_votes", "greedy_card", "mes_cost_add1u", "phragmen"}) {
    Manifest manifest = WithStation(rule);
    manifest.count_rule.support_min_basis_points = 4'000;  // Of all ballots: three.
    const auto result_of = [&](size_t online) {
      BallotBox box(manifest);
      for (size_t i = 0; i < online; ++i) box.Vote(ballots[i]);
      box.Close();
      if (online < ballots.size()) {
        box.Paper(1, 1, {ballots.begin() + static_cast<int64_t>(online), ballots.end()});
      }
      box.CloseStations();
      const Files files = FilesOf(box.Certify({{1, 7}, {2, 0}}));
      EXPECT_EQ(Found(files), Names{"verified"}) << rule;
      return *Verify(files).result;
    };
    const Result online = result_of(ballots.size());
    for (const size_t some : {size_t{0}, size_t{3}}) {
      const Result mixed = result_of(some);
      EXPECT_EQ(mixed.plans, online.plans) << rule;
      EXPECT_EQ(mixed.contests, online.contests) << rule;
    }
  }
}

TEST(Paper, IsPublishedSinglyOnlyWhereTheRuleNeedsIt) {
  const auto kind_of = [](const std::string& rule) {
    BallotBox box(WithStation(rule));
    box.Close();
    box.Paper(1, 1, {{1}, {2}});
    return ParsePaperContent(box.Papers()[0].content)->kind;
  };
  EXPECT_EQ(kind_of("greedy_votes"), PaperContent::Kind::kTotals);
  EXPECT_EQ(kind_of("phragmen"), PaperContent::Kind::kBallots);
}

TEST(Paper, ASmallBatchIsHiddenWithAsManyMoreAsItTakes) {
  Manifest manifest = SampleManifest();
  manifest.k_min = 4;
  BallotBox box = PaperBox(manifest);
  Contents contents = box.Certify(kIssued);
  EXPECT_EQ(Found(FilesOf(contents)), Names{"verified"});
  // Online one and one, on paper three and three: all four units are small, and hide each other.
  // Only the adults' four on paper are open; nothing of blank ones is told that would give it away.
  contents.openings.clear();
  std::erase_if(contents.papers, [](const PaperOpening& paper) {
    return ParsePaperContent(paper.content)->totals.size() != 3;
  });
  ASSERT_EQ(contents.papers.size(), 1u);
  EXPECT_EQ(Found(FilesOf(contents)), Names{"partial"});
  EXPECT_EQ(Verify(FilesOf(contents)).withheld, 8);
  // Of the adults one ballot is hidden, so of them no blank one is told; of the youth seven are.
  EXPECT_EQ(FilesOf(contents).at("turnout.csv"),
            "class_id,roll_size,issued,marked,ballots,paper,invalid,blank\n"
            "1,900,1,11,5,4,1,\n2,80,1,12,7,6,0,1\n");
  // Half an auditor's bundle is none.
  contents.openings = {box.Openings()[0]};
  EXPECT_EQ(Found(FilesOf(contents)).size(), 3u);
}

// A dishonest operator signs what is not right.
class SignedAnew {
 public:
  SignedAnew() : box(PaperBox()), contents(box.Certify(kIssued)) {}

  Names Found() {
    contents.checkpoint = box.SignHead(contents.leaves);
    return bundle::Found(FilesOf(contents));
  }
  // Leaves: manifest, approval, two ballots, close, four batches, three stations, openings, tally.
  template <class Change>
  void BendBatch(size_t leaf, Change change) {
    PaperLeaf parsed = *ParsePaperLeaf(contents.leaves[leaf]);
    change(parsed);
    contents.leaves[leaf] = Encode(parsed);
  }
  template <class Change>
  void BendStation(size_t leaf, Change change) {
    Event event = *ParseEvent(contents.leaves[leaf]);
    change(event);
    contents.leaves[leaf] =
        StationEvent(event.round_id, event.station, event.lines, event.reason, event.officials);
  }

  BallotBox box;
  Contents contents;
};

TEST(Paper, ABatchThatCannotStandThereIsFound) {
  const auto found = [](auto change, size_t leaf = 7) {
    SignedAnew bent;
    bent.BendBatch(leaf, change);
    return bent.Found();
  };
  EXPECT_EQ(found([](PaperLeaf&) {}), Names{"verified"});
  EXPECT_EQ(found([](PaperLeaf& l) { l.round_id = RoundId::Random(); }),
            Names{"ballots: LEAF_OF_ANOTHER_ROUND"});
  EXPECT_EQ(found([](PaperLeaf& l) { l.class_id = 9; }), Names{"ballots: CLASS_UNKNOWN"});
  EXPECT_EQ(found([](PaperLeaf& l) { l.station = 9; }), Names{"ballots: STATION_UNKNOWN"});
  EXPECT_EQ(found([](PaperLeaf& l) { l.officials.pop_back(); }),
            Names{"ballots: BATCH_NOT_SEALED"});
  EXPECT_EQ(found([](PaperLeaf& l) { l.officials[1] = l.officials[0]; }),
            Names{"ballots: BATCH_NOT_SEALED"});
  EXPECT_EQ(found([](PaperLeaf& l) { l.supersedes = Hash{1}; }),
            Names{"ballots: SUPERSEDES_WRONG"});
  EXPECT_EQ(found([](PaperLeaf& l) { l.station = 5; }, 8), Names{"ballots: SUPERSEDES_WRONG"});
  EXPECT_EQ(found([](PaperLeaf& l) { l.class_id = 1; }, 8), Names{"ballots: SUPERSEDES_WRONG"});
  EXPECT_EQ(found([](PaperLeaf& l) { l.invalid = l.ballots + 1; }),
            Names{"ballots: LEAF_UNREADABLE"});

  SignedAnew twice;
  twice.BendBatch(
      7, [&](PaperLeaf& l) { l.batch_id = ParsePaperLeaf(twice.contents.leaves[6])->batch_id; });
  EXPECT_EQ(twice.Found(), Names{"ballots: BATCH_TWICE"});
  SignedAnew early;
  std::swap(early.contents.leaves[4], early.contents.leaves[5]);
  EXPECT_EQ(early.Found()[0], "ballots: LEAF_OUT_OF_PLACE");
  SignedAnew late;
  std::swap(late.contents.leaves[11], late.contents.leaves[12]);
  EXPECT_EQ(late.Found(), Names{"ballots: LEAF_OUT_OF_PLACE"});
}

TEST(Paper, AStationThatWasNotClosedByTwoOverWhatIsThereIsFound) {
  const auto found = [](auto change) {
    SignedAnew bent;
    bent.BendStation(9, change);
    return bent.Found();
  };
  EXPECT_EQ(found([](Event&) {}), Names{"verified"});
  EXPECT_EQ(found([](Event& e) { e.station = 9; }), Names{"ballots: STATION_UNKNOWN"});
  EXPECT_EQ(found([](Event& e) { e.lines.pop_back(); }), Names{"ballots: STATION_WRONG"});
  EXPECT_EQ(found([](Event& e) { e.officials.pop_back(); }), Names{"ballots: STATION_WRONG"});
  EXPECT_EQ(found([](Event& e) { e.lines[0].spoiled = 0; }), Names{"ballots: STATION_UNEXPLAINED"});
  EXPECT_EQ(found([](Event& e) { e.round_id = RoundId::Random(); }),
            Names{"ballots: LEAF_OF_ANOTHER_ROUND"});
  EXPECT_EQ(found([](Event& e) { e.reason = "a reason where none is needed"; }), Names{"verified"});
  EXPECT_EQ(found([](Event& e) {
              e.lines[0].marked += 1;
              e.lines[0].in_box += 1;
            }),
            (Names{"balance: TURNOUT_DIFFERS", "balance: STATION_DIFFERS"}));
  SignedAnew open;
  open.BendStation(9, [](Event& e) { e.station = 5; });
  EXPECT_EQ(open.Found()[0], "balance: TURNOUT_DIFFERS");
  EXPECT_EQ(open.Found()[1], "balance: STATION_OPEN");
}

TEST(Paper, AnExplainedDifferenceHoldsAndTheLastClosingCounts) {
  BallotBox box(WithStation());
  box.Close();
  const Hash first = box.Paper(1, 1, {{1}, {2}});
  box.CloseStations();
  box.Paper(1, 1, {{1}, {2}, {2}}, 0, first);
  box.CloseStations(/*lost=*/1, "one paper was never found");
  const Files files = FilesOf(box.Certify({{1, 0}, {2, 0}}));
  EXPECT_EQ(Found(files), Names{"verified"});
  EXPECT_EQ(Verify(files).result->turnout[0].marked, 6);
}

TEST(Paper, OpeningsThatAreNotWhatWasSealedAreFound) {
  SignedAnew missing;
  missing.contents.papers.pop_back();
  EXPECT_EQ(missing.Found(), Names{"openings: PAPER_MISSING"});
  SignedAnew swapped;
  std::swap(swapped.contents.papers[0].content, swapped.contents.papers[1].content);
  std::swap(swapped.contents.papers[0].nonce, swapped.contents.papers[1].nonce);
  EXPECT_EQ(swapped.Found(), (Names{"openings: PAPER_WRONG", "openings: PAPER_WRONG"}));
  SignedAnew repeated;
  repeated.contents.papers.push_back(repeated.contents.papers.back());
  EXPECT_EQ(repeated.Found(), Names{"openings: PAPER_OUT_OF_ORDER"});
  SignedAnew stray;
  stray.contents.papers[0].leaf_hash[0] = 0;
  stray.contents.papers[0].leaf_hash[1] = 0;
  EXPECT_EQ(stray.Found(), (Names{"openings: PAPER_STRAY", "openings: PAPER_MISSING"}));
}

TEST(Paper, MoreThanSoManyBallotsCanSayIsFoundAndNeverCounted) {
  BallotBox box(WithStation());
  box.Close();
  box.Paper(1, 1, {{1}, {2}});
  box.CloseStations();
  Contents contents = box.Certify({{1, 0}, {2, 0}});
  // The commitment holds, for the operator who stuffs the box makes it.
  PaperContent stuffed = *ParsePaperContent(contents.papers[0].content);
  stuffed.totals[0].support = 300;
  contents.papers[0].content = Encode(stuffed);
  PaperLeaf leaf = *ParsePaperLeaf(contents.leaves[3]);
  leaf.commitment = PaperCommitment(leaf.round_id, leaf.batch_id, contents.papers[0].nonce,
                                    contents.papers[0].content);
  contents.leaves[3] = Encode(leaf);
  contents.papers[0].leaf_hash = crypto::LeafHash(contents.leaves[3]);
  contents.checkpoint = box.SignHead(contents.leaves);
  EXPECT_EQ(Found(FilesOf(contents)), Names{"openings: CONTENT_INVALID"});

  Recount recount(box.manifest(), crypto::Sha256(contents.leaves[0]));
  for (const std::string& l : contents.leaves) recount.AddLeaf(crypto::LeafHash(l), l);
  const PaperOpening& opening = contents.papers[0];
  recount.AddPaperOpening(opening.leaf_hash, opening.content, opening.nonce);
  const auto count = recount.Finish(1, {}, {});
  EXPECT_THAT(count->imbalances, ElementsAre("1 opened batches of paper hold what they cannot"));
  EXPECT_EQ(count->result.plans[0].support, 0);
}

TEST(Paper, WhatDoesNotBalanceIsToldToTheOfficials) {
  const auto imbalances = [](auto&& hold, const Issued& issued = {{1, 0}, {2, 0}}) {
    BallotBox box(WithStation());
    hold(box);
    Recount recount(box.manifest(), crypto::Sha256(box.leaves[0]));
    for (const std::string& l : box.leaves) recount.AddLeaf(crypto::LeafHash(l), l);
    for (const PaperOpening& p : box.Papers()) {
      recount.AddPaperOpening(p.leaf_hash, p.content, p.nonce);
    }
    return recount.Finish(1, issued, {})->imbalances;
  };
  EXPECT_THAT(imbalances([](BallotBox& box) {
                box.Close();
                box.Paper(1, 1, {{1}});
              }),
              ElementsAre("station 1 has not been closed"));
  EXPECT_THAT(imbalances([](BallotBox& box) {
                box.Close();
                box.CloseStations();
                box.Paper(1, 1, {{1}});
              }),
              ElementsAre("station 1, class 1: 1 ballots in sealed batches, 0 signed for"));
  EXPECT_THAT(imbalances([](BallotBox& box) {
                box.Paper(1, 1, {{1}});
                box.Close();
                box.CloseStations();
              }),
              ElementsAre("1 batches of paper stand in the log before its close",
                          "1 openings belong to no batch of paper that counts",
                          "station 1, class 1: 0 ballots in sealed batches, 1 signed for"));
  EXPECT_THAT(imbalances(
                  [](BallotBox& box) {
                    box.Close();
                    box.CloseStations(/*lost=*/100, "a storm");
                  },
                  {{1, 799}, {2, 0}}),
              ElementsAre("class 1: 799 credentials issued and 102 papers handed out to a roll of "
                          "900"));
  EXPECT_THAT(imbalances([](BallotBox& box) {
                box.Close();
                box.Paper(1, 9, {{1}});
                box.CloseStations();
              }),
              ElementsAre("1 leaves in the log are no batches of paper of this election",
                          "1 openings belong to no batch of paper that counts"));
}

}  // namespace
}  // namespace smederij::ballots::bundle
