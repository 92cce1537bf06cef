#include "services/registry/api/credential_api.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "common/base/crash_point.h"
#include "common/crypto/bytes.h"
#include "common/pg/now.h"
#include "common/rpc/table.h"
#include "services/registry/domain/errors.h"

namespace smederij::registry {
namespace {

constexpr absl::Duration kIssue = absl::Seconds(10);
constexpr size_t kKeyIdBytes = 32;

std::string KeyOf(const Voter& voter) {
  return absl::StrCat(crypto::View(voter.round.uuid().bytes()),
                      crypto::View(voter.person.uuid().bytes()));
}

}  // namespace

CredentialApi::CredentialApi(const Database& database, IssuerKeys& keys,
                             const Pseudonyms& pseudonyms, pg::Guard* guard, obs::Registry& metrics,
                             const Options& options)
    : database_(database),
      keys_(keys),
      pseudonyms_(pseudonyms),
      sign_seconds_(metrics.AddHistogram("smederij_blind_sign_seconds",
                                         "Time a blind signature took.", obs::LatencyBuckets())),
      committer_(
          database.pool,
          {.name = "issue",
           .guard = guard,
           .on_batch = [sizes = metrics.AddHistogram("smederij_issue_batch_size",
                                                     "Credentials that shared a commit.",
                                                     obs::SizeBuckets())](
                           size_t n, absl::Duration) { sizes.Observe(static_cast<double>(n)); }},
          &CredentialApi::Decide),
      lane_(options.signing_threads, options.signing_queue_max,
            metrics.AddGauge("smederij_blind_sign_queue",
                             "Blind signatures waiting for their turn.")) {}

void CredentialApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);
  table.Grouped("IssueCredential", kIssue, &CredentialApi::IssueCredential);
  table.Grouped("IssueCredentialWithTicket", kIssue, &CredentialApi::IssueCredentialWithTicket);
}

void CredentialApi::IssueCredential(const rpc::Call& call,
                                    const v1::IssueCredentialRequest& request,
                                    rpc::Reply<v1::IssueCredentialResponse> reply) {
  const auto key_id = crypto::ToArray<kKeyIdBytes>(request.issuer_key_id());
  if (!key_id) return reply(BadLength("issuer_key_id", kKeyIdBytes));
  if (request.blinded_message().size() != kCredentialBytes) {
    return reply(BadLength("blinded_message", kCredentialBytes));
  }
  const absl::StatusOr<RoundId> round = ParseId<RoundId>(request.round_id(), "round_id");
  if (!round.ok()) return reply(round.status());
  Command command{.voter = {.round = *round, .person = call.caller.subject},
                  .application = {.class_id = request.class_id(),
                                  .issuer_key_id = *key_id,
                                  .blinded_message = request.blinded_message()},
                  .blind_signature = ""};
  Issue(std::move(command), call.deadline, std::move(reply));
}

void CredentialApi::Issue(Command command, absl::Time deadline,
                          rpc::Reply<v1::IssueCredentialResponse> reply) {
  const absl::StatusOr<Looked> looked = LookUp(command, deadline);
  if (!looked.ok()) return reply(looked.status());
  if (looked->replay) return Commit(std::move(command), deadline, std::move(reply));
  const Hash& key_id = command.application.issuer_key_id;
  std::optional<crypto::BlindPrivateKey> key = keys_.Find(key_id);
  if (!key) {
    absl::StatusOr<crypto::BlindPrivateKey> opened = keys_.Open(key_id, looked->sealed_key);
    if (!opened.ok()) return reply(absl::InternalError(opened.status().message()));
    key = *std::move(opened);
  }
  auto sign = [this, key = *std::move(key), command = std::move(command), deadline,
               reply = std::move(reply)](absl::Status admitted) mutable {
    if (!admitted.ok()) return reply(std::move(admitted));
    const absl::Time begun = absl::Now();
    absl::StatusOr<std::string> signature = key.BlindSign(command.application.blinded_message);
    sign_seconds_.Observe(absl::Now() - begun);
    if (!signature.ok()) return reply(std::move(signature).status());
    command.blind_signature = *std::move(signature);
    CrashPoint("issue.signed");
    Commit(std::move(command), deadline, std::move(reply));
  };
  lane_.Submit(deadline, std::move(sign));
}

absl::StatusOr<bool> CredentialApi::Judge(const Command& command, const Roll& roll,
                                          const IssueCase& of_voter, absl::Time now) {
  if (!command.ticket_until) {
    return DecideIssue(roll, of_voter.entitlement, of_voter.earlier, command.application, now);
  }
  if (!of_voter.entitlement) return absl::InternalError("a ticket of nobody on the roll");
  return DecideKioskIssue(roll, *of_voter.entitlement, of_voter.channel, of_voter.earlier,
                          command.application, *command.ticket_until, now);
}

absl::StatusOr<CredentialApi::Looked> CredentialApi::LookUp(const Command& command,
                                                            absl::Time deadline) {
  const auto look = [&](pg::Tx& tx) -> absl::StatusOr<Looked> {
    ASSIGN_OR_RETURN(const RollCase found, registry::LookUp(tx, command.voter));
    ASSIGN_OR_RETURN(const bool replay, Judge(command, found.roll, found.of_voter, found.now));
    const Hash& key_id = command.application.issuer_key_id;
    if (replay || keys_.Find(key_id)) return Looked{.replay = replay};
    ASSIGN_OR_RETURN(std::optional<pg::Bytes> sealed, SealedKey(tx, command.voter.round, key_id));
    // Destroyed between the two statements, by the close.
    if (!sealed) return pg::Rerun("roll_closed_meanwhile");
    return Looked{.sealed_key = std::move(sealed->value)};
  };
  return database_.Read(deadline, look);
}

void CredentialApi::Commit(Command command, absl::Time deadline,
                           rpc::Reply<v1::IssueCredentialResponse> reply) {
  std::string key = KeyOf(command.voter);
  auto done = [reply = std::move(reply)](absl::StatusOr<Answer> answer) mutable {
    if (!answer.ok()) return reply(std::move(answer).status());
    v1::IssueCredentialResponse response;
    response.set_blind_signature(std::move(answer->blind_signature));
    response.set_replayed(answer->replayed);
    if (answer->replayed) reply.MarkReplayed();
    reply(std::move(response));
  };
  committer_.Submit(std::move(command), std::move(key), deadline, std::move(done));
}

absl::StatusOr<CredentialApi::Committer::Batch> CredentialApi::Decide(
    pg::Tx& tx, absl::Span<const Command* const> commands) {
  std::set<RoundId> rounds;
  std::vector<Voter> voters;
  for (const Command* command : commands) {
    rounds.insert(command->voter.round);
    voters.push_back(command->voter);
  }
  std::map<RoundId, Roll> rolls;
  ASSIGN_OR_RETURN(std::vector<Roll> shared, ShareRolls(tx, {rounds.begin(), rounds.end()}));
  for (Roll& roll : shared) rolls.emplace(roll.round, std::move(roll));
  // After the lock: a moment before the close that waited for the close lies after it.
  ASSIGN_OR_RETURN(const absl::Time now, pg::Now(tx));
  ASSIGN_OR_RETURN(const std::vector<IssueCase> cases, LookUpAll(tx, voters));
  Committer::Batch batch;
  std::vector<NewCredential> issued;
  for (size_t i = 0; i < commands.size(); ++i) {
    const Command& command = *commands[i];
    const auto roll = rolls.find(command.voter.round);
    const absl::StatusOr<bool> replay = roll == rolls.end()
                                            ? absl::StatusOr<bool>(RollNotFound())
                                            : Judge(command, roll->second, cases[i], now);
    if (!replay.ok()) {
      batch.answers.push_back(replay.status());
    } else if (*replay) {
      batch.answers.push_back(
          Answer{.blind_signature = cases[i].earlier->blind_signature, .replayed = true});
    } else if (command.blind_signature.empty()) {
      batch.answers.push_back(absl::InternalError("an issued credential has vanished"));
    } else {
      issued.push_back({.voter = command.voter,
                        .blinded_message = command.application.blinded_message,
                        .blind_signature = command.blind_signature,
                        .at_kiosk = command.ticket_until.has_value()});
      batch.answers.push_back(Answer{.blind_signature = command.blind_signature});
    }
  }
  if (!issued.empty()) {
    RETURN_IF_ERROR(InsertCredentials(tx, issued));
    CrashPoint("issue.stored");
  }
  // With nothing issued too: what is repeated must be known to the guard before it is told.
  ASSIGN_OR_RETURN(batch.record, AdvanceIssuance(tx, issued));
  return batch;
}

}  // namespace smederij::registry
