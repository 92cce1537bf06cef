#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/proposals/test/play.h"

// A round of which awards are corrected.
namespace smederij::proposals {

inline ::testing::AssertionResult Waits(absl::FunctionRef<bool()> ready) {
  if (Village::Wait(ready)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "never came";
}

struct Corrected {
  using Lines = std::vector<std::pair<int, int64_t>>;  // Plan number, cents.

  v1::ProposeCorrectionRequest Request(const Lines& lines) const {
    v1::ProposeCorrectionRequest request;
    request.set_request_id(Uuid::Random().ToString());
    request.set_round_id(play.round);
    request.set_decision_ref("A-2026-3");
    for (const auto& [number, cents] : lines) {
      v1::Correction::Line& line = *request.add_lines();
      line.set_plan_id(play.plans[static_cast<size_t>(number) - 1]);
      line.set_amount_cents(cents);
    }
    return request;
  }
  // The correction's id; fails the test when it is refused.
  std::string Propose(const Lines& lines) {
    const auto proposed =
        village.Ask(&Village::Stub::ProposeCorrection, Request(lines), village.director);
    EXPECT_TRUE(proposed.ok()) << proposed.status();
    return proposed.ok() ? proposed->correction_id() : "";
  }
  absl::StatusOr<v1::Correction> Decide(const std::string& id, bool accept,
                                        const testing::Person& who) {
    v1::DecideCorrectionRequest request;
    request.set_correction_id(id);
    request.set_accept(accept);
    return village.Write(&Village::Stub::DecideCorrection, request, who);
  }
  absl::StatusOr<v1::Correction> Withdraw(const std::string& id, const testing::Person& who) {
    v1::WithdrawCorrectionRequest request;
    request.set_correction_id(id);
    return village.Write(&Village::Stub::WithdrawCorrection, request, who);
  }
  ::testing::AssertionResult Accept(const std::string& id) {
    const auto decided = Decide(id, true, village.holder);
    if (decided.ok()) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << decided.status();
  }
  std::vector<v1::Correction> All() {
    v1::ListCorrectionsRequest request;
    request.set_round_id(play.round);
    const auto listed = village.Ask(&Village::Stub::ListCorrections, request);
    EXPECT_TRUE(listed.ok()) << listed.status();
    if (!listed.ok()) return {};
    return {listed->corrections().begin(), listed->corrections().end()};
  }

  Village village;
  Play play = Prepare(village);
};

}  // namespace smederij::proposals
