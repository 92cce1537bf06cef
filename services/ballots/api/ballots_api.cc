#include "services/ballots/api/ballots_api.h"

#include "common/crypto/merkle.h"
#include "common/rpc/table.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/storage/round_store.h"

namespace smederij::ballots {
namespace {

constexpr absl::Duration kRead = absl::Seconds(2), kWrite = absl::Seconds(10);

}  // namespace

void BallotsApi::Mount(rpc::Router& router) {
  rpc::Table table(router, *this);  // clang-format off
  table.Unary("ProposeManifest",   kWrite, &BallotsApi::ProposeManifest);
  table.Unary("GetElection",       kRead,  &BallotsApi::GetElection);
  table.Unary("ApproveManifest",   kWrite, &BallotsApi::ApproveManifest);
  table.Grouped("CastBallot",      kWrite, &BallotsApi::CastBallot);
  table.Grouped("CastBallots",     kWrite, &BallotsApi::CastBallots);
  table.Unary("Status",            kRead,  &BallotsApi::Status);
  table.Unary("ListLeaves",        kRead,  &BallotsApi::ListLeaves);
  table.Unary("ListOpenings",      kRead,  &BallotsApi::ListOpenings);
  table.Unary("ListWithheldOpenings", kRead, &BallotsApi::ListWithheldOpenings);
  table.Unary("BringForwardClose", kWrite, &BallotsApi::BringForwardClose);
  table.Unary("CloseElection",     kWrite, &BallotsApi::CloseElection);
  table.Unary("EnterLot",          kWrite, &BallotsApi::EnterLot);
  table.Unary("CountElection",     kWrite, &BallotsApi::CountElection);
  table.Unary("GetTally",          kRead,  &BallotsApi::GetTally);
  table.Unary("CertifyTally",      kWrite, &BallotsApi::CertifyTally);
  table.Unary("GetResult",         kRead,  &BallotsApi::GetResult);
}  // clang-format on

absl::StatusOr<v1::Election> BallotsApi::Render(pg::Tx& tx, const Round& round) {
  v1::Election election;
  ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
  ASSIGN_OR_RETURN(const auto approvals, GetApprovals(tx, round.round_id, Matter::kManifest));
  ASSIGN_OR_RETURN(const auto forward, GetApprovals(tx, round.round_id, Matter::kBringForward));
  ASSIGN_OR_RETURN(const auto lot_entries, GetApprovals(tx, round.round_id, Matter::kLot));
  ASSIGN_OR_RETURN(*election.mutable_checkpoint(), GetCheckpoint(tx, round.round_id));
  election.set_round_id(round.round_id.ToString());
  election.set_state(static_cast<v1::Election::State>(round.state));
  election.set_manifest_bytes(round.manifest);
  election.set_manifest_hash(crypto::ToBytes(round.manifest_hash));
  *election.mutable_manifest() = ToProto(manifest);
  const int64_t micros = absl::ToUnixMicros(round.cast_until);
  election.mutable_cast_until()->set_seconds(micros / 1'000'000);
  election.mutable_cast_until()->set_nanos(static_cast<int32_t>(micros % 1'000'000) * 1'000);
  election.set_approvals(static_cast<uint32_t>(approvals.size()));
  election.set_bring_forward_requests(static_cast<uint32_t>(forward.size()));
  election.set_lot_entries(static_cast<uint32_t>(lot_entries.size()));
  if (lot_entries.size() == 2) {
    ASSIGN_OR_RETURN(const std::vector<uint32_t> lot, GetLot(tx, round.round_id));
    election.mutable_lot()->Add(lot.begin(), lot.end());
  }
  return election;
}

absl::StatusOr<v1::Election> BallotsApi::GetElection(const rpc::Call& call,
                                                     const v1::GetElectionRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto get = [&](pg::Tx& tx) -> absl::StatusOr<v1::Election> {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, id, Lock::kNone));
    return Render(tx, round);
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline, .read_only = true}, get);
}

}  // namespace smederij::ballots
