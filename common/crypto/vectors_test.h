#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "absl/strings/escaping.h"
#include "nlohmann/json.hpp"

// Published test vectors lie outside the checkout.
namespace smederij::crypto {

inline std::filesystem::path VectorFolder() {
  if (const char* shared = std::getenv("SMEDERIJ_SHARED")) {
    return std::filesystem::path(shared) / "data/vectors";
  }
  const char* source = std::getenv("SMEDERIJ_SOURCE");
  return std::filesystem::path(source ? source : ".") / "../shared/data/vectors";
}

inline std::string ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// A file must be there on the build machine; elsewhere its test is skipped, loudly.
inline bool MustHaveVectors() {
  const char* ci = std::getenv("CI");
  return ci != nullptr && std::string(ci) == "true";
}

inline std::string FromHex(const nlohmann::json& value) {
  std::string hex = value.get<std::string>();
  if (hex.starts_with("0x")) hex = hex.substr(2);
  if (hex.size() % 2 != 0) hex.insert(0, "0");
  return absl::HexStringToBytes(hex);
}

#define REQUIRE_VECTORS(path)                                                 \
  if (!std::filesystem::exists(path)) {                                       \
    if (::smederij::crypto::MustHaveVectors()) FAIL() << "missing: " << path; \
    GTEST_SKIP() << "no test vectors at " << path << "; set SMEDERIJ_SHARED"; \
  }

}  // namespace smederij::crypto
