#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/config/source.h"

namespace smederij::config {

// The key in the file that `flag` names, read by Key::FromFile. Without one, or when it cannot be
// read, a mistake is noted and there is none.
template <class Key>
std::optional<Key> RequiredKey(const absl::Flag<std::string>& flag, Source& source) {
  const std::string path = source.Required(flag);
  if (path.empty()) return std::nullopt;
  absl::StatusOr<Key> key = Key::FromFile(path);
  if (key.ok()) return *std::move(key);
  source.Mistake(absl::StrCat("--", absl::GetFlagReflectionHandle(flag).Name()),
                 key.status().message());
  return std::nullopt;
}

}  // namespace smederij::config
