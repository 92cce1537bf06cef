// A polling evening on the command line, at the real registry: what officials and officers type,
// and what they print.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "services/cli/play/cast.h"
#include "tests/e2e/town.h"
#include "tests/fault/polls.h"

namespace smederij::e2e {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

class Evening : public ::testing::Test {
 protected:
  Evening()
      : polls_(town_,
               {.voters = 7, .open = absl::Seconds(15), .stations = {"Dorpshuis", "School"}}) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "smederij-evening-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  ~Evening() override { std::filesystem::remove_all(folder_); }

  void GrantOfficer(const std::string& subject) {
    registry::v1::GrantRoleRequest request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_subject(subject);
    request.set_role(policy::v1::ROLE_POLLING_OFFICER);
    const auto token = polls_.village().Token(cli::kAdministrator, cli::Audience::kRegistry);
    ASSERT_TRUE(token.ok()) << token.status();
    const auto granted = polls_.village().services().registry.Call(
        &registry::v1::RegistryService::Stub::GrantRole, request, *token);
    ASSERT_TRUE(granted.ok()) << granted.status();
  }
  // `smederij evening COMMAND ROUND …` as somebody, at registry or at ballots.
  Ended Type(const std::string& subject, cli::Audience audience, const std::string& command,
             const std::vector<std::string>& arguments) {
    const std::filesystem::path file = folder_ / absl::StrCat("token-", subject.substr(9));
    const auto token = polls_.village().Token(subject, audience);
    EXPECT_TRUE(token.ok()) << token.status();
    std::ofstream(file) << *token;
    std::vector<std::string> all = {"evening", command, polls_.round()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.push_back(absl::StrCat("--token-file=", file.string()));
    return town_.Smederij(all);
  }
  // `smederij evening COMMAND ROUND STATION …` at the desk.
  Ended As(const std::string& subject, const std::string& command,
           std::vector<std::string> arguments, const std::string& station = "1") {
    arguments.insert(arguments.begin(), station);
    return Type(subject, cli::Audience::kRegistry, command, arguments);
  }
  // What is counted afterwards; must be done.
  void Counting(const std::string& subject, const std::string& command,
                const std::vector<std::string>& arguments) {
    const Ended ended = Type(subject, cli::Audience::kBallots, command, arguments);
    EXPECT_EQ(ended.code, 0) << command << ": " << ended.err;
  }
  // Waits until issuing is over.
  void AwaitEndOfIssuing(const std::string& officer) {
    while (As(officer, "find", {"--number=1"}).err.find("ISSUING_NOT_OVER") != std::string::npos) {
    }
  }
  std::string WriteFile(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

  Town town_;
  Polls polls_;
  std::filesystem::path folder_;
};

// Voters 1 and 4 belong to the second station.
TEST_F(Evening, IsHeldFromTheCommandLine) {
  const std::string o1 = "official:polling-one", o2 = "official:polling-two";
  GrantOfficer(o1);
  GrantOfficer(o2);
  polls_.OpenRound();
  ASSERT_TRUE(polls_.Fetch(3).ok());
  for (const std::string& officer : {o1, o2}) {
    const Ended assigned = As(cli::kFirstOfficial, "assign", {officer});
    EXPECT_EQ(assigned.code, 0) << assigned.err;
  }
  const std::string output = absl::StrCat("--output=", (folder_ / "roll.html").string());
  Ended roll = As(o1, "roll", {output});
  while (roll.code == 1 && roll.err.find("ISSUING_NOT_OVER") != std::string::npos) {
    EXPECT_FALSE(std::filesystem::exists(folder_ / "roll.html"));
    roll = As(o1, "roll", {output});
  }
  ASSERT_EQ(roll.code, 0) << roll.err;
  EXPECT_THAT(ReadFile(folder_ / "roll.html"),
              AllOf(HasSubstr("5 voters, of whom 1 are struck through"), HasSubstr("votes online"),
                    HasSubstr("Voter &lt;3&gt;"), Not(HasSubstr("<script"))));
  struct stat status {};
  ASSERT_EQ(stat((folder_ / "roll.html").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & (S_IRWXG | S_IRWXO), 0u);  // Names are nobody else's business.

  const auto number_of = [&](int voter) {
    const Ended found =
        As(o1, "find", {absl::StrCat("--name=<", voter), "--born=1980-05-05", "--json"});
    EXPECT_EQ(found.code, 0) << found.err;
    const auto lines = nlohmann::json::parse(found.out).value("lines", nlohmann::json::array());
    EXPECT_EQ(lines.size(), 1u) << found.out;
    return std::to_string(lines.at(0).at("roll_number").get<int>());
  };
  const std::string first = number_of(0);
  EXPECT_THAT(As(o1, "find", {"--number", first}).out, HasSubstr("Voter <0>"));
  EXPECT_EQ(As(o1, "find", {"--number", first, "--name=x", "--born=1980-05-05"}).code, 2);

  const Ended marked = As(o1, "mark", {first});
  EXPECT_EQ(marked.code, 0) << marked.err;
  EXPECT_THAT(marked.out, HasSubstr("class 1  paper"));
  EXPECT_THAT(As(o2, "mark", {first}).err, HasSubstr("ALREADY_MARKED"));
  EXPECT_THAT(As(o1, "mark", {number_of(3)}).err, HasSubstr("ALREADY_ISSUED"));
  EXPECT_THAT(As(cli::kFirstOfficial, "mark", {first}).err, HasSubstr("ROLE_NOT_HELD"));
  EXPECT_THAT(town_.Smederij({"evening", "mark", polls_.round(), "1", first}).err,
              HasSubstr("TOKEN_MISSING"));
  EXPECT_THAT(As(o1, "cancel", {first, "--reason", "left"}).out, HasSubstr("another officer"));
  EXPECT_THAT(As(o2, "cancel", {first, "--reason", "left"}).out, HasSubstr("open"));

  const std::string good = absl::StrCat("number\n", first, "\n", number_of(5), ";given\n");
  const Ended wrong = As(o1, "import", {WriteFile("wrong.csv", absl::StrCat(good, "x\n"))});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, HasSubstr("line 0004: is no number on a roll"));
  const Ended elsewhere = As(o1, "import", {WriteFile("else.csv", absl::StrCat(good, "\n77\n"))});
  EXPECT_EQ(elsewhere.code, 1);
  EXPECT_THAT(elsewhere.err, HasSubstr("line 0005: 77 is on no line"));
  const Ended imported = As(o1, "import", {WriteFile("good.csv", good)});
  EXPECT_EQ(imported.code, 0) << imported.err;
  EXPECT_EQ(imported.out, "2 marked\n");

  const Ended ticket = As(o2, "ticket", {number_of(2)});
  EXPECT_EQ(ticket.code, 0) << ticket.err;
  EXPECT_THAT(ticket.out, ContainsRegex("^[0-9]{4} [0-9]{4}  until "));

  EXPECT_THAT(As(o1, "report", {"1-0-0"}).err, HasSubstr("BAD_COUNT"));
  EXPECT_THAT(As(o1, "report", {"1:1:0"}).out,
              AllOf(HasSubstr("2 handed out, 1 spoiled"), HasSubstr("should hold 1"),
                    HasSubstr("another officer")));
  EXPECT_THAT(As(o2, "report", {"1:0:0"}).err, HasSubstr("REPORT_DIFFERS"));
  EXPECT_THAT(As(o2, "report", {"1:1:0"}).out, HasSubstr("the station is closed"));
  EXPECT_THAT(As(o1, "mark", {number_of(6)}).err, HasSubstr("STATION_CLOSED"));
}

// One voter at home, three at the desk of whom one spoils the paper and one takes it home, nobody
// twice: the box, the roll and the log say the same, and the count can be certified.
TEST_F(Evening, TheBoxTheRollAndTheLogSayTheSame) {
  const std::string o1 = "official:polling-one", o2 = "official:polling-two";
  GrantOfficer(o1);
  GrantOfficer(o2);
  polls_.OpenRound();
  const auto device = polls_.Fetch(3);
  ASSERT_TRUE(device.ok()) << device.status();
  ASSERT_TRUE(polls_.Cast(*device, 1, 2).ok());
  for (const std::string& officer : {o1, o2}) {
    EXPECT_EQ(As(cli::kFirstOfficial, "assign", {officer}).code, 0);
    EXPECT_EQ(As(cli::kFirstOfficial, "assign", {officer}, "2").code, 0);
  }
  AwaitEndOfIssuing(o1);
  int marked = 0;
  for (int number = 1; number <= 5 && marked < 3; ++number) {  // Not who voted at home.
    if (As(o1, "mark", {std::to_string(number)}).code == 0) ++marked;
  }
  EXPECT_EQ(marked, 3);
  ASSERT_TRUE(polls_.Close().ok());
  EXPECT_EQ(ReasonOf(polls_.CloseRoll()), "STATIONS_OPEN");
  for (const std::string& officer : {o1, o2}) {
    EXPECT_EQ(As(officer, "report", {"1:1:1"}).code, 0);
    EXPECT_EQ(As(officer, "report", {"1:0:0"}, "2").code, 0);
  }
  ASSERT_TRUE(polls_.CloseRoll().ok());

  Counting(o1, "open", {"--class", "1", "--station", "1", "--papers", "1"});
  EXPECT_EQ(ReasonOf(polls_.Count().status()), "BATCHES_UNSEALED");
  const std::string papers = WriteFile("papers", "1;2,3\n");
  for (const std::string& officer : {o1, o2}) {
    Counting(officer, "enter", {"1", papers});
    Counting(officer, "finish", {"1"});
  }
  for (const char* official : {cli::kFirstOfficial, cli::kSecondOfficial}) {
    Counting(official, "seal", {"1"});
  }
  EXPECT_EQ(ReasonOf(polls_.Count().status()), "STATIONS_OPEN");
  for (const char* official : {cli::kFirstOfficial, cli::kSecondOfficial}) {
    Counting(official, "close-station", {"1"});  // No reason is needed: they agree.
    Counting(official, "close-station", {"2"});
  }
  const auto tally = polls_.Count();
  ASSERT_TRUE(tally.ok()) << tally.status();
  EXPECT_EQ(tally->state(), ballots::v1::Tally::STATE_SUCCEEDED) << tally->failure();
  EXPECT_EQ(tally->imbalances_size(), 0) << tally->DebugString();
  ASSERT_EQ(tally->result().turnout_size(), 1);
  EXPECT_EQ(tally->result().turnout(0).issued(), 1);
  EXPECT_EQ(tally->result().turnout(0).ballots(), 2);
  EXPECT_TRUE(polls_.Certify(*tally).ok());
}

TEST_F(Evening, PapersArePrintedFromWhatIsPublic) {
  polls_.OpenRound();
  const std::filesystem::path papers = folder_ / "papers";
  const Ended ended = town_.Smederij(
      {"evening", "papers", polls_.round(), "--output", papers.string(), "--language", "nl"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, absl::StrCat((papers / "class-1.html").string(), "\n"));
  EXPECT_THAT(ReadFile(papers / "class-1.html"),
              AllOf(HasSubstr("Stembiljet: Noordveld"), HasSubstr("plan 3"), HasSubstr("€ 10"),
                    HasSubstr("Geel – voor everybody"), Not(HasSubstr("<script"))));
  const Ended nowhere = town_.Smederij(
      {"evening", "papers", polls_.round(), "--output", (papers / "class-1.html" / "x").string()});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("OUTPUT_UNWRITABLE"));
}

}  // namespace
}  // namespace smederij::e2e
