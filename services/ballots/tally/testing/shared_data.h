#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

// For tests: where the reference data stand.
namespace smederij::ballots::tally {

// $SMEDERIJ_SHARED, else ../shared beside the checkout; nothing when it is not there.
inline std::optional<std::filesystem::path> SharedData() {
  const char* shared = std::getenv("SMEDERIJ_SHARED");
  const char* source = std::getenv("SMEDERIJ_SOURCE");
  std::filesystem::path root;
  if (shared != nullptr) {
    root = shared;
  } else if (source != nullptr) {
    root = std::filesystem::path(source) / ".." / "shared";
  } else {
    root = std::filesystem::path("..") / "shared";
  }
  if (!std::filesystem::exists(root / "data" / "outcomes.jsonl")) return std::nullopt;
  return root / "data";
}

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// Skips a test loudly where the data are absent; where CI is set that is a failure.
#define SMEDERIJ_NEEDS_SHARED(name)                                                     \
  const std::optional<std::filesystem::path> name = SharedData();                       \
  if (!name) {                                                                          \
    if (const char* ci = std::getenv("CI"); ci != nullptr && std::string(ci) == "true") \
      FAIL() << "no reference data; set SMEDERIJ_SHARED";                               \
    GTEST_SKIP() << "no reference data; set SMEDERIJ_SHARED";                           \
  }                                                                                     \
  static_assert(true)

}  // namespace smederij::ballots::tally
