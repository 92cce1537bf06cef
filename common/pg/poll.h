#pragma once

#include "absl/time/time.h"

namespace smederij::pg {

// Waits for poll() events on `fd`, at the latest until `deadline`. Returns what arrived, errors and
// hang-ups included (the next libpq call reports them), or 0 when the deadline passed.
short PollUntil(int fd, short events, absl::Time deadline);

}  // namespace smederij::pg
