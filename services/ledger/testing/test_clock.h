#pragma once

#include <cstdlib>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/clock.h"

namespace smederij::ledger {

// "2026-12-31T23:59:59.999" as a clock in Amsterdam shows it; of an hour that comes twice, the
// first.
inline absl::Time InAmsterdam(const std::string& text) {
  absl::TimeZone zone;
  CHECK(absl::LoadTimeZone("Europe/Amsterdam", &zone));
  absl::Time time;
  std::string error;
  CHECK(absl::ParseTime("%Y-%m-%d%ET%H:%M:%E*S", text, zone, &time, &error));
  return time;
}

// The time of a test's books: another than the computer's, so that no test means something else in
// December. Starts at noon of a day in summer, or of SMEDERIJ_BOOKS_DAY (YYYY-MM-DD), and goes on
// from there, so that what comes later is later. Thread-safe.
class TestClock final : public Clock {
 public:
  TestClock() {
    const char* const day = std::getenv("SMEDERIJ_BOOKS_DAY");
    Set(InAmsterdam(absl::StrCat(day != nullptr ? day : "2026-07-01", "T12:00:00")));
  }

  absl::Time Now() const override {
    const absl::MutexLock lock(&mutex_);
    return stopped_ ? from_ : from_ + (absl::Now() - set_at_);
  }
  absl::CivilDay Today() const {
    absl::TimeZone zone;
    CHECK(absl::LoadTimeZone("Europe/Amsterdam", &zone));
    return absl::ToCivilDay(Now(), zone);
  }
  // Goes on from there.
  void Set(absl::Time from) { Set(from, false); }
  // Stands still there.
  void Stop(absl::Time at) { Set(at, true); }

 private:
  void Set(absl::Time from, bool stopped) {
    const absl::MutexLock lock(&mutex_);
    from_ = from;
    set_at_ = absl::Now();
    stopped_ = stopped;
  }

  mutable absl::Mutex mutex_;
  absl::Time from_ ABSL_GUARDED_BY(mutex_), set_at_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace smederij::ledger
