#include "services/ledger/domain/apportion.h"

#include <algorithm>
#include <numeric>

#include "absl/numeric/int128.h"
#include "common/base/check.h"

namespace smederij::ledger {

std::vector<Money> Apportion(Money total, absl::Span<const Money> weights) {
  absl::int128 sum = 0;
  for (const Money weight : weights) {
    CHECK(weight >= Money());
    sum += weight.cents();
  }
  CHECK(sum > 0 && total >= Money());
  std::vector<Money> parts;
  std::vector<absl::int128> lost;
  Money left = total;
  for (const Money weight : weights) {
    const absl::int128 exact = absl::int128(total.cents()) * weight.cents();
    parts.push_back(Money::Cents(static_cast<int64_t>(exact / sum)));
    lost.push_back(exact % sum);
    left -= parts.back();
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return lost[a] > lost[b]; });
  for (size_t i = 0; left > Money(); ++i) {
    parts[order[i]] += Money::Cents(1);
    left -= Money::Cents(1);
  }
  return parts;
}

}  // namespace smederij::ledger
