#include "services/proposals/reconciler/material.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/correction.h"
#include "services/proposals/storage/correction_store.h"
#include "services/proposals/storage/plan_store.h"
#include "services/proposals/storage/record_store.h"

namespace smederij::proposals {
namespace {

absl::StatusOr<std::string> StoredAnswer(pg::Tx& tx, RoundId round, Step step, uint32_t version) {
  ASSIGN_OR_RETURN(std::optional<std::string> answer, AnswerOf(tx, round, step, version));
  if (!answer) return absl::InternalError(absl::StrCat("no answer is stored of ", Name(step)));
  return *std::move(answer);
}

}  // namespace

absl::StatusOr<Material> ReadMaterial(pg::Tx& tx, Record record, Next next) {
  Material material{.record = std::move(record), .next = std::move(next)};
  const Round& round = material.record.round;
  switch (material.next.step) {
    case Step::kOpenRoll: {
      ASSIGN_OR_RETURN(material.origin, GetOrigin(tx, round.id));
      break;
    }
    case Step::kProposeManifest: {
      ASSIGN_OR_RETURN(material.origin, GetOrigin(tx, round.id));
      ASSIGN_OR_RETURN(material.roll, StoredAnswer(tx, round.id, Step::kAwaitRoll, 1));
      for (uint32_t pot = 1; pot <= round.pots.size(); ++pot) {
        ASSIGN_OR_RETURN(material.holds.emplace_back(),
                         StoredAnswer(tx, round.id, Step::kHoldPot, pot));
      }
      ASSIGN_OR_RETURN(material.plans, AdmittedPlans(tx, round.id));
      break;
    }
    case Step::kMarkPlans: {
      ASSIGN_OR_RETURN(material.certified,
                       StoredAnswer(tx, round.id, Step::kAwaitCertification, 1));
      ASSIGN_OR_RETURN(material.plans, AdmittedPlans(tx, round.id));
      break;
    }
    case Step::kReserveAwards: {
      ASSIGN_OR_RETURN(std::vector<Award> awards, AwardsOf(tx, round.id));
      material.lines = AwardLines(std::move(awards), round.pots, material.next.version);
      break;
    }
    case Step::kAdjustAwards: {
      ASSIGN_OR_RETURN(material.correction,
                       CorrectionNumbered(tx, round.id, material.next.version));
      ASSIGN_OR_RETURN(std::vector<AwardLine> now, CurrentLines(tx, round.id));
      ASSIGN_OR_RETURN(const std::vector<Plan> plans, ListPlans(tx, round.id, 0, kPlansMax));
      material.lines = Corrected(std::move(now), material.correction.lines, plans, round.pots,
                                 material.record.NextAwardVersion());
      break;
    }
    default:
      break;
  }
  return material;
}

}  // namespace smederij::proposals
