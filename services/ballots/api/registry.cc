#include "services/ballots/api/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ballots/domain/errors.h"
#include "smederij/registry/v1/registry.grpc.pb.h"

namespace smederij::ballots {

namespace registry_v1 = smederij::registry::v1;
using registry_v1::RegistryService;

absl::Status Registry::CheckRoll(const Manifest& manifest, const rpc::Outgoing& outgoing) const {
  registry_v1::GetRollRequest request;
  request.set_round_id(manifest.round_id.ToString());
  const absl::StatusOr<registry_v1::Roll> roll =
      peer_.Ask(&RegistryService::Stub::GetRoll, request, outgoing);
  if (ReasonOf(roll.status()) == "ROLL_NOT_FOUND") return IssuerKeysDiffer("there is no roll");
  RETURN_IF_ERROR(roll.status());
  if (roll->classes_size() != static_cast<int>(manifest.classes.size())) {
    return IssuerKeysDiffer("the roll has other classes");
  }
  for (const registry_v1::RollClass& c : roll->classes()) {
    const VoterClass* const ours = manifest.FindClass(c.class_id());
    if (ours == nullptr) return IssuerKeysDiffer("the roll has other classes");
    if (ours->roll_size != c.size()) {
      return IssuerKeysDiffer(absl::StrCat("the roll size of class ", c.class_id()));
    }
    if (ours->issuer_spki != c.issuer_spki()) {
      return IssuerKeysDiffer(absl::StrCat("the issuer key of class ", c.class_id()));
    }
  }
  const auto known = [&](const registry_v1::Station& theirs) {
    const Station* const ours = manifest.FindStation(theirs.number());
    return ours != nullptr && ours->name == theirs.name();
  };
  if (roll->stations_size() != static_cast<int>(manifest.stations.size()) ||
      !std::all_of(roll->stations().begin(), roll->stations().end(), known)) {
    return IssuerKeysDiffer("the stations");
  }
  return absl::OkStatus();
}

namespace {

absl::StatusOr<registry_v1::Issuance> GetIssuance(const rpc::Peer& peer, RoundId round,
                                                  const rpc::Outgoing& outgoing) {
  registry_v1::GetIssuanceRequest request;
  request.set_round_id(round.ToString());
  const absl::StatusOr<registry_v1::Issuance> issuance =
      peer.Ask(&RegistryService::Stub::GetIssuance, request, outgoing);
  const std::string reason = ReasonOf(issuance.status());
  if (reason == "ROLL_NOT_CLOSED" || reason == "ROLL_NOT_FOUND") return IssuanceNotFinal();
  return issuance;
}

}  // namespace

absl::StatusOr<Registry::Desks> Registry::GetDesks(RoundId round,
                                                   const rpc::Outgoing& outgoing) const {
  ASSIGN_OR_RETURN(const registry_v1::Issuance issuance, GetIssuance(peer_, round, outgoing));
  Desks desks;
  for (const auto& line : issuance.stations()) {
    const auto small = [](int64_t number) { return number >= 0 && number <= UINT32_MAX; };
    if (line.station() > UINT16_MAX || line.class_id() > UINT16_MAX || !small(line.marked()) ||
        !small(line.spoiled()) || !small(line.taken_home())) {
      return absl::InternalError("the registry tells numbers of paper that are none");
    }
    const auto class_id = static_cast<uint16_t>(line.class_id());
    desks[{static_cast<uint16_t>(line.station()), class_id}] = {
        .class_id = class_id,
        .marked = static_cast<uint32_t>(line.marked()),
        .spoiled = static_cast<uint32_t>(line.spoiled()),
        .taken_home = static_cast<uint32_t>(line.taken_home())};
  }
  return desks;
}

absl::StatusOr<Issued> Registry::GetIssued(RoundId round, const rpc::Outgoing& outgoing) const {
  ASSIGN_OR_RETURN(const registry_v1::Issuance issuance, GetIssuance(peer_, round, outgoing));
  Issued issued;
  for (const auto& c : issuance.classes()) {
    issued[static_cast<uint16_t>(c.class_id())] = c.issued();
  }
  return issued;
}

}  // namespace smederij::ballots
