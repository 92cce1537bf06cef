#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

#include "absl/synchronization/notification.h"
#include "services/registry/testing/hall.h"

namespace smederij::registry::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using State = v1::RollLine;

absl::Status Holds(World& world, const std::string& condition) {
  return world.database().Sql("DO $$ BEGIN ASSERT " + condition + "; END $$");
}

// Somebody else's transaction on the same database, which does `sql` and commits only when told.
class Transaction {
 public:
  Transaction(World& world, const std::string& sql)
      : pool_({.conninfo = world.database().app(), .size = 1}), thread_([this, sql] { Run(sql); }) {
    begun_.WaitForNotification();
  }
  ~Transaction() {
    if (thread_.joinable()) Commit();
  }
  void Commit() {
    may_end_.Notify();
    thread_.join();
  }
  // Until some transaction waits for a lock.
  static void AwaitWaiter(World& world) {
    const absl::Time until = absl::Now() + absl::Seconds(20);
    while (!Holds(world, "EXISTS (SELECT FROM pg_locks WHERE NOT granted)").ok()) {
      ASSERT_LT(absl::Now(), until);
    }
  }

 private:
  void Run(const std::string& sql) {
    const auto body = [&](pg::Tx& tx) -> absl::Status {
      RETURN_IF_ERROR(tx.Script(sql));
      begun_.Notify();
      may_end_.WaitForNotification();
      return absl::OkStatus();
    };
    const absl::Status status =
        pg::Transact(pool_, {.deadline = absl::Now() + absl::Seconds(60)}, body);
    EXPECT_TRUE(status.ok()) << status;
    if (!begun_.HasBeenNotified()) begun_.Notify();
  }

  pg::Pool pool_;
  absl::Notification begun_, may_end_;
  std::thread thread_;
};

// The voter of a line, as a condition on registry.entitlement.
std::string Voter(const Hall& hall, const std::string& subject) {
  return "round_id = '" + hall.roll.round_id() +
         "' AND station = 1 AND roll_number = " + std::to_string(hall.NumberOf(subject));
}

TEST(OneRowPerVoter, AMarkWaitsForACredentialUnderWayAndFindsIt) {
  World world;
  const Hall hall(world);
  hall.EndIssuing();
  const From officer = world.As("o1");
  Transaction issuing(world,
                      "INSERT INTO registry.credential (round_id, person_id, blinded_message, "
                      "blind_signature) SELECT round_id, person_id, m, m FROM "
                      "registry.entitlement, decode(repeat('00', 384), 'hex') m WHERE " +
                          Voter(hall, "adult-0"));
  std::string reason = "none";
  std::thread marking([&] { reason = hall.Mark("adult-0", officer); });
  Transaction::AwaitWaiter(world);
  issuing.Commit();
  marking.join();
  EXPECT_EQ(reason, "ALREADY_ISSUED");
}

TEST(OneRowPerVoter, ACredentialWaitsForAMarkUnderWayAndFindsIt) {
  World world;
  const Hall hall(world);
  Transaction marking(world,
                      "INSERT INTO registry.credential (round_id, person_id, channel, marked_by) "
                      "SELECT round_id, person_id, 2, person_id FROM registry.entitlement WHERE " +
                          Voter(hall, "adult-0"));
  std::string reason = "none";
  std::thread issuing([&] { reason = hall.Fetch("adult-0", "words"); });
  Transaction::AwaitWaiter(world);
  marking.Commit();
  issuing.join();
  EXPECT_EQ(reason, "PAPER_GIVEN");
}

// What is printed must hold every credential that will ever be.
TEST(ListRoll, WaitsForCredentialsUnderWay) {
  World world;
  const Hall hall(world);
  hall.EndIssuing();
  const From officer = world.As("o1");
  Transaction issuing(world,
                      "SELECT 1 FROM registry.roll FOR SHARE; INSERT INTO registry.credential "
                      "(round_id, person_id, blinded_message, blind_signature) SELECT round_id, "
                      "person_id, m, m FROM registry.entitlement, decode(repeat('00', 384), "
                      "'hex') m WHERE " +
                          Voter(hall, "adult-0"));
  absl::StatusOr<v1::ListRollResponse> listed = absl::UnknownError("not yet");
  std::thread listing(
      [&] { listed = world.Ask(&Polling::ListRoll, hall.At<v1::ListRollRequest>(), officer); });
  Transaction::AwaitWaiter(world);
  issuing.Commit();
  listing.join();
  ASSERT_TRUE(listed.ok()) << listed.status();
  const int at = static_cast<int>(hall.NumberOf("adult-0")) - 1;
  EXPECT_EQ(listed->lines(at).state(), State::STATE_DIGITAL);
}

// Voters fetch at home while two replicas' desks strike them off, as issuing ends.
TEST(OneRowPerVoter, AtTheEndOfIssuingEverybodyVotesOneWay) {
  constexpr int kVoters = 24;
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  World world;
  World replica(World::Beside{world});
  const Hall hall(world, kVoters);
  const From officers[2] = {world.As("o1"), replica.As("o2")};
  std::vector<From> voters;
  std::vector<Device> devices;
  std::vector<v1::MarkPaperRequest> marks;
  for (int i = 0; i < kVoters; ++i) {
    const std::string who = "adult-" + std::to_string(i);
    voters.push_back(world.As(who));
    devices.emplace_back(hall.roll, 2, who);
    marks.push_back(hall.WriteFor<v1::MarkPaperRequest>(who));
  }
  ASSERT_TRUE(world.database()
                  .Sql("UPDATE registry.roll SET issue_until = clock_timestamp() + interval '" +
                       std::to_string(20 + random() % 60) + " milliseconds'")
                  .ok());
  std::atomic<int> issued = 0, marked = 0;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kVoters; ++i) {
    threads.emplace_back([&, i] {
      const auto answer = world.Ask(&Stub::IssueCredential, devices[i].request, voters[i]);
      if (answer.ok()) ++issued;
      const std::string reason = ReasonOf(answer.status());
      EXPECT_TRUE(answer.ok() || reason == "WINDOW_CLOSED" || reason == "PAPER_GIVEN") << reason;
    });
    threads.emplace_back([&, i] {
      World& at = i % 2 == 0 ? world : replica;
      for (;;) {
        marks[i].set_request_id(NewId());
        const auto answer = at.Ask(&Polling::MarkPaper, marks[i], officers[i % 2]);
        const std::string reason = ReasonOf(answer.status());
        if (reason == "ISSUING_NOT_OVER") continue;
        if (answer.ok()) ++marked;
        EXPECT_TRUE(answer.ok() || reason == "ALREADY_ISSUED") << answer.status();
        return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(issued + marked, kVoters);
  EXPECT_TRUE(Holds(world, "(SELECT count(*) FROM registry.credential WHERE channel = 1) = " +
                               std::to_string(issued) +
                               " AND (SELECT count(*) FROM registry.credential WHERE channel = 2) "
                               "= " +
                               std::to_string(marked))
                  .ok());
}

TEST(MarkPaper, OneOfManyOfficersAtOnceStrikesAName) {
  World world;
  World replica(World::Beside{world});
  const Hall hall(world);
  hall.EndIssuing();
  const From officers[2] = {world.As("o1"), replica.As("o2")};
  for (const char* who : {"adult-0", "adult-1", "adult-2"}) {
    std::vector<std::string> reasons(6);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < reasons.size(); ++i) {
      threads.emplace_back([&, i] {
        World& at = i % 2 == 0 ? world : replica;
        reasons[i] = ReasonOf(
            at.Ask(&Polling::MarkPaper, hall.WriteFor<v1::MarkPaperRequest>(who), officers[i % 2])
                .status());
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(std::count(reasons.begin(), reasons.end(), ""), 1);
    EXPECT_EQ(std::count(reasons.begin(), reasons.end(), "ALREADY_MARKED"), 5);
  }
}

TEST(KioskTicket, OneTicketOnTwoTabletsGivesOneCredential) {
  World world;
  World replica(World::Beside{world});
  const Hall hall(world);
  hall.EndIssuing();
  const From officers[2] = {world.As("o1"), replica.As("o2")};
  for (const char* who : {"adult-0", "adult-1", "adult-2"}) {
    const auto ticket = world.Ask(&Polling::IssueKioskTicket,
                                  hall.WriteFor<v1::IssueKioskTicketRequest>(who), officers[0]);
    ASSERT_TRUE(ticket.ok()) << ticket.status();
    std::vector<std::string> reasons(2, "none");
    std::vector<std::thread> threads;
    for (size_t i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] {
        const Device device(hall.roll, 2, who + std::to_string(i));
        auto request = hall.At<v1::IssueCredentialWithTicketRequest>();
        request.set_code(ticket->code());
        request.set_class_id(2);
        request.set_issuer_key_id(device.request.issuer_key_id());
        request.set_blinded_message(device.request.blinded_message());
        World& at = i == 0 ? world : replica;
        const auto answer = at.Ask(&Polling::IssueCredentialWithTicket, request, officers[i]);
        reasons[i] = ReasonOf(answer.status());
        EXPECT_TRUE(!answer.ok() || device.Accepts(*answer));
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(reasons, UnorderedElementsAre("", "ALREADY_ISSUED"));
  }
  EXPECT_TRUE(Holds(world, "(SELECT size FROM registry.issuance) = 3").ok());
}

TEST(ReportStation, NothingIsMarkedBehindItsBack) {
  World world;
  World replica(World::Beside{world});
  const Hall hall(world, 16);
  hall.EndIssuing();
  const From first = world.As("o1"), second = replica.As("o2");
  ASSERT_TRUE(world.Ask(&Polling::ReportStation, hall.ReportOf(1, {{0, 0}, {0, 0}}), first).ok());
  std::atomic<int> marked = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&, who = "adult-" + std::to_string(i)] {
      const std::string reason = hall.Mark(who, first);
      if (reason.empty()) ++marked;
      EXPECT_TRUE(reason.empty() || reason == "STATION_CLOSED") << reason;
    });
  }
  const auto closed =
      replica.Ask(&Polling::ReportStation, hall.ReportOf(1, {{0, 0}, {0, 0}}), second);
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->counts(1).marked(), marked);
  EXPECT_TRUE(Holds(world, "(SELECT count(*) FROM registry.credential WHERE channel = 2) = " +
                               std::to_string(marked))
                  .ok());
}

// The schema itself, whatever the program does.
TEST(PollingSchema, HoldsWithoutTheProgram) {
  World world;
  const Hall hall(world);
  ASSERT_EQ(hall.Fetch("adult-0", "words"), "");
  hall.EndIssuing();
  ASSERT_EQ(hall.Mark("adult-1", world.As("o1")), "");
  ASSERT_EQ(hall.Report("o3", "o4", 2, {{0, 0}, {0, 0}}), "");
  const auto stopped = [&](const std::string& sql) {
    return std::string(world.database().Sql(sql).message());
  };
  const std::string round = "'" + hall.roll.round_id() + "'";
  const std::string of = "(SELECT person_id FROM registry.entitlement WHERE ";
  EXPECT_THAT(stopped("INSERT INTO registry.credential (round_id, person_id, channel, marked_by) "
                      "SELECT round_id, person_id, 2, person_id FROM registry.entitlement WHERE " +
                      Voter(hall, "adult-0")),
              HasSubstr("credential_pkey"));
  EXPECT_THAT(stopped("UPDATE registry.credential SET channel = 2, marked_by = person_id, "
                      "blinded_message = NULL, blind_signature = NULL WHERE channel = 1"),
              HasSubstr("append-only"));
  EXPECT_THAT(
      stopped("UPDATE registry.credential SET channel = 1, marked_by = NULL WHERE channel = 2"),
      HasSubstr("credential_of_channel"));
  EXPECT_THAT(stopped("UPDATE registry.credential SET marked_by = NULL WHERE channel = 2"),
              HasSubstr("credential_marked_by"));
  EXPECT_THAT(stopped("INSERT INTO registry.credential (round_id, person_id, channel, marked_by) "
                      "VALUES (" +
                      round + ", gen_random_uuid(), 2, gen_random_uuid())"),
              HasSubstr("credential_of_entitlement"));
  EXPECT_THAT(stopped("INSERT INTO registry.paper_return VALUES (" + round + ", " + of +
                      Voter(hall, "adult-1") + "), 1, 'x', " + round + ", " + round + ")"),
              HasSubstr("paper_return_by_two"));
  EXPECT_THAT(stopped("UPDATE registry.station SET reported_by = " + round +
                      ", closed_by = " + round + ", closed_at = now() WHERE number = 1"),
              HasSubstr("station_closed_by_two"));
  EXPECT_THAT(stopped("UPDATE registry.station SET closed_at = now() WHERE number = 2"),
              HasSubstr("append-only"));
  EXPECT_THAT(stopped("UPDATE registry.station_count SET spoiled = 1 WHERE station = 2"),
              HasSubstr("append-only"));
  EXPECT_THAT(stopped("INSERT INTO registry.station_count VALUES (" + round + ", 1, 1, 1, 1, 1)"),
              HasSubstr("station_count_adds_up"));
  EXPECT_THAT(stopped("UPDATE registry.kiosk_try SET wrong = 6; INSERT INTO registry.kiosk_try "
                      "VALUES (" +
                      round + ", 1, " + round + ", now(), 6)"),
              HasSubstr("kiosk_try_limit"));
  // The service may move marks through the function alone, and only where there is a way.
  const auto as_service = [&](const std::string& sql) {
    const auto run = [&](pg::Tx& tx) { return tx.Script(sql); };
    return pg::Transact(world.pool(), {.deadline = absl::Now() + absl::Seconds(5)}, run);
  };
  EXPECT_FALSE(as_service("UPDATE registry.credential SET channel = 4 WHERE channel = 2").ok());
  EXPECT_FALSE(as_service("DELETE FROM registry.credential").ok());
  EXPECT_TRUE(as_service("SELECT registry.move_mark(round_id, person_id, 2::smallint, "
                         "1::smallint, person_id), registry.move_mark(round_id, person_id, "
                         "2::smallint, 3::smallint, person_id) FROM registry.credential")
                  .ok());
  EXPECT_TRUE(
      Holds(world, "(SELECT count(*) FROM registry.credential WHERE channel = 2) = 1").ok());
}

}  // namespace
}  // namespace smederij::registry::testing
