#include <utility>

#include "services/proposals/api/convert.h"
#include "services/proposals/api/page.h"
#include "services/proposals/api/proposals_api.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/domain/text.h"
#include "services/proposals/storage/forging_store.h"

namespace smederij::proposals {

absl::StatusOr<v1::Idea> ProposalsApi::SubmitIdea(const rpc::Call& call,
                                                  const v1::SubmitIdeaRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  TextCheck check;
  check.Line("title", request.title(), kTitleMax);
  check.Prose("text", request.text(), kIdeaTextMax);
  RETURN_IF_ERROR(check.status());
  const auto submit = [&](pg::Tx& tx) -> absl::StatusOr<v1::Idea> {
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, round, Lock::kShared));
    RETURN_IF_ERROR(MayForge(found.round, found.now));
    const Idea idea{.id = IdeaId::Random(),
                    .round = round,
                    .author = call.caller.subject,
                    .title = request.title(),
                    .text = request.text(),
                    .submitted_at = found.now};
    RETURN_IF_ERROR(InsertIdea(tx, idea));
    return ToProto(idea);
  };
  return Write<v1::Idea>(call, request, submit);
}

absl::StatusOr<v1::Idea> ProposalsApi::GetIdea(const rpc::Call& call,
                                               const v1::GetIdeaRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<IdeaId>(request.idea_id(), "idea_id"));
  const auto read = [id](pg::Tx& tx) -> absl::StatusOr<v1::Idea> {
    ASSIGN_OR_RETURN(const Idea idea, proposals::GetIdea(tx, id));
    return ToProto(idea);
  };
  return Read(call, read);
}

absl::StatusOr<v1::ListIdeasResponse> ProposalsApi::ListIdeas(const rpc::Call& call,
                                                              const v1::ListIdeasRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const Page page, ParsePage(request.page_size(), request.page_token()));
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<v1::ListIdeasResponse> {
    RETURN_IF_ERROR(proposals::GetRound(tx, round).status());
    ASSIGN_OR_RETURN(const std::vector<Idea> ideas,
                     proposals::ListIdeas(tx, round, page.after, page.size));
    v1::ListIdeasResponse response;
    for (const Idea& idea : ideas) *response.add_ideas() = ToProto(idea);
    if (static_cast<int64_t>(ideas.size()) == page.size) {
      response.set_next_page_token(PageToken({ideas.back().submitted_at, ideas.back().id.uuid()}));
    }
    return response;
  };
  return Read(call, read);
}

absl::StatusOr<v1::InitiativeGroup> ProposalsApi::FormGroup(const rpc::Call& call,
                                                            const v1::FormGroupRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  TextCheck check;
  check.Line("name", request.name(), kTitleMax);
  RETURN_IF_ERROR(check.status());
  const auto form = [&](pg::Tx& tx) -> absl::StatusOr<v1::InitiativeGroup> {
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, round, Lock::kShared));
    RETURN_IF_ERROR(MayForge(found.round, found.now));
    const Group group{.id = GroupId::Random(),
                      .round = round,
                      .name = request.name(),
                      .formed_at = found.now,
                      .members = {call.caller.subject}};
    RETURN_IF_ERROR(InsertGroup(tx, group));
    return ToProto(group);
  };
  return Write<v1::InitiativeGroup>(call, request, form);
}

absl::StatusOr<v1::InitiativeGroup> ProposalsApi::JoinGroup(const rpc::Call& call,
                                                            const v1::JoinGroupRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<GroupId>(request.group_id(), "group_id"));
  const auto join = [&](pg::Tx& tx) -> absl::StatusOr<v1::InitiativeGroup> {
    ASSIGN_OR_RETURN(const Group group, proposals::GetGroup(tx, id));
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, group.round, Lock::kShared));
    RETURN_IF_ERROR(MayForge(found.round, found.now));
    if (group.Has(call.caller.subject)) return AlreadyMember(id);
    // People who join at the very same moment may overshoot by a few: a limit, not a rule.
    if (static_cast<int64_t>(group.members.size()) >= kMembersMax) {
      return GroupFull(id, kMembersMax);
    }
    RETURN_IF_ERROR(InsertMember(tx, group, call.caller.subject, found.now));
    ASSIGN_OR_RETURN(const Group joined, proposals::GetGroup(tx, id));
    return ToProto(joined);
  };
  return Write<v1::InitiativeGroup>(call, request, join);
}

absl::StatusOr<v1::InitiativeGroup> ProposalsApi::GetGroup(const rpc::Call& call,
                                                           const v1::GetGroupRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<GroupId>(request.group_id(), "group_id"));
  const auto read = [id](pg::Tx& tx) -> absl::StatusOr<v1::InitiativeGroup> {
    ASSIGN_OR_RETURN(const Group group, proposals::GetGroup(tx, id));
    return ToProto(group);
  };
  return Read(call, read);
}

absl::StatusOr<v1::ListGroupsResponse> ProposalsApi::ListGroups(
    const rpc::Call& call, const v1::ListGroupsRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const Page page, ParsePage(request.page_size(), request.page_token()));
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<v1::ListGroupsResponse> {
    RETURN_IF_ERROR(proposals::GetRound(tx, round).status());
    ASSIGN_OR_RETURN(const std::vector<Group> groups,
                     proposals::ListGroups(tx, round, page.after, page.size));
    v1::ListGroupsResponse response;
    for (const Group& group : groups) *response.add_groups() = ToProto(group);
    if (static_cast<int64_t>(groups.size()) == page.size) {
      response.set_next_page_token(PageToken({groups.back().formed_at, groups.back().id.uuid()}));
    }
    return response;
  };
  return Read(call, read);
}

}  // namespace smederij::proposals
