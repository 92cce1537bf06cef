#include "services/cli/bank/batch.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/base/id.h"

namespace smederij::cli {
namespace {

// Without those that are taken for each other: people read it to a bank over the telephone.
constexpr absl::string_view kAlphabet = "ABCDEFGHJKMNPQRSTUVWXYZ234567890";
constexpr absl::string_view kMessage = "SMEDERIJ-";
constexpr size_t kBatchSize = 6, kIdDigits = 28;
static_assert(kAlphabet.size() == 32);
static_assert(kBatchSize + 1 + kIdDigits == 35);

bool IsBatch(absl::string_view text) {
  return text.size() == kBatchSize && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::StrContains(kAlphabet, c);
         });
}

}  // namespace

std::string NewBatch() {
  const Uuid random = Uuid::Random();
  std::string batch;
  // Of a random UUID bits 48 to 51 and 64 to 65 are not random; the first six bytes are.
  for (size_t i = 0; i < kBatchSize; ++i) batch.push_back(kAlphabet[random.bytes()[i] % 32]);
  return batch;
}

std::string EndToEndIdOf(absl::string_view batch, absl::string_view payment_id) {
  return absl::StrCat(batch, "-",
                      absl::StrReplaceAll(payment_id, {{"-", ""}}).substr(0, kIdDigits));
}

std::string BatchOf(absl::string_view end_to_end_id) {
  const absl::string_view batch = end_to_end_id.substr(0, kBatchSize);
  const bool ours = end_to_end_id.size() == kBatchSize + 1 + kIdDigits &&
                    end_to_end_id[kBatchSize] == '-' && IsBatch(batch);
  return ours ? std::string(batch) : "";
}

std::string MessageIdOf(absl::string_view batch) { return absl::StrCat(kMessage, batch); }

std::string BatchOfMessage(absl::string_view message_id) {
  const bool ours = absl::ConsumePrefix(&message_id, kMessage) && IsBatch(message_id);
  return ours ? std::string(message_id) : "";
}

}  // namespace smederij::cli
