#include <atomic>
#include <memory>
#include <utility>

#include "absl/hash/hash.h"
#include "common/rpc/status.h"
#include "services/ballots/api/ballots_api.h"
#include "services/ballots/domain/errors.h"

// Taking ballots in, one at a time or many.
namespace smederij::ballots {
namespace {

// A refusal as CastBallot would have sent it.
void ToProto(const absl::Status& refusal, google::rpc::Status& to) {
  const grpc::Status sent = rpc::ToGrpc(rpc::Told(refusal, ""), "ballots");
  if (!to.ParseFromString(sent.error_details()) || to.code() == 0) {
    to.set_code(sent.error_code());
    to.set_message(sent.error_message());
  }
}

// The ballots of one call while they wait for their commits, maybe different ones. Each has a place
// of its own, so that they need no lock; who answers last replies.
class Gathering {
 public:
  Gathering(int ballots, rpc::Reply<v1::CastBallotsResponse> reply)
      : missing_(ballots), reply_(std::move(reply)) {
    for (int i = 0; i < ballots; ++i) response_.add_outcomes();
  }

  void Put(int place, absl::StatusOr<v1::CastBallotResponse> answer) {
    v1::CastBallotsResponse::Outcome& outcome = *response_.mutable_outcomes(place);
    if (answer.ok()) {
      *outcome.mutable_cast() = *std::move(answer);
    } else {
      ToProto(answer.status(), *outcome.mutable_refused());
    }
    if (missing_.fetch_sub(1) == 1) reply_(std::move(response_));
  }

 private:
  std::atomic<int> missing_;
  v1::CastBallotsResponse response_;
  rpc::Reply<v1::CastBallotsResponse> reply_;
};

}  // namespace

void BallotsApi::Cast(const rpc::Call& call, const v1::CastBallotRequest& request,
                      absl::AnyInvocable<void(absl::StatusOr<v1::CastBallotResponse>)> done) {
  absl::StatusOr<ballots::Cast> cast =
      p_.caster.Verify(request.leaf(), request.choice(), request.nonce(), call.deadline);
  if (!cast.ok()) return done(cast.status());
  std::string key = KeyOf(*cast);
  auto answer = [this, done = std::move(done), leaf_hash = cast->leaf_hash,
                 at_once = cast->at_once](absl::StatusOr<CastAnswer> given) mutable {
    if (!given.ok()) return done(given.status());
    if (at_once) p_.wake_sequencer();
    v1::CastBallotResponse response;
    response.set_leaf_hash(crypto::ToBytes(leaf_hash));
    response.set_receipt(std::move(given->receipt));
    response.set_replayed(given->replayed);
    done(std::move(response));
  };
  CastCommitter& committer = *p_.committers[absl::HashOf(key) % p_.committers.size()];
  committer.Submit(*std::move(cast), std::move(key), call.deadline, std::move(answer));
}

void BallotsApi::CastBallot(const rpc::Call& call, const v1::CastBallotRequest& request,
                            rpc::Reply<v1::CastBallotResponse> reply) {
  Cast(call, request, std::move(reply));
}

void BallotsApi::CastBallots(const rpc::Call& call, const v1::CastBallotsRequest& request,
                             rpc::Reply<v1::CastBallotsResponse> reply) {
  const int ballots = request.ballots_size();
  if (ballots == 0) return reply(NoBallots());
  if (ballots > kBallotsPerCallMax) {
    return reply(TooManyBallots(static_cast<size_t>(ballots), kBallotsPerCallMax));
  }
  const auto gathering = std::make_shared<Gathering>(ballots, std::move(reply));
  // Not to be touched once the last ballot is submitted: the reply may end the call at any moment.
  for (int i = 0; i < ballots; ++i) {
    Cast(call, request.ballots(i), [gathering, i](absl::StatusOr<v1::CastBallotResponse> answer) {
      gathering->Put(i, std::move(answer));
    });
  }
}

}  // namespace smederij::ballots
