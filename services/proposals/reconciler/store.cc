#include "services/proposals/reconciler/store.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/proposals/domain/text.h"
#include "services/proposals/storage/correction_store.h"
#include "services/proposals/storage/record_store.h"

namespace smederij::proposals {

constexpr size_t kSentenceBytesMax = 2000;

std::string WhatIsWrong(const absl::Status& refusal) {
  std::vector<Fact> details = FactsOf(refusal);
  for (Fact& field : FieldsOf(refusal)) details.push_back(std::move(field));
  const std::string listed = absl::StrJoin(details, ", ", absl::PairFormatter(" "));
  // What another service said, on its way into our database.
  return Readable(absl::StrCat(refusal.message(), listed.empty() ? "" : ": ", listed),
                  kSentenceBytesMax);
}

absl::Status StoreLocal(pg::Tx& tx, const Round& round, const Next& next) {
  if (next.ends_as != Outcome::kNone) {
    RETURN_IF_ERROR(EndPlans(tx, round.id, std::string(Name(next.ends_as)), next.sentence));
    return SetOutcome(tx, round.id, next.ends_as);
  }
  if (next.step == Step::kFreezePlans) RETURN_IF_ERROR(FreezePlans(tx, round.id));
  if (next.step == Step::kAwaitAnswers) RETURN_IF_ERROR(LapseOffers(tx, round.id));
  if (next.step == Step::kDone) RETURN_IF_ERROR(SetDone(tx, round.id));
  return InsertStep(tx, round.id, next.step, next.version, "");
}

absl::Status StoreAnswer(pg::Tx& tx, const Material& material, const Learned& learned) {
  const RoundId id = material.record.round.id;
  const Next& next = material.next;
  if (!learned.settled) {
    return learned.closes_at ? SetClosesAt(tx, id, *learned.closes_at) : absl::OkStatus();
  }
  if (next.step == Step::kProposeManifest) {
    RETURN_IF_ERROR(SetManifestHash(tx, id, learned.manifest_hash));
  }
  if (next.step == Step::kAwaitApproval) {
    RETURN_IF_ERROR(
        SetApproved(tx, id, learned.closes_at.value_or(ClosesAt(material.record.round))));
  }
  if (learned.result) RETURN_IF_ERROR(MarkPlans(tx, id, *learned.result));
  if (next.step == Step::kReserveAwards) RETURN_IF_ERROR(SetFunded(tx, id, material.lines));
  if (next.step == Step::kAdjustAwards) {
    RETURN_IF_ERROR(learned.turned_down.ok()
                        ? SetCorrected(tx, material.correction, material.lines)
                        : SetTurnedDown(tx, material.correction, ReasonOf(learned.turned_down),
                                        WhatIsWrong(learned.turned_down)));
  }
  return InsertStep(tx, id, next.step, next.version, learned.answer);
}

}  // namespace smederij::proposals
