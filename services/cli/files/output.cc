#include "services/cli/files/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/error.h"

namespace smederij::cli {
namespace {

Error Unwritable(absl::string_view path, int error) {
  return Error(kFailedPrecondition, "OUTPUT_UNWRITABLE", "the output cannot be written")
      .With("path", path)
      .With("why", std::strerror(error));
}

// What an ordinary new file may be; asking changes it, so it is set back at once.
mode_t NewFileMode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// Makes a file durable, and what an ordinary one is. 0, or what errno says.
int Settle(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return errno;
  int error = fsync(file) == 0 ? 0 : errno;
  if (error == 0 && fchmod(file, NewFileMode()) != 0) error = errno;
  if (close(file) != 0 && error == 0) error = errno;
  return error;
}

}  // namespace

// Under another name first: whoever reads `path` sees the old file or the new one, never a part.
Output::Output(std::string path) : path_(std::move(path)) {
  if (path_.empty()) return;
  beside_ = absl::StrCat(path_, ".XXXXXX");
  const int file = mkstemp(beside_.data());
  if (file < 0) {
    error_ = errno;
    beside_.clear();
    return;
  }
  close(file);
  file_.open(beside_, std::ios::binary);
}

Output::~Output() {
  if (!beside_.empty()) unlink(beside_.c_str());
}

std::ostream& Output::stream() { return path_.empty() ? std::cout : file_; }

absl::Status Output::Finish() {
  if (path_.empty()) {
    errno = 0;
    if (!std::cout.flush()) return Unwritable("-", errno == 0 ? EIO : errno);
    return absl::OkStatus();
  }
  if (error_ == 0) {
    errno = 0;
    file_.close();
    if (!file_) error_ = errno == 0 ? EIO : errno;
  }
  if (error_ == 0) error_ = Settle(beside_);
  if (error_ == 0 && std::rename(beside_.c_str(), path_.c_str()) != 0) error_ = errno;
  if (error_ != 0) return Unwritable(path_, error_);
  beside_.clear();
  return absl::OkStatus();
}

}  // namespace smederij::cli
