#pragma once

#include <sys/types.h>

#include <string>

namespace smederij::testing {

// What becomes of the programs this process has started and the directories it has made, when it
// ends in whatever way: a failed CHECK and SIGKILL included. A shell waits for that, started when
// one of these is first called; it holds the other end of a pipe that closes with this process. Not
// tied to a thread: one may start a program and end before it. Thread-safe; dies when no shell can
// be started.

// The process group to be in: its members get SIGQUIT (of which PostgreSQL makes an immediate
// shutdown), and SIGKILL seven seconds later. Every child joins it before it executes a program.
pid_t GroupToEnd();

// `directory`, an absolute path without a newline, is removed then if it is still there.
void RemoveAfterwards(const std::string& directory);

}  // namespace smederij::testing
