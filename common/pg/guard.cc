#include "common/pg/guard.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/check.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"

namespace smederij::pg {
namespace {

constexpr size_t kSlotSize = 512;  // One sector: the smallest unit a disk writes.
constexpr absl::string_view kVersion = "smederij-guard-v1";

std::string HexOf(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

std::string Sha256Hex(absl::string_view text) {
  uint8_t digest[32];
  unsigned int size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) == 1);
  return HexOf(absl::string_view(reinterpret_cast<const char*>(digest), sizeof(digest)));
}

// "smederij-guard-v1 <commit_no> <size> <root hex> <sha256 of all before>\n", padded with newlines.
std::string Render(const GuardRecord& record) {
  std::string text =
      absl::StrCat(kVersion, " ", record.commit_no, " ", record.size, " ",
                   HexOf(absl::string_view(reinterpret_cast<const char*>(record.root.data()),
                                           record.root.size())));
  absl::StrAppend(&text, " ", Sha256Hex(text), "\n");
  text.resize(kSlotSize, '\n');
  return text;
}

std::optional<GuardRecord> Parse(absl::string_view slot) {
  const absl::string_view line = slot.substr(0, slot.find('\n'));
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  GuardRecord record;
  if (parts.size() != 5 || parts[0] != kVersion || parts[3].size() != 64 ||
      !absl::SimpleAtoi(parts[1], &record.commit_no) || !absl::SimpleAtoi(parts[2], &record.size)) {
    return std::nullopt;
  }
  const absl::string_view body = line.substr(0, line.size() - parts[4].size() - 1);
  if (absl::string_view(Sha256Hex(body)) != parts[4]) return std::nullopt;
  const std::string root = absl::HexStringToBytes(parts[3]);
  std::memcpy(record.root.data(), root.data(), record.root.size());
  return record;
}

absl::Status Unwritable(absl::string_view path, absl::string_view doing) {
  return Error(kUnavailable, "GUARD_UNWRITABLE",
               absl::StrCat("the guard file cannot be ", doing, ": ", std::strerror(errno)))
      .With("path", path);
}

Error Refusal(absl::string_view reason, absl::string_view sentence, absl::string_view path,
              const GuardRecord& guard, const GuardRecord& database) {
  return Error(kFailedPrecondition, reason, sentence)
      .With("path", path)
      .With("guard_commit_no", guard.commit_no)
      .With("database_commit_no", database.commit_no)
      .With("guard_size", guard.size)
      .With("database_size", database.size);
}

absl::Status Judge(absl::string_view path, const GuardRecord& guard, const GuardRecord& database) {
  if (guard.commit_no > database.commit_no || guard.size > database.size) {
    return Refusal("DATABASE_BEHIND_GUARD",
                   "the database has forgotten commits that were answered; restore a later backup, "
                   "or adopt its state knowing what is lost",
                   path, guard, database);
  }
  if (guard.commit_no == database.commit_no && guard != database) {
    return Refusal("DATABASE_DIVERGED",
                   "the database is as long as the guard remembers, but not the same", path, guard,
                   database);
  }
  return absl::OkStatus();
}

}  // namespace

Guard::~Guard() { close(fd_); }

absl::StatusOr<std::unique_ptr<Guard>> Guard::Open(const std::string& directory,
                                                   absl::string_view name,
                                                   const GuardRecord& database, bool adopt) {
  const std::string path = absl::StrCat(directory, "/", name, ".guard");
  const bool exists = access(path.c_str(), F_OK) == 0;
  if (!exists && database.commit_no > 0 && !adopt) {
    return Refusal("GUARD_MISSING",
                   "there is no guard file, yet the database is not empty: is the guard's volume "
                   "mounted? Adopt the database's state only if it is known to be whole",
                   path, {}, database);
  }
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return Unwritable(path, "opened");
  std::unique_ptr<Guard> guard(new Guard(fd, path));
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return Error(kFailedPrecondition, "GUARD_IN_USE", "another process holds the guard file")
        .With("path", path);
  }
  char bytes[2 * kSlotSize];
  const ssize_t size = pread(fd, bytes, sizeof(bytes), 0);
  if (size < 0) return Unwritable(path, "read");
  absl::MutexLock lock(&guard->mutex_);
  std::optional<GuardRecord> last;
  for (int slot = 0; slot < 2; ++slot) {
    const size_t begin = static_cast<size_t>(slot) * kSlotSize;
    if (static_cast<size_t>(size) < begin + kSlotSize) continue;
    const auto record = Parse(absl::string_view(bytes + begin, kSlotSize));
    if (!record || (last && last->commit_no >= record->commit_no)) continue;
    last = record;
    guard->next_slot_ = 1 - slot;
  }
  if (!adopt) {
    // An empty file is one whose making was cut short, before any commit was answered.
    if (!last && size > 0) {
      return Refusal("GUARD_CORRUPT", "neither record of the guard file is whole", path, {},
                     database);
    }
    if (!last && database.commit_no > 0) {
      return Refusal("GUARD_MISSING", "the guard file is empty, the database is not", path, {},
                     database);
    }
    if (last) RETURN_IF_ERROR(Judge(path, *last, database));
  }
  if (!exists) {  // The directory entry must survive a crash as well.
    const int parent = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = parent >= 0 && fsync(parent) == 0;
    if (parent >= 0) close(parent);
    if (!synced) return Unwritable(path, "made durable");
  }
  RETURN_IF_ERROR(guard->Write(database));
  // Adopting a shorter database: the other slot must not speak up for the longer one later.
  if (adopt) RETURN_IF_ERROR(guard->Write(database));
  return guard;
}

absl::Status Guard::Write(const GuardRecord& record) {
  const std::string slot = Render(record);
  const off_t at = static_cast<off_t>(next_slot_) * static_cast<off_t>(kSlotSize);
  if (pwrite(fd_, slot.data(), slot.size(), at) != static_cast<ssize_t>(slot.size()) ||
      fdatasync(fd_) != 0) {
    return Unwritable(path_, "written");
  }
  next_slot_ = 1 - next_slot_;
  absl::MutexLock lock(&last_mutex_);
  last_ = record;
  return absl::OkStatus();
}

absl::Status Guard::Advance(const GuardRecord& record) {
  absl::MutexLock lock(&mutex_);
  if (record.commit_no <= last().commit_no) return absl::OkStatus();
  return Write(record);
}

GuardRecord Guard::last() const {
  absl::MutexLock lock(&last_mutex_);
  return last_;
}

}  // namespace smederij::pg
