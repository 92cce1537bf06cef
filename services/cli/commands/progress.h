#pragma once

#include <cstddef>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace smederij::cli {

// Tells somebody who waits how far long work is: one line that is written over, and gone at the
// end. Nothing for work of less than a second.
class Progress {
 public:
  // On standard error, if that is a terminal. `what` is what there are `total` of: "files".
  Progress(absl::string_view what, size_t total);
  // For tests.
  Progress(absl::string_view what, size_t total, std::ostream* out, absl::Time now);
  ~Progress();

  // One more is done.
  void Advance();
  void Advance(absl::Time now);
  // Takes the line away, before something else is written.
  void Clear();

 private:
  const std::string what_;
  const size_t total_;
  std::ostream* const out_;  // Null: nobody looks.
  const absl::Time begin_;
  size_t done_ = 0;
  bool shown_ = false;
};

}  // namespace smederij::cli
