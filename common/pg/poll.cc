#include "common/pg/poll.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

#include "absl/time/clock.h"

namespace smederij::pg {

short PollUntil(int fd, short events, absl::Time deadline) {
  for (;;) {
    // In slices: a clock set back must not stretch one wait for hours.
    const absl::Duration left = deadline - absl::Now();
    const int milliseconds = static_cast<int>(absl::ToInt64Milliseconds(std::clamp(
        absl::Ceil(left, absl::Milliseconds(1)), absl::ZeroDuration(), absl::Seconds(1))));
    pollfd wanted{.fd = fd, .events = events, .revents = 0};
    const int ready = poll(&wanted, 1, milliseconds);
    if (ready > 0) return wanted.revents;
    if (ready < 0 && errno != EINTR) return POLLERR;
    if (ready == 0 && left <= absl::ZeroDuration()) return 0;
  }
}

}  // namespace smederij::pg
