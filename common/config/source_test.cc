#include "common/config/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "common/base/error.h"
#include "common/obs/log.h"

ABSL_FLAG(std::string, test_text, "none", "text");
ABSL_FLAG(int32_t, test_number, 1, "a number");
ABSL_FLAG(bool, test_switch, false, "a switch");
ABSL_FLAG(std::string, test_key, "", "a file with a key");

namespace smederij::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

Source Read(std::vector<const char*> arguments, std::vector<const char*> environment = {}) {
  arguments.insert(arguments.begin(), "smederij-test");
  environment.push_back(nullptr);
  return Source(static_cast<int>(arguments.size()), arguments.data(), environment.data(),
                {"serve", "migrate"});
}

std::string File(const std::string& name, const std::string& content, mode_t mode = 0600) {
  const std::string path = testing::TempDir() + name;
  std::ofstream(path, std::ios::binary) << content;
  chmod(path.c_str(), mode);
  return path;
}

TEST(Source, ReadsEveryFormOfAFlagAndTheCommand) {
  const absl::FlagSaver saver;
  const Source source = Read({"migrate", "--test_text=a=b", "--test_number", "7", "--test_switch",
                              "now", "--", "--later"});
  EXPECT_TRUE(source.status().ok()) << source.status();
  EXPECT_EQ(source.command(), "migrate");
  EXPECT_THAT(source.arguments(), ElementsAre("now", "--later"));
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "a=b");
  EXPECT_EQ(absl::GetFlag(FLAGS_test_number), 7);
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_switch));
  Read({"--notest_switch"});
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_switch));
}

TEST(Source, TheFirstCommandIsTheDefault) { EXPECT_EQ(Read({}).command(), "serve"); }

TEST(Source, TheEnvironmentFillsInAndTheCommandLineWins) {
  const absl::FlagSaver saver;
  const Source source = Read(
      {"--test_number=3"}, {"SMEDERIJ_TEST_NUMBER=9", "SMEDERIJ_TEST_TEXT=from outside", "HOME=/"});
  EXPECT_TRUE(source.status().ok());
  EXPECT_EQ(absl::GetFlag(FLAGS_test_number), 3);
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "from outside");
  EXPECT_THAT(source.warnings(), IsEmpty());
}

TEST(Source, AnUnknownNameInTheEnvironmentIsOnlyAWarning) {
  const Source source = Read({}, {"SMEDERIJ_TEST_NUMBRE=9"});
  EXPECT_TRUE(source.status().ok());
  EXPECT_THAT(source.warnings(), ElementsAre(HasSubstr("SMEDERIJ_TEST_NUMBRE")));
}

TEST(Source, AFlagFileCountsAsTheCommandLine) {
  const absl::FlagSaver saver;
  const std::string path = File("flags", "# comment\n\n  --test_text=in the file\n--test_switch\n");
  const Source source = Read({"--flagfile", path.c_str()}, {"SMEDERIJ_TEST_TEXT=outside"});
  EXPECT_TRUE(source.status().ok()) << source.status();
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "in the file");
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_switch));
}

TEST(Source, AFlagFileThatNamesItselfEnds) {
  const std::string path = testing::TempDir() + "loop";
  File("loop", "--flagfile=" + path + "\n");
  const std::string argument = "--flagfile=" + path;
  EXPECT_EQ(ReasonOf(Read({argument.c_str()}).status()), "BAD_CONFIGURATION");
}

TEST(Source, AllMistakesAreToldTogether) {
  const absl::FlagSaver saver;
  Source source = Read({"dance", "--test_number=many", "--unknown", "--flagfile=/nowhere",
                        "--notest_text", "--test_text"},
                       {"SMEDERIJ_TEST_SWITCH=perhaps"});
  source.Required(FLAGS_test_key);
  source.Mistake("--test_key", "is required");  // The same thing twice is told once.
  const absl::Status status = source.status();
  EXPECT_EQ(ReasonOf(status), "BAD_CONFIGURATION");
  EXPECT_THAT(FieldsOf(status),
              ElementsAre(Pair("--flagfile", "/nowhere cannot be read"),
                          Pair("--notest_text", "is not a flag of this program"),
                          Pair("--test_key", "is required"),
                          Pair("--test_number", "is not a value of this flag"),
                          Pair("--test_text", "needs a value"),
                          Pair("--unknown", "is not a flag of this program"),
                          Pair("SMEDERIJ_TEST_SWITCH", "is not a value of this flag"),
                          Pair("dance", "is not a command; there are serve, migrate")));
}

TEST(Source, RefuseLogsALineForEachMistake) {
  const obs::LogCapture capture;
  EXPECT_EQ(Refuse(Read({"--one", "--two"}).status()), 2);
  EXPECT_THAT(capture.lines(), SizeIs(2));
  EXPECT_THAT(capture.lines()[0], HasSubstr("\"flag\":\"--one\""));
}

TEST(Source, UsageNamesCommandsAndFlags) {
  const Source source = Read({"--help"});
  EXPECT_TRUE(source.wants_help());
  EXPECT_THAT(source.Usage(), HasSubstr("[serve|migrate]"));
  EXPECT_THAT(source.Usage(), HasSubstr("--test_number=1\n      a number"));
}

TEST(SecretFile, IsReadWithoutItsTrailingNewline) {
  const absl::FlagSaver saver;
  Source source = Read({});
  absl::SetFlag(&FLAGS_test_key, File("key", std::string(32, 'k') + "\n"));
  EXPECT_EQ(source.SecretFile(FLAGS_test_key, 32).Reveal(), std::string(32, 'k'));
  // A raw key of the exact length keeps every byte, a newline too.
  absl::SetFlag(&FLAGS_test_key, File("raw", std::string(31, 'k') + "\n"));
  EXPECT_EQ(source.SecretFile(FLAGS_test_key, 32).Reveal().size(), 32u);
  EXPECT_TRUE(source.status().ok()) << source.status();
}

TEST(SecretFile, IsRefusedWhenMissingShortOrOpenToAll) {
  const absl::FlagSaver saver;
  const auto wrong_with = [](const std::string& path) {
    Source source = Read({});
    absl::SetFlag(&FLAGS_test_key, path);
    EXPECT_TRUE(source.SecretFile(FLAGS_test_key, 32).empty());
    EXPECT_THAT(FieldsOf(source.status()), SizeIs(1));
    return FieldsOf(source.status()).at(0).second;
  };
  EXPECT_EQ(wrong_with(""), "is required");
  EXPECT_THAT(wrong_with("/nowhere"), HasSubstr("cannot be read"));
  EXPECT_THAT(wrong_with(testing::TempDir()), HasSubstr("cannot be read"));
  EXPECT_THAT(wrong_with(File("short", "abc")), HasSubstr("must hold 32"));
  EXPECT_THAT(wrong_with(File("open", std::string(32, 'k'), 0644)), HasSubstr("open to everybody"));
}

TEST(Secret, PrintsStarsOnly) {
  Secret secret("hunter2");
  const Secret copy = secret;
  const Secret moved = std::move(secret);
  std::ostringstream out;
  out << copy << moved;
  EXPECT_EQ(out.str(), "******");
  EXPECT_EQ(moved.Reveal(), "hunter2");
  EXPECT_TRUE(secret.empty());  // NOLINT: moved-from on purpose.
}

}  // namespace
}  // namespace smederij::config
