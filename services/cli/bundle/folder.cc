#include "services/cli/bundle/folder.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/cli/files/output.h"
#include "services/cli/files/pabulib_file.h"

namespace smederij::cli {
namespace {

namespace fs = std::filesystem;
using ballots::bundle::Files;

constexpr size_t kFilesMax = 2'000'000;

Error Unreadable(const std::string& path, const std::string& why) {
  return Error(kNotFound, "FILE_UNREADABLE", "the folder cannot be read")
      .With("path", path)
      .With("why", why);
}

Error Unwritable(const std::string& path, const std::string& why) {
  return Error(kFailedPrecondition, "OUTPUT_UNWRITABLE", "the output cannot be written")
      .With("path", path)
      .With("why", why);
}

absl::Status WriteAll(const fs::path& folder, const Files& files) {
  for (const auto& [path, bytes] : files) {
    std::error_code error;
    fs::create_directories((folder / path).parent_path(), error);
    if (error) return Unwritable(folder / path, error.message());
    Output output(folder / path);
    output.stream() << bytes;
    RETURN_IF_ERROR(output.Finish());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Files> ReadFolder(const std::string& path) {
  Files files;
  std::error_code error;
  fs::recursive_directory_iterator at(path, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (at->path().filename().string().starts_with(".")) {
      at.disable_recursion_pending();
      continue;
    }
    if (at->is_directory(error)) continue;
    if (files.size() == kFilesMax) return Unreadable(path, "it holds too many files");
    ASSIGN_OR_RETURN(files[at->path().lexically_relative(path).generic_string()],
                     ReadBytes(at->path()));
  }
  if (error) return Unreadable(path, error.message());
  return files;
}

absl::Status WriteFolder(const std::string& path, const Files& files) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_empty(path, error)) {
    return Error(kAlreadyExists, "OUTPUT_EXISTS", "the folder is there and not empty")
        .With("path", path);
  }
  fs::path whole = fs::absolute(path, error).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();  // It was given with a slash behind.
  fs::create_directories(whole.parent_path(), error);
  std::string beside = absl::StrCat(whole.string(), ".XXXXXX");
  if (error || mkdtemp(beside.data()) == nullptr) return Unwritable(path, std::strerror(errno));
  absl::Status written = WriteAll(beside, files);
  if (written.ok()) {
    fs::permissions(beside,
                    fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                        fs::perms::others_exec,
                    fs::perm_options::add, error);
    fs::rename(beside, whole, error);
    if (error) written = Unwritable(path, error.message());
  }
  if (!written.ok()) fs::remove_all(beside, error);
  return written;
}

}  // namespace smederij::cli
