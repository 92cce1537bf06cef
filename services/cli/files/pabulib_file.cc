#include "services/cli/files/pabulib_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace smederij::cli {
namespace {

constexpr uintmax_t kBytesMax = uintmax_t{1} << 30;

Error Unreadable(const std::string& path, absl::string_view why) {
  return Error(kNotFound, "FILE_UNREADABLE", "the file cannot be read")
      .With("path", path)
      .With("why", why);
}

}  // namespace

absl::StatusOr<std::string> ReadBytes(const std::string& path) {
  std::error_code error;
  const bool directory = std::filesystem::is_directory(path, error);
  if (directory) return Unreadable(path, "it is a directory");
  std::ifstream in(path, std::ios::binary);
  if (!in) return Unreadable(path, std::strerror(errno));
  std::string bytes;
  for (std::string part(size_t{1} << 20, '\0'); in;) {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    bytes.append(part, 0, static_cast<size_t>(in.gcount()));
    if (bytes.size() > kBytesMax) {
      return Error(kInvalidArgument, "FILE_TOO_LARGE", "the file is larger than any election")
          .With("path", path);
    }
  }
  if (in.bad()) return Unreadable(path, std::strerror(errno));
  return bytes;
}

absl::StatusOr<ballots::tally::PbFile> ReadPabulib(const std::string& path,
                                                   const ballots::tally::PbOptions& options) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadBytes(path));
  return ballots::tally::ReadPb(bytes, options);
}

}  // namespace smederij::cli
