#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/vectors_test.h"
#include "tests/e2e/process.h"

// Programs in another language, in tests/interop.
namespace smederij::e2e {

inline constexpr int kNodeMin = 20;

inline std::string InteropFolder() {
  return absl::StrCat(std::getenv("SMEDERIJ_SOURCE"), "/tests/interop");
}

// Empty where there is a Node that is new enough; else what to do about it.
inline std::string MissingNode() {
  const Ended ended = Run({"/usr/bin/env", "node", "-p", "process.versions.node.split('.')[0]"});
  int major = 0;
  if (ended.code == 0 && absl::SimpleAtoi(ended.out, &major) && major >= kNodeMin) return "";
  return absl::StrCat("SKIPPED: Node ", kNodeMin, " or newer is not installed");
}

// The same, and the packages of tests/interop/package.json.
inline std::string MissingNodePackages() {
  const std::string missing = MissingNode();
  if (!missing.empty()) return missing;
  if (std::filesystem::exists(InteropFolder() + "/node_modules/@cloudflare/blindrsa-ts")) return "";
  return "SKIPPED: run `npm install` in tests/interop";
}

inline Ended Node(const std::string& program, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(),
                   {"/usr/bin/env", "node", absl::StrCat(InteropFolder(), "/", program)});
  return Run(arguments);
}

// A build machine must have them; elsewhere the test is skipped, loudly.
#define SMEDERIJ_REQUIRE(missing)                                \
  if (const std::string absent = missing; !absent.empty()) {     \
    if (::smederij::crypto::MustHaveVectors()) FAIL() << absent; \
    GTEST_SKIP() << absent;                                      \
  }
#define SMEDERIJ_REQUIRE_NODE() SMEDERIJ_REQUIRE(::smederij::e2e::MissingNode())
#define SMEDERIJ_REQUIRE_NODE_PACKAGES() SMEDERIJ_REQUIRE(::smederij::e2e::MissingNodePackages())

}  // namespace smederij::e2e
