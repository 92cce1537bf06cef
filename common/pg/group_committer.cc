#include "common/pg/group_committer.h"

#include "common/base/error.h"

namespace smederij::pg {

absl::Status QueueFull(size_t queue_max) {
  return Error(kResourceExhausted, "QUEUE_FULL", "too many writes are waiting")
      .With("queue_max", queue_max)
      .RetryAfter(absl::Milliseconds(100));
}

absl::Status ShuttingDown() {
  return Error(kUnavailable, "SHUTTING_DOWN", "this replica is stopping; call another")
      .RetryAfter(absl::Milliseconds(250));
}

absl::Status DeadlineInQueue() {
  return Error(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
               "the deadline passed while the write was waiting; it did not take place");
}

bool BlamesACommand(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kAborted:
      return false;
    default:
      return true;
  }
}

}  // namespace smederij::pg
