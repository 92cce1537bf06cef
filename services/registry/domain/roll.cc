#include "services/registry/domain/roll.h"

#include "services/registry/domain/errors.h"

namespace smederij::registry {

absl::string_view NameOf(RollState state) {
  switch (state) {
    case RollState::kRunning:
      return "RUNNING";
    case RollState::kOpen:
      return "OPEN";
    case RollState::kClosed:
      return "CLOSED";
    case RollState::kFailed:
      return "FAILED";
  }
  return "UNKNOWN";
}

void CheckOpening(const RollOpening& opening, Mistakes& mistakes) {
  CheckClasses(opening.classes, mistakes);
  mistakes.AddIf(opening.issue_from > opening.issue_until, "issue_until",
                 "must not lie before issue_from");
  mistakes.AddIf(opening.k_min > 10'000, "k_min", "must be at most 10000");
}

absl::Status MayConfirm(const Roll& roll, const Hash& hash) {
  if (roll.manifest_hash == hash) return absl::OkStatus();
  if (roll.state != RollState::kOpen) return RollNotOpen(NameOf(roll.state));
  if (roll.manifest_hash) return ManifestDiffers();
  return absl::OkStatus();
}

absl::StatusOr<bool> DecideIssue(const Roll& roll, const std::optional<Entitlement>& entitlement,
                                 const std::optional<Issued>& earlier,
                                 const Application& application, absl::Time now) {
  if (roll.state == RollState::kRunning || roll.state == RollState::kFailed) {
    return RollNotOpen(NameOf(roll.state));
  }
  if (!entitlement) return NotOnRoll();
  if (entitlement->class_id != application.class_id ||
      entitlement->issuer_key_id != application.issuer_key_id) {
    return WrongKey();
  }
  if (earlier) {
    if (earlier->blinded_message != application.blinded_message) return AlreadyIssued();
    return true;
  }
  if (entitlement->struck) return PaperGiven();
  if (roll.state == RollState::kClosed || now < roll.issue_from || now >= roll.issue_until) {
    return WindowClosed(roll.issue_from, roll.issue_until);
  }
  if (!roll.manifest_hash) return ManifestNotApproved();
  return false;
}

}  // namespace smederij::registry
