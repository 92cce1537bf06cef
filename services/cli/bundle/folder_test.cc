#include "services/cli/bundle/folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "common/base/check.h"
#include "common/base/error.h"

namespace smederij::cli {
namespace {

namespace fs = std::filesystem;
using ballots::bundle::Files;

class Folder : public ::testing::Test {
 protected:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "bundle-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
  }
  ~Folder() override { fs::remove_all(directory_); }

  fs::path directory_;
};

TEST_F(Folder, HoldsWhatWasWritten) {
  const Files files{{"a", std::string("\0\n\xff", 3)}, {"tile/0/000.p/5", "x"}, {"empty", ""}};
  const std::string path = directory_ / "new" / "bundle";
  ASSERT_TRUE(WriteFolder(path + "/", files).ok());
  const auto read = ReadFolder(path);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, files);
  std::ofstream(path + "/.DS_Store") << "the system's own";
  EXPECT_EQ(*ReadFolder(path), files);
  EXPECT_EQ(ReasonOf(WriteFolder(path, files)), "OUTPUT_EXISTS");
  EXPECT_EQ(std::distance(fs::directory_iterator(directory_ / "new"), {}), 1);
}

TEST_F(Folder, ThatIsEmptyMayBeFilled) {
  const Files files{{"a", "1"}};
  ASSERT_TRUE(WriteFolder(directory_, files).ok());
  EXPECT_EQ(*ReadFolder(directory_), files);
}

TEST_F(Folder, ThatCannotBeReadOrWrittenIsToldByItsPath) {
  const auto missing = ReadFolder(directory_ / "missing");
  EXPECT_EQ(ReasonOf(missing.status()), "FILE_UNREADABLE");
  std::ofstream(directory_ / "file") << "x";
  EXPECT_EQ(ReasonOf(ReadFolder(directory_ / "file").status()), "FILE_UNREADABLE");
  EXPECT_EQ(ReasonOf(WriteFolder(directory_ / "file" / "below", {})), "OUTPUT_UNWRITABLE");
}

}  // namespace
}  // namespace smederij::cli
