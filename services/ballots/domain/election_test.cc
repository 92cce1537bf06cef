#include "services/ballots/domain/election.h"

#include <gtest/gtest.h>

#include "common/base/error.h"
#include "services/ballots/domain/errors.h"

namespace smederij::ballots {
namespace {

const absl::Time kOpens = absl::FromUnixSeconds(1'790'000'000);
const absl::Time kCloses = kOpens + absl::Hours(1);

Round Open() {
  Round round;
  round.state = RoundState::kPublished;
  round.cast_from = kOpens;
  round.cast_until = kCloses;
  return round;
}

struct Case {
  const char* name;
  RoundState state = RoundState::kPublished;
  absl::Time now = kOpens;
  uint32_t seq = 5;
  std::optional<CastHead> head = std::nullopt;
  bool known = false;
  bool bad_opening = false;
  const char* reason = "";
  CastOutcome outcome = CastOutcome::kFirst;
};

class CastRules : public ::testing::TestWithParam<Case> {};

TEST_P(CastRules, Apply) {
  const Case& c = GetParam();
  Round round = Open();
  round.state = c.state;
  Cast cast;
  cast.seq = c.seq;
  if (c.bad_opening) cast.opening = BadOpening();
  const auto outcome = Decide(cast, round, c.head, c.known, c.now);
  EXPECT_EQ(ReasonOf(outcome.status()), c.reason);
  if (outcome.ok()) {
    EXPECT_EQ(*outcome, c.outcome);
  }
}

CastHead Head(uint32_t last_seq, int casts) {
  return {.last_seq = last_seq, .last_leaf = {}, .casts = casts};
}

INSTANTIATE_TEST_SUITE_P(
    InOrderOfPrecedence, CastRules,
    ::testing::ValuesIn<Case>({
        {.name = "first"},
        {.name = "last_microsecond", .now = kCloses - absl::Microseconds(1)},
        {.name = "one_microsecond_early",
         .now = kOpens - absl::Microseconds(1),
         .reason = "NOT_OPEN"},
        {.name = "at_the_close", .now = kCloses, .reason = "NOT_OPEN"},
        {.name = "not_approved", .state = RoundState::kProposed, .reason = "NOT_OPEN"},
        {.name = "closed_in_time", .state = RoundState::kClosed, .reason = "NOT_OPEN"},
        {.name = "known_beats_closed",
         .state = RoundState::kCertified,
         .now = kCloses,
         .head = Head(9, 20),
         .known = true,
         .outcome = CastOutcome::kRepeated},
        {.name = "known_beats_a_bad_opening",
         .head = Head(5, 1),
         .known = true,
         .bad_opening = true,
         .outcome = CastOutcome::kRepeated},
        {.name = "not_open_beats_a_bad_opening",
         .now = kCloses,
         .bad_opening = true,
         .reason = "NOT_OPEN"},
        {.name = "a_bad_opening_beats_a_stale_seq",
         .head = Head(5, 1),
         .bad_opening = true,
         .reason = "BAD_OPENING"},
        {.name = "same_seq_other_content", .head = Head(5, 1), .reason = "STALE_SEQ"},
        {.name = "lower_seq", .head = Head(6, 1), .reason = "STALE_SEQ"},
        {.name = "next_seq", .head = Head(4, 1), .outcome = CastOutcome::kReplaces},
        {.name = "a_gap", .head = Head(1, 1), .outcome = CastOutcome::kReplaces},
        {.name = "the_last_there_is",
         .seq = UINT32_MAX,
         .head = Head(UINT32_MAX - 1, 1),
         .outcome = CastOutcome::kReplaces},
        {.name = "twentieth", .head = Head(4, 19), .outcome = CastOutcome::kReplaces},
        {.name = "twenty_first", .head = Head(4, 20), .reason = "TOO_MANY_CASTS"},
        {.name = "a_stale_seq_beats_too_many", .head = Head(5, 20), .reason = "STALE_SEQ"},
    }),
    [](const auto& test) { return std::string(test.param.name); });

TEST(States, ARefusalSaysWhereItStandsAndWhatWasWanted) {
  const absl::Status status = MustBe(Open(), {RoundState::kClosed, RoundState::kTallied});
  EXPECT_EQ(ReasonOf(status), "WRONG_STATE");
  EXPECT_EQ(FactsOf(status),
            (std::vector<Fact>{{"state", "PUBLISHED"}, {"wanted", "CLOSED or TALLIED"}}));
  EXPECT_TRUE(MustBe(Open(), {RoundState::kPublished}).ok());
}

TEST(Officials, MustBeTwo) {
  const SubjectId a = SubjectId::Random(), b = SubjectId::Random();
  EXPECT_TRUE(MustBeAnother({}, a).ok());
  EXPECT_TRUE(MustBeAnother({a}, b).ok());
  EXPECT_EQ(ReasonOf(MustBeAnother({a}, a)), "SAME_OFFICIAL");
}

}  // namespace
}  // namespace smederij::ballots
