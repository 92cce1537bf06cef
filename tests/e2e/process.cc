#include "tests/e2e/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "common/base/check.h"
#include "common/testing/last_will.h"

extern char** environ;

namespace smederij::e2e {
namespace {

int ExitCode(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t Spawn(const std::vector<std::string>& arguments, posix_spawn_file_actions_t* actions) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, testing::GroupToEnd());
  pid_t pid = 0;
  CHECK(posix_spawnp(&pid, argv[0], actions, &attributes, argv.data(), environ) == 0);
  posix_spawnattr_destroy(&attributes);
  return pid;
}

// Reads what there is; false at the end of the stream.
bool Drain(int fd, std::string& into) {
  std::array<char, 4096> buffer;
  const ssize_t got = read(fd, buffer.data(), buffer.size());
  if (got <= 0) return false;
  into.append(buffer.data(), static_cast<size_t>(got));
  return true;
}

}  // namespace

Process::Process(const std::vector<std::string>& arguments, const std::string& stderr_path) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 2, stderr_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                   0600);
  pid_ = Spawn(arguments, &actions);
  posix_spawn_file_actions_destroy(&actions);
}

Process::~Process() {
  if (!running()) return;
  Signal(SIGKILL);
  Wait();
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), code_(other.code_) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(code_, other.code_);
  return *this;
}

bool Process::running() {
  if (pid_ == 0) return false;
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == 0) return true;
  code_ = ExitCode(status);
  pid_ = 0;
  return false;
}

void Process::Signal(int signal) const {
  if (pid_ != 0) kill(pid_, signal);
}

int Process::Wait() {
  if (pid_ == 0) return code_;
  int status = 0;
  CHECK(waitpid(pid_, &status, 0) == pid_);
  pid_ = 0;
  code_ = ExitCode(status);
  return code_;
}

Ended Run(const std::vector<std::string>& arguments,
          const std::function<void(absl::string_view)>& on_line) {
  int out[2], err[2];
  CHECK(pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_adddup2(&actions, err[1], 2);
  const pid_t pid = Spawn(arguments, &actions);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  close(err[1]);

  Ended ended;
  size_t told = 0;  // How much of `err` went to on_line.
  bool out_open = true, err_open = true;
  while (out_open || err_open) {
    std::array<pollfd, 2> fds{
        {{out_open ? out[0] : -1, POLLIN, 0}, {err_open ? err[0] : -1, POLLIN, 0}}};
    poll(fds.data(), fds.size(), -1);
    if (fds[0].revents != 0) out_open = Drain(out[0], ended.out);
    if (fds[1].revents != 0) err_open = Drain(err[0], ended.err);
    for (size_t end; on_line && (end = ended.err.find('\n', told)) != std::string::npos;) {
      on_line(absl::string_view(ended.err).substr(told, end - told));
      told = end + 1;
    }
  }
  close(out[0]);
  close(err[0]);
  int status = 0;
  CHECK(waitpid(pid, &status, 0) == pid);
  ended.code = ExitCode(status);
  return ended;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace smederij::e2e
