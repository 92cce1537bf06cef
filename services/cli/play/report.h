#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/cli/play/stage.h"
#include "services/cli/play/vote.h"

namespace smederij::cli {

// What a played round came to.
struct Summary {
  std::string round_id;
  std::string budget_id;
  size_t residents = 0;
  int64_t ballots = 0;
  std::vector<std::string> selected;  // The script's own ids of the plans, in its order.
  std::optional<std::vector<std::string>> official;
  std::optional<bool> matches_official;  // Absent where no rule is known.
  int64_t reserved_cents = 0;            // By the round, whatever became of it since.
  int64_t committed_cents = 0;           // Of it, still promised to suppliers,
  int64_t paid_cents = 0;                // and paid.
  int64_t trial_balance_cents = 0;
  absl::Duration elapsed;

  // One line of JSON.
  std::string ToJson() const;
  // The round's money adds up and nothing contradicts what the city announced.
  bool Good() const { return trial_balance_cents == 0 && matches_official.value_or(true); }
};

// Reads what the services hold after the round and prints it for people: turnout by age, plan by
// plan with the reason, the books.
absl::StatusOr<Summary> Report(const Stage& stage, const VotingTime& voting, std::ostream& out);

}  // namespace smederij::cli
