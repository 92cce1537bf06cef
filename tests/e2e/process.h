#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace smederij::e2e {

// A child process with its standard error in a file. Killed when this goes, if it still runs,
// and when this process has ended in whatever way. One thread at a time.
class Process {
 public:
  Process() = default;
  Process(const std::vector<std::string>& arguments, const std::string& stderr_path);
  ~Process();
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  bool running();
  pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  int Wait();  // Exit code, or 128 + the signal that ended it.

 private:
  pid_t pid_ = 0;
  int code_ = 0;
};

struct Ended {
  int code = 0;
  std::string out;
  std::string err;
};

// Runs a program to its end. `on_line` sees each line of standard error as it is written, from the
// calling thread.
Ended Run(const std::vector<std::string>& arguments,
          const std::function<void(absl::string_view)>& on_line = nullptr);

std::string ReadFile(const std::string& path);

}  // namespace smederij::e2e
