#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "services/registry/api/convert.h"
#include "services/registry/testing/world.h"

namespace smederij::registry::testing {
namespace {

using ::testing::Each;

struct Village {
  explicit Village(World& world, int adults = 2) {
    district = world.CreateDistrict("noordveld", {"7901"});
    std::vector<std::array<std::string, 3>> people{{"child", "2014-01-01", "7901 AB"}};
    for (int i = 0; i < adults; ++i) {
      people.push_back({"adult-" + std::to_string(i), "1990-01-01", "7901 AB"});
    }
    world.Settle(people);
    roll = world.OpenRoll(district, {{4, 17}, {18, 120}});
  }
  std::string district;
  v1::Roll roll;
};

TEST(IssueCredential, GivesASignatureThatUnblindsAndTheSameBytesForEver) {
  World world;
  const Village village(world);
  const Device device(village.roll, 2, "words");
  bool replayed = true;
  const auto issued =
      world.Ask(&Stub::IssueCredential, device.request, world.As("adult-0"), &replayed);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_TRUE(device.Accepts(*issued));
  EXPECT_FALSE(issued->replayed());
  EXPECT_FALSE(replayed);
  const auto again =
      world.Ask(&Stub::IssueCredential, device.request, world.As("adult-0"), &replayed);
  EXPECT_TRUE(again->replayed());
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->blind_signature(), issued->blind_signature());
  world.CloseRoll(village.roll.round_id());
  const auto after = world.Ask(&Stub::IssueCredential, device.request, world.As("adult-0"));
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(after->blind_signature(), issued->blind_signature());
}

TEST(IssueCredential, RefusesInOrder) {
  World world;
  const Village village(world);
  const v1::IssueCredentialRequest good = Device(village.roll, 2, "words").request;
  const auto reason = [&](const v1::IssueCredentialRequest& request, const std::string& who) {
    return ReasonOf(world.Ask(&Stub::IssueCredential, request, world.As(who)).status());
  };
  v1::IssueCredentialRequest request = good;
  request.mutable_blinded_message()->pop_back();
  request.set_round_id("x");
  EXPECT_EQ(reason(request, "adult-0"), "BAD_LENGTH");
  request = good;
  request.mutable_issuer_key_id()->push_back('x');
  EXPECT_EQ(reason(request, "adult-0"), "BAD_LENGTH");
  request = good;
  request.set_round_id(NewId());
  EXPECT_EQ(reason(request, "adult-0"), "ROLL_NOT_FOUND");
  world.CreateDistrict("zuidveld", {"7902"});
  world.Settle({{"stranger", "1990-01-01", "7902 AB"}});
  EXPECT_EQ(reason(good, "stranger"), "NOT_ON_ROLL");
  EXPECT_EQ(reason(good, "child"), "WRONG_KEY");
  request = good;
  request.set_class_id(1);
  EXPECT_EQ(reason(request, "adult-0"), "WRONG_KEY");
  request = good;
  request.set_blinded_message(std::string(384, '\xff'));  // Above any modulus.
  EXPECT_EQ(reason(request, "adult-0"), "OUT_OF_RANGE");
  request.set_blinded_message(std::string(384, '\0'));
  EXPECT_EQ(reason(request, "adult-0"), "OUT_OF_RANGE");
  EXPECT_EQ(reason(good, "adult-0"), "");
  EXPECT_EQ(reason(Device(village.roll, 2, "other words").request, "adult-0"), "ALREADY_ISSUED");
  EXPECT_EQ(reason(good, "administrator"), "ROLE_NOT_HELD");
}

TEST(IssueCredential, WaitsForTheWindowAndForTheManifest) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  world.Settle({{"anna", "1990-01-01", "7901 AB"}});
  v1::OpenRollRequest open;
  open.set_district_id(district);
  open.set_reference_date("2026-05-01");
  v1::VotingClass& all = *open.add_classes();
  all.set_class_id(1);
  all.set_name("all");
  all.set_age_to(120);
  all.set_weight(1);
  const auto reason_within = [&](absl::Duration from, absl::Duration until) {
    open.set_request_id(NewId());
    open.set_round_id(NewId());
    *open.mutable_issue_from() = ToProto(absl::Now() + from);
    *open.mutable_issue_until() = ToProto(absl::Now() + until);
    EXPECT_TRUE(world.Ask(&Stub::OpenRoll, open, world.AsProposals()).ok());
    const v1::Roll roll = world.WaitForRoll(open.round_id());
    return ReasonOf(
        world.Ask(&Stub::IssueCredential, Device(roll, 1, "a").request, world.As("anna")).status());
  };
  EXPECT_EQ(reason_within(absl::Hours(1), absl::Hours(2)), "WINDOW_CLOSED");
  EXPECT_EQ(reason_within(-absl::Hours(2), -absl::Hours(1)), "WINDOW_CLOSED");
  EXPECT_EQ(reason_within(-absl::Hours(1), absl::Hours(1)), "MANIFEST_NOT_APPROVED");
}

TEST(IssueCredential, ARollThatFailedIssuesNothing) {
  World world;
  const Village village(world);
  ASSERT_TRUE(world.database().Sql("UPDATE registry.roll SET state = 4").ok());
  EXPECT_EQ(ReasonOf(world
                         .Ask(&Stub::IssueCredential, Device(village.roll, 2, "w").request,
                              world.As("adult-0"))
                         .status()),
            "ROLL_NOT_OPEN");
}

TEST(IssueCredential, RacingCopiesGetTheSameBytes) {
  World world;
  const Village village(world);
  const Device device(village.roll, 2, "words");
  const From voter = world.As("adult-0");
  std::vector<std::string> signatures(12);
  std::vector<std::thread> threads;
  for (std::string& signature : signatures) {
    const auto issue = [&] {
      const auto issued = world.Ask(&Stub::IssueCredential, device.request, voter);
      EXPECT_TRUE(issued.ok()) << issued.status();
      if (issued.ok()) signature = issued->blind_signature();
    };
    threads.emplace_back(issue);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(signatures, Each(signatures.front()));
  EXPECT_EQ(world.guard().last().size, 1);
}

TEST(IssueCredential, TwoDevicesThatRaceGetOneCredential) {
  World world;
  const Village village(world, 6);
  for (int voter = 0; voter < 6; ++voter) {
    const std::string who = "adult-" + std::to_string(voter);
    const From from = world.As(who);
    const Device devices[2] = {Device(village.roll, 2, who + " one"),
                               Device(village.roll, 2, who + " two")};
    // Several times each, so that a loser also meets the winner's row.
    std::vector<std::string> reasons(8);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < reasons.size(); ++i) {
      const auto issue = [&, i] {
        const auto issued = world.Ask(&Stub::IssueCredential, devices[i % 2].request, from);
        reasons[i] = issued.ok() ? "issued" : ReasonOf(issued.status());
        EXPECT_FALSE(absl::IsDeadlineExceeded(issued.status())) << issued.status();
      };
      threads.emplace_back(issue);
    }
    for (std::thread& thread : threads) thread.join();
    const std::string& of_first = reasons[0];
    for (size_t i = 0; i < reasons.size(); ++i) {
      EXPECT_EQ(reasons[i] == of_first, i % 2 == 0) << i << " " << reasons[i];
    }
    EXPECT_THAT((std::set<std::string>(reasons.begin(), reasons.end())),
                (std::set<std::string>{"issued", "ALREADY_ISSUED"}));
  }
  EXPECT_EQ(world.guard().last().size, 6);
}

TEST(IssueCredential, AFullLaneRefusesAndLosesNothing) {
  World world({.signing_threads = 1, .signing_queue_max = 1});
  const Village village(world, 24);
  std::vector<From> from;
  std::vector<Device> devices;
  for (int i = 0; i < 24; ++i) {
    from.push_back(world.As("adult-" + std::to_string(i)));
    devices.emplace_back(village.roll, 2, std::to_string(i));
  }
  std::atomic<int> issued = 0, busy = 0;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < from.size(); ++i) {
    const auto issue = [&, i] {
      for (;;) {
        const auto answer = world.Ask(&Stub::IssueCredential, devices[i].request, from[i]);
        if (answer.ok()) {
          EXPECT_TRUE(devices[i].Accepts(*answer));
          ++issued;
          return;
        }
        ASSERT_EQ(ReasonOf(answer.status()), "ISSUING_BUSY");
        ASSERT_GT(RetryDelayOf(answer.status()), absl::ZeroDuration());
        ++busy;
      }
    };
    threads.emplace_back(issue);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(issued, 24);
  EXPECT_EQ(world.guard().last().size, 24);
}

// What stands in the database must not tell in which order voters came.
TEST(IssueCredential, TheCloseUndoesTheOrder) {
  World world;
  const Village village(world, 40);
  for (int i = 0; i < 40; ++i) {
    const std::string who = "adult-" + std::to_string(i);
    ASSERT_TRUE(
        world.Ask(&Stub::IssueCredential, Device(village.roll, 2, who).request, world.As(who))
            .ok());
  }
  ASSERT_TRUE(world.database()
                  .Sql("CREATE TABLE public.before AS SELECT person_id, ctid AS place "
                       "FROM registry.credential")
                  .ok());
  world.CloseRoll(village.roll.round_id());
  const absl::Status mixed = world.database().Sql(R"sql(
    DO $$ BEGIN
      IF (SELECT count(DISTINCT xmin::text) FROM registry.credential) <> 1 THEN
        RAISE EXCEPTION 'transactions tell the order'; END IF;
      IF (SELECT array_agg(person_id ORDER BY place) FROM public.before) =
         (SELECT array_agg(person_id ORDER BY ctid) FROM registry.credential) THEN
        RAISE EXCEPTION 'places tell the order'; END IF;
      IF EXISTS (SELECT person_id FROM public.before EXCEPT
                 SELECT person_id FROM registry.credential) THEN
        RAISE EXCEPTION 'a credential is lost'; END IF;
    END $$)sql");
  EXPECT_TRUE(mixed.ok()) << mixed;
}

TEST(Issuance, IsAppendOnlyForTheService) {
  World world;
  const Village village(world);
  const auto refused = [&](const char* sql) {
    const auto run = [&](pg::Tx& tx) { return tx.Script(sql); };
    return !pg::Transact(world.pool(), {.deadline = absl::Now() + absl::Seconds(5)}, run).ok();
  };
  EXPECT_TRUE(refused("DELETE FROM registry.credential"));
  EXPECT_TRUE(refused("UPDATE registry.credential SET blind_signature = blinded_message"));
  EXPECT_TRUE(refused("DELETE FROM registry.entitlement"));
  EXPECT_TRUE(refused("TRUNCATE registry.credential"));
}

TEST(Issuance, PeopleAndReportsSeeNobody) {
  World world;
  pg::Pool read({.conninfo = world.database().read(), .size = 1});
  const auto refused = [&](const std::string& table) {
    const auto run = [&](pg::Tx& tx) { return tx.Script("SELECT * FROM registry." + table); };
    return !pg::Transact(read, {.deadline = absl::Now() + absl::Seconds(5)}, run).ok();
  };
  for (const char* table : {"person", "role_grant", "entitlement", "credential", "request",
                            "participation", "roll_class"}) {
    EXPECT_TRUE(refused(table)) << table;
  }
  EXPECT_FALSE(refused("district"));
}

}  // namespace
}  // namespace smederij::registry::testing
