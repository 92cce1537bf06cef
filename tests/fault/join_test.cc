// Nothing that is stored, logged or measured links a ballot to a person: somebody who has both
// databases, their dumps, logs and metrics tries to join them.
//
// Five hundred people fetch a credential and vote at once, one after the other: the worst case, for
// a client waits for days between the two.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/fault/polls.h"

namespace smederij::e2e {
namespace {

constexpr int kVoters = 500;
constexpr size_t kBatchMin = 8;  // Of one class, before they enter the log.
constexpr size_t kWindow = 8;    // Shorter ones collide by chance.
// By chance one of all stands at its own rank; two in a hundred more are allowed.
constexpr int kMatchesMax = 1 + kVoters / 50;

constexpr absl::string_view kHeads = "SELECT encode(last_leaf, 'hex') FROM ballots.cast_head ";

using Lines = std::vector<std::string>;

class Join : public ::testing::Test {
 protected:
  // Rows of one text column, as the superuser.
  Lines Query(const std::string& database, const std::string& sql) {
    const Ended ended =
        e2e::Run({"psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "--dbname",
                  town_.cluster().Conninfo("postgres", database), "--command", sql});
    EXPECT_EQ(ended.code, 0) << ended.err << sql;
    return absl::StrSplit(absl::StripTrailingAsciiWhitespace(ended.out), '\n', absl::SkipEmpty());
  }

  // Everybody votes; certified, and what is rewritten afterwards is.
  void HoldElection() {
    polls_.OpenRound();
    for (int voter = 0; voter < kVoters; ++voter) {
      const auto device = polls_.Fetch(voter);
      ASSERT_TRUE(device.ok()) << device.status();
      const auto kept = polls_.Cast(*device, 1, 1 + static_cast<uint32_t>(voter % 3));
      ASSERT_TRUE(kept.ok()) << kept.status();
      leaf_hashes_.push_back(absl::BytesToHexString(crypto::ToBytes(kept->leaf_hash)));
    }
    metrics_while_open_ = town_.Metrics("ballots");
    // What is looked for afterwards is there before it is rewritten.
    ASSERT_GT(AtOwnRank(Query("ballots", std::string(kHeads))), kVoters / 2);
    // As if the hour had passed.
    Query("ballots", "UPDATE ballots.round SET cast_until = clock_timestamp()");
    Query("registry", "UPDATE registry.roll SET issue_until = clock_timestamp()");
    ASSERT_TRUE(polls_.Close().ok());
    ASSERT_TRUE(polls_.CloseRoll().ok());
    const auto tally = polls_.Count();
    ASSERT_TRUE(tally.ok()) << tally.status();
    ASSERT_THAT(tally->imbalances(), ::testing::IsEmpty());
    ASSERT_TRUE(polls_.Certify(*tally).ok());
    while (Query("ballots", "SELECT 1 FROM ballots.round WHERE scrambled").empty()) {
    }
  }

  // Every value of the tables that have a row for each voter, or of the others, as bytes.
  std::vector<std::string> Values(const std::string& service, bool per_voter) {
    std::vector<std::string> values;
    for (const std::string& table : Query(
             service,
             absl::StrCat("SELECT tablename FROM pg_tables WHERE schemaname = '", service, "'"))) {
      const std::string name = absl::StrCat(service, ".", table);
      int64_t rows = 0;
      EXPECT_TRUE(absl::SimpleAtoi(Query(service, "SELECT count(*) FROM " + name).at(0), &rows));
      if ((rows >= kVoters / 2) != per_voter) continue;
      if (per_voter) per_voter_tables_.insert(name);
      for (const std::string& column : Query(
               service,
               absl::StrCat("SELECT column_name || ' ' || udt_name FROM information_schema.columns "
                            "WHERE table_schema = '",
                            service, "' AND table_name = '", table, "'"))) {
        const std::pair<std::string, std::string> parts = absl::StrSplit(column, ' ');
        const auto& [field, type] = parts;
        if (per_voter && service == "ballots") {
          EXPECT_FALSE(absl::StartsWith(type, "timestamp")) << name << "." << field;
        }
        const std::string hex =
            type == "bytea"  ? absl::StrCat("encode(", field, ", 'hex')")
            : type == "uuid" ? absl::StrCat("encode(uuid_send(", field, "), 'hex')")
                             : absl::StrCat("encode(convert_to(", field, "::text, 'UTF8'), 'hex')");
        for (const std::string& value : Query(
                 service,
                 absl::StrCat("SELECT ", hex, " FROM ", name, " WHERE ", field, " IS NOT NULL"))) {
          values.push_back(absl::HexStringToBytes(value));
        }
      }
    }
    return values;
  }

  // How many voters stand at their own place in `order`, leaf hashes in some order.
  int AtOwnRank(const Lines& order) {
    EXPECT_EQ(order.size(), leaf_hashes_.size());
    int matches = 0;
    for (size_t i = 0; i < std::min(order.size(), leaf_hashes_.size()); ++i) {
      matches += order[i] == leaf_hashes_[i] ? 1 : 0;
    }
    return matches;
  }

  Town town_;
  Polls polls_{town_, {.voters = kVoters, .demonstration = false}};
  Lines leaf_hashes_;  // In the order in which people fetched and cast.
  std::string metrics_while_open_;
  std::set<std::string> per_voter_tables_;
};

using Windows = std::unordered_set<std::string>;

void AddWindows(const std::string& value, Windows& windows) {
  for (size_t at = 0; at + kWindow <= value.size(); ++at) windows.insert(value.substr(at, kWindow));
}

TEST_F(Join, FindsNothingInBothDatabasesTheirDumpsLogsAndMetrics) {
  ASSERT_NO_FATAL_FAILURE(HoldElection());

  // No value, and no eight bytes of one, stand on both sides, but those that are the round's.
  Windows listed, registry;
  for (const char* service : {"registry", "ballots"}) {
    for (const std::string& value : Values(service, /*per_voter=*/false)) AddWindows(value, listed);
  }
  for (const std::string& value : Values("registry", /*per_voter=*/true)) {
    AddWindows(value, registry);
  }
  EXPECT_GT(registry.size(), 350'000u);
  int64_t looked_at = 0;
  std::set<std::string> joined;
  const std::vector<std::string> ballots = Values("ballots", /*per_voter=*/true);
  for (const std::string& value : ballots) {
    for (size_t at = 0; at + kWindow <= value.size(); ++at, ++looked_at) {
      const std::string window = value.substr(at, kWindow);
      if (registry.contains(window) && !listed.contains(window)) {
        joined.insert(absl::BytesToHexString(window));
      }
    }
  }
  EXPECT_GT(looked_at, 250'000);
  EXPECT_THAT(joined, ::testing::IsEmpty());
  EXPECT_THAT(per_voter_tables_,
              ::testing::IsSupersetOf({"registry.credential", "registry.entitlement",
                                       "ballots.cast_head", "ballots.log_leaf"}));

  // No order tells who is who: that of the dump, that of the rows on disk, that of transactions.
  const std::string heads(kHeads);
  EXPECT_LE(AtOwnRank(Query("ballots", heads)), kMatchesMax);
  EXPECT_LE(AtOwnRank(Query("ballots", heads + "ORDER BY ctid")), kMatchesMax);
  EXPECT_LE(AtOwnRank(Query("ballots", heads + "ORDER BY xmin::text::bigint, ctid")), kMatchesMax);
  EXPECT_EQ(Query("ballots", "SELECT count(DISTINCT xmin::text) FROM ballots.cast_head").at(0),
            "1");
  EXPECT_EQ(Query("registry", "SELECT count(DISTINCT xmin::text) FROM registry.credential").at(0),
            "1");
  // The credentials' order, laid beside the people's in the registry's own log, which has times.
  Lines fetched;
  for (const absl::string_view line : absl::StrSplit(town_.log("registry"), '\n')) {
    if (!absl::StrContains(line, "IssueCredential")) continue;
    fetched.push_back(nlohmann::json::parse(line.begin(), line.end()).at("caller"));
  }
  ASSERT_EQ(fetched.size(), static_cast<size_t>(kVoters));
  const auto bytes_of = [](const std::string& uuid) {
    return absl::HexStringToBytes(absl::StrReplaceAll(uuid, {{"-", ""}}));
  };
  EXPECT_TRUE(registry.contains(bytes_of(fetched[0]).substr(0, kWindow)));  // It would be seen.
  const Lines stored = Query("registry", "SELECT person_id FROM registry.credential ORDER BY ctid");
  int same = 0;
  for (size_t i = 0; i < fetched.size(); ++i) same += fetched[i] == stored.at(i) ? 1 : 0;
  EXPECT_LE(same, kMatchesMax);

  // The public log has the order of its batches, and no more.
  const Lines in_log = Query("ballots",
                             "SELECT encode(leaf_hash, 'hex') FROM ballots.log_leaf "
                             "WHERE get_byte(leaf, 0) = 2 ORDER BY idx");
  EXPECT_LE(AtOwnRank(in_log), kVoters / static_cast<int>(kBatchMin) + kVoters / 50);

  // Of casting no log line, no request, no latency; of people nothing at ballots.
  EXPECT_FALSE(absl::StrContains(town_.log("ballots"), "CastBallot"));
  EXPECT_FALSE(absl::StrContains(town_.log("ballots"), "BallotsService/Status"));
  EXPECT_EQ(
      Query("ballots", "SELECT count(*) FROM ballots.request WHERE method LIKE '%Cast%'").at(0),
      "0");
  const std::string metrics = town_.Metrics("ballots");
  for (const absl::string_view line : absl::StrSplit(metrics, '\n')) {
    if (!absl::StrContains(line, "CastBallot\"")) continue;
    EXPECT_FALSE(absl::StartsWith(line, "grpc_server_handling_seconds")) << line;
  }
  std::string everything = absl::StrCat(town_.log("ballots"), metrics, metrics_while_open_);
  for (const std::string& value : ballots) absl::StrAppend(&everything, value, "\n");
  for (const std::string& person : fetched) {
    ASSERT_FALSE(absl::StrContains(everything, person));
    ASSERT_FALSE(absl::StrContains(everything, bytes_of(person)));
  }
}

}  // namespace
}  // namespace smederij::e2e
