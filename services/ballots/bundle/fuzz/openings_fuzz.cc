// Any bytes as openings.jsonl and as paper.jsonl: what can be read is written back to the same
// bytes.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "services/ballots/bundle/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace smederij::ballots::bundle;  // NOLINT: a main of its own.
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<std::vector<Opening>> openings = DecodeOpenings(bytes);
  if (openings.ok()) CHECK(EncodeOpenings(*openings) == bytes);
  const absl::StatusOr<std::vector<PaperOpening>> papers = DecodePapers(bytes);
  if (papers.ok()) CHECK(EncodePapers(*papers) == bytes);
  return 0;
}
