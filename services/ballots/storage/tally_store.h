#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/pg/transact.h"
#include "services/ballots/domain/election.h"
#include "services/ballots/domain/recount.h"

// Counts of elections, and the openings they are made of.
namespace smederij::ballots {

// The numbers stand in the database and in the proto.
enum class TallyState : int16_t { kRunning = 1, kSucceeded = 2, kFailed = 3, kCertified = 4 };

struct Tally {
  RoundId round_id;
  int32_t version = 0;
  TallyState state = TallyState::kRunning;
  Issued issued;
  std::string result;  // Canonical bytes; empty unless counted.
  Hash result_hash{};
  std::vector<std::string> imbalances;
  std::string failure;
  std::optional<int64_t> log_size;  // How many leaves were counted.
};

// The newest version when `version` is 0.
absl::StatusOr<std::optional<Tally>> FindTally(pg::Tx& tx, RoundId id, int32_t version);
// A new one, RUNNING.
absl::Status InsertTally(pg::Tx& tx, const Tally& tally);
// What a running tally became: `tally`'s state, result, imbalances and failure. False when it no
// longer runs, because another replica was faster.
absl::StatusOr<bool> FinishTally(pg::Tx& tx, const Tally& tally);
absl::Status MarkCertified(pg::Tx& tx, RoundId id, int32_t version);

absl::StatusOr<std::vector<std::pair<RoundId, int32_t>>> GetRunningTallies(pg::Tx& tx);

struct Opening {
  Hash leaf_hash{};
  std::string choice;
  std::string nonce;
};

// By leaf hash. Only of closed elections; the database itself refuses before.
absl::StatusOr<std::vector<Opening>> GetOpenings(pg::Tx& tx, RoundId id);

// Of the leaves from `first` on, below `past`, those that count: in the log's order. Only of
// certified elections; the database itself refuses before.
struct CertifiedOpening {
  uint16_t class_id = 0;
  Opening opening;
};
absl::StatusOr<std::vector<CertifiedOpening>> GetCertifiedOpenings(pg::Tx& tx, RoundId id,
                                                                   int64_t first, int64_t past);

std::vector<pg::AnyStatement> TallyStatements();

}  // namespace smederij::ballots
