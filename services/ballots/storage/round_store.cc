#include "services/ballots/storage/round_store.h"

#include "services/ballots/domain/errors.h"

namespace smederij::ballots {
namespace {

using pg::Bytes;
using pg::Statement;

// In column order.
#define ROUND_COLUMNS                                                               \
  "SELECT round_id, municipality_id, district_id, state, manifest, manifest_hash, " \
  "cast_from, cast_until, batch_min FROM ballots.round "

constexpr Statement<Round(RoundId)> kGet{"ballots.get_round", ROUND_COLUMNS "WHERE round_id = $1"};
constexpr Statement<Round(RoundId)> kGetShare{"ballots.get_round_share",
                                              ROUND_COLUMNS "WHERE round_id = $1 FOR SHARE"};
constexpr Statement<Round(RoundId)> kGetUpdate{"ballots.get_round_update",
                                               ROUND_COLUMNS "WHERE round_id = $1 FOR UPDATE"};

// The manifest stays out: a batch needs only what decides about time, many times a second.
constexpr Statement<std::tuple<RoundId, int16_t, absl::Time, absl::Time>(std::vector<RoundId>)>
    kShareAll{"ballots.share_rounds", R"sql(
  SELECT round_id, state, cast_from, cast_until FROM ballots.round
   WHERE round_id = ANY ($1) ORDER BY round_id FOR SHARE)sql"};

constexpr Statement<void(RoundId, MunicipalityId, DistrictId, int16_t, Bytes, Hash, absl::Time,
                         absl::Time, int32_t)>
    kInsert{"ballots.insert_round", R"sql(
  INSERT INTO ballots.round (round_id, municipality_id, district_id, state, manifest,
                             manifest_hash, cast_from, cast_until, batch_min)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9))sql"};

constexpr Statement<void(RoundId, MunicipalityId, DistrictId, Bytes, Hash, absl::Time, absl::Time,
                         int32_t)>
    kReplace{"ballots.replace_round", R"sql(
  UPDATE ballots.round
     SET municipality_id = $2, district_id = $3, manifest = $4, manifest_hash = $5,
         cast_from = $6, cast_until = $7, batch_min = $8
   WHERE round_id = $1)sql"};

constexpr Statement<void(RoundId, int16_t)> kSetState{
    "ballots.set_state", "UPDATE ballots.round SET state = $2 WHERE round_id = $1"};
constexpr Statement<void(RoundId, absl::Time)> kSetCastUntil{
    "ballots.set_cast_until", "UPDATE ballots.round SET cast_until = $2 WHERE round_id = $1"};

constexpr Statement<SubjectId(RoundId, int16_t, int32_t)> kGetApprovals{"ballots.get_approvals",
                                                                        R"sql(
  SELECT official FROM ballots.approval
   WHERE round_id = $1 AND matter = $2 AND version = $3 ORDER BY ordinal)sql"};
constexpr Statement<void(RoundId, int16_t, int32_t, int16_t, SubjectId)> kAddApproval{
    "ballots.add_approval", R"sql(
  INSERT INTO ballots.approval (round_id, matter, version, ordinal, official)
  VALUES ($1, $2, $3, $4, $5))sql"};

constexpr Statement<std::vector<int64_t>(RoundId)> kGetLot{
    "ballots.get_lot", "SELECT numbers FROM ballots.lot WHERE round_id = $1"};
constexpr Statement<void(RoundId, std::vector<int64_t>)> kPutLot{"ballots.put_lot", R"sql(
  INSERT INTO ballots.lot (round_id, numbers) VALUES ($1, $2)
  ON CONFLICT (round_id) DO UPDATE SET numbers = EXCLUDED.numbers)sql"};

constexpr Statement<RoundId()> kGetUnscrambled{
    "ballots.get_unscrambled",
    "SELECT round_id FROM ballots.round WHERE state = 5 AND NOT scrambled ORDER BY round_id"};
constexpr Statement<std::string(RoundId)> kScramble{"ballots.scramble",
                                                    "SELECT ballots.scramble($1)::text"};

constexpr Statement<Bytes()> kGetLiveManifests{
    "ballots.get_live_manifests",
    "SELECT manifest FROM ballots.round WHERE state BETWEEN 2 AND 4 ORDER BY round_id"};

}  // namespace

Round Decode(pg::Columns& row, pg::As<Round>) {
  Round round;
  round.round_id = row.Next<RoundId>();
  round.municipality_id = row.Next<MunicipalityId>();
  round.district_id = row.Next<DistrictId>();
  round.state = static_cast<RoundState>(row.Next<int16_t>());
  round.manifest = row.Next<Bytes>().value;
  round.manifest_hash = row.Next<Hash>();
  round.cast_from = row.Next<absl::Time>();
  round.cast_until = row.Next<absl::Time>();
  round.batch_min = row.Next<int32_t>();
  return round;
}

absl::StatusOr<std::optional<Round>> FindRound(pg::Tx& tx, RoundId id, Lock lock) {
  return tx.Maybe(lock == Lock::kNone ? kGet : lock == Lock::kShare ? kGetShare : kGetUpdate, id);
}

absl::StatusOr<Round> GetRound(pg::Tx& tx, RoundId id, Lock lock) {
  ASSIGN_OR_RETURN(std::optional<Round> round, FindRound(tx, id, lock));
  if (!round) return ElectionNotFound(id);
  return *std::move(round);
}

absl::StatusOr<std::vector<Round>> ShareRounds(pg::Tx& tx, const std::vector<RoundId>& ids) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kShareAll, ids));
  std::vector<Round> rounds;
  for (const auto& [id, state, cast_from, cast_until] : rows) {
    Round& round = rounds.emplace_back();
    round.round_id = id;
    round.state = static_cast<RoundState>(state);
    round.cast_from = cast_from;
    round.cast_until = cast_until;
  }
  return rounds;
}

absl::Status InsertRound(pg::Tx& tx, const Round& r) {
  const absl::Status status =
      tx.Exec(kInsert, r.round_id, r.municipality_id, r.district_id, static_cast<int16_t>(r.state),
              Bytes(r.manifest), r.manifest_hash, r.cast_from, r.cast_until, r.batch_min);
  // Another proposal of the same round was first; the rerun finds it.
  if (pg::Violates(status, "round_pkey")) return pg::Rerun("racing proposals");
  return status;
}

absl::Status ReplaceRound(pg::Tx& tx, const Round& r) {
  return tx.Exec(kReplace, r.round_id, r.municipality_id, r.district_id, Bytes(r.manifest),
                 r.manifest_hash, r.cast_from, r.cast_until, r.batch_min);
}

absl::Status SetState(pg::Tx& tx, RoundId id, RoundState state) {
  return tx.Exec(kSetState, id, static_cast<int16_t>(state));
}

absl::Status SetCastUntil(pg::Tx& tx, RoundId id, absl::Time cast_until) {
  return tx.Exec(kSetCastUntil, id, cast_until);
}

absl::StatusOr<std::vector<SubjectId>> GetApprovals(pg::Tx& tx, RoundId id, Matter matter,
                                                    int32_t version) {
  return tx.All(kGetApprovals, id, static_cast<int16_t>(matter), version);
}

absl::Status AddApproval(pg::Tx& tx, RoundId id, Matter matter, int32_t version,
                         const std::vector<SubjectId>& earlier, SubjectId official) {
  return tx.Exec(kAddApproval, id, static_cast<int16_t>(matter), version,
                 static_cast<int16_t>(earlier.size() + 1), official);
}

absl::StatusOr<std::vector<uint32_t>> GetLot(pg::Tx& tx, RoundId id) {
  ASSIGN_OR_RETURN(const std::optional<std::vector<int64_t>> stored, tx.Maybe(kGetLot, id));
  std::vector<uint32_t> numbers;
  if (stored) {
    for (const int64_t number : *stored) numbers.push_back(static_cast<uint32_t>(number));
  }
  return numbers;
}

absl::Status PutLot(pg::Tx& tx, RoundId id, const std::vector<uint32_t>& numbers) {
  return tx.Exec(kPutLot, id, std::vector<int64_t>(numbers.begin(), numbers.end()));
}

absl::StatusOr<std::vector<RoundId>> GetUnscrambled(pg::Tx& tx) { return tx.All(kGetUnscrambled); }

absl::Status Scramble(pg::Tx& tx, RoundId id) { return tx.One(kScramble, id).status(); }

absl::StatusOr<std::vector<std::string>> GetLiveManifests(pg::Tx& tx) {
  ASSIGN_OR_RETURN(std::vector<Bytes> rows, tx.All(kGetLiveManifests));
  std::vector<std::string> manifests;
  for (Bytes& row : rows) manifests.push_back(std::move(row.value));
  return manifests;
}

std::vector<pg::AnyStatement> RoundStatements() {
  return {kGet,     kGetShare, kGetUpdate,      kShareAll,     kInsert,
          kReplace, kSetState, kSetCastUntil,   kGetApprovals, kAddApproval,
          kGetLot,  kPutLot,   kGetUnscrambled, kScramble,     kGetLiveManifests};
}

}  // namespace smederij::ballots
