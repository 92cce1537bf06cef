// A polling evening as it is held: three stations, people who voted online before, papers counted
// twice, a difference found, a paper lost, a voter at the kiosk; and a bundle that two verifiers
// count again.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "services/cli/play/cast.h"
#include "smederij/ballots/v1/paper.grpc.pb.h"
#include "smederij/registry/v1/polling.grpc.pb.h"
#include "tests/fault/polls.h"
#include "tests/interop/folders.h"
#include "tests/interop/node.h"

namespace smederij::e2e {
namespace {

namespace bv1 = ballots::v1;
namespace rv1 = registry::v1;
using Paper = bv1::PaperService::Stub;
using Desk = rv1::PollingService::Stub;
using cli::Audience;
using nlohmann::json;

constexpr int kOnline = 60, kOnPaper = 250, kKiosk = kOnline + kOnPaper, kLost = kKiosk + 1;
constexpr int kVoters = 320;
constexpr uint32_t kStations = 3;
constexpr char kFirstOfficer[] = "official:polling-one", kSecondOfficer[] = "official:polling-two";

uint32_t StationOf(int voter) { return 1 + static_cast<uint32_t>(voter) % kStations; }
uint32_t PlanOf(int voter) { return 1 + static_cast<uint32_t>(voter) * 7 % 3; }

class WholeEvening : public ::testing::Test {
 protected:
  template <class Stub, class Req, class Res>
  absl::StatusOr<Res> At(const std::string& subject, const cli::Endpoint& endpoint,
                         Audience audience,
                         grpc::Status (Stub::*method)(grpc::ClientContext*, const Req&, Res*),
                         Req request) {
    request.set_round_id(polls_.round());
    return polls_.village().As(subject, audience, endpoint, method, request);
  }
  template <class Req, class Res>
  absl::StatusOr<Res> AtDesk(const std::string& subject,
                             grpc::Status (Desk::*method)(grpc::ClientContext*, const Req&, Res*),
                             Req request) {
    return At(subject, polls_.village().services().registry, Audience::kRegistry, method,
              std::move(request));
  }
  template <class Req, class Res>
  absl::StatusOr<Res> AtCount(const std::string& subject,
                              grpc::Status (Paper::*method)(grpc::ClientContext*, const Req&, Res*),
                              Req request) {
    return At(subject, polls_.village().services().ballots, Audience::kBallots, method,
              std::move(request));
  }

  void AppointOfficers() {
    for (const std::string officer : {kFirstOfficer, kSecondOfficer}) {
      rv1::GrantRoleRequest grant;
      grant.set_request_id(NewId());
      grant.set_subject(officer);
      grant.set_role(policy::v1::ROLE_POLLING_OFFICER);
      Must(polls_.village().As(cli::kAdministrator, Audience::kRegistry,
                               polls_.village().services().registry,
                               &rv1::RegistryService::Stub::GrantRole, grant));
      for (uint32_t station = 1; station <= kStations; ++station) {
        rv1::AssignOfficerRequest assign;
        assign.set_request_id(NewId());
        assign.set_station(station);
        assign.set_subject(officer);
        Must(AtDesk(cli::kFirstOfficial, &Desk::AssignOfficer, assign));
      }
    }
  }

  // Roll numbers by name, once issuing is over.
  void ReadRolls() {
    for (uint32_t station = 1; station <= kStations; ++station) {
      rv1::ListRollRequest request;
      request.set_station(station);
      request.set_page_size(500);
      auto page = AtDesk(kFirstOfficer, &Desk::ListRoll, request);
      while (ReasonOf(page.status()) == "ISSUING_NOT_OVER") {
        absl::SleepFor(absl::Milliseconds(100));
        page = AtDesk(kFirstOfficer, &Desk::ListRoll, request);
      }
      ASSERT_TRUE(page.ok()) << page.status();
      ASSERT_EQ(page->next_page_token(), "");
      for (const rv1::RollLine& line : page->lines()) {
        roll_[line.name()] = line.roll_number();
        online_ += line.state() == rv1::RollLine::STATE_DIGITAL ? 1 : 0;
      }
    }
  }
  uint32_t RollNumber(int voter) const { return roll_.at(absl::StrCat("Voter <", voter, ">")); }

  // Two stations mark on paper and bring it in, one marks at once.
  void Mark() {
    std::map<uint32_t, rv1::ImportMarksRequest> lists;
    for (int voter = kOnline; voter < kOnline + kOnPaper; ++voter) {
      const uint32_t station = StationOf(voter);
      if (station < kStations) {
        lists[station].add_lines()->set_roll_number(RollNumber(voter));
      } else {
        MarkOne(voter);
      }
    }
    MarkOne(kLost);
    for (auto& [station, list] : lists) {
      list.set_request_id(NewId());
      list.set_station(station);
      const auto marked = AtDesk(kFirstOfficer, &Desk::ImportMarks, list);
      ASSERT_TRUE(marked.ok()) << marked.status();
      EXPECT_EQ(marked->marked(), list.lines_size());
    }
  }
  void MarkOne(int voter) {
    rv1::MarkPaperRequest mark;
    mark.set_request_id(NewId());
    mark.set_station(StationOf(voter));
    mark.set_roll_number(RollNumber(voter));
    const auto marked = AtDesk(kSecondOfficer, &Desk::MarkPaper, mark);
    ASSERT_TRUE(marked.ok()) << marked.status();
  }

  void VoteAtKiosk() {
    rv1::IssueKioskTicketRequest request;
    request.set_request_id(NewId());
    request.set_station(StationOf(kKiosk));
    request.set_roll_number(RollNumber(kKiosk));
    const auto ticket = AtDesk(kFirstOfficer, &Desk::IssueKioskTicket, request);
    ASSERT_TRUE(ticket.ok()) << ticket.status();
    const auto device =
        polls_.FetchWithTicket(kKiosk, kFirstOfficer, StationOf(kKiosk), ticket->code());
    ASSERT_TRUE(device.ok()) << device.status();
    ASSERT_TRUE(polls_.Cast(*device, 1, PlanOf(kKiosk)).ok());
    // Whose name is struck gets no paper any more.
    rv1::MarkPaperRequest mark;
    mark.set_request_id(NewId());
    mark.set_station(StationOf(kKiosk));
    mark.set_roll_number(RollNumber(kKiosk));
    EXPECT_FALSE(AtDesk(kSecondOfficer, &Desk::MarkPaper, mark).ok());
  }

  // The papers of a station, entered by both officers; at the first the second one slips once.
  void CountBox(uint32_t station) {
    std::vector<int> box;
    for (int voter = kOnline; voter < kOnline + kOnPaper; ++voter) {
      if (StationOf(voter) == station) box.push_back(voter);
    }
    bv1::OpenBatchRequest open;
    open.set_request_id(NewId());
    open.set_batch_id(NewId());
    open.set_class_id(1);
    open.set_station(station);
    open.set_ballots(static_cast<uint32_t>(box.size()));
    const auto batch = AtCount(kFirstOfficer, &Paper::OpenBatch, open);
    ASSERT_TRUE(batch.ok()) << batch.status();
    batches_.push_back(batch->batch_id());

    bv1::EnterBallotsRequest papers;
    papers.set_batch_id(batch->batch_id());
    for (size_t i = 0; i < box.size(); ++i) {
      bv1::PaperBallot& paper = *papers.add_ballots();
      paper.set_serial(static_cast<uint32_t>(i + 1));
      paper.mutable_choice()->add_lines()->set_number(PlanOf(box[i]));
    }
    constexpr int kSlip = 6;
    for (const std::string officer : {kFirstOfficer, kSecondOfficer}) {
      bv1::EnterBallotsRequest entered = papers;
      entered.set_request_id(NewId());
      const bool slips = station == 1 && officer == kSecondOfficer;
      if (slips) {
        auto& line = *entered.mutable_ballots(kSlip)->mutable_choice()->mutable_lines(0);
        line.set_number(1 + line.number() % 3);
      }
      const auto taken = AtCount(officer, &Paper::EnterBallots, entered);
      ASSERT_TRUE(taken.ok()) << taken.status();
      bv1::FinishPassRequest finish;
      finish.set_request_id(NewId());
      finish.set_batch_id(batch->batch_id());
      const auto finished = AtCount(officer, &Paper::FinishPass, finish);
      ASSERT_TRUE(finished.ok()) << finished.status();
      if (slips) {
        EXPECT_EQ(finished->state(), bv1::Batch::STATE_DIFFERS);
        FixSlip(papers, kSlip);
      } else if (officer == kSecondOfficer) {
        EXPECT_EQ(finished->state(), bv1::Batch::STATE_MATCHED);
      }
    }
  }
  void FixSlip(const bv1::EnterBallotsRequest& papers, int slip) {
    bv1::CompareBatchRequest compare;
    compare.set_batch_id(papers.batch_id());
    const auto comparison = AtCount(kSecondOfficer, &Paper::CompareBatch, compare);
    ASSERT_TRUE(comparison.ok()) << comparison.status();
    ASSERT_EQ(comparison->differences_size(), 1);
    EXPECT_EQ(comparison->differences(0).first().serial(), static_cast<uint32_t>(slip + 1));
    bv1::EnterBallotsRequest fix;
    fix.set_request_id(NewId());
    fix.set_batch_id(papers.batch_id());
    *fix.add_ballots() = papers.ballots(slip);
    const auto fixed = AtCount(kSecondOfficer, &Paper::EnterBallots, fix);
    ASSERT_TRUE(fixed.ok()) << fixed.status();
    EXPECT_EQ(fixed->state(), bv1::Batch::STATE_MATCHED);
  }

  void Report() {
    for (uint32_t station = 1; station <= kStations; ++station) {
      for (const std::string officer : {kFirstOfficer, kSecondOfficer}) {
        rv1::ReportStationRequest report;
        report.set_request_id(NewId());
        report.set_station(station);
        report.add_classes()->set_class_id(1);
        const auto reported = AtDesk(officer, &Desk::ReportStation, report);
        ASSERT_TRUE(reported.ok()) << reported.status();
      }
    }
  }

  void Seal() {
    for (const std::string& batch : batches_) {
      for (const char* official : {cli::kFirstOfficial, cli::kSecondOfficial}) {
        bv1::SealBatchRequest seal;
        seal.set_request_id(NewId());
        seal.set_batch_id(batch);
        const auto sealed = AtCount(official, &Paper::SealBatch, seal);
        ASSERT_TRUE(sealed.ok()) << sealed.status();
      }
    }
  }

  std::string CloseStation(const char* official, uint32_t station, const std::string& reason) {
    bv1::CloseStationRequest close;
    close.set_request_id(NewId());
    close.set_station(station);
    close.set_reason(reason);
    return std::string(ReasonOf(AtCount(official, &Paper::CloseStation, close).status()));
  }

  Town town_;
  Polls polls_{town_,
               {.voters = kVoters,
                .open = absl::Seconds(20),
                .evening = absl::Hours(1),
                .stations = {"Dorpshuis", "School", "Kerk"}}};
  std::map<std::string, uint32_t> roll_;  // By name.
  int online_ = 0;                        // Names struck off because they voted online.
  std::vector<std::string> batches_;
};

TEST_F(WholeEvening, IsCertifiedAndCountedAgainByTwoVerifiers) {
  SMEDERIJ_REQUIRE_NODE();
  polls_.OpenRound();
  AppointOfficers();
  std::map<uint32_t, int64_t> votes;
  for (int voter = 0; voter < kOnline; ++voter) {
    const auto device = polls_.Fetch(voter);
    ASSERT_TRUE(device.ok()) << device.status();
    ASSERT_TRUE(polls_.Cast(*device, 1, PlanOf(voter)).ok());
  }
  for (int voter = 0; voter <= kKiosk; ++voter) ++votes[PlanOf(voter)];
  ASSERT_NO_FATAL_FAILURE(ReadRolls());
  EXPECT_EQ(online_, kOnline);
  ASSERT_NO_FATAL_FAILURE(Mark());
  ASSERT_NO_FATAL_FAILURE(VoteAtKiosk());
  for (uint32_t station = 1; station <= kStations; ++station) {
    ASSERT_NO_FATAL_FAILURE(CountBox(station));
  }
  ASSERT_TRUE(polls_.BringForward().ok());
  ASSERT_TRUE(polls_.Close().ok());
  ASSERT_NO_FATAL_FAILURE(Report());
  ASSERT_TRUE(polls_.CloseRoll().ok());
  ASSERT_NO_FATAL_FAILURE(Seal());

  // A paper went missing between the third station's table and its box.
  EXPECT_EQ(ReasonOf(polls_.Count().status()), "STATIONS_OPEN");
  EXPECT_EQ(CloseStation(cli::kFirstOfficial, kStations, ""), "REASON_REQUIRED");
  for (uint32_t station = 1; station <= kStations; ++station) {
    const std::string reason = station == kStations ? "one paper was not put in the box" : "";
    for (const char* official : {cli::kFirstOfficial, cli::kSecondOfficial}) {
      EXPECT_EQ(CloseStation(official, station, reason), "");
    }
  }
  const auto tally = polls_.Count();
  ASSERT_TRUE(tally.ok()) << tally.status();
  EXPECT_THAT(tally->imbalances(), ::testing::IsEmpty());
  ASSERT_EQ(tally->result().turnout_size(), 1);
  EXPECT_EQ(tally->result().turnout(0).ballots(), kOnline + kOnPaper + 1);
  for (const auto& plan : tally->result().plans()) {
    EXPECT_EQ(plan.support(), votes[plan.number()]) << plan.number();
  }
  ASSERT_TRUE(polls_.Certify(*tally).ok());

  Folders folders;
  const std::string bundle = folders.path("bundle");
  const Ended exported = town_.Smederij({"bundle", "export", polls_.round(), "--output", bundle});
  ASSERT_EQ(exported.code, 0) << exported.err;
  // Neither asks a service.
  const Ended first = e2e::Run(
      {absl::StrCat(std::getenv("SMEDERIJ_BIN"), "/smederij"), "verify", bundle, "--json"});
  EXPECT_EQ(first.code, 0) << first.out << first.err;
  const Ended second = Node("verify.mjs", {bundle});
  EXPECT_EQ(second.code, 0) << second.out << second.err;
  EXPECT_EQ(json::parse(second.out).at("outcome"), "VERIFIED");
}

}  // namespace
}  // namespace smederij::e2e
