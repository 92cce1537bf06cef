#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"

namespace smederij::pg {

// How far a database had come: commits counted since it was made, and the size and root (or last
// hash) of what it must never lose.
struct GuardRecord {
  int64_t commit_no = 0;
  int64_t size = 0;
  std::array<uint8_t, 32> root{};

  bool operator==(const GuardRecord&) const = default;
};

// Remembers, outside the database and on another volume, the last commit that was answered. A hash
// chain cannot see its own missing tail: after a restore from backup, or a failover to a standby
// that lagged, only this file knows that promises were forgotten. Every replica keeps one.
//
// The file holds two text records written in turn, so that a torn write leaves the other one
// whole, and is locked while open. Thread-safe.
class Guard {
 public:
  // Opens or makes `directory`/<name>.guard. `database` is where the database stands now.
  // Refused, first that applies:
  //   GUARD_IN_USE           another process holds it
  //   GUARD_UNWRITABLE       the file cannot be made, read or written
  //   GUARD_CORRUPT          neither record is whole, unless `adopt`
  //   GUARD_MISSING          no file yet, but the database is not empty, unless `adopt`
  //   DATABASE_BEHIND_GUARD  the database has forgotten commits that were answered, unless `adopt`
  //   DATABASE_DIVERGED      as many commits, but other contents, unless `adopt`
  static absl::StatusOr<std::unique_ptr<Guard>> Open(const std::string& directory,
                                                     absl::string_view name,
                                                     const GuardRecord& database, bool adopt);
  ~Guard();
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  // Durable when it returns OK. Older than what stands there is OK and writes nothing.
  // Refusal: GUARD_UNWRITABLE.
  absl::Status Advance(const GuardRecord& record);

  // Never waits for the disk.
  GuardRecord last() const;

 private:
  Guard(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  absl::Status Write(const GuardRecord& record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int fd_;
  const std::string path_;
  mutable absl::Mutex mutex_;  // Held over a write to the disk,
  int next_slot_ ABSL_GUARDED_BY(mutex_) = 0;
  mutable absl::Mutex last_mutex_ ABSL_ACQUIRED_AFTER(mutex_);  // and this one never is.
  GuardRecord last_ ABSL_GUARDED_BY(last_mutex_);
};

}  // namespace smederij::pg
