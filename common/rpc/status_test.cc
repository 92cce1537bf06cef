#include "common/rpc/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "common/base/error.h"
#include "common/base/ranges.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace smederij::rpc {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Status ThereAndBack(const absl::Status& status) {
  return FromGrpc(ToGrpc(Told(status, "c0ffee"), "ledger"));
}

TEST(Status, ARefusalTravelsWhole) {
  const absl::Status sent = Error(kFailedPrecondition, "OVER_BUDGET", "costs more than there is")
                                .With("total_cents", 101)
                                .With("budget_cents", 100)
                                .At("lines[0].amount_cents", "too much")
                                .At("lines[2].amount_cents", "too much as well")
                                .RetryAfter(absl::Milliseconds(1'250));
  const absl::Status received = ThereAndBack(sent);
  EXPECT_EQ(received.code(), sent.code());
  EXPECT_EQ(received.message(), sent.message());
  EXPECT_EQ(ReasonOf(received), "OVER_BUDGET");
  EXPECT_EQ(FactsOf(received), FactsOf(sent));
  EXPECT_EQ(FieldsOf(received), FieldsOf(sent));
  EXPECT_EQ(RetryDelayOf(received), absl::Milliseconds(1'250));
}

TEST(Status, AListOfNumbersIsNotCutInANumber) {
  std::vector<uint32_t> stations;
  for (uint32_t i = 0; i < 1'000; ++i) stations.push_back(4'000'000'000 + 2 * i);
  const absl::Status sent =
      Error(kFailedPrecondition, "STATIONS_OPEN", "stations have yet to be closed")
          .With("batches", RangesText(stations))
          .With("stations", RangesText(stations));
  const absl::Status received = ThereAndBack(sent);
  EXPECT_EQ(FactsOf(received), FactsOf(sent));
  EXPECT_THAT(FactsOf(received).at(1).second, EndsWith(" more"));
}

TEST(Status, IsSentAsTheStandardDetails) {
  const grpc::Status sent =
      ToGrpc(Error(kNotFound, "ROUND_NOT_FOUND", "no such round").With("round_id", "x"), "ballots");
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(sent.error_details()));
  EXPECT_EQ(details.code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(details.message(), sent.error_message());
  ASSERT_EQ(details.details_size(), 1);
  google::rpc::ErrorInfo info;
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "ROUND_NOT_FOUND");
  EXPECT_EQ(info.domain(), "ballots.smederij");
  EXPECT_EQ(info.metadata().at("round_id"), "x");
}

TEST(Status, OkIsOk) { EXPECT_TRUE(ThereAndBack(absl::OkStatus()).ok()); }

TEST(Status, WhatIsOurFaultTellsNothingButTheCall) {
  absl::Status constraint(kAlreadyExists, "duplicate key (iban)=(NL01)");
  constraint.SetPayload("smederij/pg/constraint", absl::Cord("payee_iban_key"));
  for (const absl::Status& bug :
       {absl::InternalError("secret at 0x1"), absl::UnknownError("secret"),
        absl::Status(absl::InvalidArgumentError("secret without reason")), constraint,
        absl::Status(Error(kInternal, "SECRET", "secret").With("secret", "x"))}) {
    const absl::Status received = ThereAndBack(bug);
    EXPECT_EQ(received.code(), kInternal);
    EXPECT_EQ(received.message(), "call c0ffee");
    EXPECT_EQ(ReasonOf(received), "INTERNAL");
    EXPECT_EQ(FactsOf(received), (std::vector<Fact>{{"call_id", "c0ffee"}}));
    EXPECT_THAT(ToGrpc(Told(bug, "c0ffee"), "ledger").error_details(), Not(HasSubstr("secret")));
  }
}

TEST(Status, PassingTroubleKeepsItsReasonButNotWhatNamesOurMachines) {
  const absl::Status away =
      ThereAndBack(Error(kUnavailable, "DATABASE_UNAVAILABLE", "10.0.0.7 refused user ledger_app")
                       .RetryAfter(absl::Milliseconds(250)));
  EXPECT_EQ(away.code(), kUnavailable);
  EXPECT_EQ(ReasonOf(away), "DATABASE_UNAVAILABLE");
  EXPECT_EQ(RetryDelayOf(away), absl::Milliseconds(250));
  EXPECT_THAT(std::string(away.message()), Not(HasSubstr("10.0.0.7")));
  const absl::Status late = ThereAndBack(absl::DeadlineExceededError("SELECT secret"));
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(ReasonOf(late), "DEADLINE_EXCEEDED");
  EXPECT_THAT(std::string(late.message()), Not(HasSubstr("secret")));
}

TEST(Status, AForeignStatusKeepsCodeAndSentence) {
  const absl::Status bare = FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "no route"));
  EXPECT_EQ(bare, absl::UnavailableError("no route"));
  const absl::Status garbled = FromGrpc(grpc::Status(grpc::StatusCode::ABORTED, "x", "\xff\xff"));
  EXPECT_EQ(garbled, absl::AbortedError("x"));
}

}  // namespace
}  // namespace smederij::rpc
