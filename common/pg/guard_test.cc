#include "common/pg/guard.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "common/base/error.h"

namespace smederij::pg {
namespace {

struct Directory {
  Directory() {
    char name[] = "/tmp/smederij-guard-XXXXXX";
    path = mkdtemp(name);
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string file() const { return path + "/ledger.guard"; }
  std::string path;
};

GuardRecord At(int64_t commit_no, uint8_t root = 7) {
  GuardRecord record{.commit_no = commit_no, .size = commit_no * 10};
  record.root.fill(root);
  return record;
}

std::string OpenReason(const Directory& directory, const GuardRecord& database,
                       bool adopt = false) {
  return ReasonOf(Guard::Open(directory.path, "ledger", database, adopt).status());
}

TEST(Guard, RemembersTheLastCommitAcrossARestart) {
  const Directory directory;
  {
    auto guard = Guard::Open(directory.path, "ledger", {}, false);
    ASSERT_TRUE(guard.ok()) << guard.status();
    for (int64_t n = 1; n <= 5; ++n) ASSERT_TRUE((*guard)->Advance(At(n)).ok());
    EXPECT_EQ((*guard)->last(), At(5));
  }
  EXPECT_EQ(OpenReason(directory, At(4)), "DATABASE_BEHIND_GUARD");
  EXPECT_EQ(OpenReason(directory, At(5, 8)), "DATABASE_DIVERGED");
  EXPECT_EQ(OpenReason(directory, At(5)), "");
  EXPECT_EQ(OpenReason(directory, At(9)), "");  // Another replica went on meanwhile.
  EXPECT_EQ(OpenReason(directory, At(8)), "DATABASE_BEHIND_GUARD");
}

TEST(Guard, ADatabaseWithMoreCommitsButFewerEntriesIsBehind) {
  const Directory directory;
  ASSERT_EQ(OpenReason(directory, {}), "");
  { ASSERT_TRUE((*Guard::Open(directory.path, "ledger", {}, false))->Advance(At(5)).ok()); }
  GuardRecord shorter = At(6);
  shorter.size = 49;
  EXPECT_EQ(OpenReason(directory, shorter), "DATABASE_BEHIND_GUARD");
}

TEST(Guard, AMissingFileIsOnlyAcceptedForAnEmptyDatabase) {
  const Directory directory;
  EXPECT_EQ(OpenReason(directory, At(1)), "GUARD_MISSING");
  EXPECT_FALSE(std::filesystem::exists(directory.file()));  // Refusing must not make one.
  EXPECT_EQ(OpenReason(directory, At(1), /*adopt=*/true), "");
  EXPECT_EQ(OpenReason(directory, At(1)), "");
}

TEST(Guard, AdoptingAShorterDatabaseForgetsTheLongerOne) {
  const Directory directory;
  { ASSERT_TRUE((*Guard::Open(directory.path, "ledger", {}, false))->Advance(At(9)).ok()); }
  EXPECT_EQ(OpenReason(directory, At(3)), "DATABASE_BEHIND_GUARD");
  EXPECT_EQ(OpenReason(directory, At(3), /*adopt=*/true), "");
  EXPECT_EQ(OpenReason(directory, At(4)), "");
}

TEST(Guard, IsHeldByOneProcess) {
  const Directory directory;
  const auto first = Guard::Open(directory.path, "ledger", {}, false);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(OpenReason(directory, {}), "GUARD_IN_USE");
}

// A crash in the middle of a write leaves any prefix of the new record over the old one.
TEST(Guard, ATornWriteLeavesTheRecordBefore) {
  for (const std::streamoff torn : {0, 1, 20, 60, 140}) {
    const Directory directory;
    {
      auto guard = Guard::Open(directory.path, "ledger", {}, false);
      for (int64_t n = 1; n <= 4; ++n) ASSERT_TRUE((*guard)->Advance(At(n)).ok());
    }
    std::fstream file(directory.file(), std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes(1024, '\0');
    file.read(bytes.data(), 1024);
    ASSERT_EQ(file.gcount(), 1024);
    const auto newest = static_cast<std::streamoff>(bytes.find(" 4 40 "));
    file.seekp(newest / 512 * 512 + torn);
    file.write("\xff\xff\xff", 3);
    file.close();
    EXPECT_EQ(OpenReason(directory, At(2)), "DATABASE_BEHIND_GUARD") << torn;
    EXPECT_EQ(OpenReason(directory, At(3)), "") << torn;
  }
}

TEST(Guard, AFileWithoutAWholeRecordIsRefused) {
  const Directory directory;
  { ASSERT_TRUE(Guard::Open(directory.path, "ledger", {}, false).ok()); }
  std::ofstream(directory.file(), std::ios::trunc) << "smederij-guard-v1 1 2 3 4\n";
  EXPECT_EQ(OpenReason(directory, At(1)), "GUARD_CORRUPT");
  EXPECT_EQ(OpenReason(directory, At(1), /*adopt=*/true), "");
  std::ofstream(directory.file(), std::ios::trunc) << "";
  EXPECT_EQ(OpenReason(directory, At(1)), "GUARD_MISSING");
}

TEST(Guard, NeverGoesBackUnderRacingWriters) {
  const Directory directory;
  auto guard = Guard::Open(directory.path, "ledger", {}, false);
  ASSERT_TRUE(guard.ok());
  std::vector<std::thread> writers;
  for (int64_t t = 0; t < 4; ++t) {
    writers.emplace_back([&, t] {
      for (int64_t n = 1; n <= 50; ++n) EXPECT_TRUE((*guard)->Advance(At(4 * n + t)).ok());
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ((*guard)->last(), At(203));
}

TEST(Guard, ADirectoryThatIsNotThereIsNamed) {
  const auto guard = Guard::Open("/nonexistent/guards", "ledger", {}, false);
  EXPECT_EQ(ReasonOf(guard.status()), "GUARD_UNWRITABLE");
  EXPECT_EQ(FactsOf(guard.status())[0].second, "/nonexistent/guards/ledger.guard");
}

}  // namespace
}  // namespace smederij::pg
