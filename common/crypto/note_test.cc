#include "common/crypto/note.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/error.h"
#include "common/crypto/vectors_test.h"

namespace smederij::crypto {
namespace {

TEST(Note, CheckpointsOfAnotherImplementationOpen) {
  const auto folder = VectorFolder() / "tlog-tiles-log";
  REQUIRE_VECTORS(folder);
  const auto verifier = NoteVerifier::Parse(
      "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  ASSERT_TRUE(verifier.ok()) << verifier.status();
  for (uint64_t size = 0; size <= 15; ++size) {
    const auto text = OpenNote(ReadAll(folder / absl::StrCat("checkpoint.", size)), {*verifier});
    ASSERT_TRUE(text.ok()) << size << text.status();
    const auto checkpoint = ParseCheckpoint(*text);
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    EXPECT_EQ(checkpoint->origin, "example.com/log/testdata");
    EXPECT_EQ(checkpoint->size, size);
    EXPECT_EQ(ToText(*checkpoint), *text);
  }
}

TEST(Note, SignedHereOpensHereAndNowhereElse) {
  const SigningKey key = SigningKey::Random();
  const NoteSigner signer("hoogeveen.example/ballots/1", key);
  const auto verifier = NoteVerifier::Parse(signer.VerifierKey());
  ASSERT_TRUE(verifier.ok()) << verifier.status();
  const Checkpoint checkpoint{.origin = signer.name(), .size = 5, .root = Hash{9}};
  const std::string note = signer.Sign(ToText(checkpoint));
  EXPECT_EQ(note, signer.Sign(ToText(checkpoint)));
  EXPECT_EQ(*ParseCheckpoint(*OpenNote(note, {*verifier})), checkpoint);
  const NoteVerifier other(signer.name(), SigningKey::Random().verifying_key());
  EXPECT_EQ(ReasonOf(OpenNote(note, {other}).status()), "NOTE_UNSIGNED");
  EXPECT_EQ(ReasonOf(OpenNote(note, {*verifier, other}).status()), "NOTE_UNSIGNED");
}

TEST(Note, EveryFlippedBitIsNoticed) {
  const NoteSigner signer("log", SigningKey::Random());
  const auto verifier = NoteVerifier::Parse(signer.VerifierKey());
  const std::string note = signer.Sign("origin\n3\nabc\n");
  for (size_t i = 0; i < note.size() * 8; ++i) {
    std::string bent = note;
    bent[i / 8] = static_cast<char>(bent[i / 8] ^ (1 << (i % 8)));
    EXPECT_FALSE(OpenNote(bent, {*verifier}).ok()) << i;
  }
}

TEST(Note, MalformedNotesAreToldApartFromUnsignedOnes) {
  const NoteSigner signer("log", SigningKey::Random());
  const auto verifier = NoteVerifier::Parse(signer.VerifierKey());
  const std::string note = signer.Sign("text\n");
  const auto reason = [&](const std::string& bytes) {
    return ReasonOf(OpenNote(bytes, {*verifier}).status());
  };
  EXPECT_EQ(reason(""), "NOTE_MALFORMED");
  EXPECT_EQ(reason("text\n"), "NOTE_MALFORMED");
  EXPECT_EQ(reason(note + "\n"), "NOTE_MALFORMED");
  EXPECT_EQ(reason(note.substr(0, note.size() - 1)), "NOTE_MALFORMED");
  EXPECT_EQ(reason(absl::StrReplaceAll(note, {{"text", "te\tt"}})), "NOTE_MALFORMED");
  EXPECT_EQ(reason("other" + note), "NOTE_UNSIGNED");
}

TEST(Checkpoint, IsParsedStrictly) {
  const std::string root = absl::StrCat(std::string(43, 'A'), "=");
  EXPECT_TRUE(ParseCheckpoint(absl::StrCat("o\n7\n", root, "\n")).ok());
  EXPECT_TRUE(ParseCheckpoint(absl::StrCat("o\n7\n", root, "\nextension\n")).ok());
  for (const std::string& text :
       {std::string(), absl::StrCat("o\n7\n", root), absl::StrCat("\n7\n", root, "\n"),
        absl::StrCat("o\n07\n", root, "\n"), absl::StrCat("o\n+7\n", root, "\n"),
        absl::StrCat("o\n-1\n", root, "\n"), absl::StrCat("o\n18446744073709551616\n", root, "\n"),
        absl::StrCat("o\n7\n ", root, "\n"), std::string("o\n7\nAAAA\n"),
        absl::StrCat("o\n7\n", root, "\n\n")}) {
    EXPECT_EQ(ReasonOf(ParseCheckpoint(text).status()), "CHECKPOINT_MALFORMED") << text;
  }
}

TEST(VerifierKey, IsParsedStrictly) {
  const std::string good = NoteSigner("log", SigningKey::Random()).VerifierKey();
  ASSERT_TRUE(NoteVerifier::Parse(good).ok());
  for (const std::string& key : {std::string(), std::string("log"), "other" + good.substr(3),
                                 good + "A", good.substr(0, good.size() - 1), "a b" + good}) {
    EXPECT_EQ(ReasonOf(NoteVerifier::Parse(key).status()), "VERIFIER_KEY_MALFORMED") << key;
  }
}

}  // namespace
}  // namespace smederij::crypto
