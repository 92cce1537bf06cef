#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/config/secret.h"

namespace smederij::config {

// Where a process's configuration comes from: the command line, files named by --flagfile, the
// environment. A service declares its flags with ABSL_FLAG, makes one Source in main, and reads all
// of them into one immutable struct; every mistake found on the way is told together.
//
//   smederij-registry [COMMAND] [ARGUMENT…] [--flag=value…]
//
// A flag not given on the command line or in a flag file is taken from SMEDERIJ_<FLAG> (upper
// case). Secrets are never flags, only the paths of files are.
//
//   config::Source source(argc, argv, environ, {"serve", "migrate"});
//   const Config config = ReadConfig(source);           // source.Text(FLAGS_x), source.Mistake(…)
//   if (!source.status().ok()) return config::Refuse(source.status());
class Source {
 public:
  // `commands`: what the first positional argument may be; the first of them when there is none.
  // Absl's own ParseCommandLine is not used: it ends the process at the first kind of mistake.
  Source(int argc, const char* const* argv, const char* const* environment,
         std::vector<std::string> commands);

  const std::string& command() const { return command_; }
  const std::vector<std::string>& arguments() const { return arguments_; }  // After the command.
  bool wants_help() const { return wants_help_; }
  std::string Usage() const;  // Commands, and each flag with its default.

  // The value of a text flag; a mistake when it is empty.
  std::string Required(const absl::Flag<std::string>& flag);
  // The bytes of the file a flag names, without one trailing newline; mistakes: not given,
  // unreadable, readable by everybody, fewer than `bytes_min` bytes. Empty after a mistake.
  Secret SecretFile(const absl::Flag<std::string>& flag, size_t bytes_min);
  // As SecretFile, but a flag that is not given is no mistake.
  Secret OptionalSecretFile(const absl::Flag<std::string>& flag, size_t bytes_min);
  // Checks the form "host:port" or "unix:/path"; an empty value is no mistake here.
  void CheckAddress(const absl::Flag<std::string>& flag);

  // Something is wrong with `flag`.
  void Mistake(absl::string_view flag, absl::string_view wrong);

  // OK, or INVALID_ARGUMENT BAD_CONFIGURATION with a field for each flag or argument at fault.
  absl::Status status() const;
  // Environment names that look like ours and match no flag.
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void ReadEnvironment(const char* const* environment);
  void ReadArguments(const std::vector<std::string>& arguments, int depth);
  void ReadFlagFile(const std::string& path, int depth);
  // Sets one flag; true when it used `next` as its value.
  bool ReadFlag(absl::string_view text, const std::string* next, int depth);
  void TakeCommand(std::vector<std::string> positional);

  std::string program_;
  std::vector<std::string> commands_;
  std::string command_;
  std::vector<std::string> arguments_;
  std::vector<std::string> warnings_;
  absl::btree_map<std::string, std::string> mistakes_;  // Flag or argument → what is wrong.
  bool wants_help_ = false;
};

// Logs each mistake as one line, event "bad_configuration". Returns the exit code of main: 2.
int Refuse(const absl::Status& status);

}  // namespace smederij::config
