// What every format of an election does with bytes nobody should have sent. One rule holds for all:
// what can be read is written back to the same bytes, and everything else is refused with a reason.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "absl/strings/ascii.h"
#include "common/base/error.h"
#include "common/crypto/log_proof.h"
#include "common/crypto/note.h"
#include "common/crypto/tiles.h"
#include "services/ballots/bundle/bundle.h"
#include "services/ballots/domain/receipt.h"
#include "services/ballots/domain/result.h"
#include "services/ballots/testing/ballot_box.h"
#include "services/ballots/testing/event_bytes.h"

namespace smederij::ballots::bundle {
namespace {

using testing::Approve;
using testing::PaperBox;
using testing::SampleBox;
using testing::SampleIssued;

// A format: good bytes of it, and its parser.
struct Format {
  const char* name;
  std::string good;
  // The bytes that what was read is written back to.
  std::function<absl::StatusOr<std::string>(absl::string_view)> read;
  const char* refusal;      // Of a single byte.
  bool empty_fits = false;  // Nothing at all is a list of none.
  bool signature = false;   // No bit can be changed at all.
};

template <typename Parse, typename Write>
auto ThereAndBack(Parse parse, Write write) {
  return [parse, write](absl::string_view bytes) -> absl::StatusOr<std::string> {
    auto read = parse(bytes);
    if (!read.ok()) return read.status();
    return write(*read);
  };
}

const std::vector<Format>& Formats() {
  static const auto* formats = [] {
    const RoundId round = RoundId::Random();
    const std::vector<SubjectId> officials{SubjectId::Random(), SubjectId::Random()};
    const Manifest manifest = SampleBox().manifest();
    const Contents box = PaperBox().Certify(SampleIssued());
    const crypto::SigningKey key = crypto::SigningKey::FromSeed({7});
    const crypto::NoteSigner signer("log", key);
    const crypto::NoteVerifier verifier("log", key.verifying_key());
    const auto write = [](const auto& value) { return Encode(value); };
    const auto event = ThereAndBack(ParseEvent, [](const Event& e) { return testing::Encode(e); });

    PaperLeaf paper;
    paper.round_id = round;
    paper.class_id = 1;
    paper.station = 3;
    paper.batch_id = BatchId::Random();
    paper.ballots = 40;
    paper.invalid = 2;
    paper.officials = officials;
    PaperContent totals;
    totals.blank = 2;
    totals.totals = {{.number = 1, .support = 30}, {.number = 3, .support = 8}};
    PaperContent ballots;
    ballots.kind = PaperContent::Kind::kBallots;
    ballots.choices = {*ParseChoice(Approve({1, 3})), *ParseChoice(Approve({}))};

    crypto::MerkleTree tree;
    for (int i = 0; i < 12; ++i) tree.Append(crypto::LeafHash(absl::StrCat(i)));
    const std::string checkpoint =
        crypto::ToText(crypto::Checkpoint{"log", tree.size(), tree.Root()});
    const std::string proof =
        crypto::ToText(crypto::LogProof{3, tree.InclusionProof(3, 12), signer.Sign(checkpoint)});
    return new std::vector<Format>{
        {"choice", Approve({1, 3}), ThereAndBack(ParseChoice, write), "INVALID_CHOICE"},
        {"leaf", SampleBox().NewVoter().Cast(1, Approve({1})).leaf, ThereAndBack(ParseLeaf, write),
         "BAD_LEAF"},
        {"paper leaf", Encode(paper), ThereAndBack(ParsePaperLeaf, write), "BAD_LEAF"},
        {"totals", Encode(totals), ThereAndBack(ParsePaperContent, write), "BAD_CONTENT"},
        {"paper ballots", Encode(ballots), ThereAndBack(ParsePaperContent, write), "BAD_CONTENT"},
        {"manifest", Encode(manifest), ThereAndBack(DecodeManifest, write), "MANIFEST_UNREADABLE"},
        {"approved", ApprovedEvent(round, Hash{7}, officials), event, "BAD_LEAF"},
        {"brought forward",
         BroughtForwardEvent(round, absl::FromUnixMicros(1'790'000'000'000'001), officials), event,
         "BAD_LEAF"},
        {"closed", ClosedEvent(round, 1234), event, "BAD_LEAF"},
        {"lot", LotEvent(round, std::vector<uint32_t>{3, 1, 2}, officials), event, "BAD_LEAF"},
        {"station",
         StationEvent(round, 7,
                      std::vector<StationLine>{
                          {.class_id = 1, .marked = 9, .spoiled = 1, .taken_home = 2, .in_box = 5}},
                      "one lost", officials),
         event, "BAD_LEAF"},
        {"openings leaf", OpeningsLeaf(round, 2, Hash{8}), event, "BAD_LEAF"},
        {"tally leaf", TallyLeaf(round, 2, Hash{9}, officials), event, "BAD_LEAF"},
        {"result", box.result, ThereAndBack(DecodeResult, write), "RESULT_UNREADABLE"},
        {"receipt", Sign({"log", Hash{3}, absl::FromUnixSeconds(1'790'000'000)}, key),
         ThereAndBack([key](absl::string_view b) { return OpenReceipt(b, key.verifying_key()); },
                      [key](const Receipt& r) { return Sign(r, key); }),
         "BAD_RECEIPT", false, true},
        {"openings.jsonl", EncodeOpenings(box.openings),
         ThereAndBack(DecodeOpenings, EncodeOpenings), "OPENINGS_MALFORMED", true},
        {"paper.jsonl", EncodePapers(box.papers), ThereAndBack(DecodePapers, EncodePapers),
         "PAPER_MALFORMED", true},
        {"entries", crypto::EncodeEntries(std::vector<std::string>{"a", "bc", ""}),
         ThereAndBack([](absl::string_view b) { return crypto::DecodeEntries(b, 3); },
                      [](const std::vector<std::string>& e) { return crypto::EncodeEntries(e); }),
         "ENTRIES_MALFORMED"},
        {"note", signer.Sign(checkpoint),
         ThereAndBack(
             [verifier](absl::string_view b) -> absl::StatusOr<crypto::Checkpoint> {
               const auto text = crypto::OpenNote(b, {verifier});
               if (!text.ok()) return text.status();
               return crypto::ParseCheckpoint(*text);
             },
             [signer](const crypto::Checkpoint& c) { return signer.Sign(crypto::ToText(c)); }),
         "NOTE_MALFORMED", false, true},
        {"proof", proof,
         [verifier](absl::string_view b) -> absl::StatusOr<std::string> {
           const auto checked = crypto::CheckLogProof(b, crypto::LeafHash("3"), {verifier});
           if (!checked.ok()) return checked.status();
           return crypto::ToText(*crypto::ParseLogProof(b));
         },
         "PROOF_MALFORMED", false, true},
    };
  }();
  return *formats;
}

class BadBytes : public ::testing::TestWithParam<size_t> {
 protected:
  const Format& format() const { return Formats()[GetParam()]; }

  // Never anything but these two; true when it was refused.
  bool RefusedOrTheSame(const std::string& bytes, const std::string& what) const {
    const absl::StatusOr<std::string> read = format().read(bytes);
    if (read.ok()) {
      EXPECT_EQ(*read == bytes, true) << format().name << ": " << what;
      return false;
    }
    EXPECT_NE(ReasonOf(read.status()), "") << format().name << ": " << what;
    return true;
  }
  void ExpectRefused(const std::string& bytes, const std::string& what) const {
    EXPECT_TRUE(RefusedOrTheSame(bytes, what)) << format().name << ": " << what;
  }
};

TEST_P(BadBytes, TheGoodOnesAreReadAndNothingIsRefusedForAnotherReason) {
  EXPECT_FALSE(RefusedOrTheSame(format().good, "as written"));
  EXPECT_EQ(ReasonOf(format().read(format().good.substr(0, 1)).status()), format().refusal)
      << format().name;
}

TEST_P(BadBytes, EmptyShortAndLong) {
  const std::string& good = format().good;
  if (!format().empty_fits) ExpectRefused("", "empty");
  for (size_t length = 1; length < good.size(); ++length) {
    // A list of fewer is a list; the log says how many there should be.
    const bool whole_lines = format().empty_fits && good[length - 1] == '\n';
    if (!whole_lines) ExpectRefused(good.substr(0, length), absl::StrCat("first ", length));
  }
  for (const char trailing : {'\0', '\n', ' ', '\r', '\xff'}) {
    ExpectRefused(good + trailing, absl::StrCat("trailing ", static_cast<int>(trailing)));
  }
  ExpectRefused(std::string(1, '\0') + good, "a byte in front");
  ExpectRefused("\xef\xbb\xbf" + good, "a byte order mark in front");
  if (!format().empty_fits) ExpectRefused(good + good, "twice");
}

TEST_P(BadBytes, Large) {
  constexpr size_t kMiB = 1 << 20;
  for (const char fill : {'\0', '\1', '\x02', '\x03', '\x04', ' ', '{', '[', '\x7f', '\xff'}) {
    ExpectRefused(std::string(kMiB, fill), absl::StrCat("1 MiB of ", static_cast<int>(fill)));
  }
  ExpectRefused(format().good + std::string(64 * kMiB, '\0'), "64 MiB behind it");
  ExpectRefused(std::string(64 * kMiB, format().good[0]), "64 MiB of its first byte");
}

// Counts and lengths among them: what they promise is not there.
TEST_P(BadBytes, EveryNumberAsLargeAsItGets) {
  const std::string& good = format().good;
  for (const size_t width : {1, 2, 4, 8}) {
    for (const char fill : {'\xff', '\x7f', '\0'}) {
      for (size_t at = 0; at + width <= good.size(); ++at) {
        std::string bent = good;
        bent.replace(at, width, width, fill);
        RefusedOrTheSame(bent, absl::StrCat(width, " bytes at ", at));
      }
    }
  }
}

TEST_P(BadBytes, EveryBitTheOtherWay) {
  const std::string& good = format().good;
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bent = good;
    bent[bit / 8] = static_cast<char>(bent[bit / 8] ^ (1 << (bit % 8)));
    const bool refused = RefusedOrTheSame(bent, absl::StrCat("bit ", bit));
    if (format().signature) {
      EXPECT_TRUE(refused) << format().name << ": bit " << bit;
    }
  }
}

TEST_P(BadBytes, PiecesOfOthers) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937 random(seed);
  for (const Format& other : Formats()) {
    if (&other != &format()) RefusedOrTheSame(other.good, other.name);
    for (int i = 0; i < 200; ++i) {
      std::string bent = format().good;
      const size_t at = random() % bent.size();
      const size_t from = random() % other.good.size();
      bent.replace(at, random() % (bent.size() - at + 1), other.good.substr(from, random() % 64));
      RefusedOrTheSame(bent, absl::StrCat("spliced with ", other.name));
    }
  }
}

std::string NameOfFormat(const ::testing::TestParamInfo<size_t>& info) {
  std::string name = Formats()[info.param].name;
  for (char& c : name) c = absl::ascii_isalnum(static_cast<unsigned char>(c)) ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(EveryFormat, BadBytes, ::testing::Range<size_t>(0, 20), NameOfFormat);

}  // namespace
}  // namespace smederij::ballots::bundle
