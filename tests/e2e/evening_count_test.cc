// A polling evening at the command line, against the service that counts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/ballots/testing/evening.h"
#include "tests/e2e/process.h"

namespace smederij::e2e {
namespace {

namespace v1 = ballots::v1;
using ballots::testing::AddStations;
using ballots::testing::PollingPlace;
using ballots::testing::Replica;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Hall : public ::testing::Test {
 protected:
  Hall() : replica_(place_.Start("a")) {
    v1::Manifest manifest = place_.Manifest();
    AddStations(manifest, {1, 2});
    place_.Publish(*replica_, manifest);
  }

  // `smederij evening VERB ROUND …` as official 0, 1 or 2.
  Ended Evening(int official, const std::string& verb, const std::vector<std::string>& rest) {
    const char* const bin = std::getenv("SMEDERIJ_BIN");
    std::vector<std::string> arguments{
        absl::StrCat(bin != nullptr ? bin : "bin", "/smederij"),
        "evening",
        verb,
        "--ballots",
        replica_->server->address(),
        "--authority",
        replica_->server->pki().Nobody().authority,
        "--token-file",
        File(absl::StrCat("token", official), place_.Official(*replica_, official).token),
        place_.round().ToString()};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return e2e::Run(arguments);
  }
  Ended Done(int official, const std::string& verb, const std::vector<std::string>& rest = {}) {
    Ended ended = Evening(official, verb, rest);
    EXPECT_EQ(ended.code, 0) << verb << ": " << ended.err;
    return ended;
  }
  std::string File(const std::string& name, const std::string& text) {
    const std::string path = place_.directory() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  PollingPlace place_;
  std::unique_ptr<Replica> replica_;
};

TEST_F(Hall, FromAStackOfPapersToAProvisionalResult) {
  EXPECT_THAT(Done(0, "open", {"--class", "1", "--station", "1", "--papers", "4"}).out,
              HasSubstr("batch 1  OPEN  class 1, station 1, 4 papers"));
  const Ended wrong = Evening(0, "enter", {"1", File("wrong", "1;1\n2;9\n3;1,1\n4\n5;blank\n")});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.err, AllOf(HasSubstr("BAD_STACK"), HasSubstr("line 2: no plan has number 9"),
                               HasSubstr("line 3: plan 1 is named twice"), HasSubstr("line 4:"),
                               HasSubstr("line 5: is not 1 to 4")));
  EXPECT_THAT(Evening(0, "finish", {"1"}).err, HasSubstr("WRONG_STATE"));  // Nothing was sent.

  const std::string first = File("first", "serial;choice\n1;1,2\n2;3\n3;blank\n4;invalid:points\n");
  const std::string second = File("second", "1;1,2\n2;2\n3;blank\n4;invalid:points\n");
  Done(0, "enter", {"1", first});
  Done(0, "finish", {"1"});
  Done(1, "enter", {"1", second});
  EXPECT_THAT(Done(1, "finish", {"1"}).out, HasSubstr("DIFFERS"));
  EXPECT_EQ(Done(1, "compare", {"1"}).out, "paper   2  first: 3  second: 2\n");
  const Ended agreed = Evening(1, "fix", {"1", File("agreed", "1;1\n2;3\n")});
  EXPECT_EQ(agreed.code, 1);
  EXPECT_THAT(agreed.err, HasSubstr("line 1: both passes agree about paper 1"));
  EXPECT_THAT(Done(1, "fix", {"1", File("fixed", "2;3\n")}).out, HasSubstr("MATCHED"));
  EXPECT_EQ(Done(1, "compare", {"1"}).out, "both passes say the same\n");

  place_.LetCloseCome();
  ASSERT_TRUE(place_.Close(*replica_).ok());
  Done(0, "seal", {"1"});
  EXPECT_THAT(Evening(0, "seal", {"1"}).err, HasSubstr("SAME_OFFICIAL"));
  EXPECT_THAT(Done(2, "seal", {"1"}).out, HasSubstr("SEALED"));
  Done(0, "open", {"--class", "2", "--station", "2", "--papers", "1"});
  EXPECT_THAT(Done(0, "status").out,
              AllOf(HasSubstr("class 1: 4 in the box"), HasSubstr("waits for batch 2")));
  EXPECT_THAT(Done(0, "discard", {"2"}).out, HasSubstr("DISCARDED"));

  place_.registry().CloseRoll({{1, 0}, {2, 0}});
  place_.registry().Report(1, 1, 6, 1, 0);
  EXPECT_THAT(Evening(0, "close-station", {"1"}).err, HasSubstr("REASON_REQUIRED"));
  Done(0, "close-station", {"1", "--reason", "one was lost"});
  EXPECT_THAT(Done(1, "close-station", {"1", "--reason", "one was lost"}).out,
              AllOf(HasSubstr("station 1  CLOSED"), HasSubstr("because: one was lost")));
  Done(0, "close-station", {"2"});
  Done(1, "close-station", {"2"});

  EXPECT_THAT(Evening(0, "provisional", {}).err, HasSubstr("TALLY_NOT_FOUND"));
  EXPECT_EQ(Done(0, "count").out, "count 1  RUNNING\n");
  ASSERT_TRUE(replica_->service->CountNow().ok());
  EXPECT_THAT(
      Done(0, "provisional").out,
      AllOf(HasSubstr("PROVISIONAL"), HasSubstr("3 ballots, 3 of them on paper, 1 invalid")));
  EXPECT_THAT(Done(0, "provisional", {"--html", "--language", "nl"}).out,
              AllOf(HasSubstr("<title>VOORLOPIG"), HasSubstr("</html>")));
}

TEST_F(Hall, TheSameRequestAgainIsTheSameBatch) {
  const std::vector<std::string> open{"--class",  "1", "--station",    "1",
                                      "--papers", "2", "--request-id", Uuid::Random().ToString()};
  const Ended first = Done(0, "open", open);
  EXPECT_EQ(Done(0, "open", open).out, first.out);
  EXPECT_THAT(Evening(0, "seal", {"7"}).err, HasSubstr("BATCH_NOT_FOUND"));
}

}  // namespace
}  // namespace smederij::e2e
