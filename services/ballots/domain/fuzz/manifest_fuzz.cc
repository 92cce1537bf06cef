// Any bytes as a manifest: what can be read is written back to the same bytes, and checked.
#include <cstddef>
#include <cstdint>

#include "common/base/check.h"
#include "services/ballots/domain/manifest.h"
#include "services/ballots/domain/result.h"

namespace smederij::ballots {
namespace {

void Fuzz(absl::string_view bytes) {
  const absl::StatusOr<Manifest> manifest = DecodeManifest(bytes);
  if (manifest.ok()) {
    CHECK(Encode(*manifest) == bytes);
    (void)manifest->pot();
  }
  const absl::StatusOr<Result> result = DecodeResult(bytes);
  if (result.ok()) CHECK(Encode(*result) == bytes);
}

}  // namespace
}  // namespace smederij::ballots

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  smederij::ballots::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
