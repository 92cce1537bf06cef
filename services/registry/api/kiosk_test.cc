#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "absl/strings/escaping.h"
#include "common/crypto/bytes.h"
#include "services/registry/api/desk.h"
#include "services/registry/testing/hall.h"

namespace smederij::registry::testing {
namespace {

using State = v1::RollLine;

class Kiosk : public ::testing::Test {
 protected:
  Kiosk() : hall_(world_) {
    o1_ = world_.As("o1");
    o2_ = world_.As("o2");
  }

  absl::StatusOr<v1::KioskTicket> Ticket(const std::string& subject, const From& from) {
    return world_.Ask(&Polling::IssueKioskTicket,
                      hall_.WriteFor<v1::IssueKioskTicketRequest>(subject), from);
  }
  v1::IssueCredentialWithTicketRequest With(const std::string& code, const Device& device) const {
    auto request = hall_.At<v1::IssueCredentialWithTicketRequest>();
    request.set_code(code);
    request.set_class_id(device.request.class_id());
    request.set_issuer_key_id(device.request.issuer_key_id());
    request.set_blinded_message(device.request.blinded_message());
    return request;
  }
  absl::StatusOr<v1::IssueCredentialResponse> Redeem(
      const v1::IssueCredentialWithTicketRequest& request, const From& from,
      bool* replayed = nullptr) {
    return world_.Ask(&Polling::IssueCredentialWithTicket, request, from, replayed);
  }
  void ExpireTickets() {
    ASSERT_TRUE(world_.database()
                    .Sql("UPDATE registry.kiosk_ticket SET expires_at = clock_timestamp()")
                    .ok());
  }

  World world_;
  Hall hall_;
  From o1_, o2_;
};

TEST_F(Kiosk, ATicketGivesOneCredentialAndTheSameBytesForEver) {
  hall_.EndIssuing();
  const auto request = hall_.WriteFor<v1::IssueKioskTicketRequest>("adult-0");
  const auto ticket = world_.Ask(&Polling::IssueKioskTicket, request, o1_);
  ASSERT_TRUE(ticket.ok()) << ticket.status();
  EXPECT_EQ(ticket->code().size(), 8u);
  EXPECT_EQ(ticket->mark().state(), State::STATE_KIOSK);
  bool replayed = false;
  EXPECT_EQ(world_.Ask(&Polling::IssueKioskTicket, request, o1_, &replayed)->SerializeAsString(),
            ticket->SerializeAsString());
  EXPECT_TRUE(replayed);
  EXPECT_EQ(hall_.Mark("adult-0", o2_), "ALREADY_MARKED");  // Struck off first of all.
  const Device device(hall_.roll, 2, "tablet");
  const auto issued = Redeem(With(ticket->code(), device), o2_);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_TRUE(device.Accepts(*issued));
  EXPECT_FALSE(issued->replayed());
  EXPECT_EQ(world_.guard().last().size, 1);
  ExpireTickets();
  const auto again = Redeem(With(ticket->code(), device), o1_, &replayed);
  EXPECT_TRUE(again->replayed());
  EXPECT_EQ(again->blind_signature(), issued->blind_signature());
  EXPECT_EQ(ReasonOf(Redeem(With(ticket->code(), Device(hall_.roll, 2, "two")), o1_).status()),
            "ALREADY_ISSUED");
  // At home the same voter gets nothing else either.
  EXPECT_EQ(hall_.Fetch("adult-0", "home"), "ALREADY_ISSUED");
  EXPECT_EQ(ReasonOf(Ticket("adult-0", o1_).status()), "ALREADY_ISSUED");
  ASSERT_EQ(hall_.Report("o1", "o2", 1, {{0, 0}, {0, 0}}), "");
  ASSERT_EQ(hall_.Report("o3", "o4", 2, {{0, 0}, {0, 0}}), "");
  world_.CloseRoll(hall_.roll.round_id());
  // When somebody was at the tablet stands nowhere any more.
  const absl::Status blunt = world_.database().Sql(
      "DO $$ BEGIN ASSERT (SELECT expires_at FROM registry.kiosk_ticket) = (SELECT issue_until "
      "FROM "
      "registry.roll); ASSERT NOT EXISTS (SELECT FROM registry.request WHERE method LIKE "
      "'%IssueKioskTicket'); ASSERT NOT EXISTS (SELECT FROM registry.kiosk_try); END $$");
  EXPECT_TRUE(blunt.ok()) << blunt;
  EXPECT_EQ(ReasonOf(world_.Ask(&Polling::IssueKioskTicket, request, o1_).status()), "ROLL_CLOSED");
  EXPECT_EQ(Redeem(With(ticket->code(), device), o1_)->blind_signature(),
            issued->blind_signature());
  EXPECT_EQ(hall_.Issuance().classes(1).issued(), 1);
  EXPECT_EQ(hall_.Issuance().stations(1).marked(), 0);
}

TEST_F(Kiosk, IssueKioskTicketRefusesInOrder) {
  ASSERT_EQ(hall_.Fetch("adult-1", "words"), "");
  EXPECT_EQ(ReasonOf(Ticket("adult-0", o1_).status()), "ISSUING_NOT_OVER");
  hall_.EndIssuing();
  EXPECT_EQ(ReasonOf(Ticket("adult-0", world_.As("o3")).status()), "NOT_OF_THIS_STATION");
  auto nobody = hall_.WriteAt<v1::IssueKioskTicketRequest>();
  nobody.set_roll_number(99);
  EXPECT_EQ(ReasonOf(world_.Ask(&Polling::IssueKioskTicket, nobody, o1_).status()), "NOT_ON_ROLL");
  EXPECT_EQ(ReasonOf(Ticket("adult-1", o1_).status()), "ALREADY_ISSUED");
  ASSERT_EQ(hall_.Mark("adult-2", o1_), "");
  EXPECT_EQ(ReasonOf(Ticket("adult-2", o1_).status()), "ALREADY_MARKED");
  ASSERT_TRUE(Ticket("adult-0", o1_).ok());
  EXPECT_EQ(ReasonOf(Ticket("adult-0", o2_).status()), "TICKET_VALID");
  ExpireTickets();
  EXPECT_TRUE(Ticket("adult-0", o2_).ok());
  // Ten million to one, made certain: another voter's ticket has the code.
  const auto request = hall_.WriteFor<v1::IssueKioskTicketRequest>("adult-3");
  const Place place{.round = RoundId(*Uuid::Parse(request.round_id())), .station = 1};
  const SubjectId officer = [&] {
    auto assign = hall_.WriteAt<v1::AssignOfficerRequest>();
    assign.set_subject("o1");
    const auto assigned = world_.Ask(&Polling::AssignOfficer, assign, world_.As("official"));
    return SubjectId(*Uuid::Parse(assigned->subject_id()));
  }();
  const std::string code = TicketCode(world_.pseudonyms(), place,
                                      RequestId(*Uuid::Parse(request.request_id())), officer);
  ASSERT_TRUE(
      world_.database()
          .Sql("UPDATE registry.kiosk_ticket SET code_hash = '\\x" +
               absl::BytesToHexString(crypto::View(TicketHash(world_.pseudonyms(), place, code))) +
               "' WHERE expires_at > clock_timestamp()")
          .ok());
  EXPECT_EQ(ReasonOf(world_.Ask(&Polling::IssueKioskTicket, request, o1_).status()),
            "TICKET_COLLIDES");
  ASSERT_EQ(hall_.Report("o1", "o2", 1, {{0, 0}, {0, 0}}), "");
  EXPECT_EQ(ReasonOf(Ticket("adult-3", o1_).status()), "STATION_CLOSED");
}

TEST_F(Kiosk, IssueCredentialWithTicketRefusesInOrder) {
  hall_.EndIssuing();
  const auto ticket = Ticket("adult-0", o1_);
  ASSERT_TRUE(ticket.ok()) << ticket.status();
  const auto good = With(ticket->code(), Device(hall_.roll, 2, "tablet"));
  const auto reason = [&](const v1::IssueCredentialWithTicketRequest& request, const From& from) {
    return ReasonOf(Redeem(request, from).status());
  };
  auto request = good;
  request.mutable_blinded_message()->pop_back();
  request.set_round_id(NewId());
  EXPECT_EQ(reason(request, o1_), "BAD_LENGTH");
  request = good;
  request.set_code("1234567");
  EXPECT_EQ(reason(request, o1_), "BAD_LENGTH");
  request = good;
  request.set_issuer_key_id("short");
  EXPECT_EQ(reason(request, o1_), "BAD_LENGTH");
  request = good;
  request.set_round_id(NewId());
  EXPECT_EQ(reason(request, o1_), "ROLL_NOT_FOUND");
  EXPECT_EQ(reason(good, world_.As("adult-0")), "ROLE_NOT_HELD");
  request = good;
  request.set_station(3);
  EXPECT_EQ(reason(request, o1_), "STATION_NOT_FOUND");
  request.set_station(2);
  EXPECT_EQ(reason(request, o1_), "NOT_OF_THIS_STATION");
  EXPECT_EQ(reason(request, world_.As("o3")), "UNKNOWN_TICKET");  // Of another station.
  request = good;
  request.set_class_id(1);
  EXPECT_EQ(reason(request, o1_), "WRONG_KEY");
  request = good;
  request.set_blinded_message(std::string(384, '\xff'));
  EXPECT_EQ(reason(request, o1_), "OUT_OF_RANGE");
  ExpireTickets();
  EXPECT_EQ(reason(good, o1_), "TICKET_EXPIRED");
  ASSERT_TRUE(world_.database().Sql("UPDATE registry.roll SET state = 4").ok());
  EXPECT_EQ(reason(good, o1_), "ROLL_NOT_OPEN");
  ASSERT_TRUE(world_.database().Sql("UPDATE registry.roll SET state = 3").ok());
  EXPECT_EQ(reason(good, o1_), "ROLL_CLOSED");
}

TEST_F(Kiosk, FiveWrongCodesAMinuteAreEnough) {
  hall_.EndIssuing();
  const auto ticket = Ticket("adult-0", o1_);
  const Device device(hall_.roll, 2, "tablet");
  const std::string wrong = ticket->code() == "00000000" ? "00000001" : "00000000";
  // Side by side too: each guess counts before it is answered.
  std::vector<std::string> reasons(12);
  std::vector<std::thread> threads;
  for (std::string& reason : reasons) {
    const auto guess = [&] { reason = ReasonOf(Redeem(With(wrong, device), o1_).status()); };
    threads.emplace_back(guess);
  }
  for (std::thread& thread : threads) thread.join();
  const auto unknown = std::count(reasons.begin(), reasons.end(), "UNKNOWN_TICKET");
  const auto refused = std::count(reasons.begin(), reasons.end(), "TOO_MANY_TRIES");
  EXPECT_EQ(unknown + refused, 12);
  // Where the minute turned in between, five more were free.
  EXPECT_TRUE(unknown == kTicketTriesMax || unknown <= 2 * kTicketTriesMax) << unknown;
  // This minute and the next, however slowly the test goes on.
  ASSERT_TRUE(world_.database()
                  .Sql("INSERT INTO registry.kiosk_try SELECT DISTINCT round_id, station, officer, "
                       "date_trunc('minute', clock_timestamp()) + n * interval '1 minute', 5 FROM "
                       "registry.kiosk_try, generate_series(0, 1) n ON CONFLICT ON CONSTRAINT "
                       "kiosk_try_pkey DO UPDATE SET wrong = 5")
                  .ok());
  const absl::Status right = Redeem(With(ticket->code(), device), o1_).status();
  EXPECT_EQ(ReasonOf(right), "TOO_MANY_TRIES");  // The right one too, for now.
  EXPECT_GT(RetryDelayOf(right), absl::ZeroDuration());
  EXPECT_TRUE(Redeem(With(ticket->code(), device), o2_).ok());  // Another officer's own count.
}

TEST_F(Kiosk, AStrikeWhoseTicketExpiredCanBeTakenBackByTwo) {
  hall_.EndIssuing();
  const auto ticket = Ticket("adult-0", o1_);
  const auto cancel = [&](const From& from) {
    auto request = hall_.WriteFor<v1::CancelPaperRequest>("adult-0");
    request.set_reason("the tablet broke");
    return world_.Ask(&Polling::CancelPaper, request, from);
  };
  EXPECT_EQ(ReasonOf(cancel(o1_).status()), "TICKET_VALID");
  ExpireTickets();
  ASSERT_TRUE(cancel(o1_).ok());
  const auto done = cancel(o2_);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->mark().state(), State::STATE_OPEN);
  ASSERT_EQ(hall_.Mark("adult-0", o1_), "");
  // The old ticket is worth nothing beside the paper, whatever its time says.
  ASSERT_TRUE(
      world_.database()
          .Sql("UPDATE registry.kiosk_ticket SET expires_at = expires_at + interval '1 day'")
          .ok());
  EXPECT_EQ(ReasonOf(Redeem(With(ticket->code(), Device(hall_.roll, 2, "t")), o1_).status()),
            "TICKET_EXPIRED");
}

TEST_F(Kiosk, TheCodeStandsNowhere) {
  hall_.EndIssuing();
  const std::string code = Ticket("adult-0", o1_)->code();
  const absl::Status clean =
      world_.database().Sql(R"sql(
    DO $$ DECLARE c record; hits bigint; BEGIN
      FOR c IN SELECT table_name, column_name FROM information_schema.columns
                WHERE table_schema = 'registry' LOOP
        EXECUTE format('SELECT count(*) FROM registry.%I WHERE %I::text LIKE ''%%)sql" +
                            code + R"sql(%%'' OR %I::text LIKE ''%%'' || encode('')sql" + code +
                            R"sql('', ''hex'') || ''%%''',
                       c.table_name, c.column_name, c.column_name) INTO hits;
        IF hits > 0 THEN RAISE EXCEPTION 'found in %.%', c.table_name, c.column_name; END IF;
      END LOOP; END $$)sql");
  EXPECT_TRUE(clean.ok()) << clean;
}

}  // namespace
}  // namespace smederij::registry::testing
