#include <utility>

#include "services/proposals/api/convert.h"
#include "services/proposals/api/page.h"
#include "services/proposals/api/proposals_api.h"
#include "services/proposals/domain/correction.h"
#include "services/proposals/domain/errors.h"
#include "services/proposals/domain/text.h"
#include "services/proposals/storage/correction_store.h"
#include "services/proposals/storage/plan_store.h"
#include "services/proposals/storage/record_store.h"

namespace smederij::proposals {

absl::StatusOr<v1::Correction> ProposalsApi::ProposeCorrection(
    const rpc::Call& call, const v1::ProposeCorrectionRequest& request) {
  ASSIGN_OR_RETURN(const Correction draft, ParseCorrection(request));
  const auto propose = [&](pg::Tx& tx) -> absl::StatusOr<v1::Correction> {
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, draft.round, Lock::kAlone));
    ASSIGN_OR_RETURN(const RecordNow now, ReadRecord(tx, draft.round));
    ASSIGN_OR_RETURN(const std::vector<Correction> earlier,
                     proposals::ListCorrections(tx, draft.round, 0, kCorrectionsMax));
    ASSIGN_OR_RETURN(const std::vector<Plan> plans,
                     proposals::ListPlans(tx, draft.round, 0, kPlansMax));
    RETURN_IF_ERROR(
        MayPropose(found.round, now.record.offers_open, earlier, plans, draft.lines, found.now));
    Correction correction = draft;
    correction.id = CorrectionId::Random();
    correction.number = static_cast<uint32_t>(earlier.size() + 1);
    correction.proposed_by = call.caller.subject;
    correction.proposed_at = found.now;
    RETURN_IF_ERROR(InsertCorrection(tx, correction));
    ASSIGN_OR_RETURN(const Correction stored, GetCorrection(tx, correction.id));
    return ToProto(stored);
  };
  return Write<v1::Correction>(call, request, propose);
}

absl::StatusOr<v1::Correction> ProposalsApi::DecideCorrection(
    const rpc::Call& call, const v1::DecideCorrectionRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<CorrectionId>(request.correction_id(), "correction_id"));
  const auto decide = [&](pg::Tx& tx) -> absl::StatusOr<v1::Correction> {
    ASSIGN_OR_RETURN(const RoundId round, RoundOfCorrection(tx, id));
    // Alone, because two people may decide at once, and the reconciler looks at the round.
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, round, Lock::kAlone));
    ASSIGN_OR_RETURN(const Correction correction, GetCorrection(tx, id));
    ASSIGN_OR_RETURN(const std::vector<Plan> plans, proposals::ListPlans(tx, round, 0, kPlansMax));
    RETURN_IF_ERROR(MayDecide(correction, request.accept(), call.caller.subject,
                              MoreBy(correction.lines, plans),
                              call.LimitIn(found.round.municipality, found.round.district)));
    const auto to = request.accept() ? CorrectionState::kAccepted : CorrectionState::kRefused;
    RETURN_IF_ERROR(SetDecided(tx, correction, to, call.caller.subject, found.now));
    ASSIGN_OR_RETURN(const Correction decided, GetCorrection(tx, id));
    return ToProto(decided);
  };
  ASSIGN_OR_RETURN(v1::Correction decided, Write<v1::Correction>(call, request, decide));
  wake_();
  return decided;
}

absl::StatusOr<v1::Correction> ProposalsApi::WithdrawCorrection(
    const rpc::Call& call, const v1::WithdrawCorrectionRequest& request) {
  ASSIGN_OR_RETURN(const auto id, ParseId<CorrectionId>(request.correction_id(), "correction_id"));
  const auto withdraw = [&](pg::Tx& tx) -> absl::StatusOr<v1::Correction> {
    ASSIGN_OR_RETURN(const RoundId round, RoundOfCorrection(tx, id));
    // Alone: somebody may accept it at the same moment.
    ASSIGN_OR_RETURN(const LockedRound found, Enter(tx, call, round, Lock::kAlone));
    ASSIGN_OR_RETURN(const Correction correction, GetCorrection(tx, id));
    RETURN_IF_ERROR(MayWithdraw(correction, call.caller.subject));
    RETURN_IF_ERROR(
        SetDecided(tx, correction, CorrectionState::kWithdrawn, call.caller.subject, found.now));
    ASSIGN_OR_RETURN(const Correction withdrawn, GetCorrection(tx, id));
    return ToProto(withdrawn);
  };
  return Write<v1::Correction>(call, request, withdraw);
}

absl::StatusOr<v1::ListCorrectionsResponse> ProposalsApi::ListCorrections(
    const rpc::Call& call, const v1::ListCorrectionsRequest& request) {
  ASSIGN_OR_RETURN(const auto round, ParseId<RoundId>(request.round_id(), "round_id"));
  ASSIGN_OR_RETURN(const Page page, ParsePage(request.page_size(), request.page_token()));
  const uint32_t after = page.after ? NumberOf(*page.after) : 0;
  const auto read = [&](pg::Tx& tx) -> absl::StatusOr<v1::ListCorrectionsResponse> {
    RETURN_IF_ERROR(proposals::GetRound(tx, round).status());
    ASSIGN_OR_RETURN(const std::vector<Correction> corrections,
                     proposals::ListCorrections(tx, round, after, page.size));
    v1::ListCorrectionsResponse response;
    for (const Correction& correction : corrections) {
      *response.add_corrections() = ToProto(correction);
    }
    if (static_cast<int64_t>(corrections.size()) == page.size) {
      const Correction& last = corrections.back();
      response.set_next_page_token(PageToken(AfterNumber(last.number, last.id.uuid())));
    }
    return response;
  };
  return Read(call, read);
}

}  // namespace smederij::proposals
