#include "services/cli/play/stage.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "smederij/proposals/v1/proposals.grpc.pb.h"

namespace smederij::cli {
namespace {

constexpr absl::Duration kWaitMax = absl::Minutes(10);
constexpr absl::Duration kPauseFirst = absl::Milliseconds(10);
constexpr absl::Duration kPauseMax = absl::Milliseconds(200);

}  // namespace

const Endpoint& Stage::EndpointOf(Audience audience) const {
  switch (audience) {
    case Audience::kRegistry:
      return deployment.registry;
    case Audience::kProposals:
      return deployment.proposals;
    case Audience::kBallots:
      return deployment.ballots;
    case Audience::kLedger:
      return deployment.ledger;
  }
  return deployment.registry;
}

absl::Status WaitUntil(const Stage& stage, absl::string_view what,
                       const std::function<absl::StatusOr<bool>()>& ready) {
  namespace v1 = proposals::v1;
  const absl::Time until = absl::Now() + kWaitMax;
  for (absl::Duration pause = kPauseFirst; absl::Now() < until;
       pause = std::min(pause * 2, kPauseMax)) {
    ASSIGN_OR_RETURN(const bool yes, ready());
    if (yes) return absl::OkStatus();
    v1::GetRoundRequest request;
    request.set_round_id(stage.round_id);
    ASSIGN_OR_RETURN(const v1::Round round, stage.deployment.proposals.Call(
                                                &v1::ProposalsService::Stub::GetRound, request));
    if (round.blocked()) {
      return Error(kFailedPrecondition, "ROUND_BLOCKED",
                   absl::StrCat("the round cannot go on: ", round.waits_for()))
          .With("round_id", stage.round_id);
    }
    absl::SleepFor(pause);
  }
  return absl::DeadlineExceededError(absl::StrCat("waited ten minutes for ", what));
}

}  // namespace smederij::cli
