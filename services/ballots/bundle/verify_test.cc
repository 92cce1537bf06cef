#include "services/ballots/bundle/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/ballots/testing/ballot_box.h"

namespace smederij::ballots::bundle {
namespace {

using testing::Approve;
using testing::BallotBox;
using testing::Envelope;
using testing::SampleBox;
using testing::SampleIssued;
using testing::SampleManifest;
using testing::Voter;

Files FilesOf(const Contents& contents) {
  const auto files = ToFiles(contents);
  CHECK(files.ok());
  return *files;
}

// What is found, "step: WRONG" each, in order; "verified" or "partial" when nothing is.
std::vector<std::string> Found(const Files& files, const Options& options = {}) {
  const Report report = Verify(files, options);
  std::vector<std::string> found;
  for (const StepReport& step : report.steps) {
    for (const Finding& finding : step.findings) {
      found.push_back(absl::StrCat(NameOf(step.step), ": ", NameOf(finding.wrong)));
    }
  }
  if (found.empty() && report.outcome() == Outcome::kVerified) found.push_back("verified");
  if (found.empty() && report.outcome() == Outcome::kPartial) found.push_back("partial");
  return found;
}

using Names = std::vector<std::string>;

TEST(Verify, AGoodBundleHolds) {
  BallotBox box = SampleBox();
  const Files files = FilesOf(box.Certify(SampleIssued()));
  EXPECT_EQ(Found(files), Names{"verified"});
  const Report report = Verify(files, {.log_key = box.manifest().log_verifier_key, .threads = 1});
  EXPECT_EQ(report.outcome(), Outcome::kVerified);
  EXPECT_EQ(report.leaves, 11u);
  EXPECT_EQ(report.ballots, 5);
  EXPECT_EQ(report.opened, 5);
  EXPECT_EQ(report.withheld, 0);
  EXPECT_EQ(report.result->plans[0].number, 2u);
}

TEST(Verify, AnElectionWithoutABallotHolds) {
  BallotBox box;
  box.Close();
  EXPECT_EQ(Found(FilesOf(box.Certify({}))), Names{"verified"});
}

TEST(Verify, ALotIsReadFromTheLog) {
  Manifest manifest = SampleManifest();
  manifest.count_rule.tie_order = {TieBreak::kLot};
  BallotBox box(manifest);
  box.Vote({1, 3});
  box.Close();
  box.DrawLot({3, 1, 2});
  Contents contents = box.Certify({{1, 1}});
  EXPECT_EQ(Found(FilesOf(contents)), Names{"verified"});
  const auto with_lot = [&](std::vector<uint32_t> numbers) {
    contents.leaves[4] = LotEvent(box.manifest().round_id, numbers, box.officials());
    contents.checkpoint = box.SignHead(contents.leaves);
    return Found(FilesOf(contents));
  };
  // The second: the charter asks for a lot, and there is none that holds.
  EXPECT_EQ(with_lot({3, 1, 1}), (Names{"ballots: LOT_WRONG", "ballots: LOT_WRONG"}));
  EXPECT_EQ(with_lot({3, 1}), (Names{"ballots: LOT_WRONG", "ballots: LOT_WRONG"}));
}

TEST(Verify, AClassBelowKMinMakesItPartialUnlessItIsTheAuditors) {
  Manifest manifest = SampleManifest();
  manifest.k_min = 2;
  BallotBox box(manifest);
  for (int i = 0; i < 3; ++i) box.Vote({1});
  box.Vote({2}, /*class_id=*/2);
  box.Close();
  Contents contents = box.Certify(SampleIssued());
  EXPECT_EQ(Found(FilesOf(contents)), Names{"verified"});
  // One youth cannot be hidden by subtraction unless the adults are not opened either.
  contents.openings.clear();
  EXPECT_EQ(Found(FilesOf(contents)), Names{"partial"});
  EXPECT_EQ(Verify(FilesOf(contents)).withheld, 4);
  // Half an auditor's bundle is none.
  contents.openings = {box.Openings()[0]};
  EXPECT_EQ(Found(FilesOf(contents)).size(), 3u);
}

TEST(Verify, TheLogsKeyIsTheOneThatPeopleKnow) {
  const Files files = FilesOf(SampleBox().Certify(SampleIssued()));
  EXPECT_EQ(Found(files, {.log_key = BallotBox().signer().VerifierKey()}),
            Names{"checkpoint: LOG_KEY_DIFFERS"});
}

// A dishonest operator signs what is not right: everything that only the leaves can tell.
class SignedAnew {
 public:
  SignedAnew() : box(SampleBox()), contents(box.Certify(SampleIssued())) {}

  Names Found() {
    contents.checkpoint = box.SignHead(contents.leaves);
    return bundle::Found(FilesOf(contents));
  }
  // The leaf with its signature made good again.
  void Bend(size_t leaf, void (*bend)(BallotLeaf&)) {
    BallotLeaf parsed = *ParseLeaf(contents.leaves[leaf]);
    bend(parsed);
    contents.leaves[leaf] = Encode(parsed);
  }

  BallotBox box;
  Contents contents;
};

TEST(Verify, BallotsThatNobodyWasEntitledToAreFound) {
  SignedAnew credential;
  credential.Bend(2, [](BallotLeaf& leaf) { leaf.credential[9] ^= 1; });
  EXPECT_EQ(credential.Found(), (Names{"ballots: CREDENTIAL_WRONG", "ballots: SIGNATURE_WRONG"}));
  SignedAnew signature;
  signature.Bend(2, [](BallotLeaf& leaf) { leaf.voter_signature[9] ^= 1; });
  EXPECT_EQ(signature.Found(), Names{"ballots: SIGNATURE_WRONG"});
  SignedAnew other_class;
  other_class.Bend(2, [](BallotLeaf& leaf) { leaf.class_id = 2; });
  EXPECT_EQ(other_class.Found()[0], "ballots: CREDENTIAL_WRONG");
  SignedAnew no_class;
  no_class.Bend(2, [](BallotLeaf& leaf) { leaf.class_id = 3; });
  EXPECT_EQ(no_class.Found(), Names{"ballots: CLASS_UNKNOWN"});
  SignedAnew other_round;
  other_round.Bend(2, [](BallotLeaf& leaf) { leaf.round_id = RoundId::Random(); });
  EXPECT_EQ(other_round.Found(), Names{"ballots: LEAF_OF_ANOTHER_ROUND"});
}

TEST(Verify, LeavesOutOfTheirPlaceAreFound) {
  SignedAnew twice;
  twice.contents.leaves.insert(twice.contents.leaves.begin() + 3, twice.contents.leaves[2]);
  EXPECT_EQ(twice.Found(), (Names{"ballots: LEAF_TWICE", "ballots: CLOSE_DIFFERS"}));
  SignedAnew dropped;
  dropped.contents.leaves.erase(dropped.contents.leaves.begin() + 2);
  EXPECT_EQ(dropped.Found(), Names{"ballots: CLOSE_DIFFERS"});
  SignedAnew late;
  std::swap(late.contents.leaves[7], late.contents.leaves[8]);
  EXPECT_EQ(late.Found(), (Names{"ballots: CLOSE_DIFFERS", "ballots: BALLOT_AFTER_CLOSE"}));
  SignedAnew open;
  open.contents.leaves.erase(open.contents.leaves.begin() + 8);
  EXPECT_EQ(open.Found()[0], "ballots: LEAF_OUT_OF_PLACE");
  SignedAnew uncertified;
  uncertified.contents.leaves.pop_back();
  EXPECT_EQ(uncertified.Found(), Names{"ballots: NOT_CERTIFIED"});
  SignedAnew by_one;
  by_one.contents.leaves.back() =
      TallyLeaf(by_one.box.manifest().round_id, 1, Hash{}, {by_one.box.officials()[0]});
  EXPECT_EQ(by_one.Found(), Names{"ballots: NOT_CERTIFIED"});
  SignedAnew unapproved;
  unapproved.contents.leaves[1] =
      ApprovedEvent(unapproved.box.manifest().round_id, Hash{}, unapproved.box.officials());
  EXPECT_EQ(unapproved.Found(), Names{"manifest: MANIFEST_NOT_APPROVED"});
}

TEST(Verify, OpeningsThatAreNotWhatWasSealedAreFound) {
  SignedAnew missing;
  missing.contents.openings.pop_back();
  EXPECT_EQ(missing.Found(), Names{"openings: OPENING_MISSING"});
  SignedAnew swapped;
  std::swap(swapped.contents.openings[0].choice, swapped.contents.openings[1].choice);
  std::swap(swapped.contents.openings[0].nonce, swapped.contents.openings[1].nonce);
  EXPECT_EQ(swapped.Found(), (Names{"openings: OPENING_WRONG", "openings: OPENING_WRONG"}));
  SignedAnew repeated;
  repeated.contents.openings.push_back(repeated.contents.openings.back());
  EXPECT_EQ(repeated.Found(), Names{"openings: OPENINGS_OUT_OF_ORDER"});
  SignedAnew stray;
  stray.contents.openings[0].leaf_hash[0] = 0;
  stray.contents.openings[0].leaf_hash[1] = 0;
  EXPECT_EQ(stray.Found(), (Names{"openings: OPENING_STRAY", "openings: OPENING_MISSING"}));
}

TEST(Verify, ACountThatIsNotTheCountIsFound) {
  BallotBox invalid;
  invalid.Put(invalid.NewVoter().Cast(1, Approve({77})));
  invalid.Close();
  EXPECT_EQ(Found(FilesOf(invalid.Certify({{1, 1}})))[0], "openings: CHOICE_INVALID");

  BallotBox stuffed = SampleBox();
  EXPECT_EQ(Found(FilesOf(stuffed.Certify({{1, 3}, {2, 81}}))),
            (Names{"balance: MORE_KEYS_THAN_ISSUED", "balance: MORE_ISSUED_THAN_VOTERS"}));

  // Certified by two, signed, and wrong all the same.
  SignedAnew lied;
  Result result = *DecodeResult(lied.contents.result);
  std::swap(result.plans[0].support, result.plans[1].support);
  lied.contents.result = Encode(result);
  EXPECT_EQ(lied.Found(), Names{"balance: RESULT_DIFFERS_FROM_LOG"});
  lied.contents.leaves.back() = TallyLeaf(
      lied.box.manifest().round_id, 1, crypto::Sha256(lied.contents.result), lied.box.officials());
  EXPECT_EQ(lied.Found(), Names{"count: COUNT_DIFFERS"});
}

}  // namespace
}  // namespace smederij::ballots::bundle
