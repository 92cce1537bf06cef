#pragma once

#include "absl/status/statusor.h"
#include "services/ballots/tally/election.h"
#include "services/ballots/tally/outcome.h"
#include "services/ballots/tally/pb.h"
#include "services/ballots/tally/pb_document.h"
#include "services/ballots/tally/rule.h"

namespace smederij::ballots::tally {

inline constexpr int64_t kPbBallotsMax = 10'000'000;  // Rows of VOTES that are written.

// The document from which ReadPb reads the election of `file`: the same plans, amounts, choices and
// tie order, ballots written out by weight, knapsack ballots as the approvals they count as. Names
// and voters are written where they are given, META as given with what the election says put right.
// Without voters ballots are numbered. Withdrawn plans get the cost by which cities mark them.
//
// Refusals, first that applies: ELECTION_INVALID; ELECTION_UNWRITABLE, with the fields at fault,
// for what the format has no words for: pots, exclusive groups, amounts that are no decimal, ids
// that a ballot cannot name.
absl::StatusOr<PbDocument> DocumentOf(const PbFile& file);

// `document`, of which `election` was read, with what `outcome` says: the columns votes, score
// (where ballots have points or ranks) and selected (1 funded, 2 funded by an extra rule or in
// part, 0 not), and in META rule, min_project_score_threshold, num_projects and num_votes. The rule
// has Pabulib's word for it where there is one that says exactly this, else ours. Refusal:
// OUTCOME_OF_ANOTHER_ELECTION when plans are not those of the document.
absl::StatusOr<PbDocument> WithOutcome(PbDocument document, const Election& election,
                                       const Rule& rule, const Outcome& outcome);

}  // namespace smederij::ballots::tally
