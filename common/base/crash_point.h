#pragma once

#include "absl/strings/string_view.h"

namespace smederij {

// A place where a crash would hurt most. When the environment has SMEDERIJ_CRASH_AT, a point's name
// and a number ("cast.committed:3"), the process ends at once, as by SIGKILL, when it comes to that
// point for that time. Unset, as in production, a point costs a look at one flag.
//
// Compiled in everywhere, so that what is tested is the program that ships: whoever may set a
// process's environment could kill it as well. Thread-safe.
void CrashPoint(absl::string_view name);

// The same for a point of shared code: "<of>.<name>", as "cast.committed". Nothing when `of` is
// empty.
void CrashPoint(absl::string_view of, absl::string_view name);

}  // namespace smederij
