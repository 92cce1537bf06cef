#include "services/registry/domain/roll.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace smederij::registry {
namespace {

const absl::Time kFrom = absl::FromUnixSeconds(1'000'000);
const absl::Time kUntil = kFrom + absl::Hours(24);
const absl::Duration kTick = absl::Microseconds(1);

Hash Filled(uint8_t byte) {
  Hash hash;
  hash.fill(byte);
  return hash;
}

Roll OpenRoll() {
  return {.state = RollState::kOpen,
          .issue_from = kFrom,
          .issue_until = kUntil,
          .manifest_hash = Filled(7),
          .failure = ""};
}

struct Case {
  const char* name;
  RollState state = RollState::kOpen;
  bool manifest = true;
  bool entitled = true;
  uint32_t class_id = 1;
  uint8_t key = 1;
  const char* earlier = "";  // The message a credential was issued for.
  absl::Time now = kFrom;
  const char* reason = "";
  bool replay = false;
};

class IssueRules : public testing::TestWithParam<Case> {};

TEST_P(IssueRules, Decide) {
  const Case& c = GetParam();
  Roll roll = OpenRoll();
  roll.state = c.state;
  if (!c.manifest) roll.manifest_hash.reset();
  std::optional<Entitlement> entitlement;
  if (c.entitled) entitlement = Entitlement{.class_id = 1, .issuer_key_id = Filled(1)};
  std::optional<Issued> earlier;
  if (*c.earlier != 0) earlier = Issued{.blinded_message = c.earlier, .blind_signature = "s"};
  const Application application{
      .class_id = c.class_id, .issuer_key_id = Filled(c.key), .blinded_message = "m"};
  const absl::StatusOr<bool> replay = DecideIssue(roll, entitlement, earlier, application, c.now);
  EXPECT_EQ(ReasonOf(replay.status()), c.reason);
  EXPECT_EQ(replay.ok() && *replay, c.replay);
}

INSTANTIATE_TEST_SUITE_P(
    InOrderOfPrecedence, IssueRules,
    testing::ValuesIn<Case>({
        {.name = "at_the_first_moment"},
        {.name = "at_the_last_moment", .now = kUntil - kTick},
        {.name = "too_early", .now = kFrom - kTick, .reason = "WINDOW_CLOSED"},
        {.name = "too_late", .now = kUntil, .reason = "WINDOW_CLOSED"},
        {.name = "closed", .state = RollState::kClosed, .reason = "WINDOW_CLOSED"},
        {.name = "no_manifest", .manifest = false, .reason = "MANIFEST_NOT_APPROVED"},
        {.name = "window_beats_manifest",
         .manifest = false,
         .now = kUntil,
         .reason = "WINDOW_CLOSED"},
        {.name = "same_message_again", .earlier = "m", .replay = true},
        {.name = "same_message_after_the_window", .earlier = "m", .now = kUntil, .replay = true},
        {.name = "same_message_after_the_close",
         .state = RollState::kClosed,
         .earlier = "m",
         .replay = true},
        {.name = "another_message", .earlier = "other", .reason = "ALREADY_ISSUED"},
        {.name = "another_message_beats_window",
         .earlier = "other",
         .now = kUntil,
         .reason = "ALREADY_ISSUED"},
        {.name = "wrong_class_beats_issued",
         .class_id = 2,
         .earlier = "other",
         .reason = "WRONG_KEY"},
        {.name = "wrong_key_beats_issued", .key = 2, .earlier = "other", .reason = "WRONG_KEY"},
        {.name = "not_on_roll_beats_key", .entitled = false, .key = 2, .reason = "NOT_ON_ROLL"},
        {.name = "running_beats_all",
         .state = RollState::kRunning,
         .entitled = false,
         .reason = "ROLL_NOT_OPEN"},
        {.name = "failed_beats_all",
         .state = RollState::kFailed,
         .entitled = false,
         .reason = "ROLL_NOT_OPEN"},
    }),
    [](const auto& tested) { return tested.param.name; });

TEST(Manifest, IsConfirmedOnceAndTheSameOneForEver) {
  Roll roll = OpenRoll();
  roll.manifest_hash.reset();
  EXPECT_TRUE(MayConfirm(roll, Filled(7)).ok());
  roll.manifest_hash = Filled(7);
  EXPECT_TRUE(MayConfirm(roll, Filled(7)).ok());
  EXPECT_EQ(ReasonOf(MayConfirm(roll, Filled(8))), "MANIFEST_DIFFERS");
  roll.state = RollState::kClosed;
  EXPECT_TRUE(MayConfirm(roll, Filled(7)).ok());
  EXPECT_EQ(ReasonOf(MayConfirm(roll, Filled(8))), "ROLL_NOT_OPEN");
  roll.state = RollState::kRunning;
  roll.manifest_hash.reset();
  EXPECT_EQ(ReasonOf(MayConfirm(roll, Filled(7))), "ROLL_NOT_OPEN");
}

TEST(Opening, TellsItsMistakes) {
  RollOpening opening{.classes = {{.class_id = 1, .name = "all", .age_from = 4, .age_to = 120}},
                      .issue_from = kFrom,
                      .issue_until = kFrom};
  Mistakes none;
  CheckOpening(opening, none);
  EXPECT_TRUE(none.empty());
  opening.issue_until = kFrom - kTick;
  opening.classes.clear();
  opening.k_min = 10'001;
  Mistakes mistakes;
  CheckOpening(opening, mistakes);
  EXPECT_EQ(mistakes.size(), 3u);
}

}  // namespace
}  // namespace smederij::registry
