#include "common/testing/last_will.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/base/check.h"
#include "common/testing/pg_database.h"

namespace smederij::testing {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(60);

struct Left {
  pid_t server = 0;
  std::string directory;
};

// What a process leaves that starts a cluster, in a thread that ends, uses it and then does `end`.
Left LeftBy(void (*end)(pid_t server)) {
  CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);  // Orphans become ours: we see that they ended.
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    std::unique_ptr<PgCluster> cluster;
    std::thread([&] { cluster = std::make_unique<PgCluster>(); }).join();
    const PgDatabase database({.service = "ledger", .steps = {}}, *cluster);
    CHECK(database.Sql("SELECT 1").ok());
    const std::string line = absl::StrCat(cluster->pid(), " ", database.superuser());
    CHECK(write(ends[1], line.data(), line.size()) == static_cast<ssize_t>(line.size()));
    end(cluster->pid());
    _exit(0);
  }
  close(ends[1]);
  std::string line;
  char buffer[256];
  for (ssize_t got; (got = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    line.append(buffer, static_cast<size_t>(got));
  }
  close(ends[0]);
  CHECK(waitpid(child, nullptr, 0) == child);
  const std::vector<std::string> words = absl::StrSplit(line, ' ');  // Its pid, host=directory, …
  Left left;
  CHECK(words.size() > 1 && absl::SimpleAtoi(words[0], &left.server));
  left.directory = words[1].substr(words[1].find('/'));
  return left;
}

bool IsGone(const Left& left) {
  bool ended = false;
  for (const absl::Time until = absl::Now() + kPatience; absl::Now() < until;) {
    for (pid_t adopted; (adopted = waitpid(-1, nullptr, WNOHANG)) > 0;) {
      ended = ended || adopted == left.server;
    }
    if (ended && !std::filesystem::exists(left.directory)) return true;
    absl::SleepFor(absl::Milliseconds(5));
  }
  return false;
}

TEST(LastWill, AClusterIsGoneAfterAFailedCheck) {
  EXPECT_TRUE(IsGone(LeftBy([](pid_t) { CHECK(1 + 1 == 3); })));
}

TEST(LastWill, AClusterIsGoneAfterSigkill) {
  EXPECT_TRUE(IsGone(LeftBy([](pid_t) { kill(getpid(), SIGKILL); })));
}

TEST(LastWill, AClusterIsGoneAfterAnEndWithoutDestructors) {
  EXPECT_TRUE(IsGone(LeftBy([](pid_t) { _exit(0); })));
}

TEST(LastWill, AFrozenServerIsGoneToo) {
  EXPECT_TRUE(IsGone(LeftBy([](pid_t server) {
    kill(server, SIGSTOP);
    kill(getpid(), SIGKILL);
  })));
}

TEST(LastWill, WhatIgnoresTheFirstSignalIsKilled) {
  CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    const pid_t group = GroupToEnd();
    if (fork() == 0) {
      CHECK(setpgid(0, group) == 0 && dup2(ends[1], 1) == 1);
      execl("/bin/sh", "sh", "-c", "trap '' QUIT; echo $$; exec sleep 1000 >/dev/null", nullptr);
      _exit(127);
    }
    close(ends[1]);
    std::string line;
    for (char c; read(ends[0], &c, 1) == 1;) line.push_back(c);
    pid_t stubborn = 0;
    CHECK(absl::SimpleAtoi(line, &stubborn) && kill(stubborn, 0) == 0);
    abort();
  }
  close(ends[0]);
  close(ends[1]);
  CHECK(waitpid(child, nullptr, 0) == child);
  int killed = 0;
  for (const absl::Time until = absl::Now() + kPatience; killed == 0 && absl::Now() < until;) {
    int status = 0;
    while (waitpid(-1, &status, WNOHANG) > 0) {
      if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ++killed;
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_EQ(killed, 1);
}

}  // namespace
}  // namespace smederij::testing
