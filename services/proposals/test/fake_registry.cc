#include "absl/strings/str_cat.h"
#include "services/proposals/test/fake_neighbours.h"

namespace smederij::proposals::fake {
namespace {

using registry::v1::Roll;

Error NoRoll() { return Error(kNotFound, "ROLL_NOT_FOUND", "there is no roll"); }

}  // namespace

Roll Registry::RollOf(const std::string& round) const {
  const absl::MutexLock lock(&nature_.mutex);
  const auto found = rolls_.find(round);
  return found == rolls_.end() ? Roll() : found->second;
}

grpc::Status Registry::GetDistrict(grpc::ServerContext*,
                                   const registry::v1::GetDistrictRequest* request,
                                   registry::v1::District* response) {
  const auto effect = [&]() -> absl::StatusOr<registry::v1::District> {
    const auto found = districts.find(request->district_id());
    if (found == districts.end()) return Error(kNotFound, "DISTRICT_NOT_FOUND", "no district");
    return found->second;
  };
  return nature_.Serve("GetDistrict", response, effect);
}

grpc::Status Registry::GetCharter(grpc::ServerContext*,
                                  const registry::v1::GetCharterRequest* request,
                                  registry::v1::Charter* response) {
  const auto effect = [&]() -> absl::StatusOr<registry::v1::Charter> {
    const auto found = charters.find(request->charter_id());
    if (found == charters.end()) return Error(kNotFound, "CHARTER_NOT_FOUND", "no charter");
    return found->second;
  };
  return nature_.Serve("GetCharter", response, effect);
}

grpc::Status Registry::OpenRoll(grpc::ServerContext*, const registry::v1::OpenRollRequest* request,
                                Roll* response) {
  const auto open = [&]() -> absl::StatusOr<Roll> {
    if (rolls_.contains(request->round_id())) {
      return Error(kAlreadyExists, "ROLL_EXISTS", "there is a roll");
    }
    Roll& roll = rolls_[request->round_id()];
    roll.set_round_id(request->round_id());
    roll.set_state(Roll::STATE_RUNNING);
    *roll.mutable_stations() = request->stations();
    for (const registry::v1::VotingClass& voters : request->classes()) {
      registry::v1::RollClass& added = *roll.add_classes();
      added.set_class_id(voters.class_id());
      added.set_size(100 + voters.class_id());
      added.set_issuer_spki(absl::StrCat("key of class ", voters.class_id()));
    }
    nature_.effects.push_back("OpenRoll");
    return roll;
  };
  const auto effect = [&] { return nature_.Once(*request, open); };
  return nature_.Serve("OpenRoll", response, effect);
}

grpc::Status Registry::GetRoll(grpc::ServerContext*, const registry::v1::GetRollRequest* request,
                               Roll* response) {
  const auto effect = [&]() -> absl::StatusOr<Roll> {
    const auto found = rolls_.find(request->round_id());
    if (found == rolls_.end()) return NoRoll();
    Roll& roll = found->second;
    if (roll.state() == Roll::STATE_RUNNING && polls_[request->round_id()]++ >= polls_until_open) {
      roll.set_state(fails ? Roll::STATE_FAILED : Roll::STATE_OPEN);
      if (fails) roll.set_failure("nobody lives there");
    }
    return roll;
  };
  return nature_.Serve("GetRoll", response, effect);
}

grpc::Status Registry::ConfirmManifest(grpc::ServerContext*,
                                       const registry::v1::ConfirmManifestRequest* request,
                                       Roll* response) {
  const auto confirm = [&]() -> absl::StatusOr<Roll> {
    const auto found = rolls_.find(request->round_id());
    if (found == rolls_.end()) return NoRoll();
    if (found->second.state() != Roll::STATE_OPEN) {
      return Error(kFailedPrecondition, "ROLL_NOT_OPEN", "the roll is not open");
    }
    found->second.set_manifest_hash(request->manifest_hash());
    nature_.effects.push_back("ConfirmManifest");
    return found->second;
  };
  const auto effect = [&] { return nature_.Once(*request, confirm); };
  return nature_.Serve("ConfirmManifest", response, effect);
}

grpc::Status Registry::CloseRoll(grpc::ServerContext*,
                                 const registry::v1::CloseRollRequest* request, Roll* response) {
  const auto close = [&]() -> absl::StatusOr<Roll> {
    const auto found = rolls_.find(request->round_id());
    if (found == rolls_.end()) return NoRoll();
    if (!stations_open.empty()) {
      return Error(kFailedPrecondition, "STATIONS_OPEN", "stations have not reported")
          .With("stations", stations_open);
    }
    if (found->second.state() != Roll::STATE_CLOSED) nature_.effects.push_back("CloseRoll");
    found->second.set_state(Roll::STATE_CLOSED);
    return found->second;
  };
  const auto effect = [&] { return nature_.Once(*request, close); };
  return nature_.Serve("CloseRoll", response, effect);
}

}  // namespace smederij::proposals::fake
