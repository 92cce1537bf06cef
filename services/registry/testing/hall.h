#pragma once

#include <string>
#include <utility>
#include <vector>

#include "services/registry/testing/world.h"
#include "smederij/registry/v1/polling.grpc.pb.h"

namespace smederij::registry::testing {

using Polling = v1::PollingService::Stub;

// A polling evening about to be held: a district with two halls, officers "o1" and "o2" at hall 1
// and "o3" at hall 2, an official "official", adults "adult-0" … at hall 1, a "child" and "far" at
// hall 2. Issuing is going on; EndIssuing ends it.
struct Hall {
  explicit Hall(World& on, int adults = 4);

  void EndIssuing() const;
  // The number of somebody on the roll of their station.
  uint32_t NumberOf(const std::string& subject) const;

  template <class Request>
  Request At(uint32_t station = 1) const {
    Request request;
    request.set_round_id(roll.round_id());
    request.set_station(station);
    return request;
  }
  template <class Request>
  Request WriteAt(uint32_t station = 1) const {
    Request request = At<Request>(station);
    request.set_request_id(NewId());
    return request;
  }
  template <class Request>
  Request WriteFor(const std::string& subject, uint32_t station = 1) const {
    Request request = WriteAt<Request>(station);
    request.set_roll_number(NumberOf(subject));
    return request;
  }

  // The reason of a refusal, or "".
  std::string Mark(const std::string& subject, const From& officer, uint32_t station = 1) const;
  std::string Fetch(const std::string& subject, const std::string& seed) const;
  // Both officers of a station say this; the reason of the first refusal, or "".
  std::string Report(const std::string& first, const std::string& second, uint32_t station,
                     std::vector<std::pair<int64_t, int64_t>> spoiled_and_taken_home) const;
  v1::ReportStationRequest ReportOf(
      uint32_t station, std::vector<std::pair<int64_t, int64_t>> spoiled_and_taken_home) const;
  v1::Issuance Issuance() const;

  World& world;
  std::string district;
  v1::Roll roll;
};

}  // namespace smederij::registry::testing
