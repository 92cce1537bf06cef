#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/proposals/reconciler/asking.h"
#include "services/proposals/wire/instant.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::proposals {
namespace {

using Registry = registry::v1::RegistryService::Stub;
using registry::v1::Roll;

}  // namespace

absl::StatusOr<Learned> OpenRoll(const Asking& asking) {
  ASSIGN_OR_RETURN(const auto charter,
                   Parsed<registry::v1::Charter>(asking.material.origin.charter));
  const Round& round = asking.round();
  registry::v1::OpenRollRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  request.set_district_id(round.district.ToString());
  request.set_reference_date(absl::FormatCivilTime(round.instants.reference_date));
  *request.mutable_classes() = charter.classes();
  *request.mutable_issue_from() = ToTimestamp(round.instants.issue_from);
  *request.mutable_issue_until() = ToTimestamp(round.instants.issue_until);
  request.set_k_min(charter.k_min());
  for (const Station& station : round.stations) {
    registry::v1::Station& added = *request.add_stations();
    added.set_number(station.number);
    added.set_name(station.name);
    for (const std::string& postcode : station.postcodes) added.add_postcodes(postcode);
  }
  ASSIGN_OR_RETURN(const Roll roll,
                   asking.Ask(asking.neighbours.registry, &Registry::OpenRoll, request));
  return Settled(roll);
}

absl::StatusOr<Learned> AwaitRoll(const Asking& asking) {
  registry::v1::GetRollRequest request;
  request.set_round_id(asking.round_id());
  ASSIGN_OR_RETURN(const Roll roll,
                   asking.Ask(asking.neighbours.registry, &Registry::GetRoll, request));
  switch (roll.state()) {
    case Roll::STATE_OPEN:
      return Settled(roll);
    case Roll::STATE_FAILED:
      return Error(kFailedPrecondition, "ROLL_FAILED",
                   absl::StrCat("the roll could not be drawn up: ", roll.failure()));
    case Roll::STATE_CLOSED:
      return Error(kFailedPrecondition, "ROLL_CLOSED", "the roll was closed before voting opened");
    default:
      return Working();
  }
}

absl::StatusOr<Learned> ConfirmManifest(const Asking& asking) {
  registry::v1::ConfirmManifestRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  request.set_manifest_hash(asking.round().manifest_hash);
  ASSIGN_OR_RETURN(const Roll roll,
                   asking.Ask(asking.neighbours.registry, &Registry::ConfirmManifest, request));
  return Settled(roll);
}

absl::StatusOr<Learned> CloseRoll(const Asking& asking) {
  registry::v1::CloseRollRequest request;
  request.set_request_id(asking.request_id());
  request.set_round_id(asking.round_id());
  const auto roll = asking.Ask(asking.neighbours.registry, &Registry::CloseRoll, request);
  // A round that ended early may never have got as far as a roll.
  const bool never_opened = !asking.material.record.Has(Step::kOpenRoll);
  if (never_opened && ReasonOf(roll.status()) == "ROLL_NOT_FOUND") return Settled(Roll());
  // The hall has not told yet how many papers came back: for people, not for a repairer.
  if (ReasonOf(roll.status()) == "STATIONS_OPEN") {
    return NotYet(absl::StrCat("two officers of each station report what came back; still open: ",
                               FactOf(roll.status(), "stations")));
  }
  if (!roll.ok()) return roll.status();
  return Settled(*roll);
}

}  // namespace smederij::proposals
