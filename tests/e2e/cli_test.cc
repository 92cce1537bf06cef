// The command line by itself: what it prints, and what it ends with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "tests/e2e/process.h"

namespace smederij::e2e {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr absl::string_view kElection =
    "META\nkey;value\nnum_projects;3\nnum_votes;4\nbudget;100\nvote_type;approval\nrule;greedy\n"
    "currency;EUR\nunit;Noordveld\n"
    "PROJECTS\nproject_id;cost;name\n9;60;Slide\n10;50;Bench\n2;40;Trees\n"
    "VOTES\nvoter_id;vote\na;9,10\nb;9,10\nc;9,2\nd;\n";

Ended Smederij(std::vector<std::string> arguments) {
  const char* bin = std::getenv("SMEDERIJ_BIN");
  arguments.insert(arguments.begin(), absl::StrCat(bin != nullptr ? bin : "bin", "/smederij"));
  return Run(arguments);
}

// A file that goes when the test does.
class File {
 public:
  explicit File(absl::string_view content)
      : path_(absl::StrCat(testing::TempDir(), "/cli_test_", getpid(), "_", next_++, ".pb")) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~File() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  static inline int next_ = 0;
  std::string path_;
};

std::vector<json> Lines(const std::string& out) {
  std::vector<json> lines;
  for (const absl::string_view line : absl::StrSplit(out, '\n', absl::SkipEmpty())) {
    lines.push_back(json::parse(line.begin(), line.end()));
  }
  return lines;
}

TEST(Tally, PrintsATableForPeople) {
  const File file(kElection);
  const Ended ended = Smederij({"tally", file.path(), "--rule", "greedy_votes"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("approval, 4 ballots, 3 plans, budget 100 EUR"));
  EXPECT_THAT(ended.out, HasSubstr("2 plans funded for 100, 0 left"));
  EXPECT_THAT(ended.out, HasSubstr("Slide"));
  EXPECT_EQ(ended.out.find("Not funded:"), std::string::npos);
  EXPECT_EQ(ended.err, "");
}

TEST(Tally, ExplainsEveryPlanAndNamesOthersByTheirIds) {
  const File file(kElection);
  const Ended ended = Smederij({"tally", file.path(), "--rule", "greedy_votes", "--explain"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("Not funded: "));
  EXPECT_THAT(ended.out, HasSubstr("plan 9"));
}

TEST(Tally, PrintsOneLineOfJsonPerFile) {
  const File file(kElection), other(kElection);
  const Ended ended =
      Smederij({"tally", file.path(), other.path(), "--rule", "greedy_votes", "--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const std::vector<json> lines = Lines(ended.out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["file"], file.path());
  EXPECT_EQ(lines[0]["rule"], "greedy_votes");
  EXPECT_THAT(lines[0]["selected"], ElementsAre("2", "9"));
  EXPECT_THAT(lines[0]["order"], ElementsAre("9", "2"));
  EXPECT_EQ(lines[0]["spent"], "100");
  EXPECT_EQ(lines[0]["left"], "0");
  EXPECT_EQ(lines[0]["ballots"], 4);
  EXPECT_FALSE(lines[0].contains("plans"));
}

TEST(Tally, JsonExplainsWithReasonsAndFacts) {
  const File file(kElection);
  const Ended ended = Smederij({"tally", file.path(), "--rule", "mes_cost", "--json", "--explain"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const json plans = Lines(ended.out).at(0)["plans"];
  ASSERT_EQ(plans.size(), 3u);
  for (const json& plan : plans) {
    for (const char* key :
         {"id", "name", "decision", "award", "cost", "support", "reason", "facts", "sentence"}) {
      EXPECT_TRUE(plan.contains(key)) << key;
    }
  }
}

TEST(Tally, OptionsChangeTheCount) {
  const File file(kElection);
  const auto selected = [&file](std::vector<std::string> options) {
    options.insert(options.begin(), {"tally", file.path(), "--json", "--rule", "greedy_votes"});
    const Ended ended = Smederij(options);
    EXPECT_EQ(ended.code, 0) << ended.err;
    return ended.code == 0 ? Lines(ended.out).at(0)["selected"] : json();
  };
  EXPECT_THAT(selected({"--no-skip"}), ElementsAre("9"));
  EXPECT_THAT(selected({"--threshold", "2"}), ElementsAre("9"));
  EXPECT_THAT(selected({"--partial"}), ElementsAre("10", "9"));
}

TEST(Tally, WithoutARuleTheFilesOwnIsUsed) {
  const File file(kElection);
  const Ended ended = Smederij({"tally", file.path(), "--json"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(Lines(ended.out).at(0)["rule"], "greedy_votes");
  const File unknown(absl::StrReplaceAll(kElection, {{"rule;greedy", "rule;unknown"}}));
  const Ended refused = Smederij({"tally", unknown.path()});
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("RULE_NOT_KNOWN"));
}

TEST(Tally, BadFilesAreRefusedWithLineAndField) {
  const File bad(absl::StrReplaceAll(kElection, {{"c;9,2", "c;9,77"}}));
  const Ended ended = Smederij({"tally", bad.path(), "--rule", "greedy_votes", "--json"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr(bad.path()));
  EXPECT_THAT(ended.err, HasSubstr("PB_INVALID"));
  EXPECT_THAT(ended.err, HasSubstr("line 19, vote"));
  EXPECT_THAT(ended.err, HasSubstr("77"));
}

TEST(Tally, OneBadFileDoesNotHideTheOthers) {
  const File bad("nonsense"), good(kElection);
  const Ended ended = Smederij({"tally", "/nonexistent.pb", bad.path(), good.path(), "--json"});
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(Lines(ended.out).size(), 1u);
  EXPECT_THAT(ended.err, HasSubstr("FILE_UNREADABLE"));
  EXPECT_THAT(ended.err, HasSubstr("PB_INVALID"));
}

TEST(Tally, ARuleForOtherBallotsIsRefused) {
  const File file(kElection);
  for (const std::vector<std::string>& options :
       std::vector<std::vector<std::string>>{{"--rule", "greedy_points"},
                                             {"--rule", "phragmen", "--no-skip"},
                                             {"--rule", "mes_cost", "--partial"}}) {
    std::vector<std::string> arguments = {"tally", file.path()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Ended ended = Smederij(arguments);
    EXPECT_EQ(ended.code, 1) << options[1];
    EXPECT_THAT(ended.err, HasSubstr("RULE_INVALID"));
    EXPECT_EQ(ended.out, "");
  }
}

TEST(Tally, DirtIsToldAndCounted) {
  const File dirty(absl::StrReplaceAll(kElection, {{"a;9,10", "a;9,10,9"}}));
  const Ended people = Smederij({"tally", dirty.path()});
  EXPECT_EQ(people.code, 0);
  EXPECT_THAT(people.err, HasSubstr("line 17, vote: "));
  const Ended programs = Smederij({"tally", dirty.path(), "--json"});
  EXPECT_EQ(programs.err, "");
  EXPECT_EQ(Lines(programs.out).at(0)["warnings"].at(0)["line"], 17);
}

TEST(Tally, PrintsASpreadsheetWithOneHeader) {
  const File file(kElection), other(kElection);
  const Ended one = Smederij({"tally", file.path(), "--csv"});
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_THAT(one.out,
              StartsWith("number,id,name,decision,award,cost,support,reason,sentence\r\n"));
  const Ended two = Smederij({"tally", "/nonexistent.pb", file.path(), other.path(), "--csv"});
  EXPECT_EQ(two.code, 1);
  const std::vector<std::string> lines = absl::StrSplit(two.out, "\r\n", absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 7u);
  EXPECT_THAT(lines[0], StartsWith("file,number,id,"));
  EXPECT_THAT(lines[4], StartsWith(absl::StrCat(other.path(), ",")));
}

TEST(Tally, WritesAFileWholeOrNotAtAll) {
  const File file(kElection), output("old");
  EXPECT_EQ(Smederij({"tally", "/nonexistent.pb", "--output", output.path()}).code, 1);
  EXPECT_EQ(ReadFile(output.path()), "old");
  const Ended ended = Smederij({"tally", file.path(), "--json", "--output", output.path()});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(Lines(ReadFile(output.path())).at(0)["rule"], "greedy_votes");
  const Ended nowhere = Smederij({"tally", file.path(), "--output", "/nonexistent/out"});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("OUTPUT_UNWRITABLE"));
}

TEST(Tally, TakesWhatACharterAdds) {
  const File file(kElection);
  const auto selected = [&file](std::vector<std::string> options) {
    options.insert(options.begin(), {"tally", file.path(), "--json", "--rule", "greedy_votes"});
    const Ended ended = Smederij(options);
    EXPECT_EQ(ended.code, 0) << ended.err;
    return ended.code == 0 ? Lines(ended.out).at(0)["selected"] : json();
  };
  EXPECT_THAT(selected({"--no-skip", "--nearly", "80"}), ElementsAre("10", "9"));
  EXPECT_THAT(selected({"--threshold-percent", "25.01"}), ElementsAre("9"));
  EXPECT_THAT(selected({"--tie-order", "lot", "--lot", "2,10,9"}), ElementsAre("2", "9"));
  EXPECT_THAT(selected({"--exclusive", "9,2", "--no-skip"}), ElementsAre("9"));
}

TEST(Tally, EveryMistakeOfTheOptionsIsToldAtOnce) {
  const File file(kElection);
  const Ended unclear = Smederij({"tally", file.path(), "--pot", "play", "--weight", "sex=F",
                                  "--threshold-percent", "200", "--tie-order", "lot"});
  EXPECT_EQ(unclear.code, 2);
  EXPECT_EQ(unclear.out, "");
  for (const char* flag :
       {"--pot play: ", "--weight sex=F: ", "--threshold-percent: ", "--tie-order: "}) {
    EXPECT_THAT(unclear.err, HasSubstr(flag));
  }
  const Ended unfit = Smederij({"tally", file.path(), "--pot", "play=10", "--weight", "sex=F:2",
                                "--exclusive", "9,77", "--endowment-step", "2"});
  EXPECT_EQ(unfit.code, 1);
  for (const char* flag :
       {"--pot: ", "--weight sex=F:2: ", "--exclusive 9,77: ", "--endowment-step: "}) {
    EXPECT_THAT(unfit.err, HasSubstr(flag));
  }
}

TEST(Tally, WritesAPageInEitherLanguage) {
  const File file(kElection), page("");
  const Ended english = Smederij({"tally", file.path(), "--html"});
  EXPECT_EQ(english.code, 0) << english.err;
  EXPECT_THAT(english.out, StartsWith("<!DOCTYPE html>\n<html lang=\"en\">"));
  const Ended dutch =
      Smederij({"tally", file.path(), "--html", "--language", "nl", "--output", page.path()});
  EXPECT_EQ(dutch.code, 0) << dutch.err;
  EXPECT_EQ(dutch.out, "");
  EXPECT_THAT(ReadFile(page.path()), HasSubstr("Uitslag van de stemming"));
  const File other(kElection);
  const Ended two = Smederij({"tally", file.path(), other.path(), "--html"});
  EXPECT_EQ(two.code, 2);
  EXPECT_THAT(two.err, HasSubstr("one file"));
}

TEST(Tally, WritesTheFileAgainWithWhoWon) {
  const File file(kElection), again("");
  const Ended ended = Smederij({"tally", file.path(), "--rule", "greedy_votes", "--no-skip", "--pb",
                                "--output", again.path()});
  EXPECT_EQ(ended.code, 0) << ended.err;
  const Ended counted = Smederij({"tally", again.path(), "--json"});
  EXPECT_THAT(Lines(counted.out).at(0)["selected"], ElementsAre("9"));
  const Ended refused = Smederij({"tally", file.path(), "--exclusive", "9,2", "--pb"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_THAT(refused.err, HasSubstr("PB_CANNOT_SAY"));
}

TEST(Tally, ExplainsInDutch) {
  const File file(kElection);
  const Ended ended = Smederij({"tally", file.path(), "--explain", "--language", "nl"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("Niet toegekend: "));
}

TEST(Compare, PutsEveryRuleSideBySide) {
  const File file(kElection), other(kElection);
  const Ended people = Smederij({"compare", file.path(), "--language", "nl"});
  EXPECT_EQ(people.code, 0) << people.err;
  EXPECT_THAT(people.out, HasSubstr("mes_cost_add1_full"));
  EXPECT_THAT(people.out, HasSubstr("wie wint"));
  const Ended programs =
      Smederij({"compare", file.path(), "/nonexistent.pb", other.path(), "--json"});
  EXPECT_EQ(programs.code, 1);
  const std::vector<json> lines = Lines(programs.out);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["rules"].at(0)["rule"], "greedy_votes");
  EXPECT_THAT(lines[0]["rules"].at(0)["selected"], ElementsAre("2", "9"));
  EXPECT_EQ(lines[0]["decided"], nullptr);
  EXPECT_THAT(programs.err, HasSubstr("FILE_UNREADABLE"));
}

TEST(Check, TellsWhatIsPlayedAndWhatIsMadeUp) {
  const File file(kElection);
  const Ended ended = Smederij({"check", file.path()});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("can be played: 3 plans, 4 ballots, a pot of 100.00 EUR"));
  EXPECT_THAT(ended.out, HasSubstr("note: birth dates"));
}

TEST(Check, RefusesInOneSentenceWhatCannotBePlayed) {
  const std::string whole(kElection);
  const File truncated(whole.substr(0, whole.size() / 2)), empty(""),
      cut(whole.substr(0, whole.size() - std::string(";\n").size())),
      latin(absl::StrReplaceAll(whole, {{"Trees", "B\xe4ume"}})),
      contradictory(absl::StrReplaceAll(whole, {{"num_votes;4", "num_votes;5"}}));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {truncated.path(), "line 9, PROJECTS: the section is missing"},
      {empty.path(), "META: the section is missing"},
      {cut.path(), "line 20, vote: the row ends before this column"},
      {latin.path(), "line 14, text: is not UTF-8"},
      {contradictory.path(), "line 4, num_votes: says \"5\", the file has 4"},
      {"/dev/null", "META: the section is missing"},
      {testing::TempDir(), "it is a directory"},
      {"/nonexistent.pb", "No such file"}};
  for (const auto& [path, sentence] : cases) {
    const Ended ended = Smederij({"check", path});
    EXPECT_EQ(ended.code, 1) << path;
    EXPECT_EQ(ended.out, "") << path;
    EXPECT_THAT(ended.err, StartsWith("smederij: " + path + ": "));
    EXPECT_THAT(ended.err, HasSubstr(sentence));
    EXPECT_EQ(ended.err.find('\n'), ended.err.size() - 1) << ended.err;
  }
}

TEST(CommandLine, WrongUsageEndsWithTwo) {
  const File file(kElection);
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"dance"},
                                             {"tally"},
                                             {"tally", file.path(), "--rule", "most_votes"},
                                             {"tally", file.path(), "--rule"},
                                             {"tally", file.path(), "--threshold", "-1"},
                                             {"tally", file.path(), "--threshold", "many"},
                                             {"tally", file.path(), "--loud"},
                                             {"tally", file.path(), "--json", "--csv"},
                                             {"tally", file.path(), "--html", "--csv"},
                                             {"compare"},
                                             {"compare", file.path(), "--rule", "mes_cost"},
                                             {"tally", file.path(), "--language", "fr"},
                                             {"tally", file.path(), "--nearly", "101"},
                                             {"play"},
                                             {"round"}}) {
    const Ended ended = Smederij(arguments);
    EXPECT_EQ(ended.code, 2) << testing::PrintToString(arguments);
    EXPECT_NE(ended.err, "") << testing::PrintToString(arguments);
    EXPECT_EQ(ended.out, "") << testing::PrintToString(arguments);
  }
}

TEST(CommandLine, HelpIsAnAnswer) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"--help"}, {"tally", "--help"}, {"play", "--help"}, {"--help-all"}}) {
    const Ended ended = Smederij(arguments);
    EXPECT_EQ(ended.code, 0) << testing::PrintToString(arguments);
    EXPECT_NE(ended.out, "");
    EXPECT_EQ(ended.err, "");
  }
  EXPECT_THAT(Smederij({"tally", "--help"}).out, HasSubstr("mes_cost_add1_full"));
}

}  // namespace
}  // namespace smederij::e2e
