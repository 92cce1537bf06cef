#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/service/platform.h"

namespace smederij::service {
namespace {

// The children of one metric by the value of its one label, resolved when first seen: statements
// and reasons are constants of the program, so there are few.
template <class Handle>
class Children {
 public:
  template <class Make>
  Handle Get(absl::string_view label, Make make) {
    {
      const absl::ReaderMutexLock lock(&mutex_);
      if (const auto found = known_.find(label); found != known_.end()) return found->second;
    }
    const absl::MutexLock lock(&mutex_);
    const auto [at, is_new] = known_.try_emplace(std::string(label));
    if (is_new) at->second = make();
    return at->second;
  }

 private:
  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Handle> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

pg::Observer Observe(obs::Registry& metrics) {
  auto statements = std::make_shared<Children<obs::Histogram>>();
  auto reasons = std::make_shared<Children<obs::Counter>>();
  const obs::Histogram waits =
      metrics.AddHistogram("smederij_pg_wait_seconds",
                           "Time a transaction waited for its connection.", obs::LatencyBuckets());
  return {.statement =
              [&metrics, statements](absl::string_view statement, absl::Duration took) {
                const auto make = [&] {
                  return metrics.AddHistogram("smederij_sql_seconds", "Time a statement took.",
                                              obs::LatencyBuckets(),
                                              {{"statement", std::string(statement)}});
                };
                statements->Get(statement, make).Observe(took);
              },
          .wait = [waits](absl::Duration waited) { waits.Observe(waited); },
          .rerun =
              [&metrics, reasons](absl::string_view reason) {
                const auto make = [&] {
                  return metrics.AddCounter("smederij_tx_reruns_total", "Transactions run again.",
                                            {{"reason", std::string(reason)}});
                };
                reasons->Get(reason, make).Add();
              }};
}

}  // namespace smederij::service
