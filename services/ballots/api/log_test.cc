#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "common/base/error.h"
#include "services/ballots/bundle/verify.h"
#include "services/ballots/testing/polling_place.h"

namespace smederij::ballots {
namespace {

using smederij::testing::From;
using testing::Approve;
using testing::PollingPlace;
using testing::Replica;
using testing::Stub;

template <class T>
std::string Reason(const absl::StatusOr<T>& answer) {
  return ReasonOf(answer.status());
}

From Auditor(Replica& replica, const v1::Election& election) {
  return replica.server->As({.subject = SubjectId::Random(),
                             .municipality = *ParseId<MunicipalityId>(
                                 election.manifest().municipality_id(), "municipality_id"),
                             .grants = {{.role = policy::v1::ROLE_AUDITOR}}});
}

std::vector<std::string> Leaves(const PollingPlace& place, Replica& replica, int page_size) {
  std::vector<std::string> leaves;
  v1::ListLeavesRequest request;
  request.set_round_id(place.round().ToString());
  request.set_page_size(page_size);
  do {
    const auto page = replica.server->Ask(&Stub::ListLeaves, request);
    EXPECT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->leaves_size(), page_size);
    leaves.insert(leaves.end(), page->leaves().begin(), page->leaves().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return leaves;
}

template <class Req, class Res>
std::vector<bundle::Opening> Openings(const PollingPlace& place, Replica& replica,
                                      grpc::Status (Stub::*list)(grpc::ClientContext*, const Req&,
                                                                 Res*),
                                      const From& from = {}) {
  std::vector<bundle::Opening> openings;
  Req request;
  request.set_round_id(place.round().ToString());
  request.set_page_size(3);
  do {
    const auto page = replica.server->Ask(list, request, from);
    EXPECT_TRUE(page.ok()) << page.status();
    for (const v1::Opening& opening : page->openings()) {
      openings.push_back({.leaf_hash = *crypto::ToArray<32>(opening.leaf_hash()),
                          .choice = opening.choice(),
                          .nonce = opening.nonce()});
    }
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  std::sort(openings.begin(), openings.end(),
            [](const auto& a, const auto& b) { return a.leaf_hash < b.leaf_hash; });
  return openings;
}

// Certified: seven adults, one of whom voted twice, and a youth.
void PlayToTheEnd(PollingPlace& place, Replica& replica, const v1::Manifest& manifest) {
  place.Publish(replica, manifest);
  for (uint32_t i = 0; i < 6; ++i) {
    ASSERT_TRUE(place.Cast(replica, place.NewVoter().Cast(1, Approve({1 + i % 3}))).ok());
  }
  const testing::Voter again = place.NewVoter();
  ASSERT_TRUE(place.Cast(replica, again.Cast(1, Approve({1}))).ok());
  ASSERT_TRUE(place.Cast(replica, again.Cast(2, Approve({}))).ok());
  ASSERT_TRUE(place.Cast(replica, place.NewVoter(2).Cast(1, Approve({2}))).ok());
  place.LetCloseCome();
  ASSERT_TRUE(place.Close(replica).ok());
  place.registry().CloseRoll({{1, 7}, {2, 1}});
  ASSERT_TRUE(place.Count(replica).ok());
  ASSERT_TRUE(replica.service->CountNow().ok());
  const auto tally = place.Tally(replica);
  ASSERT_TRUE(place.Certify(replica, *tally, 0).ok());
  ASSERT_TRUE(place.Certify(replica, *tally, 1).ok());
}

bundle::Contents Published(const PollingPlace& place, Replica& replica) {
  v1::GetResultRequest request;
  request.set_round_id(place.round().ToString());
  v1::GetElectionRequest get_election;
  get_election.set_round_id(place.round().ToString());
  return {.checkpoint = replica.server->Ask(&Stub::GetElection, get_election)->checkpoint(),
          .leaves = Leaves(place, replica, 4),
          .openings = Openings(place, replica, &Stub::ListOpenings),
          .papers = {},
          .result = replica.server->Ask(&Stub::GetResult, request)->result_bytes()};
}

TEST(Log, WhatIsPublishedIsVerifiedByAnybody) {
  PollingPlace place;
  const auto replica = place.Start("a");
  PlayToTheEnd(place, *replica, place.Manifest());
  const bundle::Contents contents = Published(place, *replica);
  EXPECT_EQ(contents.leaves.size(), 14u);
  EXPECT_EQ(contents.openings.size(), 8u);
  const bundle::Report report = bundle::Verify(*bundle::ToFiles(contents));
  EXPECT_EQ(report.outcome(), bundle::Outcome::kVerified);
  EXPECT_EQ(report.ballots, 8);
}

TEST(Log, AClassTooSmallIsOpenedToTheAuditorAlone) {
  PollingPlace place;
  const auto replica = place.Start("a");
  v1::Manifest manifest = place.Manifest();
  manifest.set_k_min(2);
  PlayToTheEnd(place, *replica, manifest);
  bundle::Contents contents = Published(place, *replica);
  EXPECT_EQ(contents.openings.size(), 0u);  // The adults hide the youth.
  EXPECT_EQ(bundle::Verify(*bundle::ToFiles(contents)).outcome(), bundle::Outcome::kPartial);

  v1::ListWithheldOpeningsRequest request;
  request.set_round_id(place.round().ToString());
  EXPECT_EQ(replica->server->Ask(&Stub::ListWithheldOpenings, request).status().code(),
            kUnauthenticated);
  EXPECT_EQ(replica->server->Ask(&Stub::ListWithheldOpenings, request, place.Official(*replica, 0))
                .status()
                .code(),
            kPermissionDenied);
  const From elsewhere = replica->server->As({.subject = SubjectId::Random(),
                                              .municipality = MunicipalityId::Random(),
                                              .grants = {{.role = policy::v1::ROLE_AUDITOR}}});
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::ListWithheldOpenings, request, elsewhere)),
            "OTHER_MUNICIPALITY");
  contents.openings = Openings(place, *replica, &Stub::ListWithheldOpenings,
                               Auditor(*replica, *place.Election(*replica)));
  EXPECT_EQ(contents.openings.size(), 8u);
  EXPECT_EQ(bundle::Verify(*bundle::ToFiles(contents)).outcome(), bundle::Outcome::kVerified);
}

TEST(Log, ShowsWhatIsSignedAndNotWhatWaits) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.registry().OpenRoll(place.Manifest());
  const auto proposed = place.Propose(*replica, place.Manifest());
  EXPECT_TRUE(Leaves(place, *replica, 500).empty());
  ASSERT_TRUE(place.Approve(*replica, *proposed, 0).ok());
  ASSERT_TRUE(place.Approve(*replica, *proposed, 1).ok());
  ASSERT_TRUE(place.Cast(*replica, place.NewVoter().Cast(1, Approve({1}))).ok());
  const std::vector<std::string> leaves = Leaves(place, *replica, 500);
  ASSERT_EQ(leaves.size(), 2u);
  EXPECT_EQ(leaves[0], proposed->manifest_bytes());
}

TEST(Log, RefusesInOrderOfPrecedence) {
  PollingPlace place;
  const auto replica = place.Start("a");
  v1::ListLeavesRequest leaves;
  v1::ListOpeningsRequest openings;
  const auto both = [&](const std::string& round, int page_size, const std::string& token) {
    leaves.set_round_id(round);
    leaves.set_page_size(page_size);
    leaves.set_page_token(token);
    openings.set_round_id(round);
    openings.set_page_size(page_size);
    openings.set_page_token(token);
    const std::string reason = Reason(replica->server->Ask(&Stub::ListLeaves, leaves));
    EXPECT_EQ(Reason(replica->server->Ask(&Stub::ListOpenings, openings)), reason);
    return reason;
  };
  const std::string round = place.round().ToString();
  EXPECT_EQ(both("no id", -1, "x"), "BAD_ID");
  EXPECT_EQ(both(round, -1, "x"), "BAD_PAGE");
  EXPECT_EQ(both(round, 1, "x"), "BAD_PAGE");
  EXPECT_EQ(both(round, 1, ""), "ELECTION_NOT_FOUND");
  place.Publish(*replica, place.Manifest());
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::ListOpenings, openings)), "NOT_CERTIFIED");
  const auto page = replica->server->Ask(&Stub::ListLeaves, leaves);
  ASSERT_NE(page->next_page_token(), "");
  // A token is good for its own list of its own round.
  openings.set_page_token(page->next_page_token());
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::ListOpenings, openings)), "BAD_PAGE");
  leaves.set_page_token(page->next_page_token());
  leaves.set_round_id(RoundId::Random().ToString());
  EXPECT_EQ(Reason(replica->server->Ask(&Stub::ListLeaves, leaves)), "BAD_PAGE");

  const From auditor = Auditor(*replica, *place.Election(*replica));
  v1::ListWithheldOpeningsRequest withheld;
  const auto refused = [&] {
    return Reason(replica->server->Ask(&Stub::ListWithheldOpenings, withheld, auditor));
  };
  withheld.set_round_id("no id");
  withheld.set_page_size(-1);
  EXPECT_EQ(refused(), "BAD_ID");
  withheld.set_round_id(RoundId::Random().ToString());
  EXPECT_EQ(refused(), "BAD_PAGE");
  withheld.set_page_size(0);
  EXPECT_EQ(refused(), "ELECTION_NOT_FOUND");
  withheld.set_round_id(round);
  EXPECT_EQ(refused(), "NOT_CERTIFIED");
}

TEST(Log, TheDatabaseItselfKeepsOpeningsUntilCertification) {
  PollingPlace place;
  const auto replica = place.Start("a");
  place.Publish(*replica, place.Manifest());
  EXPECT_FALSE(place.database().Sql("SELECT * FROM ballots.certified_openings(NULL, 0, 9)").ok());
}

}  // namespace
}  // namespace smederij::ballots
