#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/obs/metrics.h"
#include "common/pg/group_committer.h"
#include "common/pg/guard.h"
#include "common/rpc/call.h"
#include "common/rpc/reply.h"
#include "common/rpc/router.h"
#include "services/registry/api/desk.h"
#include "services/registry/api/issuer_keys.h"
#include "services/registry/api/signing_lane.h"
#include "services/registry/api/write.h"
#include "services/registry/storage/credential_store.h"
#include "smederij/registry/v1/polling.pb.h"
#include "smederij/registry/v1/registry.pb.h"

namespace smederij::registry {

namespace v1 = smederij::registry::v1;

// Blind-signed credentials. A call is looked up (and mostly refused) on the executor, signed in a
// lane of its own, and decided and stored together with whoever asked at the same moment; nobody is
// answered before that commit, nor before the guard knows of it. Of two calls of one voter that
// race, one signature is thrown away before it leaves the process. Thread-safe.
class CredentialApi {
 public:
  struct Options {
    int signing_threads = 1;
    size_t signing_queue_max = 256;
  };

  // The references, and `guard` unless null, outlive it.
  CredentialApi(const Database& database, IssuerKeys& keys, const Pseudonyms& pseudonyms,
                pg::Guard* guard, obs::Registry& metrics, const Options& options);
  void Mount(rpc::Router& router);

 private:
  struct Command {
    Voter voter;
    Application application;
    std::string blind_signature;  // Empty where the look-up found what was issued before.
    std::optional<absl::Time> ticket_until = {};  // Set where a kiosk asks, with a ticket.
  };
  struct Answer {
    std::string blind_signature;
    bool replayed = false;
  };
  using Committer = pg::GroupCommitter<Command, Answer>;
  struct Looked {
    bool replay = false;
    std::string sealed_key = {};  // Only if it is needed and not open yet.
  };

  void IssueCredential(const rpc::Call& call, const v1::IssueCredentialRequest& request,
                       rpc::Reply<v1::IssueCredentialResponse> reply);
  // On the hall's tablet, for whoever has a ticket: kiosk_credential.cc.
  void IssueCredentialWithTicket(const rpc::Call& call,
                                 const v1::IssueCredentialWithTicketRequest& request,
                                 rpc::Reply<v1::IssueCredentialResponse> reply);
  // Whose ticket it is, counting wrong codes. Refusals: see the contract, up to UNKNOWN_TICKET.
  absl::StatusOr<Ticket> Redeem(const rpc::Call& call, const Place& place, absl::string_view code);
  // From a command whose voter is known on to the reply.
  void Issue(Command command, absl::Time deadline, rpc::Reply<v1::IssueCredentialResponse> reply);
  // What is needed to sign, or the refusal.
  absl::StatusOr<Looked> LookUp(const Command& command, absl::Time deadline);
  void Commit(Command command, absl::Time deadline, rpc::Reply<v1::IssueCredentialResponse> reply);
  // True means answer what was issued before, false means sign.
  static absl::StatusOr<bool> Judge(const Command& command, const Roll& roll,
                                    const IssueCase& of_voter, absl::Time now);
  // Decides a batch inside its transaction.
  static absl::StatusOr<Committer::Batch> Decide(pg::Tx& tx,
                                                 absl::Span<const Command* const> commands);

  const Database& database_;
  IssuerKeys& keys_;
  const Pseudonyms& pseudonyms_;
  const obs::Histogram sign_seconds_;
  Committer committer_;
  SigningLane lane_;  // After the committer: what is being signed is still to be committed.
};

}  // namespace smederij::registry
