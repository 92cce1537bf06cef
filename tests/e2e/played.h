#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/projection.h"
#include "tests/e2e/town.h"

namespace smederij::e2e {

inline std::vector<nlohmann::json> Lines(const std::string& out) {
  std::vector<nlohmann::json> lines;
  for (const absl::string_view line : absl::StrSplit(out, '\n', absl::SkipEmpty())) {
    lines.push_back(nlohmann::json::parse(line.begin(), line.end()));
  }
  return lines;
}

// int64 is a string in the JSON of protobuf.
inline int64_t Cents(const std::string& text) {
  int64_t cents = 0;
  EXPECT_TRUE(absl::SimpleAtoi(text, &cents)) << text;
  return cents;
}

// A town after a whole round.
struct Played {
  Town town;
  std::string budget, round;
  std::map<std::string, int64_t> trial;  // By account number.

  Played() {
    const Ended played = town.Play();
    EXPECT_EQ(played.code, 0) << played.err;
    const nlohmann::json summary = nlohmann::json::parse(LastLine(played.out));
    budget = summary.at("budget");
    round = summary.at("round");
    const Ended ended = town.Smederij({"ledger", "trial-balance", budget, "--json"});
    EXPECT_EQ(ended.code, 0) << ended.err;
    const nlohmann::json books = nlohmann::json::parse(ended.out);
    for (const nlohmann::json& account : books.at("accounts")) {
      trial[account.at("account_no").get<std::string>()] = Cents(account.at("balance_cents"));
    }
  }
  std::string Export(const std::string& format) const {
    const Ended ended = town.Smederij({"ledger", "export", budget, "--format", format});
    EXPECT_EQ(ended.code, 0) << ended.err;
    return ended.out;
  }
};

// A person's token in a file, as the commands want it.
inline std::string TokenFile(const Town& town, const std::string& subject,
                             const std::string& audience = "ledger") {
  const std::string path = town.key(absl::StrCat("token-", audience, "-", subject));
  const Ended ended = town.Smederij(
      {"token", subject, audience, absl::StrCat("--identity-key=", town.key("identity.key"))});
  EXPECT_EQ(ended.code, 0) << ended.err;
  std::ofstream(path) << ended.out;
  return path;
}

}  // namespace smederij::e2e
