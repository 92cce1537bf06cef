#pragma once

#include <string>

#include "common/base/check.h"
#include "services/ballots/domain/event.h"

namespace smederij::ballots::testing {

// The bytes of any event, which the service writes each kind of by a function of its own.
inline std::string Encode(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kApproved:
      return ApprovedEvent(event.round_id, event.hash, event.officials);
    case Event::Kind::kBroughtForward:
      return BroughtForwardEvent(event.round_id, event.cast_until, event.officials);
    case Event::Kind::kClosed:
      return ClosedEvent(event.round_id, event.ballots);
    case Event::Kind::kLot:
      return LotEvent(event.round_id, event.numbers, event.officials);
    case Event::Kind::kStation:
      return StationEvent(event.round_id, event.station, event.lines, event.reason,
                          event.officials);
    case Event::Kind::kOpenings:
      return OpeningsLeaf(event.round_id, event.version, event.hash);
    case Event::Kind::kTally:
      return TallyLeaf(event.round_id, event.version, event.hash, event.officials);
  }
  CHECK(false);
}

}  // namespace smederij::ballots::testing
