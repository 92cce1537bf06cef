#include "services/registry/storage/charter_codec.h"

#include <gtest/gtest.h>

#include "common/crypto/hash.h"

namespace smederij::registry {
namespace {

const DistrictId kDistrict(*Uuid::Parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8"));

Charter Full() {
  return {.classes =
              {{.class_id = 65535, .name = "jeugd é", .age_from = 4, .age_to = 150, .weight = 1000},
               {.class_id = 2, .name = "adults", .age_from = 0, .age_to = 3, .weight = 1}},
          .ballot_rule = {.kind = BallotKind::kPoints,
                          .choices_min = 1,
                          .choices_max = 1000,
                          .points_total_max = 10'000,
                          .points_per_plan_max = 3,
                          .points_ladder = {3, 2, 1}},
          .count_rule = {.rule = "mes_points_add1_full",
                         .stop_at_first_misfit = true,
                         .partial_award = true,
                         .support_min = 1'000'000'000,
                         .support_min_basis_points = 10'000,
                         .endowment_step_cents = Money::kCentsMax,
                         .tie_order = {TieBreak::kSupport, TieBreak::kLot}},
          .criteria = {{.criterion_id = "a", .text = "one"}, {.criterion_id = "b", .text = "two"}},
          .plan_cost_cents_max = Money::kCentsMax,
          .k_min = 10'000};
}

TEST(CharterCanon, RoundTripsEveryField) {
  EXPECT_EQ(FromCanon(ToCanon(kDistrict, Full())), Full());
  EXPECT_EQ(FromCanon(ToCanon(kDistrict, Charter())), Charter());
}

TEST(CharterCanon, TellsAPartialAwardWithALeastShareFromOneWithout) {
  Charter charter = Full();
  charter.count_rule.partial_award_percent_min = 80;
  EXPECT_EQ(FromCanon(ToCanon(kDistrict, charter)), charter);
  EXPECT_NE(ToCanon(kDistrict, charter), ToCanon(kDistrict, Full()));
}

// A hash that changes breaks every round that froze it.
TEST(CharterCanon, TheLayoutNeverChanges) {
  EXPECT_EQ(crypto::ToHex(crypto::Sha256(ToCanon(kDistrict, Full()))),
            "166ebf40d2f4093283c2f7e8e1f441df61df777b29805b2eb718c28371144446");
}

TEST(CharterCanon, NothingIsMissingAndNothingTrails) {
  const std::string canon = ToCanon(kDistrict, Full());
  for (size_t size = 0; size < canon.size(); ++size) {
    EXPECT_EQ(FromCanon(absl::string_view(canon).substr(0, size)), std::nullopt) << size;
  }
  EXPECT_EQ(FromCanon(canon + '\0'), std::nullopt);
  EXPECT_EQ(FromCanon("x" + canon.substr(1)), std::nullopt);
}

}  // namespace
}  // namespace smederij::registry
