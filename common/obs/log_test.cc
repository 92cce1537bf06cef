#include "common/obs/log.h"

#include <gmock/gmock.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "common/base/error.h"
#include "common/obs/mask.h"

namespace smederij::obs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

nlohmann::ordered_json Only(const LogCapture& capture) {
  EXPECT_THAT(capture.lines(), SizeIs(1));
  return nlohmann::ordered_json::parse(capture.lines().at(0));
}

TEST(Log, ALineIsOneObjectWithItsFieldsInOrder) {
  const LogCapture capture;
  Log(Level::kWarning, "late", {{"ms", 12}, {"share", 0.5}, {"first", true}, {"code", "OK"}});
  const nlohmann::ordered_json line = Only(capture);
  std::vector<std::string> names;
  for (const auto& item : line.items()) names.push_back(item.key());
  EXPECT_THAT(names, ElementsAre("time", "level", "event", "ms", "share", "first", "code"));
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["ms"], 12);
  EXPECT_EQ(line["first"], true);
}

TEST(Log, NothingCanBreakOutOfItsField) {
  const LogCapture capture;
  Log(Level::kInfo, "odd", {{"text", "a\"}\n{\"event\":\"forged\"} {} %v"}, {"bytes", "\xff\xfe"}});
  const nlohmann::ordered_json line = Only(capture);
  EXPECT_EQ(line["event"], "odd");
  EXPECT_EQ(line["text"], "a\"}\n{\"event\":\"forged\"} {} %v");
  EXPECT_EQ(capture.lines()[0].find('\n'), std::string::npos);
}

TEST(Log, LinesBelowTheMinimumAreNotWritten) {
  const LogCapture capture;
  Log(Level::kDebug, "quiet");
  EXPECT_THAT(capture.lines(), IsEmpty());
  SetMinimumLevel(Level::kError);
  Log(Level::kWarning, "quiet");
  SetMinimumLevel(Level::kInfo);
  EXPECT_THAT(capture.lines(), IsEmpty());
}

TEST(Log, AStatusBecomesCodeReasonMessage) {
  const LogCapture capture;
  Log(Level::kError, "refused", StatusFields(Error(kNotFound, "ROUND_NOT_FOUND", "no such round")));
  const nlohmann::ordered_json line = Only(capture);
  EXPECT_EQ(line["code"], "NOT_FOUND");
  EXPECT_EQ(line["reason"], "ROUND_NOT_FOUND");
  EXPECT_EQ(line["message"], "no such round");
}

TEST(Log, ThreadsNeverTearALine) {
  const LogCapture capture;
  const auto write = [] {
    for (int i = 0; i < 200; ++i) Log(Level::kInfo, "tick", {{"n", i}});
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(write);
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(capture.lines(), SizeIs(800));
  for (const std::string& line : capture.lines()) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }
}

TEST(Log, LevelsAreReadByName) {
  Level level = Level::kInfo;
  EXPECT_TRUE(ParseLevel("error", &level));
  EXPECT_EQ(level, Level::kError);
  EXPECT_FALSE(ParseLevel("ERROR", &level));
  EXPECT_FALSE(ParseLevel("", &level));
}

TEST(GrpcLog, GoesThroughOursWithPeersMasked) {
  const LogCapture capture;
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);  // As grpc_init() would.
  RouteGrpcLog();
  gpr_log(GPR_ERROR, "handshake with %s failed", "ipv4:192.0.2.7:4711");
  const nlohmann::ordered_json line = Only(capture);
  EXPECT_EQ(line["event"], "grpc");
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["message"], "handshake with ipv4:* failed");
}

TEST(MaskAddresses, LeavesTheRest) {
  EXPECT_EQ(MaskAddresses("peer ipv6:%5B2001:db8::1%5D:443, then ipv4:10.0.0.1:1"),
            "peer ipv6:*, then ipv4:*");
  EXPECT_EQ(MaskAddresses("no address"), "no address");
  EXPECT_EQ(MaskAddresses("ipv4:"), "ipv4:*");
  EXPECT_EQ(MaskAddresses(""), "");
}

}  // namespace
}  // namespace smederij::obs
