#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/error.h"
#include "common/crypto/hash.h"
#include "common/crypto/note.h"
#include "services/ballots/domain/leaf_type.h"
#include "services/ballots/testing/polling_place.h"

namespace smederij::ballots {
namespace {

using smederij::testing::TestServer;
using testing::Approve;
using testing::PollingPlace;
using testing::Stub;

template <class T>
std::string Reason(const absl::StatusOr<T>& answer) {
  return ReasonOf(answer.status());
}

TEST(ProposeManifest, FreezesWhatRegistryConfirms) {
  PollingPlace place;
  const auto replica = place.Start("a");
  v1::Manifest manifest = place.Manifest();
  EXPECT_EQ(Reason(place.Propose(*replica, manifest)), "ISSUER_KEYS_DIFFER");
  place.registry().OpenRoll(manifest);
  const auto proposed = place.Propose(*replica, manifest);
  ASSERT_TRUE(proposed.ok()) << proposed.status();
  EXPECT_EQ(proposed->state(), v1::Election::STATE_PROPOSED);
  EXPECT_EQ(proposed->manifest_hash(), crypto::ToBytes(crypto::Sha256(proposed->manifest_bytes())));
  EXPECT_EQ(proposed->manifest().origin(), "ballots.example/ballots/" + place.round().ToString());
  EXPECT_EQ(proposed->manifest().batch_min(), 8u);
  EXPECT_EQ(proposed->checkpoint(), "");

  // The same content, in another order and under another request_id, is the same election.
  std::swap(*manifest.mutable_options(0), *manifest.mutable_options(2));
  EXPECT_EQ(place.Propose(*replica, manifest)->manifest_hash(), proposed->manifest_hash());
}

TEST(ProposeManifest, TellsAllMistakesBeforeAskingRegistry) {
  PollingPlace place;
  const auto replica = place.Start("a");
  v1::Manifest manifest = place.Manifest();
  manifest.set_title("");
  manifest.mutable_options(1)->set_plan_id("plan one");
  manifest.mutable_count_rule()->set_rule("loudest_voice");
  const auto answer = place.Propose(*replica, manifest);
  EXPECT_EQ(Reason(answer), "BAD_MANIFEST");
  EXPECT_THAT(FieldsOf(answer.status()),
              ::testing::IsSupersetOf({::testing::Pair("title", ::testing::_),
                                       ::testing::Pair("options[1].plan_id", ::testing::_),
                                       ::testing::Pair("count_rule.rule", ::testing::_)}));
}

TEST(ProposeManifest, OtherRollSizesAndKeysAreNotRegistrys) {
  PollingPlace place;
  const auto replica = place.Start("a");
  v1::Manifest manifest = place.Manifest();
  place.registry().OpenRoll(manifest);
  manifest.mutable_classes(0)->set_roll_size(901);
  EXPECT_EQ(Reason(place.Propose(*replica, manifest)), "ISSUER_KEYS_DIFFER");
  manifest = place.Manifest();
  std::swap(*manifest.mutable_classes(0)->mutable_issuer_spki(),
            *manifest.mutable_classes(1)->mutable_issuer_spki());
  EXPECT_EQ(Reason(place.Propose(*replica, manifest)), "ISSUER_KEYS_DIFFER");
  manifest = place.Manifest();
  manifest.mutable_classes()->RemoveLast();
  EXPECT_EQ(Reason(place.Propose(*replica, manifest)), "ISSUER_KEYS_DIFFER");
  manifest = place.Manifest();
  manifest.add_stations()->set_number(1);
  manifest.mutable_stations(0)->set_name("Dorpshuis");
  EXPECT_EQ(Reason(place.Propose(*replica, manifest)), "ISSUER_KEYS_DIFFER");
}

TEST(ProposeManifest, IsReplacedUntilSomebodyApproved) {
  PollingPlace place;
  const auto replica = place.Start("a");
  v1::Manifest manifest = place.Manifest();
  place.registry().OpenRoll(manifest);
  const auto first = place.Propose(*replica, manifest);
  manifest.set_title("Noordveld 2027");
  const auto second = place.Propose(*replica, manifest);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_NE(first->manifest_hash(), second->manifest_hash());
  EXPECT_EQ(Reason(place.Approve(*replica, *first, 0)), "MANIFEST_DIFFERS");
  ASSERT_TRUE(place.Approve(*replica, *second, 0).ok());
  manifest.set_title("Noordveld 2028");
  EXPECT_EQ(Reason(place.Propose(*replica, manifest)), "MANIFEST_EXISTS");
}

TEST(ApproveManifest, NeedsTwoOfficialsWhoSawTheSame) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const v1::Manifest manifest = place.Manifest();
  place.registry().OpenRoll(manifest);
  const auto proposed = place.Propose(*replica, manifest);
  const auto once = place.Approve(*replica, *proposed, 0);
  ASSERT_TRUE(once.ok()) << once.status();
  EXPECT_EQ(once->approvals(), 1u);
  EXPECT_EQ(Reason(place.Approve(*replica, *proposed, 0)), "SAME_OFFICIAL");
  const auto twice = place.Approve(*replica, *proposed, 1);
  ASSERT_TRUE(twice.ok()) << twice.status();
  EXPECT_EQ(twice->state(), v1::Election::STATE_PUBLISHED);
  EXPECT_EQ(Reason(place.Approve(*replica, *proposed, 2)), "WRONG_STATE");
  v1::Election other = *proposed;
  other.set_manifest_hash(std::string(32, 'x'));  // Differs beats the state.
  EXPECT_EQ(Reason(place.Approve(*replica, other, 2)), "MANIFEST_DIFFERS");
}

TEST(ApproveManifest, MakesTheManifestLeafZeroUnderASignedCheckpoint) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const v1::Election published = place.Publish(*replica, place.Manifest());
  const auto election = place.Election(*replica);
  const auto verifier = crypto::NoteVerifier::Parse(published.manifest().log_verifier_key());
  ASSERT_TRUE(verifier.ok());
  const auto text = crypto::OpenNote(election->checkpoint(), {*verifier});
  ASSERT_TRUE(text.ok()) << text.status() << election->checkpoint();
  const auto checkpoint = crypto::ParseCheckpoint(*text);
  EXPECT_EQ(checkpoint->origin, published.manifest().origin());
  EXPECT_EQ(checkpoint->size, 2u);  // The manifest, and who approved it.
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.log_leaf l JOIN ballots.round r "
                         "USING (round_id) WHERE l.idx = 0 AND l.leaf = r.manifest"),
            1);
}

TEST(ApproveManifest, RacingApprovalsPublishOnce) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const v1::Manifest manifest = place.Manifest();
  place.registry().OpenRoll(manifest);
  const auto proposed = place.Propose(*replica, manifest);
  std::vector<std::thread> officials;
  std::array<absl::StatusOr<v1::Election>, 6> answers;
  for (size_t i = 0; i < answers.size(); ++i) {
    officials.emplace_back(
        [&, i] { answers[i] = place.Approve(*replica, *proposed, static_cast<int>(i) % 3); });
  }
  for (std::thread& official : officials) official.join();
  int accepted = 0;
  for (const auto& answer : answers) accepted += answer.ok() ? 1 : 0;
  EXPECT_EQ(accepted, 2);
  EXPECT_EQ(place.Number("SELECT count(DISTINCT official) FROM ballots.approval"), 2);
  EXPECT_EQ(place.Number("SELECT size FROM ballots.log_state"), 2);
}

TEST(Writes, AreRepeatedByRequestIdAlone) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const v1::Manifest manifest = place.Manifest();
  place.registry().OpenRoll(manifest);
  const auto proposed = place.Propose(*replica, manifest);
  v1::ApproveManifestRequest request;
  request.set_request_id(Uuid::Random().ToString());
  request.set_round_id(place.round().ToString());
  request.set_manifest_hash(proposed->manifest_hash());
  const auto official = place.Official(*replica, 0);
  bool replayed = true;
  const auto first = replica->server->Ask(&Stub::ApproveManifest, request, official, &replayed);
  EXPECT_FALSE(replayed);
  const auto again = replica->server->Ask(&Stub::ApproveManifest, request, official, &replayed);
  EXPECT_TRUE(replayed);
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(
      Reason(replica->server->Ask(&Stub::ApproveManifest, request, place.Official(*replica, 1))),
      "REQUEST_ID_REUSED");
  request.set_request_id("no uuid");
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::ApproveManifest, request, official)), "BAD_ID");
}

TEST(Officials, OfAnotherDistrictMayDoNothing) {
  PollingPlace place;
  const auto replica = place.Start("a");
  const v1::Manifest manifest = place.Manifest();
  place.registry().OpenRoll(manifest);
  const auto proposed = place.Propose(*replica, manifest);
  v1::ApproveManifestRequest request;
  request.set_request_id(Uuid::Random().ToString());
  request.set_round_id(place.round().ToString());
  request.set_manifest_hash(proposed->manifest_hash());
  const auto stranger = replica->server->As(
      {.municipality = *ParseId<MunicipalityId>(manifest.municipality_id(), ""),
       .grants = {{.role = policy::v1::ROLE_ELECTION_OFFICIAL, .district = DistrictId::Random()}}});
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::ApproveManifest, request, stranger)),
            "ROLE_NOT_HELD_THERE");
  const auto foreigner =
      replica->server->As({.grants = {{.role = policy::v1::ROLE_ELECTION_OFFICIAL}}});
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::ApproveManifest, request, foreigner)),
            "OTHER_MUNICIPALITY");
}

TEST(BringForwardClose, IsForDemonstrationsAndTwoOfficials) {
  PollingPlace real;
  const auto binding = real.Start("a");
  EXPECT_EQ(Reason(real.BringForward(*binding, 0)), "ELECTION_NOT_FOUND");
  real.Publish(*binding, real.Manifest());
  EXPECT_EQ(Reason(real.BringForward(*binding, 0)), "NOT_A_DEMONSTRATION");

  PollingPlace place;
  const auto replica = place.Start("a");
  const v1::Manifest manifest = place.Manifest(/*demonstration=*/true);
  place.registry().OpenRoll(manifest);
  ASSERT_TRUE(place.Propose(*replica, manifest).ok());
  EXPECT_EQ(Reason(place.BringForward(*replica, 0)), "WRONG_STATE");
  place.Publish(*replica, manifest);
  EXPECT_EQ(place.BringForward(*replica, 0)->bring_forward_requests(), 1u);
  EXPECT_EQ(Reason(place.BringForward(*replica, 0)), "SAME_OFFICIAL");
  EXPECT_EQ(Reason(place.Close(*replica)), "STILL_OPEN");
  const auto forward = place.BringForward(*replica, 2);
  ASSERT_TRUE(forward.ok()) << forward.status();
  EXPECT_LT(forward->cast_until().seconds(), manifest.cast_until().seconds());
  EXPECT_EQ(place.NewVoter().Cast(1, Approve({1})).leaf.size(), 602u);
  EXPECT_EQ(Reason(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1})))), "NOT_OPEN");
  EXPECT_TRUE(place.Close(*replica).ok());
}

TEST(CloseElection, OnlyOnceItsTimeHasCome) {
  PollingPlace place;
  const auto replica = place.Start("a");
  EXPECT_EQ(Reason(place.Close(*replica)), "ELECTION_NOT_FOUND");
  const v1::Manifest manifest = place.Manifest();
  place.registry().OpenRoll(manifest);
  ASSERT_TRUE(place.Propose(*replica, manifest).ok());
  EXPECT_EQ(Reason(place.Close(*replica)), "WRONG_STATE");
  place.Publish(*replica, manifest);
  EXPECT_EQ(Reason(place.Close(*replica)), "STILL_OPEN");
  ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  place.LetCloseCome();
  const auto closed = place.Close(*replica);
  ASSERT_TRUE(closed.ok()) << closed.status();
  EXPECT_EQ(closed->state(), v1::Election::STATE_CLOSED);
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.pending"), 0);
  EXPECT_EQ(place.Number("SELECT size FROM ballots.log_state"), 4);
  EXPECT_EQ(Reason(place.Close(*replica)), "WRONG_STATE");
}

TEST(TheDatabase, RefusesWhatTheServiceWouldNeverDo) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  pg::Pool app({.conninfo = place.database().app(), .size = 1});
  const auto refused = [&](const std::string& sql) {
    const auto run = [&](pg::Tx& tx) { return tx.Script(sql); };
    return !pg::Transact(app, {.deadline = absl::Now() + absl::Seconds(10)}, run).ok();
  };
  EXPECT_TRUE(refused("SELECT choice FROM ballots.cast_head"));
  EXPECT_TRUE(
      refused("SELECT * FROM ballots.released_openings('" + place.round().ToString() + "')"));
  EXPECT_TRUE(refused("DELETE FROM ballots.cast_head"));
  EXPECT_TRUE(refused("DELETE FROM ballots.log_leaf"));
  EXPECT_TRUE(refused("UPDATE ballots.log_leaf SET leaf = leaf"));
  EXPECT_TRUE(refused("UPDATE ballots.round SET state = 1"));
  EXPECT_TRUE(refused("UPDATE ballots.round SET cast_until = cast_until + interval '1 hour'"));
  EXPECT_TRUE(refused("UPDATE ballots.round SET cast_from = cast_from - interval '1 hour'"));
  EXPECT_TRUE(refused("UPDATE ballots.log_state SET size = size - 1"));
  EXPECT_FALSE(refused("SELECT state FROM ballots.round"));
}

}  // namespace
}  // namespace smederij::ballots
