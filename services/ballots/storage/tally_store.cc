#include "services/ballots/storage/tally_store.h"

#include <tuple>

namespace smederij::ballots {
namespace {

using pg::Bytes;
using pg::Statement;

constexpr Statement<Tally(RoundId, int32_t)> kFind{"ballots.find_tally", R"sql(
  SELECT round_id, version, state, issued_classes, issued_counts, result, result_hash, imbalances,
         failure, log_size
    FROM ballots.tally WHERE round_id = $1 AND ($2 = 0 OR version = $2)
   ORDER BY version DESC LIMIT 1)sql"};

constexpr Statement<void(RoundId, int32_t, std::vector<int32_t>, std::vector<int64_t>)> kInsert{
    "ballots.insert_tally", R"sql(
  INSERT INTO ballots.tally (round_id, version, state, issued_classes, issued_counts)
  VALUES ($1, $2, 1, $3, $4))sql"};

constexpr Statement<int32_t(RoundId, int32_t, int16_t, std::optional<Bytes>, std::optional<Hash>,
                            std::vector<std::string>, std::string, std::optional<int64_t>)>
    kFinish{"ballots.finish_tally", R"sql(
  UPDATE ballots.tally
     SET state = $3, result = $4, result_hash = $5, imbalances = $6, failure = $7,
         log_size = $8
   WHERE round_id = $1 AND version = $2 AND state = 1 RETURNING version)sql"};

constexpr Statement<void(RoundId, int32_t)> kCertify{
    "ballots.certify_tally",
    "UPDATE ballots.tally SET state = 4 WHERE round_id = $1 AND version = $2 AND state = 2"};

constexpr Statement<std::tuple<RoundId, int32_t>()> kRunning{
    "ballots.running_tallies",
    "SELECT round_id, version FROM ballots.tally WHERE state = 1 ORDER BY round_id, version"};

constexpr Statement<Opening(RoundId)> kOpenings{
    "ballots.openings", "SELECT leaf_hash, choice, nonce FROM ballots.released_openings($1)"};

constexpr Statement<CertifiedOpening(RoundId, int64_t, int64_t)> kCertifiedOpenings{
    "ballots.certified_openings", R"sql(
  SELECT class_id, leaf_hash, choice, nonce FROM ballots.certified_openings($1, $2, $3))sql"};

}  // namespace

Tally Decode(pg::Columns& row, pg::As<Tally>) {
  Tally tally;
  tally.round_id = row.Next<RoundId>();
  tally.version = row.Next<int32_t>();
  tally.state = static_cast<TallyState>(row.Next<int16_t>());
  const auto classes = row.Next<std::vector<int32_t>>();
  const auto counts = row.Next<std::vector<int64_t>>();
  for (size_t i = 0; i < classes.size() && i < counts.size(); ++i) {
    tally.issued[static_cast<uint16_t>(classes[i])] = counts[i];
  }
  tally.result = row.Next<std::optional<Bytes>>().value_or(Bytes()).value;
  tally.result_hash = row.Next<std::optional<Hash>>().value_or(Hash{});
  tally.imbalances = row.Next<std::vector<std::string>>();
  tally.failure = row.Next<std::string>();
  tally.log_size = row.Next<std::optional<int64_t>>();
  return tally;
}

Opening Decode(pg::Columns& row, pg::As<Opening>) {
  Opening opening;
  opening.leaf_hash = row.Next<Hash>();
  opening.choice = row.Next<Bytes>().value;
  opening.nonce = row.Next<Bytes>().value;
  return opening;
}

CertifiedOpening Decode(pg::Columns& row, pg::As<CertifiedOpening>) {
  CertifiedOpening certified;
  certified.class_id = static_cast<uint16_t>(row.Next<int32_t>());
  certified.opening = Decode(row, pg::As<Opening>());
  return certified;
}

absl::StatusOr<std::optional<Tally>> FindTally(pg::Tx& tx, RoundId id, int32_t version) {
  return tx.Maybe(kFind, id, version);
}

absl::Status InsertTally(pg::Tx& tx, const Tally& tally) {
  std::vector<int32_t> classes;
  std::vector<int64_t> counts;
  for (const auto& [class_id, count] : tally.issued) {
    classes.push_back(class_id);
    counts.push_back(count);
  }
  return tx.Exec(kInsert, tally.round_id, tally.version, classes, counts);
}

absl::StatusOr<bool> FinishTally(pg::Tx& tx, const Tally& tally) {
  std::optional<Bytes> result;
  std::optional<Hash> result_hash;
  if (tally.state == TallyState::kSucceeded) {
    result = Bytes(tally.result);
    result_hash = tally.result_hash;
  }
  ASSIGN_OR_RETURN(
      const std::optional<int32_t> version,
      tx.Maybe(kFinish, tally.round_id, tally.version, static_cast<int16_t>(tally.state), result,
               result_hash, tally.imbalances, tally.failure, tally.log_size));
  return version.has_value();
}

absl::Status MarkCertified(pg::Tx& tx, RoundId id, int32_t version) {
  return tx.Exec(kCertify, id, version);
}

absl::StatusOr<std::vector<std::pair<RoundId, int32_t>>> GetRunningTallies(pg::Tx& tx) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kRunning));
  std::vector<std::pair<RoundId, int32_t>> running;
  for (const auto& [id, version] : rows) running.emplace_back(id, version);
  return running;
}

absl::StatusOr<std::vector<Opening>> GetOpenings(pg::Tx& tx, RoundId id) {
  return tx.All(kOpenings, id);
}

absl::StatusOr<std::vector<CertifiedOpening>> GetCertifiedOpenings(pg::Tx& tx, RoundId id,
                                                                   int64_t first, int64_t past) {
  return tx.All(kCertifiedOpenings, id, first, past);
}

std::vector<pg::AnyStatement> TallyStatements() {
  return {kFind, kInsert, kFinish, kCertify, kRunning, kOpenings, kCertifiedOpenings};
}

}  // namespace smederij::ballots
