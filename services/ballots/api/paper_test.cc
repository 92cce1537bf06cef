#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "common/base/error.h"
#include "services/ballots/testing/evening.h"

namespace smederij::ballots {
namespace {

using smederij::testing::TestServer;
using testing::AddStations;
using testing::Blank;
using testing::Chosen;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::Evening;
using testing::Invalid;
using ::testing::IsEmpty;
using testing::PaperStub;
using testing::PollingPlace;
using testing::Replica;
using testing::Stack;

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

// A round that is open, with stations 1 and 2.
v1::Manifest WithStations(PollingPlace& place) {
  v1::Manifest manifest = place.Manifest();
  AddStations(manifest, {1, 2});
  return manifest;
}

TEST(Paper, FromAStackOfPapersToALeafInTheLog) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, WithStations(place));
  Evening evening(place, *replica);
  const auto opened = evening.Open(1, 2, 4);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->number(), 1);
  EXPECT_EQ(opened->state(), v1::Batch::STATE_OPEN);
  const std::string& batch = opened->batch_id();
  const auto stack = std::vector{Chosen(1, {2, 1}), Chosen(2, {3}), Blank(3), Invalid(4)};
  ASSERT_TRUE(evening.Enter(0, batch, {stack[0], stack[3]}).ok());
  EXPECT_EQ(FactOf(evening.Finish(0, batch).status(), "serials"), "2-3");
  const auto entered = evening.Enter(0, batch, {stack[1], stack[2]});
  EXPECT_EQ(entered->state(), v1::Batch::STATE_PASSES);
  ASSERT_TRUE(evening.Finish(0, batch).ok());
  EXPECT_EQ(Reason(evening.Enter(0, batch, {stack[0]})), "PASS_FINISHED");
  EXPECT_EQ(Reason(evening.Finish(0, batch)), "PASS_FINISHED");
  EXPECT_EQ(Reason(evening.OwnPass(1, batch)), "NO_PASS");
  EXPECT_EQ(Reason(evening.Finish(1, batch)), "NO_PASS");
  EXPECT_EQ(Reason(evening.Compare(1, batch)), "WRONG_STATE");

  ASSERT_TRUE(evening.Enter(1, batch, {stack[0], Chosen(2, {1}), stack[2], Blank(4)}).ok());
  EXPECT_EQ(Reason(evening.Enter(2, batch, {stack[0]})), "PASSES_TAKEN");
  const auto own = evening.OwnPass(1, batch);
  EXPECT_EQ(own->pass(), 2u);
  ASSERT_EQ(own->ballots_size(), 4);
  EXPECT_EQ(own->ballots(1).choice().lines(0).number(), 1u);
  EXPECT_EQ(evening.Finish(1, batch)->state(), v1::Batch::STATE_DIFFERS);

  const auto comparison = evening.Compare(1, batch);
  ASSERT_EQ(comparison->differences_size(), 2);
  EXPECT_EQ(comparison->own_pass(), 2u);
  EXPECT_EQ(comparison->differences(0).first().choice().lines(0).number(), 3u);
  EXPECT_EQ(comparison->differences(0).second().choice().lines(0).number(), 1u);
  EXPECT_TRUE(comparison->differences(1).first().has_invalid());
  EXPECT_EQ(Reason(evening.Enter(1, batch, {Chosen(1, {3})})), "BAD_BALLOTS");
  EXPECT_EQ(evening.Enter(1, batch, {Chosen(2, {3})})->state(), v1::Batch::STATE_DIFFERS);
  EXPECT_EQ(evening.Enter(1, batch, {Invalid(4)})->state(), v1::Batch::STATE_MATCHED);
  EXPECT_THAT(evening.Compare(0, batch)->differences(), IsEmpty());
  EXPECT_EQ(Reason(evening.Enter(1, batch, {stack[0]})), "WRONG_STATE");

  EXPECT_EQ(Reason(evening.Seal(0, batch)), "WRONG_STATE");  // Nobody counts before the close.
  place.LetCloseCome();
  ASSERT_TRUE(place.Close(*replica).ok());
  EXPECT_EQ(evening.Seal(0, batch)->seals(), 1u);
  EXPECT_EQ(Reason(evening.Seal(0, batch)), "SAME_OFFICIAL");
  const auto sealed = evening.Seal(2, batch);
  ASSERT_TRUE(sealed.ok()) << sealed.status();
  EXPECT_EQ(sealed->state(), v1::Batch::STATE_SEALED);
  EXPECT_EQ(Reason(evening.Seal(1, batch)), "WRONG_STATE");
  EXPECT_EQ(Reason(evening.Discard(0, batch)), "WRONG_STATE");

  v1::ListLeavesRequest request;
  request.set_round_id(place.round().ToString());
  const auto leaves = replica->server->Ask(&testing::Stub::ListLeaves, request);
  ASSERT_EQ(leaves->leaves_size(), 4);  // Manifest, approved, closed, and this one.
  const auto leaf = ParsePaperLeaf(leaves->leaves(3));
  ASSERT_TRUE(leaf.ok()) << leaf.status();
  EXPECT_EQ(leaf->station, 2);
  EXPECT_EQ(leaf->ballots, 4u);
  EXPECT_EQ(leaf->invalid, 1u);
  EXPECT_EQ(leaf->officials.size(), 2u);
  EXPECT_EQ(leaf->supersedes, Hash{});
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.paper_batch b JOIN ballots.log_leaf l "
                         "USING (round_id, leaf_hash)"),
            1);
}

TEST(Paper, NothingOfALotOfLinesIsEnteredWhenOneIsWrong) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, WithStations(place));
  Evening evening(place, *replica);
  const std::string batch = evening.Open(1, 1, 3)->batch_id();
  v1::PaperBallot silent;
  silent.set_serial(3);
  const auto refused = evening.Enter(0, batch, {Chosen(1, {1}), Chosen(2, {9}), silent, Blank(4)});
  EXPECT_EQ(Reason(refused), "BAD_BALLOTS");
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre(::testing::Key("ballots[1].lines[0].number"),
                          ::testing::Key("ballots[2]"), ::testing::Key("ballots[3].serial")));
  EXPECT_EQ(Reason(evening.OwnPass(0, batch)), "NO_PASS");
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.paper_line"), 0);
  // Who got it wrong has not begun a pass; somebody else may be the first.
  ASSERT_TRUE(evening.Enter(2, batch, {Chosen(1, {1})}).ok());
  EXPECT_EQ(evening.OwnPass(2, batch)->pass(), 1u);
}

TEST(Paper, OpensInOrderOfPrecedence) {
  PollingPlace place;
  const auto replica = place.Start("a");
  Evening evening(place, *replica);
  EXPECT_EQ(Reason(evening.Open(9, 9, 0)), "ELECTION_NOT_FOUND");
  v1::Manifest manifest = WithStations(place);
  place.registry().OpenRoll(manifest);
  const auto proposed = place.Propose(*replica, manifest);
  EXPECT_EQ(Reason(evening.Open(9, 9, 0)), "NOT_OPEN");
  ASSERT_TRUE(place.Approve(*replica, *proposed, 0).ok());
  ASSERT_TRUE(place.Approve(*replica, *proposed, 1).ok());
  const std::string nobody = Uuid::Random().ToString();
  EXPECT_EQ(Reason(evening.Open(9, 9, 0, nobody)), "CLASS_UNKNOWN");
  EXPECT_EQ(Reason(evening.Open(1, 9, 0, nobody)), "STATION_UNKNOWN");
  EXPECT_EQ(Reason(evening.Open(1, 1, 0, nobody)), "BAD_BATCH");
  EXPECT_EQ(Reason(evening.Open(1, 1, 501, nobody)), "BAD_BATCH");
  EXPECT_EQ(Reason(evening.Open(1, 1, 500, nobody)), "BATCH_NOT_FOUND");
  const auto batch = evening.Open(1, 1, 500);
  EXPECT_EQ(Reason(evening.Open(1, 1, 5, nobody, batch->batch_id())), "BATCH_EXISTS");
  const auto unsealed = evening.Open(1, 1, 5, batch->batch_id());
  EXPECT_EQ(FactOf(unsealed.status(), "wrong"), "NOT_SEALED");
  EXPECT_EQ(Reason(evening.Enter(0, nobody, {Blank(1)})), "BATCH_NOT_FOUND");
  EXPECT_EQ(Reason(evening.Finish(0, batch->batch_id())), "WRONG_STATE");
  EXPECT_EQ(Reason(evening.Open(1, 1, 5, "nonsense")), "BAD_ID");
}

TEST(Paper, OnlyOfficersOfThePlaceAndNobodyAnonymous) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, WithStations(place));
  Evening evening(place, *replica);
  const std::string batch = evening.Open(1, 1, 2)->batch_id();
  const auto request = evening.New<v1::SealBatchRequest>(batch);
  const auto as = [&](policy::v1::Role role, DistrictId district) {
    return replica->server->As(
        {.municipality = place.municipality(), .grants = {{.role = role, .district = district}}});
  };
  const auto officer = as(policy::v1::ROLE_POLLING_OFFICER, place.district());
  const auto elsewhere = as(policy::v1::ROLE_POLLING_OFFICER, DistrictId::Random());
  auto enter = evening.New<v1::EnterBallotsRequest>(batch);
  *enter.add_ballots() = Blank(1);
  EXPECT_EQ(Reason(replica->server->Ask(&PaperStub::EnterBallots, enter, elsewhere)),
            "ROLE_NOT_HELD_THERE");
  EXPECT_TRUE(replica->server->Ask(&PaperStub::EnterBallots, enter, officer).ok());
  // Sealing is for election officials.
  EXPECT_EQ(replica->server->Ask(&PaperStub::SealBatch, request, officer).status().code(),
            kPermissionDenied);
  EXPECT_EQ(replica->server->Ask(&PaperStub::SealBatch, request).status().code(), kUnauthenticated);
}

TEST(Paper, TheSameRequestAgainIsAnsweredTheSameAndOnlyOnce) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, WithStations(place));
  Evening evening(place, *replica);
  auto request = evening.New<v1::OpenBatchRequest>(Uuid::Random().ToString());
  request.set_class_id(1);
  request.set_station(1);
  request.set_ballots(2);
  std::vector<std::thread> racers;
  for (int i = 0; i < 4; ++i) {
    racers.emplace_back([&] {
      const auto answer = evening.Ask(&PaperStub::OpenBatch, request, 0);
      EXPECT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer->number(), 1);
    });
  }
  for (std::thread& racer : racers) racer.join();
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.paper_batch"), 1);
  request.set_ballots(3);
  EXPECT_EQ(Reason(evening.Ask(&PaperStub::OpenBatch, request, 0)), "REQUEST_ID_REUSED");
}

TEST(Paper, OfThreeOfficersWhoBeginAtOnceTwoEnterAPass) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, WithStations(place));
  Evening evening(place, *replica);
  const std::string batch = evening.Open(1, 1, 1)->batch_id();
  std::atomic<int> entered = 0, refused = 0;
  std::vector<std::thread> officers;
  for (int official = 0; official < 3; ++official) {
    officers.emplace_back([&, official] {
      const auto answer = evening.Enter(official, batch, {Blank(1)});
      if (answer.ok()) ++entered;
      if (Reason(answer) == "PASSES_TAKEN") ++refused;
    });
  }
  for (std::thread& officer : officers) officer.join();
  EXPECT_EQ(entered, 2);
  EXPECT_EQ(refused, 1);
}

TEST(Paper, ALaterBatchCountsInsteadOfASealedOne) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, WithStations(place));
  Evening evening(place, *replica);
  const auto first = evening.Match(1, 1, Stack({{1}, {2}}));
  const auto other = evening.Match(2, 1, Stack({{1}}));
  place.LetCloseCome();
  ASSERT_TRUE(place.Close(*replica).ok());
  const std::string sealed = evening.SealByTwo(first.batch_id()).leaf_hash();
  EXPECT_EQ(FactOf(evening.Open(2, 1, 1, first.batch_id()).status(), "wrong"), "OTHER_CLASS");
  EXPECT_EQ(FactOf(evening.Open(1, 2, 1, first.batch_id()).status(), "wrong"), "OTHER_STATION");
  const auto again = evening.Match(1, 1, Stack({{1}, {2}, {2}}), first.batch_id());
  EXPECT_EQ(FactOf(evening.Open(1, 1, 1, first.batch_id()).status(), "wrong"),
            "SUPERSEDED_ALREADY");
  EXPECT_EQ(evening.Stations()->stations(0).classes(0).in_box(), 2);  // The new one is not sealed.
  EXPECT_THAT(evening.Stations()->stations(0).unsealed_batches(), ElementsAre(2, 3));
  evening.SealByTwo(again.batch_id());
  EXPECT_EQ(evening.Stations()->stations(0).classes(0).in_box(), 3);
  EXPECT_EQ(evening.Discard(0, other.batch_id())->state(), v1::Batch::STATE_DISCARDED);
  EXPECT_THAT(evening.Stations()->stations(0).unsealed_batches(), IsEmpty());

  v1::ListBatchesRequest request;
  request.set_round_id(place.round().ToString());
  request.set_page_size(2);
  const auto page = evening.Ask(&PaperStub::ListBatches, request, 0);
  ASSERT_EQ(page->batches_size(), 2);
  EXPECT_TRUE(page->batches(0).superseded());
  EXPECT_FALSE(page->batches(1).superseded());
  request.set_page_token(page->next_page_token());
  EXPECT_EQ(evening.Ask(&PaperStub::ListBatches, request, 0)->batches_size(), 1);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.log_leaf WHERE get_byte(leaf, 0) = 3"), 2);
  const auto leaf = ParsePaperLeaf([&] {
    v1::ListLeavesRequest list;
    list.set_round_id(place.round().ToString());
    return replica->server->Ask(&testing::Stub::ListLeaves, list)->leaves(4);
  }());
  EXPECT_EQ(crypto::ToBytes(leaf->supersedes), sealed);
}

TEST(Paper, TheSchemaForbidsWhatTheCodeNeverDoes) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, WithStations(place));
  Evening evening(place, *replica);
  evening.Match(1, 1, Stack({{1}, {2}}));
  const auto violates = [&](const std::string& sql) {
    return std::string(place.database().Sql(sql).message());
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(violates("UPDATE ballots.paper_pass SET officer = (SELECT officer FROM "
                       "ballots.paper_pass WHERE pass = 1)"),
              HasSubstr("paper_pass_two_officers"));
  EXPECT_THAT(violates("UPDATE ballots.paper_batch SET state = 2"),
              HasSubstr("a batch does not go this way"));
  EXPECT_THAT(violates("UPDATE ballots.paper_batch SET state = 5"),
              HasSubstr("paper_batch_sealed_whole"));
  EXPECT_THAT(violates("UPDATE ballots.paper_line SET invalid = 1"),
              HasSubstr("paper_line_says_one_thing"));
  EXPECT_THAT(violates("UPDATE ballots.paper_line SET serial = 1"),
              HasSubstr("paper_line_once_per_pass"));
  EXPECT_THAT(violates("INSERT INTO ballots.paper_seal SELECT round_id, batch_id, o, "
                       "gen_random_uuid() FROM ballots.paper_batch, generate_series(2, 3) o"),
              HasSubstr("paper_seal_ordinal"));
  EXPECT_THAT(violates("INSERT INTO ballots.station_closing SELECT round_id, 1, 1, '', '', o, o "
                       "FROM ballots.round, gen_random_uuid() o"),
              HasSubstr("station_closing_by_two"));
}

TEST(Station, ClosesOverWhatIsInItsBox) {
  PollingPlace place;
  const auto replica = place.Start("a");
  Evening evening(place, *replica);
  EXPECT_EQ(Reason(evening.CloseStation(0, 9, " ")), "BAD_REASON");
  EXPECT_EQ(Reason(evening.CloseStation(0, 9)), "ELECTION_NOT_FOUND");
  place.Publish(*replica, WithStations(place));
  EXPECT_EQ(Reason(evening.CloseStation(0, 9)), "STATION_UNKNOWN");
  const auto batch = evening.Match(1, 1, Stack({{1}, {2}, {}}));
  EXPECT_EQ(Reason(evening.CloseStation(0, 1)), "WRONG_STATE");
  place.LetCloseCome();
  ASSERT_TRUE(place.Close(*replica).ok());
  const auto unsealed = evening.CloseStation(0, 1);
  EXPECT_EQ(Reason(unsealed), "BATCHES_UNSEALED");
  EXPECT_EQ(FactOf(unsealed.status(), "batches"), "1");
  evening.SealByTwo(batch.batch_id());
  EXPECT_EQ(Reason(evening.CloseStation(0, 1)), "ISSUANCE_NOT_FINAL");
  place.registry().CloseRoll({{1, 0}, {2, 0}});
  place.registry().Report(1, 1, 6, 1, 1);  // Four should be in the box.
  const auto unequal = evening.CloseStation(0, 1);
  EXPECT_EQ(Reason(unequal), "REASON_REQUIRED");
  EXPECT_EQ(FactOf(unequal.status(), "expected"), "4");
  EXPECT_EQ(FactOf(unequal.status(), "in_box"), "3");
  EXPECT_EQ(evening.CloseStation(0, 1, "one paper lost")->signatures(), 1u);
  EXPECT_EQ(Reason(evening.CloseStation(0, 1, "one paper lost")), "SAME_OFFICIAL");
  EXPECT_EQ(Reason(evening.CloseStation(1, 1, "another")), "REASON_DIFFERS");
  EXPECT_EQ(evening.CloseStation(0, 1, "one lost")->signatures(), 1u);  // In other words.
  const auto closed = evening.CloseStation(1, 1, "one lost");
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_TRUE(closed->closed());
  EXPECT_EQ(closed->classes(0).marked(), 6);
  EXPECT_EQ(Reason(evening.CloseStation(2, 1, "again")), "STATION_CLOSED");

  // Equal numbers need no reason; and nobody may sign what the other did not see.
  EXPECT_EQ(evening.CloseStation(0, 2)->signatures(), 1u);
  place.registry().Report(2, 2, 1, 1, 0);
  EXPECT_EQ(evening.CloseStation(1, 2)->signatures(), 1u);
  EXPECT_TRUE(evening.CloseStation(0, 2)->closed());
}

TEST(Station, OpensAgainWhenARecountChangesItsBox) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, WithStations(place));
  Evening evening(place, *replica);
  const auto batch = evening.Match(1, 1, Stack({{1}, {2}}));
  place.LetCloseCome();
  ASSERT_TRUE(place.Close(*replica).ok());
  evening.SealByTwo(batch.batch_id());
  place.registry().CloseRoll({{1, 0}, {2, 0}});
  place.registry().Report(1, 1, 2, 0, 0);
  evening.CloseByTwo(1);
  const auto same = evening.Match(1, 1, Stack({{1}, {1}}), batch.batch_id());
  evening.SealByTwo(same.batch_id());
  EXPECT_TRUE(evening.Stations()->stations(0).closed());  // As many as were signed for.
  const auto more = evening.Match(1, 1, Stack({{1}, {1}, {2}}), same.batch_id());
  evening.SealByTwo(more.batch_id());
  EXPECT_FALSE(evening.Stations()->stations(0).closed());
  evening.CloseByTwo(1, "two papers stuck together");
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.station_closing"), 2);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.log_leaf WHERE get_byte(leaf, 0) = 4 "
                         "AND get_byte(leaf, 18) = 5"),
            2);
}

}  // namespace
}  // namespace smederij::ballots
