// A client in another language votes through both services over the network, as a resident's phone
// would.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/ballots/testing/polling_place.h"
#include "services/registry/testing/world.h"
#include "tests/interop/node.h"

namespace smederij::interop {
namespace {

using nlohmann::json;
namespace rv1 = registry::v1;
using RegistryStub = rv1::RegistryService::Stub;

void Set(google::protobuf::Timestamp* out, absl::Time time) {
  out->set_seconds(absl::ToUnixSeconds(time));
}

// A roll of the round with everybody on it in one class.
rv1::Roll OpenRoll(registry::testing::World& world, const std::string& district,
                   const std::string& round) {
  rv1::OpenRollRequest request;
  request.set_request_id(Uuid::Random().ToString());
  request.set_round_id(round);
  request.set_district_id(district);
  request.set_reference_date("2026-05-01");
  Set(request.mutable_issue_from(), absl::Now() - absl::Hours(1));
  Set(request.mutable_issue_until(), absl::Now() + absl::Hours(1));
  rv1::VotingClass& everybody = *request.add_classes();
  everybody.set_class_id(1);
  everybody.set_name("everybody");
  everybody.set_age_to(120);
  everybody.set_weight(1);
  EXPECT_TRUE(world.Ask(&RegistryStub::OpenRoll, request, world.AsProposals()).ok());
  rv1::Roll roll = world.WaitForRoll(round);
  EXPECT_EQ(roll.state(), rv1::Roll::STATE_OPEN) << roll.failure();
  return roll;
}

TEST(ReferenceClient, GetsACredentialVotesTwiceAndKeepsTheProof) {
  SMEDERIJ_REQUIRE_NODE_PACKAGES();
  registry::testing::World world;
  const std::string district = world.CreateDistrict("noordveld", {"7902"});
  world.Settle({{"resident:1", "1990-01-01", "7902 AB"}});
  ballots::testing::PollingPlace place;
  const auto replica = place.Start("a", /*working=*/true);
  const std::string round = place.round().ToString();

  const rv1::Roll roll = OpenRoll(world, district, round);
  ballots::v1::Manifest manifest = place.Manifest(/*demonstration=*/true);
  manifest.mutable_classes()->DeleteSubrange(1, manifest.classes_size() - 1);
  ballots::v1::ElectionClass& everybody = *manifest.mutable_classes(0);
  everybody.set_roll_size(roll.classes(0).size());
  everybody.set_issuer_spki(roll.classes(0).issuer_spki());
  const ballots::v1::Election election = place.Publish(*replica, manifest);
  rv1::ConfirmManifestRequest confirm;
  confirm.set_request_id(Uuid::Random().ToString());
  confirm.set_round_id(round);
  confirm.set_manifest_hash(election.manifest_hash());
  ASSERT_TRUE(world.Ask(&RegistryStub::ConfirmManifest, confirm, world.AsProposals()).ok());

  setenv("TOKEN", world.As("resident:1").token.c_str(), /*overwrite=*/1);
  const e2e::Ended ended = e2e::Node(
      "vote.mjs", {absl::StrCat("registry=", world.server().address()),
                   absl::StrCat("ballots=", replica->server->address()),
                   absl::StrCat("registry_authority=", world.server().pki().Nobody().authority),
                   absl::StrCat("ballots_authority=", replica->server->pki().Nobody().authority),
                   absl::StrCat("protos=", std::getenv("SMEDERIJ_SOURCE"), "/proto"),
                   absl::StrCat("round=", round), "class=1", "first=1,2", "second=3",
                   absl::StrCat("secret=", std::string(64, 'a'))});
  unsetenv("TOKEN");
  ASSERT_EQ(ended.code, 0) << ended.err;
  const json told = json::parse(ended.out);
  EXPECT_EQ(told.at("first"), "STATE_INCLUDED");
  EXPECT_EQ(told.at("first_later"), "STATE_SUPERSEDED");
  EXPECT_EQ(told.at("second"), "STATE_INCLUDED");
  EXPECT_EQ(told.at("ascending"), true);
  EXPECT_EQ(told.at("replayed"), json::array({true, true}));
  EXPECT_EQ(told.at("with_identity"), static_cast<int>(grpc::StatusCode::PERMISSION_DENIED));
  EXPECT_EQ(place.Number("SELECT count(*) FROM ballots.log_leaf WHERE get_byte(leaf, 0) = 2"), 2);
  EXPECT_EQ(place.Number("SELECT get_byte(choice, 7)::bigint FROM ballots.cast_head"), 3);
}

}  // namespace
}  // namespace smederij::interop
