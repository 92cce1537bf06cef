#include "services/ballots/bundle/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ballots/testing/ballot_box.h"

namespace smederij::ballots::bundle {
namespace {

using ::testing::ElementsAre;
using testing::SampleBox;
using testing::SampleIssued;

TEST(Bundle, IsTheseFiles) {
  const auto files = ToFiles(SampleBox().Certify(SampleIssued()));
  ASSERT_TRUE(files.ok()) << files.status();
  std::vector<std::string> paths;
  for (const auto& [path, bytes] : *files) {
    paths.push_back(path);
    EXPECT_EQ(bytes.empty(), path == kPaperFile) << path;  // Nobody voted on paper.
  }
  EXPECT_THAT(paths, ElementsAre("README.txt", "checkpoint", "manifest.bin", "openings.jsonl",
                                 "paper.jsonl", "result.bin", "tile/0/000.p/11",
                                 "tile/entries/000.p/11", "turnout.csv"));
  EXPECT_EQ(files->at("turnout.csv"),
            "class_id,roll_size,issued,marked,ballots,paper,invalid,blank\n"
            "1,900,6,0,4,0,0,1\n2,80,3,0,1,0,0,0\n");
}

TEST(Bundle, IsMadeOfAnElectionOnly) {
  Contents contents = SampleBox().Certify(SampleIssued());
  contents.result += 'x';
  EXPECT_EQ(ReasonOf(ToFiles(contents).status()), "RESULT_UNREADABLE");
  contents.leaves[0] += 'x';
  EXPECT_EQ(ReasonOf(ToFiles(contents).status()), "MANIFEST_UNREADABLE");
  contents.leaves.clear();
  EXPECT_EQ(ReasonOf(ToFiles(contents).status()), "MANIFEST_UNREADABLE");
}

TEST(Papers, AreReadAsTheyAreWrittenAndNotOtherwise) {
  const std::vector<PaperOpening> papers = testing::PaperBox().Papers();
  const std::string text = EncodePapers(papers);
  EXPECT_EQ(*DecodePapers(text), papers);
  const auto wrong_line = [](const std::string& bent) {
    const auto decoded = DecodePapers(bent);
    EXPECT_EQ(ReasonOf(decoded.status()), "PAPER_MALFORMED");
    return FactsOf(decoded.status()).at(0).second;
  };
  EXPECT_EQ(wrong_line(text.substr(0, text.size() - 1)), "3");
  EXPECT_EQ(wrong_line("\n" + text), "1");
  EXPECT_EQ(wrong_line(text + EncodeOpenings(SampleBox().Openings())), "4");
}

TEST(Openings, AreReadAsTheyAreWrittenAndNotOtherwise) {
  const std::vector<Opening> openings = SampleBox().Openings();
  const std::string text = EncodeOpenings(openings);
  EXPECT_EQ(*DecodeOpenings(text), openings);
  EXPECT_TRUE(DecodeOpenings("")->empty());
  const auto wrong_line = [](const std::string& bent) {
    const auto decoded = DecodeOpenings(bent);
    EXPECT_EQ(ReasonOf(decoded.status()), "OPENINGS_MALFORMED");
    return FactsOf(decoded.status()).at(0).second;
  };
  EXPECT_EQ(wrong_line(text.substr(0, text.size() - 1)), "5");
  EXPECT_EQ(wrong_line("\n" + text), "1");
  EXPECT_EQ(wrong_line(text + " "), "6");
  EXPECT_EQ(wrong_line(text + "{\"leaf_hash\":\"\",\"choice\":\"\",\"nonce\":\"\"}\n"), "6");
  std::string upper = text;
  upper.replace(14, 1, "A");
  EXPECT_EQ(wrong_line(upper), "1");
}

}  // namespace
}  // namespace smederij::ballots::bundle
