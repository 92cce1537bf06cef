#include "services/proposals/storage/forging_store.h"

#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/errors.h"

namespace smederij::proposals {

Idea Decode(pg::Columns& row, pg::As<Idea>);
Group Decode(pg::Columns& row, pg::As<Group>);

namespace {

using MaybeTime = std::optional<absl::Time>;

constexpr pg::Statement<void(RoundId, IdeaId, SubjectId, std::string, std::string, absl::Time)>
    kInsertIdea{"proposals.insert_idea", R"sql(
  INSERT INTO proposals.idea (round_id, idea_id, author_id, title, text, submitted_at)
  VALUES ($1, $2, $3, $4, $5, $6))sql"};

constexpr pg::Statement<Idea(IdeaId)> kGetIdea{"proposals.get_idea", R"sql(
  SELECT idea_id, round_id, author_id, title, text, submitted_at
    FROM proposals.idea WHERE idea_id = $1)sql"};

constexpr pg::Statement<Idea(RoundId, MaybeTime, std::optional<Uuid>, int64_t)> kListIdeas{
    "proposals.list_ideas", R"sql(
  SELECT idea_id, round_id, author_id, title, text, submitted_at
    FROM proposals.idea
   WHERE round_id = $1 AND ($2::timestamptz IS NULL OR (submitted_at, idea_id) > ($2, $3))
   ORDER BY submitted_at, idea_id LIMIT $4)sql"};

constexpr pg::Statement<std::tuple<IdeaId, RoundId>(std::vector<IdeaId>)> kRoundsOfIdeas{
    "proposals.rounds_of_ideas", R"sql(
  SELECT idea_id, round_id FROM proposals.idea WHERE idea_id = ANY ($1::uuid[]))sql"};

constexpr pg::Statement<void(RoundId, GroupId, std::string, absl::Time)> kInsertGroup{
    "proposals.insert_group", R"sql(
  INSERT INTO proposals.initiative_group (round_id, group_id, name, formed_at)
  VALUES ($1, $2, $3, $4))sql"};

constexpr pg::Statement<Group(GroupId)> kGetGroup{"proposals.get_group", R"sql(
  SELECT group_id, round_id, name, formed_at,
         ARRAY(SELECT member_id FROM proposals.group_member
                WHERE round_id = g.round_id AND group_id = g.group_id
                ORDER BY joined_at, member_id)
    FROM proposals.initiative_group AS g WHERE group_id = $1)sql"};

constexpr pg::Statement<Group(RoundId, MaybeTime, std::optional<Uuid>, int64_t)> kListGroups{
    "proposals.list_groups", R"sql(
  SELECT group_id, round_id, name, formed_at,
         ARRAY(SELECT member_id FROM proposals.group_member
                WHERE round_id = g.round_id AND group_id = g.group_id
                ORDER BY joined_at, member_id)
    FROM proposals.initiative_group AS g
   WHERE round_id = $1 AND ($2::timestamptz IS NULL OR (formed_at, group_id) > ($2, $3))
   ORDER BY formed_at, group_id LIMIT $4)sql"};

constexpr pg::Statement<void(RoundId, GroupId, SubjectId, absl::Time)> kInsertMember{
    "proposals.insert_member", R"sql(
  INSERT INTO proposals.group_member (round_id, group_id, member_id, joined_at)
  VALUES ($1, $2, $3, $4))sql"};

}  // namespace

Idea Decode(pg::Columns& row, pg::As<Idea>) {
  return {.id = row.Next<IdeaId>(),
          .round = row.Next<RoundId>(),
          .author = row.Next<SubjectId>(),
          .title = row.Next<std::string>(),
          .text = row.Next<std::string>(),
          .submitted_at = row.Next<absl::Time>()};
}

Group Decode(pg::Columns& row, pg::As<Group>) {
  return {.id = row.Next<GroupId>(),
          .round = row.Next<RoundId>(),
          .name = row.Next<std::string>(),
          .formed_at = row.Next<absl::Time>(),
          .members = row.Next<std::vector<SubjectId>>()};
}

absl::Status InsertIdea(pg::Tx& tx, const Idea& idea) {
  return tx.Exec(kInsertIdea, idea.round, idea.id, idea.author, idea.title, idea.text,
                 idea.submitted_at);
}

absl::StatusOr<Idea> GetIdea(pg::Tx& tx, IdeaId id) {
  ASSIGN_OR_RETURN(std::optional<Idea> idea, tx.Maybe(kGetIdea, id));
  if (!idea) return IdeaNotFound(id);
  return *std::move(idea);
}

absl::StatusOr<std::vector<Idea>> ListIdeas(pg::Tx& tx, RoundId round,
                                            const std::optional<After>& after, int64_t limit) {
  return tx.All(kListIdeas, round, after ? MaybeTime(after->at) : std::nullopt,
                after ? std::optional<Uuid>(after->id) : std::nullopt, limit);
}

absl::Status CheckIdeas(pg::Tx& tx, RoundId round, const std::vector<IdeaId>& ideas) {
  ASSIGN_OR_RETURN(const auto rows, tx.All(kRoundsOfIdeas, ideas));
  absl::flat_hash_map<IdeaId, RoundId> rounds;
  for (const auto& [idea, its_round] : rows) rounds.emplace(idea, its_round);
  for (const IdeaId idea : ideas) {
    if (!rounds.contains(idea)) return IdeaNotFound(idea);
  }
  for (const IdeaId idea : ideas) {
    if (rounds.at(idea) != round) return IdeaOfOtherRound(idea);
  }
  return absl::OkStatus();
}

absl::Status InsertGroup(pg::Tx& tx, const Group& group) {
  RETURN_IF_ERROR(tx.Exec(kInsertGroup, group.round, group.id, group.name, group.formed_at));
  for (const SubjectId member : group.members) {
    RETURN_IF_ERROR(tx.Exec(kInsertMember, group.round, group.id, member, group.formed_at));
  }
  return absl::OkStatus();
}

absl::StatusOr<Group> GetGroup(pg::Tx& tx, GroupId id) {
  ASSIGN_OR_RETURN(std::optional<Group> group, tx.Maybe(kGetGroup, id));
  if (!group) return GroupNotFound(id);
  return *std::move(group);
}

absl::StatusOr<std::vector<Group>> ListGroups(pg::Tx& tx, RoundId round,
                                              const std::optional<After>& after, int64_t limit) {
  return tx.All(kListGroups, round, after ? MaybeTime(after->at) : std::nullopt,
                after ? std::optional<Uuid>(after->id) : std::nullopt, limit);
}

absl::Status InsertMember(pg::Tx& tx, const Group& group, SubjectId member, absl::Time joined_at) {
  const absl::Status status = tx.Exec(kInsertMember, group.round, group.id, member, joined_at);
  if (pg::Violates(status, "group_member_once")) return AlreadyMember(group.id);
  return status;
}

absl::Span<const pg::AnyStatement> ForgingStatements() {
  static const pg::AnyStatement kAll[] = {kInsertIdea,  kGetIdea,  kListIdeas,  kRoundsOfIdeas,
                                          kInsertGroup, kGetGroup, kListGroups, kInsertMember};
  return kAll;
}

}  // namespace smederij::proposals
