#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/ballots/tally/election.h"
#include "services/ballots/tally/rule.h"

namespace smederij::ballots::tally {

// The Pabulib .pb format, as it really occurs.

// Something in the file that is read all the same, and how.
struct PbWarning {
  size_t line = 0;
  std::string field{};
  std::string text{};
};

// What a file tells about a plan besides what is counted. Empty where it does not.
struct PbPlan {
  std::string name{};
  std::string neighborhood{};
  std::optional<int64_t> votes{};
  std::optional<int64_t> score{};
  std::optional<int> selected{};  // 1 won, 2 and 3 won by an extra rule or extra money, 0 lost.
};

struct PbVoter {
  std::string id{};
  std::optional<int> age{};
  std::string sex{};
  std::string voting_method{};
  std::string neighborhood{};
};

// What happens to a plan that stands twice on one ballot with points; on other ballots it counts
// once. Either way there is a warning.
enum class RepeatedPoints { kSum, kLast };

struct PbOptions {
  RepeatedPoints repeated_points = RepeatedPoints::kSum;
  bool keep_voters = false;
};

inline constexpr size_t kPbWarningsMax = 1'000;
inline constexpr uint32_t kPbPointsMax = 1'000'000'000;  // That a ballot gives one plan.
// What cities write instead of a cost when a plan was withdrawn, when the budget is smaller.
inline constexpr int kPbWithdrawnCost = 999'999'999;
// Ours: the number of a plan, which decides ties in the end.
inline constexpr absl::string_view kPbNumberColumn = "plan_number";

struct PbFile {
  // Plans are numbered as the file does or else 1, 2, … in the order of their ids' bytes.
  Election election{};
  std::vector<PbPlan> plans{};    // As in election.plans.
  std::vector<PbVoter> voters{};  // As in election.ballots; empty unless asked for.
  std::vector<std::pair<std::string, std::string>> meta{};  // In file order.
  std::vector<PbWarning> warnings{};                        // The first kPbWarningsMax of …
  size_t warnings_total = 0;                                // … so many.
  size_t repeated_choices = 0;  // Choices that repeat an earlier one on their ballot.

  // The value of a META key, or empty.
  absl::string_view Meta(absl::string_view key) const;
};

// Reads a whole file. Every refusal is PB_INVALID with the facts line, field, what is wrong and the
// remedy; the first mistake ends reading.
absl::StatusOr<PbFile> ReadPb(absl::string_view text, const PbOptions& options = {});

// The rule by which the file says its city decided; nothing where no rule is known to do that.
std::optional<Rule> OfficialRule(const PbFile& file);

}  // namespace smederij::ballots::tally
