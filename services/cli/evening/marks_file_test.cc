#include "services/cli/evening/marks_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"

namespace smederij::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(MarksFile, IsAListOfNumbersInAnyOfTheUsualForms) {
  EXPECT_THAT(*ParseMarks("1\n22\n"), ElementsAre(FileMark{1, 1}, FileMark{22, 2}));
  EXPECT_THAT(
      *ParseMarks("\xEF\xBB\xBFroll number;name\r\n\r\n# late\r\n 7 ;Jansen\r\n8,x\r\n9\ty"),
      ElementsAre(FileMark{7, 4}, FileMark{8, 5}, FileMark{9, 6}));
  EXPECT_EQ(ReasonOf(ParseMarks("\n# none\n").status()), "NO_MARKS");
  EXPECT_EQ(ReasonOf(ParseMarks("roll number\n").status()), "NO_MARKS");
}

TEST(MarksFile, EveryWrongLineIsTold) {
  const absl::Status refused =
      ParseMarks("1\nx\n0\n-3\n4294967296\n1.5\n12a\n+7\n,5\n3\n").status();
  EXPECT_EQ(ReasonOf(refused), "BAD_MARKS_FILE");
  EXPECT_THAT(FieldsOf(refused), SizeIs(8));
  EXPECT_THAT(FieldsOf(refused)[0], Pair("line 0002", "is no number on a roll"));
  std::string many = "1\n";
  for (int i = 0; i < 200; ++i) many += "x\n";
  EXPECT_THAT(FieldsOf(ParseMarks(many).status()), SizeIs(100));
}

TEST(MarksFile, OtherKindsOfFilesAreRefused) {
  constexpr size_t kMiB = 1 << 20;
  for (const std::string& file :
       {std::string(64 * kMiB, '1'), std::string("1\n=1+1\n"), std::string("1\n@1\n"),
        std::string("1\n\xef\xbc\x91\n"), std::string("1\n1 2\n"), std::string("1\n\0001\n", 5),
        std::string("1\n\"1\"\n"), std::string("1\r2\r"), std::string("{\"1\":1}")}) {
    EXPECT_EQ(ReasonOf(ParseMarks(file).status()), "BAD_MARKS_FILE") << file.substr(0, 20);
  }
  EXPECT_EQ(ReasonOf(ParseMarks("").status()), "NO_MARKS");
  for (const char fill : {'\0', '\n', ';', '\xff'}) {
    EXPECT_EQ(ReasonOf(ParseMarks(std::string(64 * kMiB, fill)).status()), "NO_MARKS");
  }
}

TEST(MarksFile, TheServicesRefusalsAreToldByLine) {
  const absl::Status refused =
      Error(kInvalidArgument, "BAD_MARKS", "2 mistakes; nothing was marked")
          .At("lines[1].roll_number", "8 was marked before")
          .At("lines[7].roll_number", "is elsewhere");
  const absl::Status told = ByLine(refused, {{7, 4}, {8, 15}});
  EXPECT_EQ(ReasonOf(told), "BAD_MARKS");
  EXPECT_THAT(FieldsOf(told), ElementsAre(Pair("line 0015", "8 was marked before"),
                                          Pair("lines[7].roll_number", "is elsewhere")));
  const absl::Status other = Error(kFailedPrecondition, "STATION_CLOSED", "closed");
  EXPECT_EQ(ByLine(other, {}), other);
}

}  // namespace
}  // namespace smederij::cli
