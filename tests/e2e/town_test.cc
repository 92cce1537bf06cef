// A test that dies leaves nothing behind.

#include "tests/e2e/town.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <set>
#include <string>
#include <thread>

#include "common/base/check.h"

namespace smederij::e2e {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);

// What the child that owned a town tells before it dies.
struct Told {
  std::array<pid_t, Town::kServices.size() + 2> programs;  // PostgreSQL and a command as well.
  char directory[128];
};

TEST(ATestThatDies, LeavesNoServiceNoDatabaseAndNoFile) {
  CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);  // Orphans become ours: we see that they ended.
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    Town town;
    // Whoever starts something may end before it.
    std::thread([&] {
      town.Kill("ballots");
      town.Start("ballots");
    }).join();
    const Process command({"sleep", "1000"}, town.key("command.log"));
    Told told{};
    size_t next = 0;
    for (const char* service : Town::kServices) told.programs[next++] = town.pid(service);
    told.programs[next++] = town.cluster().pid();
    told.programs[next++] = command.pid();
    const std::string keys = std::filesystem::path(town.key("ca.pem")).parent_path();
    CHECK(keys.copy(told.directory, sizeof(told.directory) - 1) == keys.size());
    CHECK(write(ends[1], &told, sizeof(told)) == sizeof(told));
    CHECK(town.Runs("a service that is not there"));
  }
  close(ends[1]);
  Told told{};
  ASSERT_EQ(read(ends[0], &told, sizeof(told)), static_cast<ssize_t>(sizeof(told)));
  close(ends[0]);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  const std::filesystem::path directory = std::filesystem::path(told.directory).parent_path();
  std::set<pid_t> left(told.programs.begin(), told.programs.end());
  ASSERT_EQ(left.size(), told.programs.size());
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while ((!left.empty() || std::filesystem::exists(directory)) &&
         std::chrono::steady_clock::now() < until) {
    for (pid_t adopted; (adopted = waitpid(-1, nullptr, WNOHANG)) > 0;) left.erase(adopted);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_TRUE(left.empty()) << *left.begin();
  EXPECT_FALSE(std::filesystem::exists(directory)) << directory;
}

}  // namespace
}  // namespace smederij::e2e
