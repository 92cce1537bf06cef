// The command a newcomer types: scripts/run, in a tree of its own, with the programs as they were
// built.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/testing/last_will.h"
#include "tests/e2e/process.h"

namespace smederij::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kPatience = std::chrono::seconds(120);

bool IsFree(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  const bool free = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return free;
}

// The first of fourteen ports of which nobody has one; below those that the kernel gives away.
int FreePorts() {
  for (int base = 12'000 + getpid() % 1'000 * 16; base < 32'000; base += 16) {
    bool all = true;
    for (int port = base; port < base + 14; ++port) all = all && IsFree(port);
    if (all) return base;
  }
  CHECK(false);
}

// What scripts/run finds beside itself, but for what builds: that is done.
class Tree {
 public:
  Tree() {
    std::string directory = (fs::temp_directory_path() / "smederij-start-XXXXXX").string();
    CHECK(mkdtemp(directory.data()) != nullptr);
    testing::RemoveAfterwards(directory);
    root_ = directory;
    fs::permissions(root_, fs::perms(0755));  // PostgreSQL's user looks in.
    const char* const source = std::getenv("SMEDERIJ_SOURCE");
    const char* const bin = std::getenv("SMEDERIJ_BIN");
    CHECK(source != nullptr && bin != nullptr);  // Set by ctest.
    fs::create_directories(root_ / "scripts");
    fs::create_directories(root_ / "build/release");
    fs::create_symlink(bin, root_ / "build/release/bin");
    fs::create_symlink(fs::path(source) / "deploy", root_ / "deploy");
    for (const char* script : {"run", "setup"}) {
      fs::create_symlink(fs::path(source) / "scripts" / script, root_ / "scripts" / script);
    }
    std::ofstream(root_ / "scripts/build") << "#!/bin/sh\n";
    fs::permissions(root_ / "scripts/build", fs::perms(0755));
  }
  ~Tree() { fs::remove_all(root_); }

  std::vector<std::string> Command(const std::vector<std::string>& options) const {
    std::vector<std::string> command = {root_ / "scripts/run", "--port-base", absl::StrCat(ports_)};
    command.insert(command.end(), options.begin(), options.end());
    return command;
  }
  Ended Run(const std::vector<std::string>& options) const { return e2e::Run(Command(options)); }

  // Plays a round, changes a database of the run, and ends it as a service manager would.
  void ServeAndChange(const std::vector<std::string>& options, const std::string& database,
                      const std::string& sql) const {
    std::vector<std::string> command = {"sh", "-c", "exec \"$@\" >/dev/null", "sh"};
    for (std::string& word : Command(options)) command.push_back(std::move(word));
    Process run(command, root_ / "run.log");
    // The last that is made before it serves; a fresh start wipes the one before.
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!absl::StrContains(ReadFile(root_ / "run.log"), "Where the money went") &&
           run.running() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const Ended changed =
        e2e::Run({"psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--username=postgres",
                  absl::StrCat("--host=", (root_ / ".run/socket").string()), "--dbname=" + database,
                  "--command=" + sql});
    EXPECT_EQ(changed.code, 0) << changed.err << ReadFile(root_ / "run.log");
    run.Signal(SIGTERM);
    EXPECT_EQ(run.Wait(), 128 + SIGTERM);
  }

 private:
  fs::path root_;
  const int ports_ = FreePorts();
};

TEST(Start, WhatAnotherVersionLeftIsToldWithWhatToDo) {
  const Tree tree;
  const auto told = HasSubstr("scripts/run --fresh wipes it and begins anew");
  tree.ServeAndChange({}, "ledger",
                      "INSERT INTO ledger.migration (version, name, sha256)"
                      " SELECT 9999, 'to_come', sha256('to come')");
  const Ended ahead = tree.Run({"--once"});
  EXPECT_EQ(ahead.code, 3) << ahead.err;
  EXPECT_THAT(ahead.err, told);

  // And the same that a play asks otherwise.
  tree.ServeAndChange({"--fresh"}, "registry",
                      "UPDATE registry.request SET request_hash = sha256('another version')");
  const Ended other = tree.Run({"--once"});
  EXPECT_EQ(other.code, 3) << other.err;
  EXPECT_THAT(other.err, told);
  EXPECT_THAT(other.err, HasSubstr("another version began to play here"));
  EXPECT_THAT(other.err, Not(HasSubstr("goes on when this is started again")));
}

TEST(Start, AMistypedCommandIsNoOtherVersion) {
  EXPECT_EQ(Tree().Run({"--once", "--frsh"}).code, 2);
}

}  // namespace
}  // namespace smederij::e2e
