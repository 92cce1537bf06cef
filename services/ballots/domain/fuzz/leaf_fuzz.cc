// Any bytes as a leaf of the log: what can be read is written back to the same bytes.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/paper.h"

namespace smederij::ballots {
namespace {

std::string Encode(const Event& event) {
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

void Fuzz(absl::string_view bytes) {
  const absl::StatusOr<BallotLeaf> leaf = ParseLeaf(bytes);
  if (leaf.ok()) {
    CHECK(Encode(*leaf) == bytes);
    (void)VoterSignatureHolds(*leaf, bytes);
  }
  const absl::StatusOr<Event> event = ParseEvent(bytes);
  if (event.ok()) CHECK(Encode(*event) == bytes);
  const absl::StatusOr<PaperLeaf> paper = ParsePaperLeaf(bytes);
  if (paper.ok()) CHECK(Encode(*paper) == bytes);
  CHECK(leaf.ok() + event.ok() + paper.ok() <= 1);
}

}  // namespace
}  // namespace smederij::ballots

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  smederij::ballots::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
