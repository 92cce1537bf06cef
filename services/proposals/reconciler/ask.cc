#include "services/proposals/reconciler/ask.h"

#include "absl/strings/str_cat.h"
#include "services/proposals/reconciler/asking.h"

namespace smederij::proposals {

absl::StatusOr<Learned> Ask(const Neighbours& neighbours, const Material& material,
                            absl::Time deadline) {
  Asking asking{.neighbours = neighbours, .material = material, .outgoing = {}};
  asking.outgoing.deadline = deadline;
  switch (material.next.step) {
    case Step::kHoldPot:
      return HoldPot(asking);
    case Step::kOpenRoll:
      return OpenRoll(asking);
    case Step::kAwaitRoll:
      return AwaitRoll(asking);
    case Step::kProposeManifest:
      return ProposeManifest(asking);
    case Step::kAwaitApproval:
      return AwaitApproval(asking);
    case Step::kConfirmManifest:
      return ConfirmManifest(asking);
    case Step::kAwaitClose:
      return AwaitClose(asking);
    case Step::kCloseRoll:
      return CloseRoll(asking);
    case Step::kCloseElection:
      return CloseElection(asking);
    case Step::kCount:
      return Count(asking);
    case Step::kAwaitCount:
      return AwaitCount(asking);
    case Step::kAwaitCertification:
      return AwaitCertification(asking);
    case Step::kMarkPlans:
      return MarkPlans(asking);
    case Step::kReserveAwards:
      return ReserveAwards(asking);
    case Step::kReleasePot:
      return ReleasePot(asking);
    case Step::kAdjustAwards:
      return AdjustAwards(asking);
    case Step::kFreezePlans:
    case Step::kAwaitAnswers:
    case Step::kDone:
      break;
  }
  return absl::InternalError(absl::StrCat("nobody is asked for ", Name(material.next.step)));
}

}  // namespace smederij::proposals
