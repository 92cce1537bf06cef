#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/pg/transact.h"
#include "services/proposals/domain/plan.h"
#include "services/proposals/storage/round_store.h"

// SQL of ideas and initiative groups. Every function runs inside the caller's transaction.
namespace smederij::proposals {

absl::Status InsertIdea(pg::Tx& tx, const Idea& idea);
absl::StatusOr<Idea> GetIdea(pg::Tx& tx, IdeaId id);  // Refusal: IDEA_NOT_FOUND.
// Oldest first.
absl::StatusOr<std::vector<Idea>> ListIdeas(pg::Tx& tx, RoundId round,
                                            const std::optional<After>& after, int64_t limit);
// Each idea exists and is of `round`. Refusals, in order: IDEA_NOT_FOUND, IDEA_OF_OTHER_ROUND.
absl::Status CheckIdeas(pg::Tx& tx, RoundId round, const std::vector<IdeaId>& ideas);

absl::Status InsertGroup(pg::Tx& tx, const Group& group);  // With its members.
absl::StatusOr<Group> GetGroup(pg::Tx& tx, GroupId id);    // Refusal: GROUP_NOT_FOUND.
// Oldest first.
absl::StatusOr<std::vector<Group>> ListGroups(pg::Tx& tx, RoundId round,
                                              const std::optional<After>& after, int64_t limit);
// Refusal: ALREADY_MEMBER.
absl::Status InsertMember(pg::Tx& tx, const Group& group, SubjectId member, absl::Time joined_at);

absl::Span<const pg::AnyStatement> ForgingStatements();

}  // namespace smederij::proposals
