#include "common/config/common.h"

// In a file of its own: only programs that call ReadGuard have these flags.
ABSL_FLAG(std::string, guard_dir, "",
          "directory of the guard file, on another disk than the database");
ABSL_FLAG(bool, guard_adopt, false, "trust the database as it is when the guard file is missing");

namespace smederij::config {

Guard ReadGuard(Source& source) {
  if (source.command() == "serve") source.Required(FLAGS_guard_dir);
  return {.directory = absl::GetFlag(FLAGS_guard_dir), .adopt = absl::GetFlag(FLAGS_guard_adopt)};
}

}  // namespace smederij::config
