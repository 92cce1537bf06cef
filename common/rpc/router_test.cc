#include "common/rpc/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/rpc/testing/rpctest.h"
#include "smederij/rpctest/v1/mistakes.pb.h"

namespace smederij::rpc {
namespace {

using policy::v1::ROLE_AUDITOR;
using policy::v1::ROLE_RESIDENT;
using ::testing::ElementsAre;
using testing::From;
using testing::Person;
using testing::TestServer;

// A router that no server serves, to mount things on.
struct Bench {
  testing::TestIdentity identity;
  SystemClock clock;
  std::unique_ptr<KeySet> keys = *KeySet::Open(identity.jwks_path(), clock);
  Authenticator authenticator{"ledger", identity.issuer(), *keys, clock};
  obs::Registry metrics;
  Router router{{.service = "ledger"}, authenticator, metrics};

  std::vector<std::string> Mistakes() {
    const absl::Status status = router.Complete();
    return absl::StrSplit(std::string(status.message()), '\n', absl::SkipEmpty());
  }
};

template <class Res>
struct Answers {
  absl::StatusOr<Res> Unary(const Call&, const rpctest::v1::MistakeRequest&) { return Res(); }
};

TEST(Router, EveryMistakeIsToldAtOnce) {
  Bench bench;
  Answers<rpctest::v1::MistakeResponse> api;
  Table table(bench.router, api);
  const absl::Duration budget = absl::Seconds(1);
  for (const char* name :
       {"Right", "Undeclared", "Contradictory", "Stream", "Watch", "OtherAnswer", "Twin", "None"}) {
    table.Unary(name, budget, &Answers<rpctest::v1::MistakeResponse>::Unary);
  }
  table.Unary("Right", budget, &Answers<rpctest::v1::MistakeResponse>::Unary);
  const std::string service = "smederij.rpctest.v1.MistakesService";
  const std::string file = "smederij/rpctest/v1/mistakes.proto";
  EXPECT_EQ(bench.router.Complete().code(), kInternal);
  EXPECT_THAT(
      bench.Mistakes(),
      ElementsAre(
          "None: no service of " + file + " has it", "Twin: two services of " + file + " have it",
          service + ".Contradictory: its access option names more than one way in",
          service + ".Forgotten: it has no row",
          service + ".OtherAnswer: its handler gives another message",
          service + ".Right: it has two rows", service + ".Stream: its row is of the wrong kind",
          service + ".Twin: it has no row", service + ".Undeclared: it declares no access",
          service + ".Watch: server streams are not served",
          "smederij.rpctest.v1.TwinService.Twin: it has no row"));
}

TEST(Router, AServiceThatIsNamedSettlesWhoseMethodItIs) {
  Bench bench;
  Answers<rpctest::v1::MistakeResponse> api;
  Table twin(bench.router, api, "smederij.rpctest.v1.TwinService");
  twin.Unary("Twin", absl::Seconds(1), &Answers<rpctest::v1::MistakeResponse>::Unary);
  EXPECT_THAT(bench.Mistakes(),
              ::testing::Not(::testing::Contains(::testing::HasSubstr("TwinService"))));
}

TEST(Router, ABudgetIsRequired) {
  Bench bench;
  RpcTestApi api;
  api.budget = absl::InfiniteDuration();
  api.Mount(bench.router);
  EXPECT_EQ(bench.Mistakes().size(), 5u);
}

TEST(Router, NothingMountedIsAMistakeAndAServerDoesNotStartWithOne) {
  Bench bench;
  EXPECT_THAT(bench.Mistakes(), ElementsAre("nothing is mounted"));
  EXPECT_EQ(Server::Start({}, bench.router).status().code(), kInternal);
}

TEST(Router, RunsUnaryGroupedStreamPublicAndAnonymousMethods) {
  RpcTestApi api;
  const auto server = Serving(api);
  EXPECT_EQ(server->Ask(&Stub::Plain, Saying("x"), server->As(Resident()))->text(), "ok");
  EXPECT_EQ(server->Ask(&Stub::Group, Saying("x"), server->As(Resident()))->text(), "ok");
  EXPECT_EQ(server->Ask(&Stub::Look, Saying("x"))->text(), "ok");
  EXPECT_EQ(server->Ask(&Stub::Cast, Saying("x"))->text(), "ok");
  EXPECT_EQ(server->Ask(&Stub::Plain, Saying("x"), TestServer::AsService("proposals"))->text(),
            "ok");
}

TEST(Router, BytesThatAreSerialisedAlreadyAreSentAsTheyAreAndReleased) {
  RpcTestApi api;
  auto bytes = std::make_shared<const std::string>(Answer("from the cache").SerializeAsString());
  const std::weak_ptr<const std::string> watched = bytes;
  api.look_encoded = [&] { return Encoded<Response>{bytes}; };
  {
    const auto server = Serving(api);
    EXPECT_EQ(server->Ask(&Stub::Look, Saying("x"))->text(), "from the cache");
    EXPECT_EQ(server->Ask(&Stub::Look, Saying("x"))->text(), "from the cache");
  }
  bytes.reset();
  EXPECT_TRUE(watched.expired());
}

// What a call lacks is told in the order of the sequence: the first step that refuses answers.
TEST(Router, AuthenticatesBeforeItAuthorizesBeforeItReadsTheRequest) {
  RpcTestApi api;
  bool ran = false;
  api.plain = [&](const Call&, const Request&) {
    ran = true;
    return Answer("ran");
  };
  const auto server = Serving(api);
  const auto reason = [&](const From& from) {
    return ReasonOf(server->Ask(&Stub::Plain, Saying("x"), from).status());
  };
  const std::string auditor = server->identity().Token("ledger", {.grants = {{ROLE_AUDITOR}}});
  EXPECT_EQ(reason({.token = "x"}), "TOKEN_MALFORMED");
  EXPECT_EQ(reason({.token = server->identity().Token("ballots", Resident())}),
            "TOKEN_AUDIENCE_WRONG");
  EXPECT_EQ(reason({.token = auditor, .service = "proposals"}), "TWO_IDENTITIES");
  EXPECT_EQ(reason({.token = auditor, .metadata = {{kOnBehalfOf, "x"}}}), "ON_BEHALF_OF_REFUSED");
  EXPECT_EQ(reason({}), "IDENTITY_NEEDED");
  EXPECT_EQ(reason({.token = auditor}), "ROLE_NOT_HELD");
  EXPECT_EQ(reason(TestServer::AsService("ballots")), "SERVICE_NOT_ALLOWED");
  EXPECT_EQ(reason(TestServer::AsService("edge")), "IDENTITY_NEEDED");  // Known to TLS, not to us.
  EXPECT_FALSE(ran);
  EXPECT_EQ(reason(server->As(Resident())), "");
  EXPECT_TRUE(ran);
}

TEST(Router, ATokenOnAPublicMethodIsStillChecked) {
  RpcTestApi api;
  Caller seen;
  api.look = [&](const Call& call, const Request&) {
    seen = call.caller;
    return Answer("ok");
  };
  const auto server = Serving(api);
  const Person person = Resident();
  ASSERT_TRUE(server->Ask(&Stub::Look, Saying("x"), server->As(person)).ok());
  EXPECT_EQ(seen.subject, person.subject);
  EXPECT_EQ(ReasonOf(server->Ask(&Stub::Look, Saying("x"), {.token = "x"}).status()),
            "TOKEN_MALFORMED");
}

TEST(Router, HandlersSeeWhoCallsWhereAndUnderWhichDeclaration) {
  RpcTestApi api;
  const MunicipalityId here = MunicipalityId::Random();
  const DistrictId district = DistrictId::Random();
  api.plain = [&](const Call& call, const Request&) -> absl::StatusOr<Response> {
    RETURN_IF_ERROR(call.MayActIn(here, district));
    return Answer(call.method);
  };
  const auto server = Serving(api);
  const auto ask = [&](const std::vector<Grant>& grants) {
    return server->Ask(&Stub::Plain, Saying("x"),
                       server->As({.municipality = here, .grants = grants}));
  };
  EXPECT_EQ(ask({{ROLE_RESIDENT}})->text(), "smederij.rpctest.v1.RpcTestService/Plain");
  EXPECT_TRUE(ask({{ROLE_RESIDENT, district}}).ok());
  EXPECT_EQ(ReasonOf(ask({{ROLE_RESIDENT, DistrictId::Random()}}).status()), "ROLE_NOT_HELD_THERE");
  const auto stranger = server->Ask(&Stub::Plain, Saying("x"), server->As(Resident()));
  EXPECT_EQ(ReasonOf(stranger.status()), "OTHER_MUNICIPALITY");
  EXPECT_EQ(stranger.status().code(), kPermissionDenied);
}

}  // namespace
}  // namespace smederij::rpc
