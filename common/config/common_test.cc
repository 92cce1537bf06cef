#include "common/config/common.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "common/obs/log.h"

namespace smederij::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Outcome {
  Common common;
  std::vector<std::string> at_fault;
};

Outcome Read(std::vector<const char*> arguments) {
  const absl::FlagSaver saver;
  arguments.insert(arguments.begin(), "smederij-test");
  Source source(static_cast<int>(arguments.size()), arguments.data(), nullptr,
                {"serve", "migrate"});
  Outcome outcome{.common = ReadCommon(source), .at_fault = {}};
  for (const auto& [flag, wrong] : FieldsOf(source.status())) outcome.at_fault.push_back(flag);
  return outcome;
}

TEST(Common, ServesOnLoopbackWithADatabaseAlone) {
  const Outcome outcome = Read({"--database=dbname=registry"});
  EXPECT_THAT(outcome.at_fault, IsEmpty());
  EXPECT_EQ(outcome.common.database, "dbname=registry");
  EXPECT_EQ(outcome.common.listen, "127.0.0.1:0");
  EXPECT_FALSE(outcome.common.tls());
}

TEST(Common, EachCommandNeedsItsDatabase) {
  EXPECT_THAT(Read({}).at_fault, ElementsAre("--database"));
  EXPECT_THAT(Read({"migrate"}).at_fault, ElementsAre("--owner_database"));
}

TEST(Common, AConninfoHoldsNoPassword) {
  EXPECT_THAT(Read({"--database=host=db password=x"}).at_fault, ElementsAre("--database"));
  EXPECT_THAT(Read({"--database=postgresql://app:x@db/registry"}).at_fault,
              ElementsAre("--database"));
  EXPECT_THAT(Read({"--database=postgresql://app@db:5432/registry"}).at_fault, IsEmpty());
}

TEST(Common, TlsIsAllOrNothingAndNeededBeyondThisMachine) {
  EXPECT_THAT(Read({"--database=x", "--tls_key=k"}).at_fault,
              ElementsAre("--tls_ca", "--tls_certificate"));
  EXPECT_THAT(Read({"--database=x", "--listen=0.0.0.0:443"}).at_fault, ElementsAre("--listen"));
  EXPECT_THAT(Read({"--database=x", "--listen=unix:/run/registry.sock"}).at_fault, IsEmpty());
  EXPECT_THAT(Read({"--database=x", "--listen=0.0.0.0:443", "--tls_certificate=c", "--tls_key=k",
                    "--tls_ca=a"})
                  .at_fault,
              IsEmpty());
}

TEST(Common, MistakesOfAllKindsComeTogether) {
  EXPECT_THAT(Read({"--listen=nowhere", "--metrics_listen=127.0.0.1:99999", "--log_level=loud",
                    "--database_connections=0", "--tls_ca=a"})
                  .at_fault,
              ElementsAre("--database", "--database_connections", "--listen", "--log_level",
                          "--metrics_listen", "--tls_certificate", "--tls_key"));
}

TEST(Common, WarningsAreLogged) {
  const absl::FlagSaver saver;
  const obs::LogCapture capture;
  const char* arguments[] = {"smederij-test"};
  const char* environment[] = {"SMEDERIJ_TYPO=1", nullptr};
  Source source(1, arguments, environment, {"serve"});
  ReadCommon(source);
  ASSERT_THAT(capture.lines(), ElementsAre(HasSubstr("SMEDERIJ_TYPO matches no flag")));
}

TEST(RequireTokens, OnlyServeNeedsThem) {
  const auto wrong = [](const char* command) {
    const char* arguments[] = {"smederij-test", command};
    Source source(2, arguments, nullptr, {"serve", "migrate"});
    RequireTokens(source);
    return FieldsOf(source.status()).size();
  };
  EXPECT_EQ(wrong("serve"), 2u);
  EXPECT_EQ(wrong("migrate"), 0u);
}

TEST(Guard, IsRequiredToServe) {
  const char* arguments[] = {"smederij-test"};
  const absl::FlagSaver saver;
  Source source(1, arguments, nullptr, {"serve"});
  EXPECT_FALSE(ReadGuard(source, {"test"}).Adopts("test"));
  ASSERT_EQ(FieldsOf(source.status()).size(), 1u);
  EXPECT_EQ(FieldsOf(source.status())[0].first, "--guard_dir");
}

TEST(Guard, IsAdoptedByItselfAndByName) {
  struct Case {
    const char* flag;
    bool test, log;
    const char* wrong;  // Of the flag.
  };
  for (const Case& c :
       {Case{"--guard_adopt=test-log", false, true, ""},
        Case{"--guard_adopt=test", true, false, ""},
        Case{"--guard_adopt=test,test-log", true, true, ""},
        Case{"--guard_adopt=true", false, false, "\"true\" is not a guard of this service"},
        Case{"--guard_adopt=test,", true, false, "\"\" is not a guard of this service"},
        Case{"--guard_adopt", false, false, "needs a value"}}) {
    const char* arguments[] = {"smederij-test", "--guard_dir=/guards", c.flag};
    const absl::FlagSaver saver;
    Source source(3, arguments, nullptr, {"serve"});
    const Guard guard = ReadGuard(source, {"test", "test-log"});
    EXPECT_EQ(guard.Adopts("test"), c.test) << c.flag;
    EXPECT_EQ(guard.Adopts("test-log"), c.log) << c.flag;
    const auto wrong = FieldsOf(source.status());
    ASSERT_EQ(wrong.size(), *c.wrong == '\0' ? 0u : 1u) << c.flag;
    for (const auto& [flag, sentence] : wrong) EXPECT_THAT(sentence, HasSubstr(c.wrong)) << flag;
  }
}

}  // namespace
}  // namespace smederij::config
