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

// 0, or what errno says.
int WriteAll(int file, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return fsync(file) == 0 ? 0 : errno;
}

// What an ordinary new file may be; asking changes it, so it is set back at once.
mode_t NewFileMode() {
  const mode_t mask = umask(0);
  umask(mask);
  return 0666 & ~mask;
}

// Under another name first: whoever reads `path` sees the old file or the new one, never a part.
int Replace(const std::string& path, absl::string_view text) {
  std::string beside = absl::StrCat(path, ".XXXXXX");
  const int file = mkstemp(beside.data());
  if (file < 0) return errno;
  int error = WriteAll(file, text);
  if (error == 0 && fchmod(file, NewFileMode()) != 0) error = errno;
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && std::rename(beside.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) unlink(beside.c_str());
  return error;
}

}  // namespace

Output::Output(std::string path) : path_(std::move(path)) {}

std::ostream& Output::stream() { return path_.empty() ? std::cout : text_; }

absl::Status Output::Finish() {
  if (path_.empty()) {
    errno = 0;
    if (!std::cout.flush()) return Unwritable("-", errno == 0 ? EIO : errno);
    return absl::OkStatus();
  }
  const int error = Replace(path_, text_.str());
  if (error != 0) return Unwritable(path_, error);
  return absl::OkStatus();
}

}  // namespace smederij::cli
