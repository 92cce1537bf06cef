#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "services/registry/testing/world.h"

namespace smederij::registry::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::CreateDistrictRequest District(const std::string& slug, std::vector<std::string> postcodes) {
  v1::CreateDistrictRequest request;
  request.set_request_id(NewId());
  request.mutable_district()->set_slug(slug);
  request.mutable_district()->set_name("Noordveld");
  for (const std::string& postcode : postcodes) request.mutable_district()->add_postcodes(postcode);
  return request;
}

v1::PublishCharterRequest Charter(const std::string& district) {
  v1::PublishCharterRequest request;
  request.set_request_id(NewId());
  v1::Charter& charter = *request.mutable_charter();
  charter.set_district_id(district);
  v1::VotingClass& all = *charter.add_classes();
  all.set_class_id(1);
  all.set_name("all");
  all.set_age_from(4);
  all.set_age_to(120);
  all.set_weight(1);
  charter.mutable_ballot_rule()->set_kind(v1::BallotRule::KIND_APPROVAL);
  charter.mutable_count_rule()->set_rule("greedy_votes");
  charter.mutable_count_rule()->add_tie_order(v1::CountRule::TIE_BREAK_LOT);
  charter.set_k_min(20);
  return request;
}

TEST(CreateDistrict, GivesTheDistrictAndTheSameAnswerAgain) {
  World world;
  const v1::CreateDistrictRequest request = District("noordveld", {"7901 ab", "7902"});
  bool replayed = true;
  const auto made = world.Ask(&Stub::CreateDistrict, request, world.As("administrator"), &replayed);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_FALSE(replayed);
  EXPECT_EQ(made->municipality_id(), world.municipality());
  EXPECT_THAT(made->postcodes(), ElementsAre("7901AB", "7902"));
  const auto again =
      world.Ask(&Stub::CreateDistrict, request, world.As("administrator"), &replayed);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(replayed);
  EXPECT_EQ(again->SerializeAsString(), made->SerializeAsString());
  v1::GetDistrictRequest get;
  get.set_district_id(made->district_id());
  EXPECT_EQ(world.Ask(&Stub::GetDistrict, get)->SerializeAsString(), made->SerializeAsString());
  v1::CreateDistrictRequest other = request;
  other.mutable_district()->set_name("Zuidveld");
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::CreateDistrict, other, world.As("administrator")).status()),
            "REQUEST_ID_REUSED");
}

TEST(CreateDistrict, RefusesInOrder) {
  World world;
  world.CreateDistrict("noordveld", {"7901 AB"});
  const auto reason = [&](const v1::CreateDistrictRequest& request, const From& from) {
    return ReasonOf(world.Ask(&Stub::CreateDistrict, request, from).status());
  };
  const From administrator = world.As("administrator");
  EXPECT_EQ(reason(District("Bad slug", {"7901 AB"}), administrator), "BAD_REQUEST");
  EXPECT_EQ(reason(District("noordveld", {"7901 AB"}), administrator), "SLUG_TAKEN");
  const auto taken =
      world.Ask(&Stub::CreateDistrict, District("zuidveld", {"7900", "7901AB"}), administrator);
  EXPECT_EQ(ReasonOf(taken.status()), "POSTCODE_TAKEN");
  EXPECT_THAT(FactsOf(taken.status()), ElementsAre(::testing::Pair("postcode", "7901AB")));
  // A refusal leaves nothing behind: the four digits beside the whole postcode are free.
  EXPECT_EQ(reason(District("zuidveld", {"7900", "7901"}), administrator), "");
  v1::CreateDistrictRequest no_id = District("x", {"1000"});
  no_id.set_request_id("nope");
  EXPECT_EQ(reason(no_id, administrator), "BAD_ID");
}

TEST(CreateDistrict, IsForAdministratorsOfTheWholeMunicipality) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  world.Grant("registrar", policy::v1::ROLE_REGISTRAR);
  world.Grant("local", policy::v1::ROLE_ADMINISTRATOR, district);
  const auto reason = [&](const From& from) {
    return ReasonOf(
        world.Ask(&Stub::CreateDistrict, District("zuidveld", {"7902"}), from).status());
  };
  EXPECT_EQ(reason(world.As("registrar")), "ROLE_NOT_HELD");
  EXPECT_EQ(reason(world.As("local")), "ROLE_NOT_HELD_THERE");
  EXPECT_NE(reason({}), "");
  EXPECT_NE(reason(world.AsProposals()), "");
}

TEST(CreateDistrict, TwoMunicipalitiesDoNotMeet) {
  World world;
  world.CreateDistrict("noordveld", {"7901"});
  world.AddMunicipality("Zuiderland", "other");
  world.CreateDistrict("noordveld", {"7901"}, "other");  // Same slug, same postcode.
}

TEST(CreateDistrict, OneOfManyRacingForAPostcodeWins) {
  World world;
  const From administrator = world.As("administrator");
  std::atomic<int> won = 0;
  std::vector<std::string> reasons(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < reasons.size(); ++i) {
    const auto create = [&, i] {
      const auto made = world.Ask(&Stub::CreateDistrict,
                                  District("d" + std::to_string(i), {"7901"}), administrator);
      if (made.ok()) ++won;
      reasons[i] = ReasonOf(made.status());
    };
    threads.emplace_back(create);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(std::count(reasons.begin(), reasons.end(), "POSTCODE_TAKEN"), 7);
}

TEST(ListDistricts, PagesBySlug) {
  World world;
  for (int i = 0; i < 5; ++i) {
    world.CreateDistrict("d" + std::to_string(i), {std::to_string(7000 + i)});
  }
  v1::ListDistrictsRequest request;
  request.set_municipality_id(world.municipality());
  request.set_page_size(2);
  std::vector<std::string> slugs;
  std::vector<int> sizes;
  do {
    const auto page = world.Ask(&Stub::ListDistricts, request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::District& district : page->districts()) slugs.push_back(district.slug());
    sizes.push_back(page->districts_size());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(slugs, ElementsAre("d0", "d1", "d2", "d3", "d4"));
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
  request.set_page_size(-1);
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::ListDistricts, request).status()), "BAD_PAGE");
  request.set_page_size(0);
  request.set_page_token("%%");
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::ListDistricts, request).status()), "BAD_PAGE");
  request.set_page_token("");
  request.set_municipality_id(NewId());
  EXPECT_THAT(world.Ask(&Stub::ListDistricts, request)->districts(), IsEmpty());
}

TEST(GetDistrict, UnknownIsNotFound) {
  World world;
  v1::GetDistrictRequest request;
  request.set_district_id(NewId());
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::GetDistrict, request).status()), "DISTRICT_NOT_FOUND");
  request.set_district_id("noordveld");
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::GetDistrict, request).status()), "BAD_ID");
}

TEST(GetMunicipality, IsTheCallersOwn) {
  World world;
  world.AddMunicipality("Zuiderland", "other");
  EXPECT_EQ(world.Ask(&Stub::GetMunicipality, {}, world.As("administrator"))->name(),
            "Noorderland");
  EXPECT_EQ(world.Ask(&Stub::GetMunicipality, {}, world.As("other"))->name(), "Zuiderland");
  EXPECT_FALSE(world.Ask(&Stub::GetMunicipality, {}).ok());
}

TEST(PublishCharter, VersionsCountUpAndNeverChange) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  const From administrator = world.As("administrator");
  const auto first = world.Ask(&Stub::PublishCharter, Charter(district), administrator);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->version(), 1u);
  EXPECT_THAT(first->charter_hash(), SizeIs(32));
  v1::PublishCharterRequest changed = Charter(district);
  changed.mutable_charter()->set_k_min(21);
  const auto second = world.Ask(&Stub::PublishCharter, changed, administrator);
  EXPECT_EQ(second->version(), 2u);
  EXPECT_NE(second->charter_hash(), first->charter_hash());
  const auto third = world.Ask(&Stub::PublishCharter, Charter(district), administrator);
  EXPECT_EQ(third->charter_hash(), first->charter_hash());  // Same rules, same hash.
  v1::GetCharterRequest get;
  get.set_charter_id(first->charter_id());
  EXPECT_EQ(world.Ask(&Stub::GetCharter, get)->SerializeAsString(), first->SerializeAsString());
  EXPECT_FALSE(world.database().Sql("UPDATE registry.charter SET version = 9").ok());
  EXPECT_FALSE(world.database().Sql("DELETE FROM registry.charter").ok());
  EXPECT_FALSE(world.database().Sql("TRUNCATE registry.charter CASCADE").ok());
}

TEST(PublishCharter, RefusesInOrder) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  world.AddMunicipality("Zuiderland", "other");
  world.Grant("local", policy::v1::ROLE_ADMINISTRATOR, district);
  v1::PublishCharterRequest bad = Charter(district);
  bad.mutable_charter()->mutable_count_rule()->set_rule("mes_borda");
  bad.mutable_charter()->set_k_min(0);
  const auto ask = [&](v1::PublishCharterRequest request, const std::string& subject) {
    request.set_request_id(NewId());
    return world.Ask(&Stub::PublishCharter, request, world.As(subject)).status();
  };
  EXPECT_EQ(ReasonOf(ask(bad, "other")), "OTHER_MUNICIPALITY");
  EXPECT_EQ(ReasonOf(ask(bad, "local")), "BAD_CHARTER");
  EXPECT_THAT(FieldsOf(ask(bad, "administrator")), SizeIs(2));
  bad.mutable_charter()->set_district_id(NewId());
  EXPECT_EQ(ReasonOf(ask(bad, "administrator")), "DISTRICT_NOT_FOUND");
  EXPECT_TRUE(ask(Charter(district), "local").ok());
  v1::GetCharterRequest get;
  get.set_charter_id(NewId());
  EXPECT_EQ(ReasonOf(world.Ask(&Stub::GetCharter, get).status()), "CHARTER_NOT_FOUND");
}

TEST(PublishCharter, RacingVersionsAreAllDifferent) {
  World world;
  const std::string district = world.CreateDistrict("noordveld", {"7901"});
  const From administrator = world.As("administrator");
  std::vector<uint32_t> versions(6);
  std::vector<std::thread> threads;
  for (uint32_t& version : versions) {
    const auto publish = [&] {
      const auto made = world.Ask(&Stub::PublishCharter, Charter(district), administrator);
      EXPECT_TRUE(made.ok()) << made.status();
      if (made.ok()) version = made->version();
    };
    threads.emplace_back(publish);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<uint32_t>(versions.begin(), versions.end()),
            (std::set<uint32_t>{1, 2, 3, 4, 5, 6}));
}

}  // namespace
}  // namespace smederij::registry::testing
