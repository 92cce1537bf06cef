#include <algorithm>
#include <utility>

#include "common/base/ranges.h"
#include "services/ballots/api/ballots_api.h"
#include "services/ballots/api/paper_convert.h"
#include "services/ballots/domain/errors.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/storage/round_store.h"

// From a closed log to a certified result.
namespace smederij::ballots {
namespace {

// Every plan number of the manifest exactly once.
absl::Status CheckLot(const std::vector<uint32_t>& numbers, const Manifest& manifest) {
  std::vector<uint32_t> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  const auto same = [](uint32_t number, const BallotOption& option) {
    return number == option.number;
  };
  if (std::equal(sorted.begin(), sorted.end(), manifest.options.begin(), manifest.options.end(),
                 same)) {
    return absl::OkStatus();
  }
  return BadLot();
}

// Every batch of paper is in the log, or was given up.
absl::Status MustBeSealed(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(const auto unsealed, GetUnsealed(tx, id));
  std::vector<uint32_t> numbers;
  for (const auto& [station, number] : unsealed) numbers.push_back(static_cast<uint32_t>(number));
  if (numbers.empty()) return absl::OkStatus();
  return BatchesUnsealed(RangesText(numbers));
}

absl::StatusOr<v1::Tally> RenderTally(pg::Tx& tx, const Tally& tally) {
  ASSIGN_OR_RETURN(const auto officials,
                   GetApprovals(tx, tally.round_id, Matter::kCertification, tally.version));
  return ToProto(tally, officials.size());
}

}  // namespace

absl::StatusOr<v1::Election> BallotsApi::EnterLot(const rpc::Call& call,
                                                  const v1::EnterLotRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  const std::vector<uint32_t> numbers(request.numbers().begin(), request.numbers().end());
  const auto enter = [&](pg::Tx& tx, Effects& effects) -> absl::StatusOr<v1::Election> {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, id, Lock::kUpdate));
    RETURN_IF_ERROR(call.MayActIn(round.municipality_id, round.district_id));
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
    if (!manifest.HasLot()) return NoLotInCharter();
    RETURN_IF_ERROR(MustBe(round, {RoundState::kClosed}));
    RETURN_IF_ERROR(CheckLot(numbers, manifest));
    ASSIGN_OR_RETURN(std::vector<SubjectId> officials, GetApprovals(tx, id, Matter::kLot));
    ASSIGN_OR_RETURN(const std::vector<uint32_t> entered, GetLot(tx, id));
    const bool again = officials.size() == 1 && officials[0] == call.caller.subject;
    if (again && entered != numbers) {  // A slip of the pen, before anybody confirmed it.
      RETURN_IF_ERROR(PutLot(tx, id, numbers));
      return Render(tx, round);
    }
    if (!officials.empty() && entered != numbers) return LotDiffers();
    RETURN_IF_ERROR(MustBeAnother(officials, call.caller.subject));
    if (officials.size() >= 2) return Render(tx, round);
    if (officials.empty()) RETURN_IF_ERROR(PutLot(tx, id, numbers));
    RETURN_IF_ERROR(AddApproval(tx, id, Matter::kLot, 0, officials, call.caller.subject));
    officials.push_back(call.caller.subject);
    if (officials.size() == 2) {
      RETURN_IF_ERROR(Grow(tx, id, {LotEvent(id, numbers, officials)}, effects));
    }
    return Render(tx, round);
  };
  return Write<v1::Election>(call, "EnterLot", request, enter);
}

absl::StatusOr<v1::Tally> BallotsApi::CountElection(const rpc::Call& call,
                                                    const v1::CountElectionRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  std::optional<Issued> issued;
  const auto count = [&](pg::Tx& tx, Effects&) -> absl::StatusOr<v1::Tally> {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, id, Lock::kUpdate));
    RETURN_IF_ERROR(call.MayActIn(round.municipality_id, round.district_id));
    RETURN_IF_ERROR(MustBe(round, {RoundState::kClosed, RoundState::kTallied}));
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
    ASSIGN_OR_RETURN(const auto lot_entries, GetApprovals(tx, id, Matter::kLot));
    if (manifest.HasLot() && lot_entries.size() < 2) {
      return LotMissing(static_cast<int>(lot_entries.size()));
    }
    RETURN_IF_ERROR(MustBeSealed(tx, id));
    ASSIGN_OR_RETURN(const std::vector<uint32_t> open, OpenStations(tx, manifest));
    if (!open.empty()) return StationsOpen(RangesText(open));
    if (!issued) return AskRegistryFirst();
    ASSIGN_OR_RETURN(const std::optional<Tally> newest, FindTally(tx, id, 0));
    if (newest && newest->state == TallyState::kRunning) return CountRunning(newest->version);
    Tally tally;
    tally.round_id = id;
    tally.version = newest ? newest->version + 1 : 1;
    tally.issued = *issued;
    RETURN_IF_ERROR(InsertTally(tx, tally));
    return ToProto(tally, 0);
  };
  absl::StatusOr<v1::Tally> answer = Write<v1::Tally>(call, "CountElection", request, count);
  if (answer.status() == AskRegistryFirst()) {
    ASSIGN_OR_RETURN(issued, p_.registry.GetIssued(id, call));
    answer = Write<v1::Tally>(call, "CountElection", request, count);
  }
  if (answer.ok()) p_.wake_counter();
  return answer;
}

absl::StatusOr<v1::Tally> BallotsApi::GetTally(const rpc::Call& call,
                                               const v1::GetTallyRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto get = [&](pg::Tx& tx) -> absl::StatusOr<v1::Tally> {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, id, Lock::kNone));
    RETURN_IF_ERROR(call.MayActIn(round.municipality_id, round.district_id));
    ASSIGN_OR_RETURN(const std::optional<Tally> tally,
                     FindTally(tx, id, static_cast<int32_t>(request.version())));
    if (!tally) return TallyNotFound(id);
    return RenderTally(tx, *tally);
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline, .read_only = true}, get);
}

absl::StatusOr<v1::Tally> BallotsApi::CertifyTally(const rpc::Call& call,
                                                   const v1::CertifyTallyRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const Hash seen, ParseHash(request.result_hash(), "result_hash"));
  const auto certify = [&](pg::Tx& tx, Effects& effects) -> absl::StatusOr<v1::Tally> {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, id, Lock::kUpdate));
    RETURN_IF_ERROR(call.MayActIn(round.municipality_id, round.district_id));
    ASSIGN_OR_RETURN(std::optional<Tally> tally,
                     FindTally(tx, id, static_cast<int32_t>(request.version())));
    if (!tally || request.version() == 0) return TallyNotFound(id);
    RETURN_IF_ERROR(MustBe(round, {RoundState::kTallied}));
    ASSIGN_OR_RETURN(const std::optional<Tally> newest, FindTally(tx, id, 0));
    if (tally->state != TallyState::kSucceeded || newest->version != tally->version) {
      return WrongState("NOT_THE_NEWEST_COUNT", "the newest count, succeeded");
    }
    RETURN_IF_ERROR(MustBeSealed(tx, id));
    ASSIGN_OR_RETURN(const std::optional<LogHead> head, GetHead(tx, id));
    if (!head || tally->log_size != static_cast<int64_t>(head->size)) return CountOutOfDate();
    if (seen != tally->result_hash) return ResultDiffers();
    if (!tally->imbalances.empty()) return CountDoesNotBalance(tally->imbalances.size());
    ASSIGN_OR_RETURN(std::vector<SubjectId> officials,
                     GetApprovals(tx, id, Matter::kCertification, tally->version));
    RETURN_IF_ERROR(MustBeAnother(officials, call.caller.subject));
    RETURN_IF_ERROR(AddApproval(tx, id, Matter::kCertification, tally->version, officials,
                                call.caller.subject));
    officials.push_back(call.caller.subject);
    if (officials.size() < 2) return RenderTally(tx, *tally);
    ASSIGN_OR_RETURN(const Result result, DecodeResult(tally->result));
    RETURN_IF_ERROR(MarkCertified(tx, id, tally->version));
    RETURN_IF_ERROR(SetState(tx, id, RoundState::kCertified));
    RETURN_IF_ERROR(Grow(tx, id,
                         {OpeningsLeaf(id, result.version, result.openings_digest),
                          TallyLeaf(id, result.version, tally->result_hash, officials)},
                         effects));
    tally->state = TallyState::kCertified;
    return RenderTally(tx, *tally);
  };
  return Write<v1::Tally>(call, "CertifyTally", request, certify);
}

absl::StatusOr<v1::Result> BallotsApi::GetResult(const rpc::Call& call,
                                                 const v1::GetResultRequest& request) {
  ASSIGN_OR_RETURN(const RoundId id, ParseId<RoundId>(request.round_id(), "round_id"));
  const auto get = [&](pg::Tx& tx) -> absl::StatusOr<v1::Result> {
    ASSIGN_OR_RETURN(const Round round, GetRound(tx, id, Lock::kNone));
    if (round.state != RoundState::kCertified) return NotCertified();
    // The certified version is the newest: none is counted after certification.
    ASSIGN_OR_RETURN(const std::optional<Tally> tally, FindTally(tx, id, 0));
    if (!tally) return absl::InternalError("a certified round has no tally");
    ASSIGN_OR_RETURN(const Manifest manifest, DecodeManifest(round.manifest));
    ASSIGN_OR_RETURN(const Result result, DecodeResult(tally->result));
    return ToPublic(result, tally->result_hash, manifest.k_min);
  };
  return pg::Transact(p_.pool, {.deadline = call.deadline, .read_only = true}, get);
}

}  // namespace smederij::ballots
