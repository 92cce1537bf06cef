// A client that knows nothing but an address and a token: lists and calls every service through
// reflection, over TLS.

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tests/e2e/town.h"

namespace smederij::e2e {
namespace {

using nlohmann::json;

std::string Buf() {
  return absl::StrCat(std::getenv("SMEDERIJ_SOURCE"), "/tests/interop/node_modules/.bin/buf");
}

Ended Curl(const Town& town, const std::string& service, std::vector<std::string> arguments,
           const std::string& path) {
  arguments.insert(arguments.begin(),
                   {Buf(), "curl", "--protocol", "grpc", "--cacert", town.key("ca.pem")});
  arguments.push_back(absl::StrCat("https://", town.address(service), path));
  return Run(arguments);
}

std::string Token(const Town& town, const std::string& subject, const std::string& service) {
  const Ended ended = town.Smederij(
      {"token", subject, service, absl::StrCat("--identity-key=", town.key("identity.key"))});
  EXPECT_EQ(ended.code, 0) << ended.err;
  return std::string(absl::StripTrailingAsciiWhitespace(ended.out));
}

TEST(BufCurl, ListsAndCallsEveryServiceThroughReflectionWithAToken) {
  if (access(Buf().c_str(), X_OK) != 0) {
    ASSERT_EQ(std::getenv("CI"), nullptr) << "buf is not installed: npm ci in tests/interop";
    GTEST_SKIP() << "SKIPPED: buf is not installed; run `npm ci` in tests/interop";
  }
  Town town;
  const Ended played = town.Play();
  ASSERT_EQ(played.code, 0) << played.err;
  const std::string played_line = played.out.substr(played.out.rfind('{'));
  const std::string round = json::parse(played_line).at("round");
  const std::string about_budget = absl::StrCat(
      R"({"budget_id":")", std::string(json::parse(played_line).at("budget")), R"("})");
  const std::string about_round = absl::StrCat(R"({"round_id":")", round, R"("})");

  struct Case {
    const char* service;
    const char* subject;
    const char* method;
    std::string request;
    const char* answer_has;
  };
  const std::vector<Case> cases = {
      {"registry", "official:administrator", "smederij.registry.v1.RegistryService/GetMunicipality",
       "{}", "municipalityId"},
      {"proposals", "official:area-director", "smederij.proposals.v1.ProposalsService/GetRound",
       about_round, "PHASE_DONE"},
      {"ballots", "official:first-election-official", "smederij.ballots.v1.BallotsService/GetTally",
       about_round, "STATE_CERTIFIED"},
      {"ledger", "official:treasurer", "smederij.ledger.v1.LedgerService/ListBudgets",
       R"({"district_id":"5f8f0ee8-9f0f-4a70-8a54-3f0d5b6f2a11"})", "{"},
      {"ledger", "official:treasurer", "smederij.ledger.v1.SpendingService/ListPayments",
       about_budget, "STATE_SETTLED"},
      {"ledger", "official:treasurer", "smederij.ledger.v1.PayeeService/RegisterPayee",
       R"({"request_id":"7b0c5c52-52a4-4a3e-9d3f-2b1f0c5d9e01","name":"Klusbedrijf De Vries",)"
       R"("iban":"NL02ABNA0123456789"})",
       "payeeId"}};
  for (const Case& c : cases) {
    const Ended listed = Curl(town, c.service, {"--list-methods"}, "");
    EXPECT_EQ(listed.code, 0) << c.service << ": " << listed.err;
    EXPECT_TRUE(absl::StrContains(listed.out, c.method)) << listed.out;
    EXPECT_TRUE(absl::StrContains(listed.out, "grpc.health.v1.Health/Check")) << listed.out;

    const std::string bearer =
        absl::StrCat("authorization: Bearer ", Token(town, c.subject, c.service));
    const Ended called = Curl(town, c.service, {"--header", bearer, "--data", c.request},
                              absl::StrCat("/", c.method));
    EXPECT_EQ(called.code, 0) << c.method << ": " << called.err;
    EXPECT_TRUE(absl::StrContains(called.out, c.answer_has)) << called.out;
  }
  // Without a token the same call is refused, with a reason a program can read.
  const Ended refused = Curl(town, "registry", {"--data", "{}"},
                             "/smederij.registry.v1.RegistryService/GetMunicipality");
  EXPECT_NE(refused.code, 0);
  EXPECT_TRUE(absl::StrContains(refused.err, "unauthenticated")) << refused.err;
}

}  // namespace
}  // namespace smederij::e2e
