#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/transact.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/paper_batch.h"

// Paper: batches, the two passes over each, and stations.
namespace smederij::ballots {

// The next free number of a round's batches, under the round's lock.
absl::StatusOr<int32_t> NextBatchNumber(pg::Tx& tx, RoundId id);
// Refusal: BATCH_EXISTS.
absl::Status InsertBatch(pg::Tx& tx, const PaperBatch& batch);

// Refusal: BATCH_NOT_FOUND. With `lock`, held until the transaction ends.
absl::StatusOr<PaperBatch> GetBatch(pg::Tx& tx, RoundId round, BatchId id, bool lock);
// By number, from `first` on, at most `limit`.
absl::StatusOr<std::vector<PaperBatch>> GetBatches(pg::Tx& tx, RoundId round, int32_t first,
                                                   int32_t limit);
// Whether a batch that is not discarded supersedes this one; with `sealed`, only one that stands.
absl::StatusOr<bool> IsSuperseded(pg::Tx& tx, RoundId round, BatchId id, bool sealed);
// Numbers of batches that are neither sealed nor discarded, by station.
absl::StatusOr<std::vector<std::pair<uint16_t, int32_t>>> GetUnsealed(pg::Tx& tx, RoundId round);
// Ballots in sealed batches that count, by station and class.
using Boxes = std::map<std::pair<uint16_t, uint16_t>, uint32_t>;
absl::StatusOr<Boxes> GetBoxes(pg::Tx& tx, RoundId round);

absl::Status SetBatchState(pg::Tx& tx, const PaperBatch& batch, BatchState state);
// `batch` with leaf, content, nonce and number of invalid ballots, SEALED.
absl::Status PutSealed(pg::Tx& tx, const PaperBatch& batch);

absl::StatusOr<std::vector<PaperPass>> GetPasses(pg::Tx& tx, RoundId round, BatchId id);
absl::Status InsertPass(pg::Tx& tx, RoundId round, BatchId id, const PaperPass& pass);
absl::Status FinishPass(pg::Tx& tx, RoundId round, BatchId id, int16_t pass);

// Entries by serial; those of the same serial are overwritten.
absl::Status PutEntries(pg::Tx& tx, RoundId round, BatchId id, int16_t pass,
                        const std::vector<PaperEntry>& entries);
absl::StatusOr<std::vector<PaperEntry>> GetEntries(pg::Tx& tx, RoundId round, BatchId id,
                                                   int16_t pass);
// Serials on which the two passes do not agree, ascending.
absl::StatusOr<std::vector<uint32_t>> GetDiffering(pg::Tx& tx, RoundId round, BatchId id);

// Who has sealed a batch, in order.
absl::StatusOr<std::vector<SubjectId>> GetSeals(pg::Tx& tx, RoundId round, BatchId id);
absl::Status AddSeal(pg::Tx& tx, RoundId round, BatchId id, const std::vector<SubjectId>& earlier,
                     SubjectId official);

// A station's numbers under one or two signatures.
struct StationClosing {
  uint16_t station = 0;
  int32_t version = 0;
  std::vector<StationLine> lines;
  std::string reason;
  SubjectId first;
  std::optional<SubjectId> second;
};
// The newest of every station, by station.
absl::StatusOr<std::vector<StationClosing>> GetClosings(pg::Tx& tx, RoundId round);
// One that waits for its second signature: new, or instead of the one of the same version.
absl::Status PutWaiting(pg::Tx& tx, RoundId round, const StationClosing& closing);
absl::Status SignClosing(pg::Tx& tx, RoundId round, const StationClosing& closing,
                         SubjectId second);

// What a sealed batch that is not superseded commits to. Callers publish it after certification
// alone. `idx` is its leaf's place in the log.
struct SealedContent {
  int64_t idx = 0;
  Hash leaf_hash{};
  uint16_t class_id = 0;
  uint32_t valid = 0;  // Ballots that count.
  std::string content;
  std::string nonce;
};
// By leaf hash.
absl::StatusOr<std::vector<SealedContent>> GetSealed(pg::Tx& tx, RoundId round);
// In the log's order, from `first` on, at most `limit`.
absl::StatusOr<std::vector<SealedContent>> GetSealedFrom(pg::Tx& tx, RoundId round, int64_t first,
                                                         int32_t limit);

std::vector<pg::AnyStatement> PaperStatements();

}  // namespace smederij::ballots
