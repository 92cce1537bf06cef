#include "services/cli/play/choice.h"

#include <algorithm>

#include "common/crypto/bytes.h"

namespace smederij::cli {

using registry::v1::BallotRule;

std::string EncodeChoice(BallotRule::Kind kind,
                         const std::vector<std::pair<uint32_t, uint32_t>>& choices) {
  constexpr uint8_t kVersion = 1;
  std::vector<std::pair<uint32_t, uint32_t>> lines = choices;
  // Only a ranking's order means something; everything else goes in one order so that equal
  // choices look equal.
  if (kind != BallotRule::KIND_RANKING) std::sort(lines.begin(), lines.end());
  crypto::ByteWriter out;
  out.U8(kVersion).U8(static_cast<uint8_t>(kind)).U16(static_cast<uint16_t>(lines.size()));
  for (const auto& [number, points] : lines) {
    out.U32(number);
    if (kind == BallotRule::KIND_POINTS) out.U32(points);
  }
  return std::move(out).bytes();
}

}  // namespace smederij::cli
