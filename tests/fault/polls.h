#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/bytes.h"
#include "common/crypto/note.h"
#include "services/cli/play/voter.h"
#include "smederij/ballots/v1/ballots.grpc.pb.h"
#include "smederij/registry/v1/polling.grpc.pb.h"
#include "smederij/registry/v1/registry.grpc.pb.h"
#include "tests/fault/village.h"

// Elections held straight at registry and ballots, without proposals, so that a test chooses who
// does what, where and when. Everything goes over the network, to the real programs.
namespace smederij::e2e {

struct PollsOptions {
  int voters = 12;
  bool demonstration = true;  // Batches of one; closed early.
  uint32_t k_min = 1;
  // How long people may fetch credentials and cast; only what is no demonstration waits for it.
  absl::Duration open = absl::Hours(1);
  absl::Duration patience = absl::Seconds(60);  // Of every call, over restarts.
  // How much longer ballots are cast than credentials fetched: a polling evening.
  absl::Duration evening = absl::ZeroDuration();
  // Where people vote on paper, numbered from 1; each for a street of the village, at most three.
  std::vector<std::string> stations = {};
};

// What somebody was given for a ballot.
struct Kept {
  crypto::Hash leaf_hash{};
  std::string leaf;
};

class Polls {
 public:
  // Once per town. Dies when refused.
  Polls(Town& town, PollsOptions options);

  // A roll that issues and an approved manifest; ballots can be cast.
  void OpenRound();

  // One voter's acts; each repeats its calls over crashes until it is answered. `where` is a
  // ballots process. The device's secret is the voter's own, so fetching again fetches the same.
  absl::StatusOr<cli::Voter> Fetch(int voter) const;
  absl::StatusOr<Kept> Cast(const cli::Voter& device, uint32_t seq, uint32_t plan,
                            const std::string& where = "ballots") const;
  // At a kiosk of a station, with the ticket that an officer got.
  absl::StatusOr<cli::Voter> FetchWithTicket(int voter, const std::string& officer,
                                             uint32_t station, const std::string& code) const;
  // What another device of the same voter is told: the reason, or empty when it gets a credential.
  std::string FetchAnother(int voter) const;

  absl::Status BringForward(const std::string& where = "ballots") const;
  absl::Status Close(const std::string& where = "ballots") const;
  absl::Status CloseRoll() const;
  // Once the roll is closed; the tally when it is counted.
  absl::StatusOr<ballots::v1::Tally> Count() const;
  absl::Status Certify(const ballots::v1::Tally& tally) const;

  // OK when the ballot is in the log: its proof opens under the manifest's key, offline.
  absl::Status Prove(const Kept& kept) const;

  const std::string& round() const { return round_; }
  const ballots::v1::Election& election() const { return election_; }
  std::string SubjectOf(int voter) const;
  const cli::Endpoint& ballots(const std::string& where) const;
  Village& village() { return village_; }

 private:
  template <class Req, class Res>
  absl::StatusOr<Res> AsOfficial(const char* official, const std::string& where,
                                 grpc::Status (ballots::v1::BallotsService::Stub::*method)(
                                     grpc::ClientContext*, const Req&, Res*),
                                 const Req& request) const;
  registry::v1::Roll OpenRoll();

  Town& town_;
  const PollsOptions options_;
  Village village_;
  std::optional<cli::Endpoint> second_ballots_;  // Where the town has one.
  std::string round_;
  ballots::v1::Election election_;
  std::optional<crypto::BlindPublicKey> issuer_;
};

}  // namespace smederij::e2e
