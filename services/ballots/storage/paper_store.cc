#include "services/ballots/storage/paper_store.h"

#include <tuple>

#include "services/ballots/domain/errors.h"

namespace smederij::ballots {
namespace {

using pg::Bytes;
using pg::Statement;

// In column order.
#define BATCH_COLUMNS                                                                  \
  "SELECT round_id, batch_id, number, class_id, station, ballots, supersedes, state, " \
  "leaf_hash, content, nonce, invalid FROM ballots.paper_batch "

constexpr Statement<int32_t(RoundId)> kNextNumber{"ballots.next_batch_number", R"sql(
  SELECT coalesce(max(number), 0) + 1 FROM ballots.paper_batch WHERE round_id = $1)sql"};

constexpr Statement<void(RoundId, BatchId, int32_t, int32_t, int32_t, int32_t,
                         std::optional<BatchId>)>
    kInsert{"ballots.insert_batch", R"sql(
  INSERT INTO ballots.paper_batch (round_id, batch_id, number, class_id, station, ballots,
                                   supersedes)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql"};

constexpr Statement<PaperBatch(RoundId, BatchId)> kGet{
    "ballots.get_batch", BATCH_COLUMNS "WHERE round_id = $1 AND batch_id = $2"};
constexpr Statement<PaperBatch(RoundId, BatchId)> kGetUpdate{
    "ballots.get_batch_update", BATCH_COLUMNS "WHERE round_id = $1 AND batch_id = $2 FOR UPDATE"};
constexpr Statement<PaperBatch(RoundId, int32_t, int32_t)> kGetMany{
    "ballots.get_batches",
    BATCH_COLUMNS "WHERE round_id = $1 AND number >= $2 ORDER BY number LIMIT $3"};

constexpr Statement<bool(RoundId, BatchId, bool)> kIsSuperseded{"ballots.is_superseded", R"sql(
  SELECT EXISTS (SELECT FROM ballots.paper_batch
                  WHERE round_id = $1 AND supersedes = $2
                    AND CASE WHEN $3 THEN state = 5 ELSE state <> 6 END))sql"};

constexpr Statement<std::tuple<int32_t, int32_t>(RoundId)> kUnsealed{"ballots.unsealed_batches",
                                                                     R"sql(
  SELECT station, number FROM ballots.paper_batch
   WHERE round_id = $1 AND state NOT IN (5, 6) ORDER BY number)sql"};

constexpr Statement<std::tuple<int32_t, int32_t, int64_t>(RoundId)> kBoxes{"ballots.boxes", R"sql(
  SELECT b.station, b.class_id, sum(b.ballots) FROM ballots.paper_batch b
   WHERE b.round_id = $1 AND b.state = 5
     AND NOT EXISTS (SELECT FROM ballots.paper_batch s
                      WHERE s.round_id = b.round_id AND s.supersedes = b.batch_id AND s.state = 5)
   GROUP BY b.station, b.class_id)sql"};

constexpr Statement<void(RoundId, BatchId, int16_t)> kSetState{"ballots.set_batch_state", R"sql(
  UPDATE ballots.paper_batch SET state = $3 WHERE round_id = $1 AND batch_id = $2)sql"};
constexpr Statement<void(RoundId, BatchId, Hash, Bytes, Bytes, int32_t)> kSeal{"ballots.seal_batch",
                                                                               R"sql(
  UPDATE ballots.paper_batch
     SET state = 5, leaf_hash = $3, content = $4, nonce = $5, invalid = $6
   WHERE round_id = $1 AND batch_id = $2)sql"};

constexpr Statement<PaperPass(RoundId, BatchId)> kGetPasses{"ballots.get_passes", R"sql(
  SELECT pass, officer, finished FROM ballots.paper_pass
   WHERE round_id = $1 AND batch_id = $2 ORDER BY pass)sql"};
constexpr Statement<void(RoundId, BatchId, int16_t, SubjectId)> kInsertPass{"ballots.insert_pass",
                                                                            R"sql(
  INSERT INTO ballots.paper_pass (round_id, batch_id, pass, officer)
  VALUES ($1, $2, $3, $4))sql"};
constexpr Statement<void(RoundId, BatchId, int16_t)> kFinishPass{"ballots.finish_pass", R"sql(
  UPDATE ballots.paper_pass SET finished = true
   WHERE round_id = $1 AND batch_id = $2 AND pass = $3)sql"};

constexpr Statement<void(RoundId, BatchId, int16_t, std::vector<int32_t>, std::vector<Bytes>,
                         std::vector<int16_t>)>
    kPutEntries{"ballots.put_entries", R"sql(
  INSERT INTO ballots.paper_line (round_id, batch_id, pass, serial, choice, invalid)
  SELECT $1, $2, $3, t.s, CASE WHEN t.i = 0 THEN t.c END, nullif(t.i, 0)
    FROM unnest($4, $5, $6) AS t (s, c, i)
  ON CONFLICT ON CONSTRAINT paper_line_once_per_pass
  DO UPDATE SET choice = EXCLUDED.choice, invalid = EXCLUDED.invalid)sql"};
constexpr Statement<PaperEntry(RoundId, BatchId, int16_t)> kGetEntries{"ballots.get_entries",
                                                                       R"sql(
  SELECT serial, choice, invalid FROM ballots.paper_line
   WHERE round_id = $1 AND batch_id = $2 AND pass = $3 ORDER BY serial)sql"};
constexpr Statement<int32_t(RoundId, BatchId)> kDiffering{"ballots.differing", R"sql(
  SELECT a.serial FROM ballots.paper_line a JOIN ballots.paper_line b
      ON b.round_id = a.round_id AND b.batch_id = a.batch_id AND b.serial = a.serial AND b.pass = 2
   WHERE a.round_id = $1 AND a.batch_id = $2 AND a.pass = 1
     AND (a.choice, a.invalid) IS DISTINCT FROM (b.choice, b.invalid)
   ORDER BY a.serial)sql"};

constexpr Statement<SubjectId(RoundId, BatchId)> kGetSeals{"ballots.get_seals", R"sql(
  SELECT official FROM ballots.paper_seal WHERE round_id = $1 AND batch_id = $2
   ORDER BY ordinal)sql"};
constexpr Statement<void(RoundId, BatchId, int16_t, SubjectId)> kAddSeal{"ballots.add_seal", R"sql(
  INSERT INTO ballots.paper_seal (round_id, batch_id, ordinal, official)
  VALUES ($1, $2, $3, $4))sql"};

constexpr Statement<StationClosing(RoundId)> kGetClosings{"ballots.get_closings", R"sql(
  SELECT DISTINCT ON (station) station, version, numbers, reason, first_official, second_official
    FROM ballots.station_closing WHERE round_id = $1 ORDER BY station, version DESC)sql"};
constexpr Statement<void(RoundId, int32_t, int32_t, Bytes, std::string, SubjectId)> kPutWaiting{
    "ballots.put_closing", R"sql(
  INSERT INTO ballots.station_closing (round_id, station, version, numbers, reason, first_official)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT ON CONSTRAINT station_closing_pkey
  DO UPDATE SET numbers = EXCLUDED.numbers, reason = EXCLUDED.reason,
                first_official = EXCLUDED.first_official)sql"};
constexpr Statement<void(RoundId, int32_t, int32_t, SubjectId)> kSign{"ballots.sign_closing",
                                                                      R"sql(
  UPDATE ballots.station_closing SET second_official = $4
   WHERE round_id = $1 AND station = $2 AND version = $3)sql"};

#define SEALED_COLUMNS                                                                     \
  "SELECT l.idx, b.leaf_hash, b.class_id, b.ballots - b.invalid, b.content, b.nonce FROM " \
  "ballots.paper_batch b "                                                                 \
  "  JOIN ballots.log_leaf l ON l.round_id = b.round_id AND l.leaf_hash = b.leaf_hash "    \
  " WHERE b.round_id = $1 AND b.state = 5 "                                                \
  "   AND NOT EXISTS (SELECT FROM ballots.paper_batch s WHERE s.round_id = b.round_id "    \
  "                      AND s.supersedes = b.batch_id AND s.state = 5) "

constexpr Statement<SealedContent(RoundId)> kSealed{"ballots.sealed",
                                                    SEALED_COLUMNS "ORDER BY b.leaf_hash"};
constexpr Statement<SealedContent(RoundId, int64_t, int32_t)> kSealedFrom{
    "ballots.sealed_from", SEALED_COLUMNS "AND l.idx >= $2 ORDER BY l.idx LIMIT $3"};

Bytes EncodeLines(const std::vector<StationLine>& lines) {
  crypto::ByteWriter out;
  for (const StationLine& line : lines) {
    out.U16(line.class_id).U32(line.marked).U32(line.spoiled).U32(line.taken_home);
    out.U32(line.in_box);
  }
  return Bytes(std::move(out).bytes());
}

std::vector<StationLine> DecodeLines(const Bytes& bytes) {
  crypto::ByteReader in(bytes.value);
  std::vector<StationLine> lines;
  while (in.ok() && in.left() > 0) {
    StationLine& line = lines.emplace_back();
    line.class_id = in.U16();
    line.marked = in.U32();
    line.spoiled = in.U32();
    line.taken_home = in.U32();
    line.in_box = in.U32();
  }
  return lines;
}

}  // namespace

PaperBatch Decode(pg::Columns& row, pg::As<PaperBatch>) {
  PaperBatch batch;
  batch.round_id = row.Next<RoundId>();
  batch.batch_id = row.Next<BatchId>();
  batch.number = row.Next<int32_t>();
  batch.class_id = static_cast<uint16_t>(row.Next<int32_t>());
  batch.station = static_cast<uint16_t>(row.Next<int32_t>());
  batch.ballots = static_cast<uint32_t>(row.Next<int32_t>());
  batch.supersedes = row.Next<std::optional<BatchId>>();
  batch.state = static_cast<BatchState>(row.Next<int16_t>());
  batch.leaf_hash = row.Next<std::optional<Hash>>().value_or(Hash{});
  batch.content = row.Next<std::optional<Bytes>>().value_or(Bytes()).value;
  batch.nonce = row.Next<std::optional<Bytes>>().value_or(Bytes()).value;
  batch.invalid = static_cast<uint32_t>(row.Next<int32_t>());
  return batch;
}

PaperPass Decode(pg::Columns& row, pg::As<PaperPass>) {
  PaperPass pass;
  pass.pass = row.Next<int16_t>();
  pass.officer = row.Next<SubjectId>();
  pass.finished = row.Next<bool>();
  return pass;
}

PaperEntry Decode(pg::Columns& row, pg::As<PaperEntry>) {
  PaperEntry entry;
  entry.serial = static_cast<uint32_t>(row.Next<int32_t>());
  const auto choice = row.Next<std::optional<Bytes>>();
  const auto invalid = row.Next<std::optional<int16_t>>();
  if (invalid) entry.invalid = static_cast<InvalidReason>(*invalid);
  // Only what ReadDrafts made of a choice was ever written.
  if (choice) entry.choice = ParseChoice(choice->value).value_or(Choice());
  return entry;
}

StationClosing Decode(pg::Columns& row, pg::As<StationClosing>) {
  StationClosing closing;
  closing.station = static_cast<uint16_t>(row.Next<int32_t>());
  closing.version = row.Next<int32_t>();
  closing.lines = DecodeLines(row.Next<Bytes>());
  closing.reason = row.Next<std::string>();
  closing.first = row.Next<SubjectId>();
  closing.second = row.Next<std::optional<SubjectId>>();
  return closing;
}

SealedContent Decode(pg::Columns& row, pg::As<SealedContent>) {
  SealedContent sealed;
  sealed.idx = row.Next<int64_t>();
  sealed.leaf_hash = row.Next<Hash>();
  sealed.class_id = static_cast<uint16_t>(row.Next<int32_t>());
  sealed.valid = static_cast<uint32_t>(row.Next<int32_t>());
  sealed.content = row.Next<Bytes>().value;
  sealed.nonce = row.Next<Bytes>().value;
  return sealed;
}

absl::StatusOr<int32_t> NextBatchNumber(pg::Tx& tx, RoundId id) { return tx.One(kNextNumber, id); }

absl::Status InsertBatch(pg::Tx& tx, const PaperBatch& b) {
  const absl::Status status = tx.Exec(kInsert, b.round_id, b.batch_id, b.number, b.class_id,
                                      b.station, static_cast<int32_t>(b.ballots), b.supersedes);
  if (pg::Violates(status, "paper_batch_pkey")) return BatchExists();
  return status;
}

absl::StatusOr<PaperBatch> GetBatch(pg::Tx& tx, RoundId round, BatchId id, bool lock) {
  ASSIGN_OR_RETURN(std::optional<PaperBatch> batch, tx.Maybe(lock ? kGetUpdate : kGet, round, id));
  if (!batch) return BatchNotFound();
  return *std::move(batch);
}

absl::StatusOr<std::vector<PaperBatch>> GetBatches(pg::Tx& tx, RoundId round, int32_t first,
                                                   int32_t limit) {
  return tx.All(kGetMany, round, first, limit);
}

absl::StatusOr<bool> IsSuperseded(pg::Tx& tx, RoundId round, BatchId id, bool sealed) {
  return tx.One(kIsSuperseded, round, id, sealed);
}

absl::StatusOr<std::vector<std::pair<uint16_t, int32_t>>> GetUnsealed(pg::Tx& tx, RoundId round) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kUnsealed, round));
  std::vector<std::pair<uint16_t, int32_t>> unsealed;
  for (const auto& [station, number] : rows) {
    unsealed.emplace_back(static_cast<uint16_t>(station), number);
  }
  return unsealed;
}

absl::StatusOr<Boxes> GetBoxes(pg::Tx& tx, RoundId round) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kBoxes, round));
  Boxes boxes;
  for (const auto& [station, class_id, ballots] : rows) {
    boxes[{static_cast<uint16_t>(station), static_cast<uint16_t>(class_id)}] =
        static_cast<uint32_t>(ballots);
  }
  return boxes;
}

absl::Status SetBatchState(pg::Tx& tx, const PaperBatch& batch, BatchState state) {
  return tx.Exec(kSetState, batch.round_id, batch.batch_id, static_cast<int16_t>(state));
}

absl::Status PutSealed(pg::Tx& tx, const PaperBatch& b) {
  return tx.Exec(kSeal, b.round_id, b.batch_id, b.leaf_hash, Bytes(b.content), Bytes(b.nonce),
                 static_cast<int32_t>(b.invalid));
}

absl::StatusOr<std::vector<PaperPass>> GetPasses(pg::Tx& tx, RoundId round, BatchId id) {
  return tx.All(kGetPasses, round, id);
}

absl::Status InsertPass(pg::Tx& tx, RoundId round, BatchId id, const PaperPass& pass) {
  return tx.Exec(kInsertPass, round, id, pass.pass, pass.officer);
}

absl::Status FinishPass(pg::Tx& tx, RoundId round, BatchId id, int16_t pass) {
  return tx.Exec(kFinishPass, round, id, pass);
}

absl::Status PutEntries(pg::Tx& tx, RoundId round, BatchId id, int16_t pass,
                        const std::vector<PaperEntry>& entries) {
  std::vector<int32_t> serials;
  std::vector<Bytes> choices;
  std::vector<int16_t> reasons;
  for (const PaperEntry& entry : entries) {
    serials.push_back(static_cast<int32_t>(entry.serial));
    choices.emplace_back(Encode(entry.choice));
    reasons.push_back(entry.invalid ? static_cast<int16_t>(*entry.invalid) : int16_t{0});
  }
  return tx.Exec(kPutEntries, round, id, pass, serials, choices, reasons);
}

absl::StatusOr<std::vector<PaperEntry>> GetEntries(pg::Tx& tx, RoundId round, BatchId id,
                                                   int16_t pass) {
  return tx.All(kGetEntries, round, id, pass);
}

absl::StatusOr<std::vector<uint32_t>> GetDiffering(pg::Tx& tx, RoundId round, BatchId id) {
  ASSIGN_OR_RETURN(const std::vector<int32_t> rows, tx.All(kDiffering, round, id));
  return std::vector<uint32_t>(rows.begin(), rows.end());
}

absl::StatusOr<std::vector<SubjectId>> GetSeals(pg::Tx& tx, RoundId round, BatchId id) {
  return tx.All(kGetSeals, round, id);
}

absl::Status AddSeal(pg::Tx& tx, RoundId round, BatchId id, const std::vector<SubjectId>& earlier,
                     SubjectId official) {
  return tx.Exec(kAddSeal, round, id, static_cast<int16_t>(earlier.size() + 1), official);
}

absl::StatusOr<std::vector<StationClosing>> GetClosings(pg::Tx& tx, RoundId round) {
  return tx.All(kGetClosings, round);
}

absl::Status PutWaiting(pg::Tx& tx, RoundId round, const StationClosing& c) {
  return tx.Exec(kPutWaiting, round, c.station, c.version, EncodeLines(c.lines), c.reason, c.first);
}

absl::Status SignClosing(pg::Tx& tx, RoundId round, const StationClosing& c, SubjectId second) {
  return tx.Exec(kSign, round, c.station, c.version, second);
}

absl::StatusOr<std::vector<SealedContent>> GetSealed(pg::Tx& tx, RoundId round) {
  return tx.All(kSealed, round);
}

absl::StatusOr<std::vector<SealedContent>> GetSealedFrom(pg::Tx& tx, RoundId round, int64_t first,
                                                         int32_t limit) {
  return tx.All(kSealedFrom, round, first, limit);
}

std::vector<pg::AnyStatement> PaperStatements() {
  return {kNextNumber,  kInsert,     kGet,        kGetUpdate, kGetMany,   kIsSuperseded,
          kUnsealed,    kBoxes,      kSetState,   kSeal,      kGetPasses, kInsertPass,
          kFinishPass,  kPutEntries, kGetEntries, kDiffering, kGetSeals,  kAddSeal,
          kGetClosings, kPutWaiting, kSign,       kSealed,    kSealedFrom};
}

}  // namespace smederij::ballots
