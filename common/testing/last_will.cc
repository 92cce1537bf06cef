#include "common/testing/last_will.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <string>

#include "absl/base/const_init.h"
#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/base/check.h"

extern char** environ;

namespace smederij::testing {
namespace {

// Reads directories until the pipe closes. It leads the group it ends, so that nobody else can have
// that number; the second shell has a session of its own, and sees the group become empty.
constexpr char kScript[] = R"sh(
trap '' HUP INT QUIT TERM PIPE
set --
while IFS= read -r directory; do set -- "$@" "$directory"; done
kill -s QUIT -- 0
kill -s CONT -- 0
setsid sh -c '
  group=$1
  shift
  tries=0
  while kill -s 0 -- "-$group" 2>/dev/null && [ $tries -lt 140 ]; do
    tries=$((tries + 1))
    sleep 0.05
  done
  kill -s KILL -- "-$group" 2>/dev/null
  for directory in "$@"; do
    rm -rf -- "$directory" || { sleep 1; rm -rf -- "$directory"; }
  done' sh $$ "$@" &
)sh";

ABSL_CONST_INIT absl::Mutex mutex(absl::kConstInit);
int pipe_to_shell ABSL_GUARDED_BY(mutex) = -1;
pid_t shell ABSL_GUARDED_BY(mutex) = 0;

void StartShell() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
  if (shell != 0) return;
  int ends[2];
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  CHECK(posix_spawn_file_actions_init(&actions) == 0);
  // It outlives whoever reads our output to its end, and must not keep them waiting.
  CHECK(posix_spawn_file_actions_adddup2(&actions, ends[0], 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) == 0 &&
        posix_spawn_file_actions_addclosefrom_np(&actions, 3) == 0);
  posix_spawnattr_t attributes;
  CHECK(posix_spawnattr_init(&attributes) == 0);
  CHECK(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) == 0 &&
        posix_spawnattr_setpgroup(&attributes, 0) == 0);
  std::string words[] = {"sh", "-c", kScript};
  char* const argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  CHECK(posix_spawn(&shell, "/bin/sh", &actions, &attributes, argv, environ) == 0);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[0]);
  pipe_to_shell = ends[1];
}

}  // namespace

pid_t GroupToEnd() {
  const absl::MutexLock lock(&mutex);
  StartShell();
  return shell;
}

void RemoveAfterwards(const std::string& directory) {
  CHECK(!directory.empty() && directory[0] == '/' && directory.find('\n') == std::string::npos);
  const std::string line = directory + "\n";
  const absl::MutexLock lock(&mutex);
  StartShell();
  CHECK(write(pipe_to_shell, line.data(), line.size()) == static_cast<ssize_t>(line.size()));
}

}  // namespace smederij::testing
