#include "services/cli/commands/progress.h"

#include <unistd.h>

#include <iostream>

#include "absl/time/clock.h"

namespace smederij::cli {
namespace {

constexpr absl::Duration kQuiet = absl::Seconds(1);

}  // namespace

Progress::Progress(absl::string_view what, size_t total)
    : Progress(what, total, isatty(STDERR_FILENO) == 1 ? &std::cerr : nullptr, absl::Now()) {}

Progress::Progress(absl::string_view what, size_t total, std::ostream* out, absl::Time now)
    : what_(what), total_(total), out_(out), begin_(now) {}

Progress::~Progress() { Clear(); }

void Progress::Advance() { Advance(absl::Now()); }

void Progress::Advance(absl::Time now) {
  ++done_;
  if (out_ == nullptr || done_ == total_ || now - begin_ < kQuiet) return;
  Clear();
  *out_ << "smederij: " << done_ << " of " << total_ << ' ' << what_ << std::flush;
  shown_ = true;
}

void Progress::Clear() {
  if (shown_) *out_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace smederij::cli
