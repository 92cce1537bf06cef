#include "services/cli/commands/progress.h"

#include <gtest/gtest.h>

#include <sstream>

namespace smederij::cli {
namespace {

TEST(Progress, IsSilentForASecond) {
  std::ostringstream out;
  const absl::Time begin = absl::FromUnixSeconds(1000);
  Progress progress("files counted", 3, &out, begin);
  progress.Advance(begin + absl::Milliseconds(999));
  EXPECT_EQ(out.str(), "");
}

TEST(Progress, TellsHowFarItIsAndGoes) {
  std::ostringstream out;
  const absl::Time begin = absl::FromUnixSeconds(1000);
  {
    Progress progress("files counted", 3, &out, begin);
    progress.Advance(begin + absl::Seconds(1));
    EXPECT_EQ(out.str(), "smederij: 1 of 3 files counted");
    progress.Advance(begin + absl::Seconds(2));
    EXPECT_EQ(out.str(), "smederij: 1 of 3 files counted\r\x1b[Ksmederij: 2 of 3 files counted");
  }
  EXPECT_TRUE(out.str().ends_with("\r\x1b[K"));
}

TEST(Progress, TheLastOneIsNotTold) {
  std::ostringstream out;
  const absl::Time begin = absl::FromUnixSeconds(1000);
  Progress progress("files counted", 1, &out, begin);
  progress.Advance(begin + absl::Seconds(9));
  EXPECT_EQ(out.str(), "");
}

TEST(Progress, NobodyLooksNothingIsWritten) {
  const absl::Time begin = absl::FromUnixSeconds(1000);
  Progress progress("files counted", 2, nullptr, begin);
  progress.Advance(begin + absl::Seconds(9));
  progress.Clear();
}

}  // namespace
}  // namespace smederij::cli
