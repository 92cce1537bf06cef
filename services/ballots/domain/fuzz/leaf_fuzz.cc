// Any bytes as a leaf of the log: what can be read is written back to the same bytes.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "services/ballots/domain/event.h"
#include "services/ballots/domain/leaf.h"
#include "services/ballots/domain/paper.h"
#include "services/ballots/testing/event_bytes.h"

namespace smederij::ballots {
namespace {

void Fuzz(absl::string_view bytes) {
  const absl::StatusOr<BallotLeaf> leaf = ParseLeaf(bytes);
  if (leaf.ok()) {
    CHECK(Encode(*leaf) == bytes);
    (void)VoterSignatureHolds(*leaf, bytes);
  }
  const absl::StatusOr<Event> event = ParseEvent(bytes);
  if (event.ok()) CHECK(testing::Encode(*event) == bytes);
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
