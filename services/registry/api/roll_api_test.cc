#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/crypto/hash.h"
#include "services/registry/api/convert.h"
#include "services/registry/api/retention.h"
#include "services/registry/testing/world.h"

namespace smederij::registry::testing {
namespace {

using ::testing::SizeIs;

v1::OpenRollRequest Opening(const std::string& district) {
  v1::OpenRollRequest request;
  request.set_request_id(NewId());
  request.set_round_id(NewId());
  request.set_district_id(district);
  request.set_reference_date("2026-05-01");
  *request.mutable_issue_from() = ToProto(absl::Now());
  *request.mutable_issue_until() = ToProto(absl::Now() + absl::Hours(1));
  v1::VotingClass& adults = *request.add_classes();
  adults.set_class_id(7);
  adults.set_name("adults");
  adults.set_age_from(18);
  adults.set_age_to(120);
  adults.set_weight(1);
  return request;
}

// One person per age, at its edges.
void SettleEdges(World& world) {
  world.CreateDistrict("zuidveld", {"7902"});
  world.Settle({{"just-18", "2008-05-01", "7901 AB"},
                {"nearly-18", "2008-05-02", "7901 AB"},
                {"leap-day", "2008-02-29", "7901 AB"},
                {"old", "1906-04-30", "7901 AB"},
                {"oldest", "1905-05-02", "7901 AB"},
                {"too-old", "1905-05-01", "7901 AB"},
                {"elsewhere", "1980-01-01", "7902 AB"}});
}

TEST(OpenRoll, ListsWhoIsOfAgeOnTheReferenceDate) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  SettleEdges(world);
  const v1::OpenRollRequest request = Opening(district);
  const auto running = world.Ask(&Stub::OpenRoll, request, world.AsProposals());
  ASSERT_TRUE(running.ok()) << running.status();
  EXPECT_EQ(running->state(), v1::Roll::STATE_RUNNING);
  const v1::Roll roll = world.WaitForRoll(request.round_id());
  EXPECT_EQ(roll.state(), v1::Roll::STATE_OPEN);
  ASSERT_THAT(roll.classes(), SizeIs(1));
  EXPECT_EQ(roll.classes(0).size(), 4);  // just-18, leap-day, old, oldest.
  const auto key = crypto::BlindPublicKey::FromSpki(roll.classes(0).issuer_spki());
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->modulus_bytes(), kCredentialBytes);
  EXPECT_EQ(crypto::ToBytes(key->issuer_key_id()), roll.classes(0).issuer_key_id());
  EXPECT_EQ(roll.reference_date(), "2026-05-01");
  // Who moves in afterwards is not on it.
  world.Settle({{"late", "1980-01-01", "7901 AB"}});
  EXPECT_EQ(world.WaitForRoll(request.round_id()).classes(0).size(), 4);
}

TEST(OpenRoll, RefusesInOrder) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  SettleEdges(world);
  const auto ask = [&](const v1::OpenRollRequest& request) {
    return world.Ask(&Stub::OpenRoll, request, world.AsProposals()).status();
  };
  v1::OpenRollRequest bad = Opening(NewId());
  bad.set_reference_date("2026-02-30");
  bad.clear_issue_from();
  bad.mutable_classes(0)->set_age_from(121);
  EXPECT_EQ(ReasonOf(ask(bad)), "BAD_ROLL");
  EXPECT_THAT(FieldsOf(ask(bad)), SizeIs(3));
  EXPECT_EQ(ReasonOf(ask(Opening(NewId()))), "DISTRICT_NOT_FOUND");
  v1::OpenRollRequest request = Opening(district);
  EXPECT_TRUE(ask(request).ok());
  request.set_request_id(NewId());
  EXPECT_TRUE(ask(request).ok());  // The same content is the same roll.
  request.set_request_id(NewId());
  request.mutable_classes(0)->set_weight(2);
  EXPECT_EQ(ReasonOf(ask(request)), "ROLL_EXISTS");
  EXPECT_FALSE(world.Ask(&Stub::OpenRoll, Opening(district), world.As("administrator")).ok());
  EXPECT_FALSE(world
                   .Ask(&Stub::OpenRoll, Opening(district),
                        smederij::testing::TestServer::AsService("ledger"))
                   .ok());
}

TEST(OpenRoll, FailsWhenNobodyMayVote) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  const v1::OpenRollRequest request = Opening(district);
  ASSERT_TRUE(world.Ask(&Stub::OpenRoll, request, world.AsProposals()).ok());
  const v1::Roll roll = world.WaitForRoll(request.round_id());
  EXPECT_EQ(roll.state(), v1::Roll::STATE_FAILED);
  EXPECT_EQ(roll.failure(), "nobody in the district is of an age to vote");
}

TEST(OpenRoll, AnUnknownRoundHasNone) {
  World world;
  v1::GetRollRequest get;
  get.set_round_id(NewId());
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::GetRoll, get).status()), "ROLL_NOT_FOUND");
  v1::CloseRollRequest close;
  close.set_request_id(NewId());
  close.set_round_id(NewId());
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::CloseRoll, close, world.AsProposals()).status()),
            "ROLL_NOT_FOUND");
}

TEST(ConfirmManifest, IsForOneManifestOnly) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  world.Settle({{"anna", "1980-01-01", "7901 AB"}});
  const v1::Roll roll = world.OpenRoll(district, {{18, 120}});  // Confirms "mmm…".
  v1::ConfirmManifestRequest request;
  request.set_round_id(roll.round_id());
  const auto reason = [&](const std::string& hash) {
    request.set_request_id(NewId());
    request.set_manifest_hash(hash);
    return ReasonOf(world.Ask(&Stub::ConfirmManifest, request, world.AsProposals()).status());
  };
  EXPECT_EQ(reason("short"), "BAD_LENGTH");
  EXPECT_EQ(reason(std::string(32, 'm')), "");
  EXPECT_EQ(reason(std::string(32, 'x')), "MANIFEST_DIFFERS");
  world.CloseRoll(roll.round_id());
  EXPECT_EQ(reason(std::string(32, 'x')), "ROLL_NOT_OPEN");
  EXPECT_EQ(reason(std::string(32, 'm')), "");
  request.set_round_id(NewId());
  EXPECT_EQ(reason(std::string(32, 'm')), "ROLL_NOT_FOUND");
}

TEST(CloseRoll, FixesTheCountsAndDestroysTheKeys) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  world.Settle({{"anna", "1980-01-01", "7901 AB"},
                {"bert", "1980-01-01", "7901 AB"},
                {"kees", "2012-01-01", "7901 AB"}});
  const v1::Roll roll = world.OpenRoll(district, {{4, 17}, {18, 120}});
  v1::GetIssuanceRequest issuance;
  issuance.set_round_id(roll.round_id());
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::GetIssuance, issuance, world.AsProposals()).status()),
            "ROLL_NOT_CLOSED");
  ASSERT_TRUE(
      world.Ask(&Stub::IssueCredential, Device(roll, 2, "anna").request, world.As("anna")).ok());
  world.CloseRoll(roll.round_id());
  world.CloseRoll(roll.round_id());  // Closed is closed.
  const auto counts = world.Ask(&Stub::GetIssuance, issuance, world.AsProposals());
  ASSERT_TRUE(counts.ok()) << counts.status();
  EXPECT_EQ(counts->classes(0).issued(), 0);
  EXPECT_EQ(counts->classes(1).roll_size(), 2);
  EXPECT_EQ(counts->classes(1).issued(), 1);
  const absl::Status destroyed = world.database().Sql(
      "DO $$ BEGIN IF EXISTS (SELECT FROM registry.roll_class WHERE sealed_key IS NOT NULL) "
      "THEN RAISE EXCEPTION 'a key is left'; END IF; END $$");
  EXPECT_TRUE(destroyed.ok()) << destroyed;
  EXPECT_EQ(
      ReasonOf(world.Ask(&Stub::IssueCredential, Device(roll, 2, "bert").request, world.As("bert"))
                   .status()),
      "WINDOW_CLOSED");
}

TEST(CloseRoll, ARollThatFailedOrRunsCanBeClosed) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  const v1::OpenRollRequest request = Opening(district);
  ASSERT_TRUE(world.Ask(&Stub::OpenRoll, request, world.AsProposals()).ok());
  world.CloseRoll(request.round_id());
  EXPECT_EQ(world.WaitForRoll(request.round_id()).state(), v1::Roll::STATE_CLOSED);
}

TEST(GetParticipation, WithholdsSmallNumbersAndKeepsWhatItTold) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  std::vector<std::array<std::string, 3>> people;
  for (int i = 0; i < 50; ++i) {
    people.push_back({"adult-" + std::to_string(i), "1990-01-01", "7901 AB"});
    people.push_back({"child-" + std::to_string(i), "2014-01-01", "7901 AB"});
  }
  world.Settle(people);
  const v1::Roll roll = world.OpenRoll(district, {{4, 17}, {18, 120}});
  const auto issue = [&](const std::string& who, uint32_t class_id) {
    const auto issued =
        world.Ask(&Stub::IssueCredential, Device(roll, class_id, who).request, world.As(who));
    ASSERT_TRUE(issued.ok()) << issued.status();
  };
  for (int i = 0; i < 25; ++i) issue("adult-" + std::to_string(i), 2);
  for (int i = 0; i < 3; ++i) issue("child-" + std::to_string(i), 1);
  v1::GetParticipationRequest request;
  request.set_round_id(roll.round_id());
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::GetParticipation, request).status()), "ROLL_NOT_CLOSED");
  world.CloseRoll(roll.round_id());
  const auto told = world.Ask(&Stub::GetParticipation, request);
  ASSERT_TRUE(told.ok()) << told.status();
  int64_t listed = 0;
  for (const v1::Participation::Band& band : told->bands()) {
    listed += band.roll_size();
    if (band.age_from() == 12) {
      EXPECT_EQ(band.roll_size(), 50);
      EXPECT_FALSE(band.has_took_part());
      EXPECT_FALSE(band.has_first_time());
    }
    if (band.age_from() == 35) {
      EXPECT_EQ(band.roll_size(), 50);
      EXPECT_EQ(band.took_part(), 25);
      EXPECT_EQ(band.first_time(), 25);  // Nobody had taken part before in this municipality.
    }
  }
  EXPECT_EQ(listed, 100);
  EXPECT_FALSE(told->has_took_part());  // 28 less 25 would tell of 3 children.
  // Forgetting who they were changes nothing that was published.
  pg::Pool owner({.conninfo = world.database().owner(), .size = 1});
  const auto forget = [&](const std::string& round) {
    return ForgetRound(owner, RoundId(*Uuid::Parse(round)), absl::Now() + absl::Seconds(30));
  };
  EXPECT_EQ(*forget(roll.round_id()), 100);
  EXPECT_EQ(*forget(roll.round_id()), 0);
  EXPECT_EQ(ReasonOf(forget(NewId()).status()), "ROLL_NOT_FOUND");
  EXPECT_EQ(world.Ask(&Stub::GetParticipation, request)->SerializeAsString(),
            told->SerializeAsString());
  // A year later: who took part before is no first-timer, though nobody knows any more in what.
  const v1::Roll next = world.OpenRoll(district, {{4, 17}, {18, 120}});
  for (int i = 0; i < 50; ++i) {
    const std::string who = "adult-" + std::to_string(i);
    if (i < 45) {
      ASSERT_TRUE(
          world.Ask(&Stub::IssueCredential, Device(next, 2, who).request, world.As(who)).ok());
    }
  }
  EXPECT_EQ(ReasonOf(forget(next.round_id()).status()), "ROLL_NOT_CLOSED");
  world.CloseRoll(next.round_id());
  EXPECT_TRUE(world.database()
                  .Sql("DO $$ BEGIN ASSERT (SELECT (took_part, first_time) FROM "
                       "registry.participation WHERE round_id = '" +
                       next.round_id() + "' AND age_from = 35) = (45::bigint, 20::bigint); END $$")
                  .ok());
}

}  // namespace
}  // namespace smederij::registry::testing
