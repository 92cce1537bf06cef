#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/check.h"
#include "services/ballots/bundle/bundle.h"

namespace smederij::e2e {

// Folders that go when the test does.
class Folders {
 public:
  Folders() {
    std::string pattern = (std::filesystem::temp_directory_path() / "verifiers-XXXXXX").string();
    CHECK(mkdtemp(pattern.data()) != nullptr);
    directory_ = pattern;
  }
  ~Folders() { std::filesystem::remove_all(directory_); }

  std::string Write(const ballots::bundle::Files& files) {
    const std::filesystem::path folder = directory_ / absl::StrCat(next_++);
    for (const auto& [path, bytes] : files) {
      std::filesystem::create_directories((folder / path).parent_path());
      std::ofstream(folder / path, std::ios::binary) << bytes;
    }
    return folder;
  }
  std::string path(absl::string_view name) const { return directory_ / std::string(name); }

 private:
  std::filesystem::path directory_;
  int next_ = 0;
};

}  // namespace smederij::e2e
