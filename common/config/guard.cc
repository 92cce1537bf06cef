#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/config/common.h"

// In a file of its own: only programs that call ReadGuard have these flags.
ABSL_FLAG(std::string, guard_dir, "",
          "directory of the guard files, on another disk than the database");
ABSL_FLAG(std::vector<std::string>, guard_adopt, {},
          "names of guards, with commas, that take the database as it is, whatever they remember: "
          "the file's name without .guard");

namespace smederij::config {

bool Guard::Adopts(absl::string_view name) const {
  return std::find(adopted.begin(), adopted.end(), name) != adopted.end();
}

Guard ReadGuard(Source& source, const std::vector<std::string>& names) {
  if (source.command() == "serve") source.Required(FLAGS_guard_dir);
  Guard guard{.directory = absl::GetFlag(FLAGS_guard_dir),
              .adopted = absl::GetFlag(FLAGS_guard_adopt)};
  for (const std::string& adopted : guard.adopted) {
    if (std::find(names.begin(), names.end(), adopted) != names.end()) continue;
    source.Mistake("--guard_adopt",
                   absl::StrCat("\"", adopted, "\" is not a guard of this service; there are ",
                                absl::StrJoin(names, ", ")));
  }
  return guard;
}

}  // namespace smederij::config
