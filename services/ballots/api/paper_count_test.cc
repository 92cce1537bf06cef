#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/error.h"
#include "services/ballots/bundle/verify.h"
#include "services/ballots/testing/evening.h"

// Paper from sealed batches to a bundle that anybody can verify.
namespace smederij::ballots {
namespace {

using testing::AddStations;
using testing::Approve;
using testing::Blank;
using testing::Chosen;
using ::testing::ElementsAre;
using testing::Evening;
using testing::Invalid;
using ::testing::IsEmpty;
using testing::PaperStub;
using testing::PollingPlace;
using testing::Replica;
using testing::Stack;
using testing::Stub;

template <class T>
std::string Reason(const absl::StatusOr<T>& answer) {
  return ReasonOf(answer.status());
}
std::string FactOf(const absl::Status& status, absl::string_view name) {
  for (const auto& [fact, value] : FactsOf(status)) {
    if (fact == name) return value;
  }
  return "";
}

void Vote(PollingPlace& place, Replica& replica, uint16_t class_id, std::vector<uint32_t> numbers) {
  const auto cast =
      place.Cast(replica, place.NewVoter(class_id).Cast(1, Approve(std::move(numbers))));
  ASSERT_TRUE(cast.ok()) << cast.status();
}

// Three stations, two classes, two votes online; closed, nothing sealed.
struct Hall {
  explicit Hall(uint32_t k_min = 1) : replica(place.Start("a")), evening(place, *replica) {
    v1::Manifest manifest = place.Manifest();
    manifest.set_k_min(k_min);
    AddStations(manifest, {1, 2, 3});
    place.Publish(*replica, manifest);
    Vote(place, *replica, 1, {1, 2});
    Vote(place, *replica, 2, {3});
    auto adults = Stack({{1}, {1, 3}, {}, {2, 3}});
    adults.push_back(Invalid(5));
    batches.push_back(evening.Match(1, 1, adults).batch_id());
    batches.push_back(evening.Match(2, 2, Stack({{2}, {3}, {}})).batch_id());
    place.LetCloseCome();
    EXPECT_TRUE(place.Close(*replica).ok());
    place.registry().CloseRoll({{1, 1}, {2, 1}});
    place.registry().Report(1, 1, 7, 1, 1);
    place.registry().Report(2, 2, 3, 0, 0);
  }
  void SealAll() {
    for (const std::string& batch : batches) evening.SealByTwo(batch);
  }
  void CloseAll() {
    for (const uint32_t station : {1u, 2u, 3u}) evening.CloseByTwo(station);
  }
  v1::Tally Count() {
    const auto running = place.Count(*replica);
    EXPECT_TRUE(running.ok()) << running.status();
    EXPECT_TRUE(replica->service->CountNow().ok());
    const auto tally = place.Tally(*replica);
    EXPECT_EQ(tally->state(), v1::Tally::STATE_SUCCEEDED) << tally->failure();
    return *tally;
  }
  void Certify(const v1::Tally& tally) {
    for (const int official : {0, 1}) {
      const auto certified = place.Certify(*replica, tally, official);
      EXPECT_TRUE(certified.ok()) << certified.status();
    }
  }

  template <class Req, class Res>
  std::vector<bundle::PaperOpening> Papers(grpc::Status (PaperStub::*list)(grpc::ClientContext*,
                                                                           const Req&, Res*),
                                           const smederij::testing::From& from = {}) {
    std::vector<bundle::PaperOpening> papers;
    Req request;
    request.set_round_id(place.round().ToString());
    request.set_page_size(1);
    do {
      const auto page = replica->server->Ask(list, request, from);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const v1::PaperOpening& p : page->openings()) {
        papers.push_back({.leaf_hash = *crypto::ToArray<32>(p.leaf_hash()),
                          .content = p.content(),
                          .nonce = p.nonce()});
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return papers;
  }
  template <class Req, class Res>
  std::vector<bundle::Opening> Openings(grpc::Status (Stub::*list)(grpc::ClientContext*, const Req&,
                                                                   Res*),
                                        const smederij::testing::From& from = {}) {
    Req request;
    request.set_round_id(place.round().ToString());
    std::vector<bundle::Opening> openings;
    const auto page = replica->server->Ask(list, request, from);
    for (const v1::Opening& o : page->openings()) {
      openings.push_back({.leaf_hash = *crypto::ToArray<32>(o.leaf_hash()),
                          .choice = o.choice(),
                          .nonce = o.nonce()});
    }
    return openings;
  }
  smederij::testing::From Auditor() {
    return replica->server->As(
        {.municipality = place.municipality(),
         .grants = {{.role = policy::v1::ROLE_AUDITOR, .district = place.district()}}});
  }
  bundle::Report Verified(bool auditors) {
    v1::ListLeavesRequest list;
    list.set_round_id(place.round().ToString());
    v1::GetResultRequest result;
    result.set_round_id(place.round().ToString());
    bundle::Contents contents{
        .checkpoint = place.Election(*replica)->checkpoint(),
        .leaves = {},
        .openings = Openings(&Stub::ListOpenings),
        .papers = Papers(&PaperStub::ListPaperOpenings),
        .result = replica->server->Ask(&Stub::GetResult, result)->result_bytes()};
    const auto leaves = replica->server->Ask(&Stub::ListLeaves, list);
    contents.leaves.assign(leaves->leaves().begin(), leaves->leaves().end());
    if (auditors) {
      for (auto& o : Openings(&Stub::ListWithheldOpenings, Auditor())) {
        contents.openings.push_back(std::move(o));
      }
      for (auto& p : Papers(&PaperStub::ListWithheldPaperOpenings, Auditor())) {
        contents.papers.push_back(std::move(p));
      }
    }
    const auto by_hash = [](const auto& a, const auto& b) { return a.leaf_hash < b.leaf_hash; };
    std::sort(contents.openings.begin(), contents.openings.end(), by_hash);
    std::sort(contents.papers.begin(), contents.papers.end(), by_hash);
    const auto files = bundle::ToFiles(contents);
    CHECK(files.ok());
    return bundle::Verify(*files);
  }

  PollingPlace place;
  std::unique_ptr<Replica> replica;
  Evening evening;
  std::vector<std::string> batches;
};

TEST(PaperCount, FromTheBoxToABundleThatAnybodyVerifies) {
  Hall hall;
  const auto unsealed = hall.place.Count(*hall.replica);
  EXPECT_EQ(Reason(unsealed), "BATCHES_UNSEALED");
  EXPECT_EQ(FactOf(unsealed.status(), "batches"), "1-2");
  hall.SealAll();
  hall.evening.CloseByTwo(2);
  const auto open = hall.place.Count(*hall.replica);
  EXPECT_EQ(Reason(open), "STATIONS_OPEN");
  EXPECT_EQ(FactOf(open.status(), "stations"), "1, 3");
  hall.evening.CloseByTwo(1);
  hall.evening.CloseByTwo(3);
  const v1::Tally tally = hall.Count();
  EXPECT_THAT(tally.imbalances(), IsEmpty());
  const v1::ClassTurnout& adults = tally.result().turnout(0);
  EXPECT_EQ(adults.marked(), 7);
  EXPECT_EQ(adults.ballots(), 5);
  EXPECT_EQ(adults.paper(), 4);
  EXPECT_EQ(adults.invalid(), 1);
  EXPECT_EQ(adults.blank(), 1);
  EXPECT_EQ(tally.result().plans(0).support(), 4);  // Plan 3: online, on paper twice and once.

  v1::ListPaperOpeningsRequest early;
  early.set_round_id(hall.place.round().ToString());
  EXPECT_EQ(Reason(hall.replica->server->Ask(&PaperStub::ListPaperOpenings, early)),
            "NOT_CERTIFIED");
  hall.Certify(tally);
  EXPECT_EQ(Reason(hall.evening.Open(1, 1, 3)), "NOT_OPEN");
  const bundle::Report report = hall.Verified(/*auditors=*/false);
  EXPECT_EQ(report.outcome(), bundle::Outcome::kVerified);
  EXPECT_EQ(report.ballots, 9);
  EXPECT_EQ(report.paper, 7);
}

TEST(PaperCount, SmallUnitsAreOpenedToTheAuditorAlone) {
  Hall hall(/*k_min=*/4);  // One and one online, four and three on paper.
  hall.SealAll();
  hall.CloseAll();
  hall.Certify(hall.Count());
  EXPECT_EQ(hall.Papers(&PaperStub::ListPaperOpenings).size(), 1u);
  EXPECT_EQ(hall.Papers(&PaperStub::ListWithheldPaperOpenings, hall.Auditor()).size(), 1u);
  v1::ListWithheldPaperOpeningsRequest request;
  request.set_round_id(hall.place.round().ToString());
  EXPECT_EQ(
      hall.replica->server->Ask(&PaperStub::ListWithheldPaperOpenings, request).status().code(),
      kUnauthenticated);
  const bundle::Report publics = hall.Verified(/*auditors=*/false);
  EXPECT_EQ(publics.outcome(), bundle::Outcome::kPartial);
  EXPECT_EQ(publics.withheld, 5);
  EXPECT_EQ(hall.Verified(/*auditors=*/true).outcome(), bundle::Outcome::kVerified);
}

TEST(PaperCount, WhatWasSealedAfterACountAsksForAnother) {
  Hall hall;
  hall.SealAll();
  hall.CloseAll();
  const v1::Tally first = hall.Count();
  ASSERT_TRUE(hall.place.Certify(*hall.replica, first, 0).ok());
  // A recount by hand, with as many papers and another reading of one.
  const auto again = hall.evening.Match(2, 2, Stack({{2}, {3}, {1}}), hall.batches[1]);
  EXPECT_EQ(Reason(hall.place.Certify(*hall.replica, first, 1)), "BATCHES_UNSEALED");
  hall.evening.SealByTwo(again.batch_id());
  EXPECT_EQ(Reason(hall.place.Certify(*hall.replica, first, 1)), "COUNT_OUT_OF_DATE");
  // Proposals has had its count; an official asks for another one, nobody else.
  v1::CountElectionRequest request;
  request.set_request_id(Uuid::Random().ToString());
  request.set_round_id(hall.place.round().ToString());
  EXPECT_EQ(
      hall.replica->server->Ask(&Stub::CountElection, request, hall.Auditor()).status().code(),
      kPermissionDenied);
  ASSERT_TRUE(hall.replica->server
                  ->Ask(&Stub::CountElection, request, hall.place.Official(*hall.replica, 2))
                  .ok());
  ASSERT_TRUE(hall.replica->service->CountNow().ok());
  const v1::Tally second = *hall.place.Tally(*hall.replica);
  EXPECT_EQ(second.version(), 2u);
  EXPECT_NE(second.result_hash(), first.result_hash());
  EXPECT_EQ(second.result().turnout(1).blank(), 0);
  hall.Certify(second);
  EXPECT_EQ(hall.Verified(/*auditors=*/false).outcome(), bundle::Outcome::kVerified);
  // What was superseded is opened to nobody.
  EXPECT_EQ(hall.Papers(&PaperStub::ListPaperOpenings).size(), 2u);
  EXPECT_THAT(hall.Papers(&PaperStub::ListWithheldPaperOpenings, hall.Auditor()), IsEmpty());
}

TEST(PaperCount, AnExplainedDifferenceIsCertifiedAndAStuffedRollIsNot) {
  Hall hall;
  hall.SealAll();
  hall.place.registry().Report(1, 1, 8, 1, 1);
  EXPECT_EQ(Reason(hall.evening.CloseStation(0, 1)), "REASON_REQUIRED");
  hall.evening.CloseByTwo(1, "one paper was never found");
  hall.evening.CloseByTwo(2);
  // Of eighty youths so many cannot have come here.
  hall.place.registry().Report(3, 2, 90, 0, 90);
  hall.evening.CloseByTwo(3);
  const v1::Tally tally = hall.Count();
  EXPECT_THAT(tally.imbalances(), ElementsAre("class 2: 1 credentials issued and 93 papers handed "
                                              "out to a roll of 80"));
  EXPECT_EQ(Reason(hall.place.Certify(*hall.replica, tally, 0)), "COUNT_DOES_NOT_BALANCE");
}

TEST(PaperCount, ContentThatIsNotWhatWasSealedIsToldAndStopsCertification) {
  Hall hall;
  hall.SealAll();
  hall.CloseAll();
  // As a database administrator could.
  ASSERT_TRUE(hall.place.database()
                  .Sql("ALTER TABLE ballots.paper_batch DISABLE TRIGGER paper_batch_guard; "
                       "UPDATE ballots.paper_batch SET content = set_byte(content, 20, 9) "
                       "WHERE number = 1")
                  .ok());
  const v1::Tally tally = hall.Count();
  EXPECT_THAT(tally.imbalances(), ElementsAre("1 openings are not what their batches of paper "
                                              "commit to"));
  EXPECT_EQ(Reason(hall.place.Certify(*hall.replica, tally, 0)), "COUNT_DOES_NOT_BALANCE");
}

TEST(PaperCount, ARoundWithoutStationsIsCountedAsEver) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  Vote(place, *replica, 1, {1});
  place.LetCloseCome();
  ASSERT_TRUE(place.Close(*replica).ok());
  place.registry().CloseRoll({{1, 1}, {2, 0}});
  Evening evening(place, *replica);
  EXPECT_EQ(Reason(evening.Open(1, 1, 3)), "STATION_UNKNOWN");
  EXPECT_THAT(evening.Stations()->stations(), IsEmpty());
  ASSERT_TRUE(place.Count(*replica).ok());
  ASSERT_TRUE(replica->service->CountNow().ok());
  EXPECT_THAT(place.Tally(*replica)->imbalances(), IsEmpty());
}

}  // namespace
}  // namespace smederij::ballots
