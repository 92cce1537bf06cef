#pragma once

#include <functional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace smederij::pg {

// What a pool tells about itself, so that this library needs no metrics library. An empty function
// is not called; all are called from many threads and must not block.
struct Observer {
  // A statement came back, well or not: smederij_sql_seconds{statement}. Of statements that were
  // sent together each took until its answer, those before it included.
  std::function<void(absl::string_view statement, absl::Duration took)> statement = {};
  // A transaction got its connection after waiting this long: smederij_pg_wait_seconds.
  std::function<void(absl::Duration waited)> wait = {};
  // A transaction runs again: smederij_tx_reruns_total{reason}.
  std::function<void(absl::string_view reason)> rerun = {};
};

}  // namespace smederij::pg
