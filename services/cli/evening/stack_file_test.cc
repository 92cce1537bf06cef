#include "services/cli/evening/stack_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/ascii.h"
#include "common/base/error.h"

namespace smederij::cli {
namespace {

using ballots::BallotKind;
using ballots::Manifest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Pair;

Manifest WithPlans(BallotKind kind = BallotKind::kApproval) {
  Manifest manifest;
  for (uint32_t number = 1; number <= 7; ++number) {
    ballots::BallotOption& option = manifest.options.emplace_back();
    option.number = number;
    option.cost = Money::Cents(50);
  }
  manifest.pots.emplace_back().amount = Money::Cents(120);
  manifest.ballot_rule.kind = kind;
  manifest.ballot_rule.choices_max = 3;
  if (kind == BallotKind::kPoints) manifest.ballot_rule.points_total_max = 6;
  return manifest;
}

TEST(StackFile, IsALineForEachPaper) {
  const auto stack =
      ReadStack("\xef\xbb\xbfserial;choice\r\n12;3,1,7\r\n1; 2 \n2;blank\n3;invalid:identifies\n",
                12, WithPlans());
  ASSERT_TRUE(stack.ok()) << stack.status();
  EXPECT_THAT(stack->lines, ElementsAre(2, 3, 4, 5));
  std::vector<std::string> said;
  for (const auto& draft : stack->drafts) {
    said.push_back(absl::StrCat(draft.serial, ";", ChoiceText(draft)));
  }
  EXPECT_THAT(said, ElementsAre("12;3,1,7", "1;2", "2;blank", "3;invalid:identifies"));
}

TEST(StackFile, HoldsPoints) {
  const auto stack = ReadStack("1;3=3,1=2", 1, WithPlans(BallotKind::kPoints));
  ASSERT_TRUE(stack.ok()) << stack.status();
  EXPECT_EQ(ChoiceText(stack->drafts[0]), "3=3,1=2");
}

TEST(StackFile, EveryLineThatIsWrongIsTold) {
  const auto refused = ReadStack(
      "1;1\nserial;choice\n2\n;3\n3;x\n4;invalid:ugly\n\n9;1\n1;2\n5;1,8,8,9\n6;\n7;1=2\n8;1;2\n",
      8, WithPlans());
  EXPECT_EQ(ReasonOf(refused.status()), "BAD_STACK");
  EXPECT_THAT(
      FieldsOf(refused.status()),
      ::testing::UnorderedElementsAre(
          Pair("line 2", HasSubstr("serial")), Pair("line 3", HasSubstr("semicolon")),
          Key("line 4"), Pair("line 5", HasSubstr("\"x\"")), Pair("line 6", HasSubstr("\"ugly\"")),
          Key("line 7"), Pair("line 8", HasSubstr("1 to 8")), Pair("line 9", HasSubstr("twice")),
          Pair("line 10", HasSubstr("; ")), Pair("line 11", HasSubstr("blank")),
          Pair("line 12", HasSubstr("points")), Key("line 13")));
}

TEST(StackFile, NothingIsNotAStack) {
  EXPECT_THAT(FieldsOf(ReadStack("", 3, WithPlans()).status()), ElementsAre(Key("line 1")));
  EXPECT_THAT(FieldsOf(ReadStack("serial;choice\n", 3, WithPlans()).status()),
              ElementsAre(Key("file")));
}

TEST(StackFile, NumbersAreDigits) {
  for (const char* line : {"+1;1",           "-1;1",         "1.0;1",
                           "0x1;1",          "1e0;1",        "4294967297;1",
                           "1;+1",           "1;-1",         "1; - 1",
                           "1;1e0",          "1;4294967297", "1;99999999999999999999",
                           "1;\xef\xbc\x91", "=1+1;1",       "1;=1+1",
                           "1;@SUM(A1)",     "1;1,,2",       "1;1,",
                           "1;,1",           "1;1\t2",       "1,1",
                           "\"1\";1"}) {
    EXPECT_EQ(ReasonOf(ReadStack(line, 1, WithPlans()).status()), "BAD_STACK") << line;
  }
  EXPECT_TRUE(ReadStack("1;1", 1, WithPlans()).ok());
}

TEST(StackFile, WhatItShowsOfABadFileIsShortAndHarmless) {
  const std::string nasty =
      absl::StrCat("1;\x1b[2J\xe2\x80\xae\xff", std::string(1, '\0'), std::string(1000, 'x'), "\n");
  const auto fields = FieldsOf(ReadStack(nasty, 1, WithPlans()).status());
  ASSERT_THAT(fields, ElementsAre(Key("line 1")));
  EXPECT_LT(fields[0].second.size(), 120u);
  for (const char c : fields[0].second) EXPECT_TRUE(absl::ascii_isprint(c)) << int{c};
}

TEST(StackFile, OtherKindsOfFilesAreRefusedBriefly) {
  constexpr size_t kMiB = 1 << 20;
  std::string plans = "1;1";
  for (int i = 0; i < 100'000; ++i) plans += ",1";
  for (const std::string& file :
       {std::string(1, '\0'), std::string(64 * kMiB, '\0'), std::string(64 * kMiB, '\n'),
        std::string(64 * kMiB, ';'), std::string(64 * kMiB, ','), std::string("PK\x03\x04", 4),
        plans}) {
    const absl::Status refused = ReadStack(file, 1, WithPlans()).status();
    EXPECT_EQ(ReasonOf(refused), "BAD_STACK") << file.size();
    EXPECT_LE(FieldsOf(refused).size(), 100u);
    for (const auto& [field, wrong] : FieldsOf(refused)) EXPECT_LT(wrong.size(), 1000u);
  }
  std::string many;
  for (int i = 1; i <= 300; ++i) absl::StrAppend(&many, i, ";x\n");
  const absl::Status refused = ReadStack(many, 300, WithPlans()).status();
  EXPECT_EQ(FieldsOf(refused).size(), 100u);
  EXPECT_THAT(FactsOf(refused), ElementsAre(Pair("lines", "300")));
}

TEST(StackFile, TheServicesOwnMistakesAreToldByLineToo) {
  const auto stack = ReadStack("serial;choice\n1;1\n2;2\n", 2, WithPlans());
  const absl::Status refusal = Error(kInvalidArgument, "BAD_BALLOTS", "nothing was entered")
                                   .At("ballots[1].serial", "both passes agree about paper 2");
  EXPECT_THAT(FieldsOf(InLines(refusal, *stack)),
              ElementsAre(Pair("line 3", "both passes agree about paper 2")));
  EXPECT_EQ(ReasonOf(InLines(refusal, *stack)), "BAD_BALLOTS");
  const absl::Status other = Error(kNotFound, "BATCH_NOT_FOUND", "there is none");
  EXPECT_EQ(InLines(other, *stack), other);
}

}  // namespace
}  // namespace smederij::cli
