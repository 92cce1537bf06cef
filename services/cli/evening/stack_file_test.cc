#include "services/cli/evening/stack_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
